"""The chemistry behind the simulated spectra, as tables: what breaks, what is lost, where the charge sits.

The numbers are effort on an arbitrary scale (0.5 breaks at a touch, 2.5 hardly ever), chosen so that well-known spectra
come out in their usual order: amino acids lose HCOOH, nucleosides their sugar, acylcarnitines trimethylamine.
They serve demonstration data only and predict no real intensities.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from rdkit import Chem

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rdkit.Chem.rdchem import Mol

IonMode = Literal["positive", "negative"]

#: Elements of the demonstration's metabolites, in the column order of every composition array.
ELEMENTS = ("C", "H", "N", "O", "P", "S", "Cl")

#: Acyclic single bonds between the atoms :1 and :2, with the effort to break them in positive and in negative mode. The first
#: pattern that matches a bond counts.
BOND_RULES: tuple[tuple[str, float, float], ...] = (
    ("[CH3:1]-!@[N+;X4:2]", np.inf, 0.9),
    ("[CH3:1]-!@[#7,O,S:2]", np.inf, np.inf),  # a methyl group cannot leave as an alkene
    ("[CX4;R:1]([OX2;R])-!@[n,N:2]", 0.2, 0.5),  # N-glycosidic
    ("[CX4;R:1]([OX2;R])-!@[OX2:2]-[#6,P]", 0.4, 0.5),  # O-glycosidic
    ("[CX4;R:1]([OX2;R])-!@[c:2]", 2.2, 2.2),  # C-glycosidic
    ("[CX4:1]-!@[N+;X4:2]", 0.6, 0.9),
    ("[CX4:1]-!@[n+:2]", 0.6, 0.9),
    ("[CX4;!$(CC[N+]):1]-!@[OX2:2]P(=O)([O-])OCC[N+]", 0.2, 0.8),  # leaves phosphocholine, m/z 184
    ("[P:1]-!@[O:2]-P", 0.8, 0.6),
    ("[P:1]-!@[OX2:2]-[#6]", 1.1, 0.7),
    ("[#6:1]-!@[OX2:2]-P", 0.7, 0.8),
    ("[P:1]-!@[O:2]", 1.5, 1.6),
    ("[S:1](=O)(=O)-!@[OX2:2]-[#6]", 0.4, 0.5),
    ("[S:1](=O)(=O)-!@[NX3:2]", 0.8, 0.9),
    ("[S:1](=O)(=O)-!@[OX2H1:2]", 2.6, 2.8),
    ("[SX2:1]-!@[SX2:2]", 0.7, 0.6),
    ("[#6:1]-!@[S:2](=O)(=O)", 1.4, 1.1),
    ("[#6:1]-!@[S:2]", 1.0, 1.1),
    ("[CX4:1]([NX3;!$(NC=O)])-!@[CX3:2](=O)", 0.45, 0.9),  # leaves an iminium ion
    ("[CX3:1](=O)([CX4][NX3])-!@[OX2H1:2]", 1.5, 1.5),
    ("[CX4:1]([CX4]c)(C=O)-!@[NX3H2:2]", 0.65, 1.8),
    ("[#6:1]-!@[CX3:2](=O)[OX2H1,OX1-]", 1.2, 0.6),  # HCOOH from cations, CO2 from anions
    ("[CX3:1](=O)-!@[OX2H1,OX1-:2]", 0.9, 1.4),
    ("[CX3:1](=O)-!@[OX2H0:2]", 0.7, 0.6),
    ("[CX4:1]-!@[OX2H0:2]-C=O", 0.65, 0.8),
    ("[CX3:1](=O)-!@[NX3:2]", 0.85, 1.1),
    ("[CX3:1](=N)-!@[NX3:2]", 0.8, 1.0),
    ("[CX4:1]-!@[NX3:2]-[CX3]=O", 1.2, 1.3),
    ("[CX4:1]-!@[NX3:2]", 0.95, 1.8),
    ("[CX4:1]-!@[nX3:2]", 1.6, 1.8),
    ("[CX4:1](c)-!@[OX2H1:2]", 0.55, 1.0),
    ("[CX4:1]-!@[OX2H1:2]", 0.85, 1.1),
    ("[CX4:1]-!@[OX2:2]", 0.9, 1.2),
    ("[c:1]-!@[NX3:2]", 1.6, 1.9),
    ("[c:1]-!@[OX2H1:2]", 2.7, 2.8),
    ("[c:1]-!@[OX2:2]", 1.7, 1.5),
    ("[#6:1]-!@[Cl:2]", 1.2, 1.2),
    ("[c:1]-!@[CX3:2](=O)", 1.2, 1.4),
    ("[CX4:1](c)-!@[CX4:2][NX3]", 1.4, 1.7),
    ("[CX4:1](c)-!@[CX4,CX3:2]", 1.4, 1.6),
    ("[CX4:1]([NX3])-!@[CX4:2]", 1.5, 1.9),
    ("[CX4:1]([OX2])-!@[CX4:2]", 1.5, 1.3),
    ("[CX3:1](=O)-!@[CX4:2]", 1.5, 1.5),
    ("[c:1]-!@[CX4:2]", 1.9, 2.1),
    ("[CX4:1]-!@[CX4:2]-[CX3]=[CX3]", 1.7, 2.2),
    ("[CH3:1]-!@[CX4:2]", 2.5, 2.7),
)
OTHER_BOND = 2.1

RING_BOND = 1.8
AROMATIC_RING_BOND = 1.75

#: Ring bonds, broken in pairs; aromatic rings without a hetero atom and double bonds stay whole.
RING_BOND_RULES: tuple[tuple[str, float], ...] = (
    ("[c:1](=O):;@[n:2]", 0.8),  # N-methylated xanthines lose CH3NCO
    ("[CX4:1](c)-;@[OX2:2]c", 0.5),  # with the next rule: the retro-Diels-Alder split of flavanones
    ("[CX3:1](=O)(c)-;@[CX4:2]", 0.6),
    ("[CX4:1]-;@[O,N,S:2]", 0.85),
    ("[CX3:1](=O)-;@[#7,#8:2]", 0.9),
    ("[CX4:1]([OX2])-;@[CX4:2]", 1.15),
    ("[#6:1]-;@[CX4:2]", 1.5),
    ("[#6:1]-;@[#6:2]", RING_BOND),
    ("[#6:1]~;@[#7,#8,#16:2]", 1.35),
    ("[c:1](=O):;@[c,n:2]", 1.25),
)

#: Neutral losses beyond the broken bonds: composition, pattern of the group, effort in positive and in negative mode.
LOSS_RULES: tuple[tuple[str, dict[str, int], str, float, float], ...] = (
    ("H2O", {"H": 2, "O": 1}, "[OX2H1][CX4]", 1.05, 1.2),
    ("H2O", {"H": 2, "O": 1}, "[$([OX2H1]C=O),$([OX1-]C=O)]", 1.4, 1.6),
    ("NH3", {"H": 3, "N": 1}, "[NX3H2;$(N[CX4]),$(NC=O),$(NC=N),$(Nc[n,c]=,:[n,c])]", 1.0, 2.0),
    ("CO2", {"C": 1, "O": 2}, "[CX3](=O)[OX2H1,OX1-]", 2.6, 0.65),
    ("HCOOH", {"C": 1, "H": 2, "O": 2}, "[CX3](=O)[OX2H1,OX1-]", 1.1, 1.5),
    ("CO", {"C": 1, "O": 1}, "[$(c[OX2H1]),$(c=O),$([CX3;R](=O)),$([CX3H1]=O)]", 1.8, 1.8),
    ("CH3", {"C": 1, "H": 3}, "[CH3]-[OX2]-c", 1.5, 0.8),  # the one common radical loss: aryl methyl ethers
)

#: Where a charge sits: pattern whose first atom carries it, strength, and what that atom needs ("any", a hydrogen or a broken
#: bond, or to be "whole", with no broken bond of its own).
Need = Literal["any", "hydrogen", "whole"]
POSITIVE_SITES: tuple[tuple[str, float, Need], ...] = (
    ("[N+;X4]", 8.0, "whole"),
    ("[n+]", 8.0, "whole"),
    ("[NX3]-C(=N)-N", 5.0, "any"),
    ("[NX3;!$(N-[C,S]=[O,N]);!$(N-c)]", 4.0, "any"),
    ("[N+;X4]", 1.0, "any"),
    ("[nX2]", 3.7, "any"),
    ("[n+]", 3.7, "any"),
    ("[NX3]-c", 2.8, "any"),
    ("[NX3]-C=O", 2.5, "any"),
    ("c1cc2ccccc2[nH]1", 2.6, "any"),
    ("[CX4]-c", 1.9, "any"),
    ("[OX1-]C(=O)C", 2.6, "any"),  # acylcarnitines keep the charge on C4H5O2, m/z 85
    ("O=[#6;!$(C[OX2H1])]", 1.8, "any"),
    ("[OX2;!$(O[CX3]=O)]", 1.3, "any"),
    ("[OX2]", 0.7, "any"),
    ("[SX2]", 1.5, "any"),
    ("[#6]", 0.4, "any"),
)
NEGATIVE_SITES: tuple[tuple[str, float, Need], ...] = (
    ("[OX2,OX1-]S(=O)=O", 6.0, "hydrogen"),
    ("S(=O)(=O)O", 5.5, "any"),
    ("[OX2,OX1-]P=O", 5.0, "hydrogen"),
    ("P(=O)O", 4.5, "any"),
    ("[OX1-]", 4.0, "any"),
    ("[OX2]C=O", 4.0, "hydrogen"),
    ("[OX2]c", 3.0, "hydrogen"),
    ("[NX3,nX3](C=O)C=O", 2.8, "hydrogen"),
    ("[nX3]", 2.6, "hydrogen"),
    ("[SX2]", 2.5, "hydrogen"),
    ("[NX3]-C=O", 2.0, "hydrogen"),
    ("[NX3]-c", 1.8, "hydrogen"),
    ("[OX2]", 1.5, "hydrogen"),
    ("[NX3]", 0.8, "hydrogen"),
    ("c", 0.8, "any"),
    ("[#6]", 0.3, "any"),
)

# The rules know little; real bonds of one kind differ. A bond's effort is shifted by an amount that its surroundings decide, so
# that molecules share it where they look alike and isomers get spectra of their own where they do not.
BOND_SCATTER = 0.18


@dataclass(frozen=True)
class ChargeSites:
    """Places of one molecule that can carry the charge.

    Parameters
    ----------
    members : ndarray of bool, shape (n_sites, n_atoms)
        Atoms that a fragment must hold.
    carrier : ndarray of int, shape (n_sites,)
        Index of the atom that carries the charge.
    strength : ndarray of float, shape (n_sites,)
        Larger wins the charge.
    need : tuple of str
        Condition on the carrier, one per site.
    """

    members: NDArray[np.bool_]
    carrier: NDArray[np.int64]
    strength: NDArray[np.float64]
    need: tuple[Need, ...]


def bond_efforts(mol: Mol, ion_mode: IonMode) -> NDArray[np.float64]:
    """Effort to break each bond.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Structure with implicit hydrogens.
    ion_mode : {'positive', 'negative'}
        Polarity.

    Returns
    -------
    ndarray, shape (n_bonds,)
        Infinite where a bond does not break: multiple bonds of the Kekule form, aromatic rings of carbon.
    """
    column = 1 if ion_mode == "positive" else 2
    efforts = np.full(mol.GetNumBonds(), np.inf)
    kekule = Chem.Mol(mol)
    Chem.Kekulize(kekule, clearAromaticFlags=True)
    rings = [set(ring) for ring in mol.GetRingInfo().BondRings()]
    for bond in mol.GetBonds():
        index = bond.GetIdx()
        if kekule.GetBondWithIdx(index).GetBondType() != Chem.BondType.SINGLE:
            continue
        if not bond.IsInRing():
            efforts[index] = OTHER_BOND
        elif not bond.GetIsAromatic():
            efforts[index] = RING_BOND
        elif any(index in ring and _has_hetero_atom(mol, ring) for ring in rings):
            efforts[index] = AROMATIC_RING_BOND
    settled: set[int] = set()
    for rule in (*BOND_RULES, *RING_BOND_RULES):
        pattern, first, second = _bond_pattern(rule[0])
        for match in mol.GetSubstructMatches(pattern, uniquify=False):
            index = mol.GetBondBetweenAtoms(match[first], match[second]).GetIdx()
            if index not in settled and np.isfinite(efforts[index]):
                efforts[index] = rule[column] if len(rule) > 2 else rule[1]
                settled.add(index)
    return np.maximum(efforts + BOND_SCATTER * _bond_scatter(mol), 0.2)


def charge_sites(mol: Mol, ion_mode: IonMode) -> ChargeSites:
    """Places that can carry the charge.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Structure with implicit hydrogens.
    ion_mode : {'positive', 'negative'}
        Polarity.

    Returns
    -------
    ChargeSites
        One entry per match of a pattern.
    """
    members, carrier, strength, needs = [], [], [], []
    for smarts, score, need in POSITIVE_SITES if ion_mode == "positive" else NEGATIVE_SITES:
        for match in mol.GetSubstructMatches(_pattern(smarts)):
            row = np.zeros(mol.GetNumAtoms(), dtype=bool)
            row[list(match)] = True
            members.append(row)
            carrier.append(match[0])
            strength.append(score)
            needs.append(need)
    return ChargeSites(
        np.array(members, dtype=bool).reshape(-1, mol.GetNumAtoms()), np.array(carrier), np.array(strength), tuple(needs)
    )


def loss_groups(mol: Mol) -> list[NDArray[np.bool_]]:
    """Atoms of the groups that each rule of :data:`LOSS_RULES` can lose.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Structure with implicit hydrogens.

    Returns
    -------
    list of ndarray of bool, each of shape (n_groups, n_atoms)
        One array per rule, in the order of the rules.
    """
    found = []
    for _, _, smarts, _, _ in LOSS_RULES:
        matches = mol.GetSubstructMatches(_pattern(smarts))
        groups = np.zeros((len(matches), mol.GetNumAtoms()), dtype=bool)
        for row, match in zip(groups, matches, strict=True):
            row[list(match)] = True
        found.append(groups)
    return found


def scatter(key: str) -> float:
    """Turn a text into a fixed number that looks drawn from a standard normal distribution.

    Parameters
    ----------
    key : str
        Any text.

    Returns
    -------
    float
        Sum of twelve uniform numbers less six, taken from the digest of the text; the same on every machine.
    """
    words = np.frombuffer(hashlib.blake2b(key.encode(), digest_size=48).digest(), dtype="<u4")
    return float(words.astype(np.float64).sum() / 2**32 - 6.0)


@cache
def _pattern(smarts: str) -> Mol:
    return Chem.MolFromSmarts(smarts)


@cache
def _bond_pattern(smarts: str) -> tuple[Mol, int, int]:
    pattern = Chem.MolFromSmarts(smarts)
    place = {atom.GetAtomMapNum(): atom.GetIdx() for atom in pattern.GetAtoms()}
    return pattern, place[1], place[2]


def _has_hetero_atom(mol: Mol, ring: set[int]) -> bool:
    bonds = (mol.GetBondWithIdx(index) for index in ring)
    return any(atom.GetAtomicNum() != 6 for bond in bonds for atom in (bond.GetBeginAtom(), bond.GetEndAtom()))


def _bond_scatter(mol: Mol) -> NDArray[np.float64]:
    labels = [f"{a.GetAtomicNum()},{a.GetTotalNumHs()},{a.GetFormalCharge()},{a.IsInRing():d}" for a in mol.GetAtoms()]
    for _ in range(2):  # two bonds around each end, which tells ortho from meta and C2 from C3, yet not where a far chain ends
        labels = [
            _digest(
                labels[a.GetIdx()]
                + "".join(sorted(f"({b.GetBondTypeAsDouble()}{labels[b.GetOtherAtomIdx(a.GetIdx())]})" for b in a.GetBonds()))
            )
            for a in mol.GetAtoms()
        ]
    return np.array(
        [scatter("|".join(sorted((labels[b.GetBeginAtomIdx()], labels[b.GetEndAtomIdx()])))) for b in mol.GetBonds()]
    )


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
