"""The structure of a record: from the SMILES or InChI, else the InChIKey, else the name alone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from spectradb.errors import BadStructure
from spectradb.ingest.spectra.identity import named_analyte
from spectradb.udfs.adducts import parse_adduct
from spectradb.udfs.structures import Structure, read_structure

if TYPE_CHECKING:
    from spectradb.ingest.spectra.precursor import Precursor

# "caffeine-d9", "AA-[d8]", "d5-atrazine", "[2H9]caffeine", "glucose-13C6"; not "SM d42:1", "vitamin D2".
_LABELS = re.compile(
    r"(?:(?<=[-(\[ ])|^)\[?d(?P<d>[1-9]\d?)(?=[\])]|-|$)|(?<=-)\[?D(?P<D>[1-9]\d?)(?=\]?$)"
    r"|(?<![A-Za-z0-9])(?P<isotope>2H|13C|15N|18O)(?P<n>[1-9]\d?)(?![\d:])"
)
# Mass of the heavier isotope less that of the commonest, in Da (AME 2020).
_HEAVIER = {"d": 1.0062767459, "2H": 1.0062767459, "13C": 1.0033548351, "15N": 0.9970348945, "18O": 2.0042449933}
_MASS_TOLERANCE_DA = 0.01


def labelled_by_name(
    structure: Structure | None, name: str | None, precursor: Precursor, adduct: str | None
) -> Structure | None:
    """Return the labelled structure of a record whose name and precursor tell of isotope labels that are not drawn.

    Parameters
    ----------
    structure : Structure or None
        As drawn.
    name : str or None
        The record's name.
    precursor : Precursor
        Stated and computed for the structure as drawn.
    adduct : str or None
        Canonical adduct.

    Returns
    -------
    Structure or None
        An analyte of its own: the first block with the label as named, such as ``"YZXBAPSDXZZRGB-d8"``, and the labels' mass;
        which atoms they are is not known, and SMILES and InChIKey stay as drawn. None where name and precursor do not agree.
    """
    stated, computed = precursor.precursor_mz_stated, precursor.precursor_mz_computed
    mass = structure.monoisotopic_mass if structure else None
    if structure is None or mass is None or name is None or stated is None or computed is None or adduct is None:
        return None
    labels = [(m["isotope"] or "d", int(m["n"] or m["d"] or m["D"])) for m in _LABELS.finditer(name)]
    added = sum(_HEAVIER[isotope] * n for isotope, n in labels)
    ion = parse_adduct(adduct)
    if not labels or abs((stated - computed) * abs(ion.charge) / ion.n_molecules - added) > _MASS_TOLERANCE_DA:
        return None
    block, *rest = structure.analyte_id.split("-")
    label = "".join(f"{isotope}{n}" for isotope, n in labels)
    analyte_id = "-".join((block, label, *rest))
    return replace(structure, analyte_id=analyte_id, monoisotopic_mass=mass + added)


def structure_of(
    smiles: str | None, inchi: str | None, inchikey: str | None, *, name: str | None = None
) -> tuple[Structure | None, tuple[str, ...]]:
    """Read the structure of a record.

    Parameters
    ----------
    smiles, inchi, inchikey : str or None
        As the record states them.
    name : str, optional
        The record's name, if it may stand for the analyte where there is neither structure nor key: that of a library's record.

    Returns
    -------
    (Structure or None, tuple of str)
        The structure, without SMILES, key, formula and mass where the name stands for it; None where nothing does. And what was
        changed, by the names of :data:`~spectradb.ingest.fields.drop_reasons.REASONS`.
    """
    structure, change = _read(smiles, inchi, inchikey)
    if structure is None and name is not None:
        named = Structure(named_analyte(name), None, None, None, inchikey_corrected=False, formula=None, monoisotopic_mass=None)
        return named, (*change, "named_only")
    return structure, change


def _read(smiles: str | None, inchi: str | None, inchikey: str | None) -> tuple[Structure | None, tuple[str, ...]]:
    if smiles is None and inchi is None and inchikey is None:
        return None, ()
    try:
        structure = read_structure(smiles, inchi, inchikey)
    except BadStructure:
        try:
            return read_structure(None, None, inchikey), ("bad_structure",)
        except BadStructure:
            return None, ("bad_structure",)
    return structure, ("inchikey_corrected",) if structure.inchikey_corrected else ()
