"""Spectra for the batch upload of GNPS: an MGF, and beside it the table that says what each of its scans is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from spectradb.exports.records import Record

#: The columns of the table, in the order that GNPS asks for.
COLUMNS = (
    *(
        "FILENAME",
        "SEQ",
        "COMPOUND_NAME",
        "MOLECULEMASS",
        "INSTRUMENT",
        "IONSOURCE",
        "EXTRACTSCAN",
        "SMILES",
        "INCHI",
        "INCHIAUX",
    ),
    *("CHARGE", "IONMODE", "PUBMED", "ACQUISITION", "EXACTMASS", "DATACOLLECTOR", "ADDUCT", "INTEREST", "LIBQUALITY"),
    *("GENUS", "SPECIES", "STRAIN", "CASNUMBER", "PI"),
)
_UNKNOWN = "N/A"
_BRONZE = 3
_SOURCES = ("LC-APCI", "LC-APPI", "LC-ESI", "DI-ESI", "GC-EI", "MALDI", "APCI", "APPI", "ESI", "EI", "FAB")


def batch_row(record: Record, *, file_name: str, scan: int) -> list[str]:
    """Describe a spectrum in the table.

    Parameters
    ----------
    record : Record
        The spectrum.
    file_name : str
        Name of the MGF.
    scan : int
        Its SCANS there.

    Returns
    -------
    list of str
        A value for each of :data:`COLUMNS`; quality is the lowest, which claims nothing.

    Raises
    ------
    BadParameter
        If it has no name, or its ion mode is not known.
    """
    for what in ("name", "ion_mode"):
        if record[what] is None:
            raise BadParameter(f"{record.title} has no {what}, which GNPS asks of a library; leave it out of the SELECT")
    source = next((name for name in _SOURCES if name in (record["instrument_type"] or "").upper()), None)
    known = {
        "FILENAME": file_name,
        "SEQ": "*..*",
        "COMPOUND_NAME": record["name"],
        "MOLECULEMASS": record["precursor_mz"],
        "INSTRUMENT": record["instrument"] or record["instrument_type"],
        "IONSOURCE": source,
        "EXTRACTSCAN": scan,
        "SMILES": record["smiles"],
        "INCHIAUX": record["inchikey"],
        "CHARGE": abs(record["charge"] or 0),
        "IONMODE": record["ion_mode"].capitalize(),
        "ACQUISITION": "Other",
        "EXACTMASS": record["monoisotopic_mass"],
        "DATACOLLECTOR": record["contributor"],
        "ADDUCT": record["adduct"],
        "LIBQUALITY": _BRONZE,
        "PI": record["contributor"],
    }
    return [_UNKNOWN if known.get(column) is None else str(known[column]) for column in COLUMNS]
