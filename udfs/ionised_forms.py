"""m/z of an ion from a structure as libraries draw it: with counter-ions and solvent, protonated, or permanently charged.

An adduct such as ``[M+H]+`` speaks of a molecule M. What is drawn need not be M: of a salt the spectrometer sees one ion, and M
is the neutral form of what carries the charge. So M is the largest organic part, drawn as it is or neutralised, whichever the
charge of the adduct asks for: ``n q + (charges of the parts gained and lost) = z``, with q the charge of M. A quaternary
ammonium cation is its own ``[M]+`` and has no ``[M+H]+``; a protonated amine has both. Where that leaves the ion open, there is
no m/z.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from spectradb.errors import BadAdduct, BadParameter
from spectradb.late_modules import late
from spectradb.udfs.adducts import adduct_mz, canonical_adduct, parse_adduct
from spectradb.udfs.structures import atom_masses, atoms_of

if TYPE_CHECKING:
    from rdkit import Chem
else:
    Chem = late("rdkit.Chem")

standardize = late("rdkit.Chem.MolStandardize.rdMolStandardize")
base = late("rdkit.rdBase")

# Metals that are counter-ions, drawn apart or with a bond. Of complexes of other metals the ion is not known from the drawing.
_COUNTER_METALS = frozenset({3, 11, 19, 37, 55, 12, 20, 38, 56})  # alkali and alkaline earth metals
_METALS = frozenset({*range(21, 32), *range(39, 51), *range(57, 84), *range(89, 104), 13, 4, *_COUNTER_METALS})

# A SMILES of one part whose atoms are all uncharged and of elements that form no ions of their own: what is drawn is M.
_PLAIN = re.compile(r"(?:\[\d*(?:Cl|Br|Si|Se|se|[BCNOFPSIHbcnops])@{0,2}H?\d*\]|[^\[\].])+")

# Organic acids, bases and solvents that go with drugs, in their neutral form. They may be as large as what they go with.
_COMPANIONS = (
    "CC(=O)O",
    "OC=O",
    "OC(=O)C(F)(F)F",
    "OC(=O)C(=O)O",
    "OC(=O)C=CC(=O)O",
    "OC(=O)CCC(=O)O",
    "OC(=O)CC(=O)O",
    "CC(O)C(=O)O",
    "OC(=O)CC(O)C(=O)O",
    "OC(=O)C(O)C(O)C(=O)O",
    "OC(=O)CC(O)(CC(=O)O)C(=O)O",
    "CS(=O)(=O)O",
    "CCS(=O)(=O)O",
    "OCCS(=O)(=O)O",
    "OS(=O)(=O)c1ccccc1",
    "Cc1ccc(cc1)S(=O)(=O)O",
    "COS(=O)(=O)O",
    "CCN(CC)CC",
    "CCNCC",
    "NCCO",
    "NCCN",
    "OCC(N)(CO)CO",
    "CNCC(O)C(O)C(O)C(O)CO",
    "CO",
    "CCO",
    "CC(C)O",
    "CC#N",
    "CC(C)=O",
    "CN(C)C=O",
    "CS(C)=O",
)


class _Form(NamedTuple):
    """A way in which M can be meant: its mass in Da (atom masses as drawn) and its charge."""

    mass: float
    charge: int


class _Parts(NamedTuple):
    """The organic parts of a structure, the largest first, as drawn and neutralised; and whether the first is M for sure."""

    forms: tuple[tuple[_Form, ...], ...]
    is_clear: bool


class IonMz(NamedTuple):
    """m/z that an ion of a structure may have.

    Parameters
    ----------
    computed : float or None
        Of the largest organic part; None where the structure, or its charge and the adduct's, leave the ion open.
    of_parts : tuple of float
        Of each organic part that can form the ion, the largest first.
    """

    computed: float | None
    of_parts: tuple[float, ...]


NO_ION = IonMz(None, ())


def ion_mz(smiles: str, adduct: str, *, mass: float | None = None) -> IonMz:
    """Return the m/z of the ion that an adduct of a structure is.

    Parameters
    ----------
    smiles : str
        The structure as drawn. Isotopes count as drawn.
    adduct : str
        Adduct in any usual spelling that states its charge.
    mass : float, optional
        Mass of the structure as drawn, in Da, where it is known: of most structures nothing else is needed.

    Returns
    -------
    IonMz
        m/z of the ion; without values where the SMILES cannot be read or the adduct loses more than the structure weighs.

    Raises
    ------
    BadAdduct
        If the adduct cannot be read.
    """
    if mass is not None and _PLAIN.fullmatch(smiles):
        parts: _Parts | None = _Parts(((_Form(mass, 0),),), is_clear=True)
    else:
        parts = _parts(smiles)
    if parts is None:
        return NO_ION
    found = [_mz(forms, adduct) for forms in parts.forms]
    return IonMz(found[0] if parts.is_clear else None, tuple(mz for mz in found if mz is not None))


def _mz(forms: tuple[_Form, ...], adduct: str) -> float | None:
    ion = parse_adduct(adduct)
    fitting = [form for form in forms if ion.n_molecules * form.charge + _charge_of_parts(adduct) == ion.charge]
    # Radical ions and those that lost a hydride are told from a neutral drawing only.
    if not fitting and forms[0].charge == 0:
        fitting = [forms[0]]
    if not fitting:
        return None
    try:
        return adduct_mz(fitting[0].mass, adduct)
    except BadParameter:  # the adduct loses more than the structure weighs
        return None


@lru_cache(maxsize=4096)
def _charge_of_parts(adduct: str) -> int:
    """Return the charge that the gains and losses of an adduct bring along, whatever charge it states."""
    body, bracket, _ = canonical_adduct(adduct).rpartition("]")
    try:
        return parse_adduct(body + bracket).charge
    except BadAdduct:  # they bring none
        return 0


@lru_cache(maxsize=100_000)
def _parts(smiles: str) -> _Parts | None:
    with base.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
        if molecule is None or molecule.GetNumAtoms() == 0:
            return None
        metals = {atom.GetAtomicNum() for atom in atoms_of(molecule)} & _METALS
        if not metals <= _COUNTER_METALS:
            return _Parts(((_drawn(molecule),),), len(Chem.GetMolFrags(molecule)) == 1)
        if any(atom.GetAtomicNum() in _COUNTER_METALS and atom.GetDegree() for atom in atoms_of(molecule)):
            molecule = standardize.MetalDisconnector().Disconnect(molecule)
        fragments = list(Chem.GetMolFrags(molecule, asMols=True))
        if len(fragments) == 1:
            return _Parts((_forms(fragments[0]),), is_clear=True)
        organic = {_key(part): part for part in fragments if any(atom.GetAtomicNum() == 6 for atom in atoms_of(part))}
        if not organic:
            return None
        largest, *others = (organic[key] for key in sorted(organic, key=lambda key: (-organic[key].GetNumHeavyAtoms(), key)))
        is_clear = all(
            part.GetNumHeavyAtoms() * 2 <= largest.GetNumHeavyAtoms() or _key(part) in _companion_keys() for part in others
        )
        return _Parts(tuple(_forms(part) for part in (largest, *others)), is_clear)


def _drawn(part: Chem.Mol) -> _Form:
    return _Form(atom_masses(part), Chem.GetFormalCharge(part))


def _forms(part: Chem.Mol) -> tuple[_Form, ...]:
    """Return a part as drawn and, where moving protons makes it neutral, neutralised."""
    drawn = _drawn(part)
    if drawn.charge == 0:
        return (drawn,)
    neutral = _drawn(standardize.Uncharger().uncharge(part))
    return (drawn, neutral) if neutral.charge == 0 else (drawn,)


def _key(part: Chem.Mol) -> str:
    """Name a part apart from protons and stereochemistry, so that two ions of a salt with one acid are one part."""
    neutral = standardize.Uncharger().uncharge(part)
    return str(Chem.MolToSmiles(neutral, isomericSmiles=False)) + f"/{_drawn(neutral).mass:.4f}"


@lru_cache(maxsize=1)
def _companion_keys() -> frozenset[str]:
    return frozenset(_key(Chem.MolFromSmiles(smiles)) for smiles in _COMPANIONS)
