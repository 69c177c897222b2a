"""Rule-based fragmentation: from a structure to a simulated MS/MS spectrum.

A fragment is a connected part of the molecule that one or two broken acyclic bonds, or two broken bonds of one ring and at most
one acyclic bond, set free. Its ion is the part's formula with hydrogens shifted to the side that usually takes them, less small
neutral losses. How strong an ion is follows from the effort of the bonds it costs (:mod:`spectradb.demo.cleavage_rules`), from
how well the part holds the charge, and from the collision energy. The masses are exact; the intensities are an illustration.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np
from rdkit import Chem

from spectradb.demo.cleavage_rules import ELEMENTS, LOSS_RULES, IonMode, bond_efforts, charge_sites, loss_groups, scatter
from spectradb.demo.molecule_parts import molecule_parts
from spectradb.errors import BadParameter, BadStructure

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rdkit.Chem.rdchem import Atom, Mol

    from spectradb.demo.cleavage_rules import ChargeSites

ELECTRON_MASS = 0.000548579909  # Da, CODATA
LOWEST_MZ = 40.0
EFFORT_LIMIT = 5.0  # beyond it an ion stays below a thousandth of the base peak
SHIFT_EFFORT = 0.9  # two hydrogens on the less usual side
LONE_CARBON_EFFORT = 1.0  # ions of one carbon atom, such as HCOO-
ION_SCATTER = 0.25  # sigma of the log-normal factor that every ion of every molecule has of its own
REPEAT_SCATTER = 0.08  # sigma from one acquisition to the next
LEAST_RELATIVE_INTENSITY = 0.004
MOST_PEAKS = 50

_TABLE = Chem.GetPeriodicTable()
ELEMENT_MASSES = np.array([_TABLE.GetMostCommonIsotopeMass(element) for element in ELEMENTS])
_CO2 = next(index for index, rule in enumerate(LOSS_RULES) if rule[0] == "CO2")
_ACID_LOSSES = {index for index, rule in enumerate(LOSS_RULES) if "=O" in rule[2] and rule[0] in {"H2O", "CO2", "HCOOH"}}
_CARBOXYL = Chem.MolFromSmarts("[CX3](=O)[OX2H1,OX1-]")
_H, _N, _P, _CL = (ELEMENTS.index(element) for element in ("H", "N", "P", "Cl"))


@dataclass(frozen=True)
class FragmentTable:
    """All ions that the rules give for one structure in one polarity.

    Parameters
    ----------
    ion_mode : {'positive', 'negative'}
        Polarity.
    adduct : str
        ``[M+H]+``, ``[M-H]-``, or ``[M]+`` for a structure with a permanent charge.
    precursor_mz : float
        m/z of the precursor.
    precursor_composition : ndarray of int, shape (n_elements,)
        Its atoms, in the order of :data:`ELEMENTS`.
    mz : ndarray of float, shape (n_ions,)
        m/z of the fragment ions, increasing, without the precursor.
    compositions : ndarray of int, shape (n_ions, n_elements)
        Their atoms.
    path_ion : ndarray of int, shape (n_paths,)
        Ion that each path leads to; several paths may end in one formula.
    path_effort : ndarray of float, shape (n_paths,)
        Effort of the path.
    path_charge : ndarray of float, shape (n_paths,)
        Share of the charge that the fragment keeps, 0 to 1.
    ion_factor : ndarray of float, shape (n_ions,)
        Fixed factor of each ion, which stands for the chemistry that the rules do not know.
    """

    ion_mode: IonMode
    adduct: str
    precursor_mz: float
    precursor_composition: NDArray[np.int64]
    mz: NDArray[np.float64]
    compositions: NDArray[np.int64]
    path_ion: NDArray[np.int64]
    path_effort: NDArray[np.float64]
    path_charge: NDArray[np.float64]
    ion_factor: NDArray[np.float64]


def simulate_spectrum(
    mol: Mol, adduct_mode: IonMode, collision_energy_ev: float, rng: np.random.Generator
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Simulate one noise-free MS/MS spectrum.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Structure.
    adduct_mode : {'positive', 'negative'}
        Polarity: a protonated or a deprotonated molecule.
    collision_energy_ev : float
        Collision energy in eV; above zero.
    rng : numpy.random.Generator
        Source of the slight differences between repeated acquisitions.

    Returns
    -------
    precursor_mz : float
        m/z of the precursor.
    mz : ndarray, shape (n_peaks,)
        m/z, increasing; at most :data:`MOST_PEAKS` peaks.
    intensity : ndarray, shape (n_peaks,)
        Intensity relative to the base peak, which is 1.

    Raises
    ------
    BadParameter
        If the energy is not above zero or the molecule has no such ion.
    BadStructure
        If the molecule holds an element or a charge that the rules do not cover.
    """
    if not collision_energy_ev > 0:
        raise BadParameter(f"collision_energy_ev is {collision_energy_ev}; give an energy in eV above 0.")
    table = fragment_ions(mol, adduct_mode)
    mz = np.append(table.mz, table.precursor_mz)
    intensity = _intensities(table, collision_energy_ev) * np.exp(REPEAT_SCATTER * rng.standard_normal(len(mz)))
    intensity = intensity / intensity.max()
    keep = np.flatnonzero(intensity >= LEAST_RELATIVE_INTENSITY)
    keep = np.sort(keep[np.argsort(-intensity[keep], kind="stable")[:MOST_PEAKS]])
    return table.precursor_mz, mz[keep], intensity[keep]


def fragment_ions(mol: Mol, ion_mode: IonMode) -> FragmentTable:
    """List the ions that a structure can give.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Structure. The result depends on its canonical SMILES alone, and is kept for the next call.
    ion_mode : {'positive', 'negative'}
        Polarity.

    Returns
    -------
    FragmentTable
        Ions and the paths to them.

    Raises
    ------
    BadParameter
        If the molecule has no such ion; see :func:`ionises`.
    BadStructure
        If the molecule holds an element or a charge that the rules do not cover.
    """
    return _fragment_ions(Chem.MolToSmiles(mol), ion_mode)


def ionises(mol: Mol, ion_mode: IonMode) -> bool:
    """Tell whether a molecule can be protonated (or carries a charge already), or deprotonated.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Structure.
    ion_mode : {'positive', 'negative'}
        Polarity.

    Returns
    -------
    bool
        Positive: there is a nitrogen, oxygen or sulfur atom. Negative: the molecule is neutral, and one of these or phosphorus
        carries a hydrogen.
    """
    if ion_mode == "positive":
        return any(atom.GetSymbol() in "NOS" for atom in mol.GetAtoms())
    if Chem.GetFormalCharge(mol) > 0:
        return False
    return any(atom.GetSymbol() in "NOPS" and atom.GetTotalNumHs() > 0 for atom in mol.GetAtoms())


def _intensities(table: FragmentTable, energy: float) -> NDArray[np.float64]:
    """Relative intensity of each ion and, last, of the precursor."""
    temperature = 0.25 + 0.009 * energy
    weight = np.zeros(len(table.mz))
    np.add.at(weight, table.path_ion, table.path_charge * np.exp(-table.path_effort / temperature))
    # the higher the energy, the more the fragments break again: weight moves to the small ones
    weight *= table.ion_factor * np.exp(-(energy - 12.0) / 14.0 * (table.mz / table.precursor_mz - 0.5))
    easiest = table.path_effort.min(initial=EFFORT_LIMIT)
    half_energy = 6.0 + 6.0 * easiest + 0.02 * table.precursor_mz  # eV at which half of the precursor is left
    surviving = 1.0 / (1.0 + np.exp((energy - half_energy) / 4.5))
    total = weight.sum()
    fragments = weight / total * (1.0 - surviving) if total > 0 else weight
    return np.append(fragments, max(surviving, 1e-4))


@lru_cache(maxsize=1024)
def _fragment_ions(smiles: str, ion_mode: IonMode) -> FragmentTable:
    mol = Chem.MolFromSmiles(smiles)
    _check(mol, smiles, ion_mode)
    sign = 1 if ion_mode == "positive" else -1
    net_charge = Chem.GetFormalCharge(mol)
    atoms = _atom_compositions(mol)
    efforts = bond_efforts(mol, ion_mode)
    parts = molecule_parts(mol, efforts, effort_limit=EFFORT_LIMIT)

    begin = np.array([bond.GetBeginAtomIdx() for bond in mol.GetBonds()], dtype=int)
    end = np.array([bond.GetEndAtomIdx() for bond in mol.GetBonds()], dtype=int)
    broken = parts[:, begin] ^ parts[:, end]
    effort = np.where(broken, np.where(np.isfinite(efforts), efforts, 99.0), 0.0).sum(axis=1)
    shed, may_keep, may_shed = _hydrogen_pairs(mol, parts, broken, ion_mode)
    cuts = np.zeros(parts.shape, dtype=int)  # broken bonds at each atom
    for bond, (a, b) in enumerate(zip(begin, end, strict=True)):
        cuts[:, a] += broken[:, bond]
        cuts[:, b] += broken[:, bond]
    kept, lost = (_charge_strength(mol, charge_sites(mol, ion_mode), part, cuts) for part in (parts, ~parts))
    charge = 1.0 / (1.0 + np.exp((lost - kept) / 0.8))

    base = parts.astype(int) @ atoms
    n_broken = broken.sum(axis=1)
    base[:, _H] += n_broken + sign  # every broken bond filled with hydrogen, then protonated or deprotonated
    precursor = base[parts.all(axis=1)][0]
    groups = [parts.astype(int) @ group.T.astype(int) == group.sum(axis=1) for group in loss_groups(mol)]
    counts = np.array([group.sum(axis=1) for group in groups])
    found: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]] = []
    for losses in _loss_combinations():
        composition, loss_effort = _loss(losses, ion_mode)
        present = (n_broken <= 1) | (len(losses) <= 1)
        for rule in set(losses):
            present &= counts[rule] >= losses.count(rule)
        present &= counts[_CO2] >= sum(rule in _ACID_LOSSES for rule in losses)  # a carboxyl group is lost once
        for shift, possible in ((-1, may_keep), (0, present), (1, may_shed)):
            pairs = shed + shift
            allowed = present & possible
            ions = base - composition
            ions[:, _H] -= 2 * pairs
            total = effort + loss_effort + SHIFT_EFFORT * abs(shift) + LONE_CARBON_EFFORT * (ions[:, 0] == 1)
            allowed &= (total <= EFFORT_LIMIT) & _is_sensible(ions, precursor)
            found.append((ions[allowed], total[allowed], charge[allowed]))

    path_compositions = np.concatenate([ions for ions, _, _ in found])
    compositions, path_ion = np.unique(path_compositions, axis=0, return_inverse=True)
    mz = compositions @ ELEMENT_MASSES - sign * ELECTRON_MASS
    order = np.argsort(mz, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    compositions, mz = compositions[order], mz[order]
    factor = np.array([np.exp(ION_SCATTER * scatter(f"{smiles}|{ion_mode}|{row.tolist()}")) for row in compositions])
    return FragmentTable(
        ion_mode,
        "[M]+" if net_charge else ("[M+H]+" if sign > 0 else "[M-H]-"),
        float(precursor @ ELEMENT_MASSES - sign * ELECTRON_MASS),
        precursor,
        mz,
        compositions,
        rank[path_ion.reshape(-1)],
        np.concatenate([effort for _, effort, _ in found]),
        np.concatenate([charge for _, _, charge in found]),
        factor,
    )


def _check(mol: Mol, smiles: str, ion_mode: IonMode) -> None:
    unknown = sorted({atom.GetSymbol() for atom in mol.GetAtoms()} - set(ELEMENTS))
    if unknown:
        raise BadStructure(f"{smiles}: the fragmentation rules know {', '.join(ELEMENTS)}, not {', '.join(unknown)}.")
    if Chem.GetFormalCharge(mol) not in {0, 1} or "." in smiles:
        raise BadStructure(f"{smiles}: the fragmentation rules take one molecule with charge 0 or +1; remove counter-ions.")
    if not ionises(mol, ion_mode):
        raise BadParameter(f"{smiles} forms no ion in {ion_mode} mode; simulate the other one.")


def _atom_compositions(mol: Mol) -> NDArray[np.int64]:
    """Atoms by element, shape (n_atoms, n_elements), with hydrogens counted as in the uncharged form of each atom."""
    compositions = np.zeros((mol.GetNumAtoms(), len(ELEMENTS)), dtype=np.int64)
    for atom in mol.GetAtoms():
        compositions[atom.GetIdx(), ELEMENTS.index(atom.GetSymbol())] = 1
        compositions[atom.GetIdx(), _H] = atom.GetTotalNumHs() - atom.GetFormalCharge()
    return compositions


def _hydrogen_pairs(
    mol: Mol, parts: NDArray[np.bool_], broken: NDArray[np.bool_], ion_mode: IonMode
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Pairs of hydrogens that each part hands to what leaves it, and which parts may keep or hand over one pair more."""
    # A hetero atom takes the hydrogen along (water, amines and acids leave whole), or leaves it behind and becomes a carbonyl
    # or an imine. In a cation the carbon left behind stays short of it; in an anion too, unless it loses another carbon, as in
    # the loss of CO2. Where carbon parts from carbon, other than a carboxyl group, the hydrogen may stay on either side.
    takes = [atom.GetSymbol() in "NOS" and not _is_sulfonyl(atom) for atom in mol.GetAtoms()]
    carbon = [atom.GetSymbol() == "C" for atom in mol.GetAtoms()]
    carboxyl = {match[0] for match in mol.GetSubstructMatches(_CARBOXYL)}
    pairs = np.zeros(len(parts), dtype=np.int64)
    may_keep, may_shed = np.zeros(len(parts), bool), np.zeros(len(parts), bool)
    for bond in mol.GetBonds():
        ends = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        for near, far in (ends, ends[::-1]):
            here = broken[:, bond.GetIdx()] & parts[:, near]
            if takes[near]:
                may_shed |= here
            elif ion_mode == "positive" or takes[far]:
                pairs += here
                if carbon[far] and not {near, far} & carboxyl:
                    may_keep |= here
            elif carbon[far] and not {near, far} & carboxyl:
                may_shed |= here
    return pairs, may_keep, may_shed


def _is_sulfonyl(atom: Atom) -> bool:
    return atom.GetSymbol() == "S" and any(bond.GetBondType() == Chem.BondType.DOUBLE for bond in atom.GetBonds())


def _charge_strength(mol: Mol, sites: ChargeSites, parts: NDArray[np.bool_], cuts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Strength of the best charge site that each part holds, 0 without any; shape (n_parts,)."""
    if not len(sites.carrier):
        return np.zeros(len(parts))
    held = parts.astype(int) @ sites.members.T.astype(int) == sites.members.sum(axis=1)
    hydrogens = np.array([atom.GetTotalNumHs() for atom in mol.GetAtoms()])
    need = np.array(sites.need)
    cut = cuts[:, sites.carrier] > 0
    fits = (need == "any") | ((need == "hydrogen") & (cut | (hydrogens[sites.carrier] > 0))) | ((need == "whole") & ~cut)
    return np.asarray(np.where(held & fits, sites.strength, 0.0).max(axis=1))


def _loss_combinations() -> list[tuple[int, ...]]:
    """Up to two neutral losses, as indices of :data:`LOSS_RULES`."""
    rules = range(len(LOSS_RULES))
    return [(), *((rule,) for rule in rules), *combinations_with_replacement(rules, 2)]


def _loss(losses: tuple[int, ...], ion_mode: IonMode) -> tuple[NDArray[np.int64], float]:
    composition = np.zeros(len(ELEMENTS), dtype=np.int64)
    effort = 0.0
    for rule in losses:
        _, atoms, _, positive, negative = LOSS_RULES[rule]
        composition += [atoms.get(element, 0) for element in ELEMENTS]
        effort += positive if ion_mode == "positive" else negative
    return composition, effort


def _is_sensible(ions: NDArray[np.int64], precursor: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which compositions an ion can have."""
    # They are part of the precursor, in the mass range, neither saturated beyond an onium ion nor too bare of hydrogen.
    unsaturation = ions[:, 0] + 1 - (ions[:, _H] + ions[:, _CL]) / 2 + (ions[:, _N] + ions[:, _P]) / 2
    return np.asarray(
        (ions >= 0).all(axis=1)
        & (ions <= precursor).all(axis=1)
        & (ions != precursor).any(axis=1)
        & (unsaturation >= -0.5)
        & (unsaturation <= 0.7 * (ions[:, 0] + ions[:, _N] + ions[:, _P]) + 1.1)
        & (ions @ ELEMENT_MASSES >= LOWEST_MZ)
    )
