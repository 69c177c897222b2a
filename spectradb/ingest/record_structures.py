"""The structure of a record: from the SMILES or InChI, else the InChIKey, else the name alone."""

from __future__ import annotations

from spectradb.errors import BadStructure
from spectradb.ingest.identity import named_analyte
from spectradb.udfs.structures import Structure, read_structure


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
        changed, by the names of :data:`~spectradb.ingest.reasons.REASONS`.
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
