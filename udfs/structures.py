"""Structures: read SMILES, InChI or a bare InChIKey into what the analyte table needs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from spectradb.errors import BadStructure
from spectradb.late_modules import late

if TYPE_CHECKING:
    from rdkit import Chem
else:
    Chem = late("rdkit.Chem")

rdinchi = late("rdkit.Chem.rdinchi")
descriptors = late("rdkit.Chem.rdMolDescriptors")
base = late("rdkit.rdBase")

# Libraries repeat a structure once per collision energy and adduct; an InChIKey costs near a millisecond, an entry under 1 kB.
_REMEMBERED_STRUCTURES = 100_000

#: Characters of a SMILES or an InChI. InChI keys end at 1,023 atoms, and the time that reading takes grows with the square.
LONGEST = 10_000
_SHOWN = 200

_INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]\Z")
_INCHIKEY_START = re.compile(r"([A-Z]{14})(?:-[A-Z-]{0,12})?\Z")  # some libraries cut the key off after the first block or two
_QUOTES = "\"' \t\r\n"


@dataclass(frozen=True, slots=True)
class Structure:
    """One structure as a library states it.

    Parameters
    ----------
    analyte_id : str
        What spectra are identified as: the 2D structure, and beside it isotope labels and protons, see :func:`analyte_of`.
    smiles : str or None
        RDKit's canonical SMILES with stereochemistry; None when only an InChIKey was given.
    inchikey : str or None
        27 characters, computed from the structure; without a structure the key as given if it is complete, else None.
    inchikey_given : str or None
        The key as stated, if one was.
    inchikey_corrected : bool
        True when the key as stated names another 2D structure than SMILES or InChI do.
    formula : str or None
        Hill formula with the net charge at its end, such as ``"C4H12N+"``.
    monoisotopic_mass : float or None
        Sum of atom masses in Da, isotopes as drawn, no correction for the electrons of charged structures.
    """

    analyte_id: str
    smiles: str | None
    inchikey: str | None
    inchikey_given: str | None
    inchikey_corrected: bool
    formula: str | None
    monoisotopic_mass: float | None


def read_structure(smiles: str | None, inchi: str | None, inchikey: str | None) -> Structure:
    """Read what a record says of its structure: the SMILES, else the InChI, else the InChIKey alone.

    The structure as given defines the analyte: charges, isotopes and counter-ions are kept, so a salt and its free acid are two
    analytes, as they have two InChIKeys; stereoisomers are one. An InChIKey that contradicts the structure is replaced. Of a
    bare InChIKey the protonation is known; whether its second block tells of isotopes or of stereochemistry only is not, and it
    is taken for unlabelled.

    Parameters
    ----------
    smiles, inchi, inchikey : str or None
        As stated; empty text counts as absent. Without SMILES and InChI a key serves when it holds its first block of 14
        capitals, whole or cut off behind it (``"NHZMQXZHNVQTQA-UHFFFAOYAS"``).

    Returns
    -------
    Structure
        Canonical SMILES, InChIKey, formula and mass.

    Raises
    ------
    BadStructure
        If nothing is given, nothing given can be read, or the structure has open ends (``*``, polymers).
    """
    smiles, inchi, inchikey = _clean(smiles), _clean(inchi), _clean(inchikey)
    given = inchikey.removeprefix("InChIKey=") if inchikey else None
    if smiles is None and inchi is None:
        return _read_key(given)
    reasons = []
    for text, read in ((smiles, _from_smiles), (inchi, _from_inchi)):
        if text is None:
            continue
        found = read(text)
        if isinstance(found, str):
            reasons.append(found)
            continue
        canonical, key, formula, mass, analyte_id = found
        start = _INCHIKEY_START.match(given) if given else None
        corrected = start is not None and start[1] != key[:14]  # a malformed key says nothing
        return Structure(analyte_id, canonical, key, given, corrected, formula, mass)
    raise BadStructure(f"{'; '.join(reasons)}. Correct the record, or state a complete InChIKey")


def analyte_of(inchikey: str, *, label: str | None = None) -> str:
    """Name the analyte of a structure: its first block, alone where the structure is unlabelled and drawn neutral.

    The first block of an InChIKey is shared by stereoisomers, by isotope-labelled forms and by the states of protonation of one
    structure. Stereoisomers are one analyte, as MS/MS cannot tell them apart. The others have another mass, and are analytes of
    their own, marked behind the block that they share.

    Parameters
    ----------
    inchikey : str
        InChIKey of 27 characters.
    label : str, optional
        What names the isotope labels: the first 8 letters of the second block of the InChIKey without stereochemistry.

    Returns
    -------
    str
        The first block; behind it 8 letters of a labelled structure (``"RYYVLZVUVIJVGH-..."``), and the last letter of the
        InChIKey of one with a proton more (``"-O"``) or less (``"-M"``).
    """
    protons = inchikey[26:]
    return "-".join(filter(None, (inchikey[:14], label, protons if protons != "N" else None)))


def inchikey_2d(smiles: str) -> str | None:
    """Return the first 14 characters of a structure's InChIKey, which stereoisomers share.

    Parameters
    ----------
    smiles : str
        SMILES.

    Returns
    -------
    str or None
        The block, also of labelled and charged forms; None when the SMILES is empty, cannot be read or has open ends.
    """
    text = _clean(smiles)
    found = _from_smiles(text) if text else None
    return found[1][:14] if isinstance(found, tuple) else None


def _clean(text: str | None) -> str | None:
    return (text.strip(_QUOTES) or None) if text else None


def _read_key(given: str | None) -> Structure:
    if given is None:
        raise BadStructure("neither SMILES nor InChI nor InChIKey. State one of them")
    start = _INCHIKEY_START.match(given)
    if start is None:
        raise BadStructure(f"InChIKey {given!r} does not begin with a block of 14 capitals. State a SMILES or a complete key")
    key = given if _INCHIKEY.match(given) else None
    return Structure(analyte_of(key) if key else start[1], None, key, given, False, None, None)  # noqa: FBT003 (a field)


_Read = tuple[str, str, str, float, str]  # canonical SMILES, InChIKey, formula, mass, analyte


@lru_cache(maxsize=_REMEMBERED_STRUCTURES)
def _from_smiles(smiles: str) -> _Read | str:
    if len(smiles) > LONGEST:
        return _too_long("SMILES", smiles)
    with base.BlockLogs():
        molecule = Chem.MolFromSmiles(smiles)
        return _describe(molecule) if molecule is not None else f"SMILES {_short(smiles)} cannot be read"


@lru_cache(maxsize=_REMEMBERED_STRUCTURES)
def _from_inchi(inchi: str) -> _Read | str:
    if len(inchi) > LONGEST:
        return _too_long("InChI", inchi)
    with base.BlockLogs():
        molecule, *_ = rdinchi.InchiToMol(inchi if inchi.startswith("InChI=") else f"InChI={inchi}")
        return _describe(molecule) if molecule is not None else f"InChI {_short(inchi)} cannot be read"


def _too_long(kind: str, text: str) -> str:
    return f"{kind} {_short(text)} has {len(text):,} characters: no InChIKey can be computed of molecules that large"


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def _describe(molecule: Chem.Mol) -> _Read | str:
    if molecule.GetNumAtoms() == 0:
        return "no atoms"
    if any(atom.GetAtomicNum() == 0 for atom in atoms_of(molecule)):
        return "incomplete structure: it has open ends (*)"
    key = rdinchi.MolToInchiKey(molecule)
    if not key:
        return "no InChIKey can be computed"
    analyte_id = analyte_of(key, label=_label(molecule))
    # Isotopes show, as D or [13C], so that formula and mass say the same; RDKit leaves them out where it is not told.
    formula = descriptors.CalcMolFormula(molecule, separateIsotopes=True)
    return Chem.MolToSmiles(molecule), key, formula, atom_masses(molecule), analyte_id


def _label(molecule: Chem.Mol) -> str | None:
    """Name the isotope labels; None where no atom is of another isotope than its element's commonest."""
    if not any(atom.GetIsotope() for atom in atoms_of(molecule)):
        return None
    table = Chem.GetPeriodicTable()
    labelled = Chem.Mol(molecule)
    for atom in atoms_of(labelled):
        if atom.GetIsotope() == table.GetMostCommonIsotope(atom.GetAtomicNum()):
            atom.SetIsotope(0)
    if not any(atom.GetIsotope() for atom in atoms_of(labelled)):
        return None
    Chem.RemoveStereochemistry(labelled)
    return str(rdinchi.MolToInchiKey(labelled)[15:23])


def atoms_of(molecule: Chem.Mol) -> list[Chem.Atom]:
    """List the atoms of a molecule, several times faster than RDKit's iterator does.

    Parameters
    ----------
    molecule : rdkit.Chem.Mol
        A molecule or a part of one.

    Returns
    -------
    list of rdkit.Chem.Atom
        Its atoms, in their order.
    """
    return [molecule.GetAtomWithIdx(i) for i in range(molecule.GetNumAtoms())]


def atom_masses(molecule: Chem.Mol) -> float:
    """Sum the masses of all atoms; RDKit's exact mass takes off the electrons of a charge, or not, depending on its version.

    Parameters
    ----------
    molecule : rdkit.Chem.Mol
        A molecule or a part of one.

    Returns
    -------
    float
        Mass in Da, isotopes as drawn, hydrogens included.
    """
    table = Chem.GetPeriodicTable()
    hydrogen = table.GetMostCommonIsotopeMass(1)
    masses = []
    for atom in atoms_of(molecule):
        number, isotope = atom.GetAtomicNum(), atom.GetIsotope()
        masses.append(table.GetMassForIsotope(number, isotope) if isotope else table.GetMostCommonIsotopeMass(number))
        masses.append(atom.GetTotalNumHs() * hydrogen)
    return math.fsum(masses)
