"""Spectra as an mzSpecLib library in its text form (PSI mzSpecLib 1.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spectradb.exports.records import Record

SEPARATOR = "\t"
# What the vocabulary has no free text for: its keys are the numbers of spectra, and its instruments are terms.
_OTHERS = ("native_id", "instrument", "instrument_type")
# Terms and units of ion mobilities, by their kinds.
_MOBILITIES = {
    "inverse reduced ion mobility": ("MS:1002815", "MS:1002814|volt-second per square centimeter"),
    "ion mobility drift time": ("MS:1002476", "UO:0000028|millisecond"),
    "FAIMS compensation voltage": ("MS:1001581", "UO:0000218|volt"),
    "SELEXION compensation voltage": ("MS:1003371", "UO:0000218|volt"),
}
_POLARITY = {"positive": "MS:1000130|positive scan", "negative": "MS:1000129|negative scan"}


def header(name: str) -> Iterator[str]:
    """Begin a library.

    Parameters
    ----------
    name : str
        What it is called.

    Yields
    ------
    str
        Lines.
    """
    yield "<mzSpecLib>"
    yield "MS:1003186|library format version=1.0"
    yield f"MS:1003188|library name={name}"


def mzspeclib(record: Record) -> Iterator[str]:
    """Write a spectrum and its one analyte.

    Parameters
    ----------
    record : Record
        The spectrum.

    Yields
    ------
    str
        Lines. Energies have their unit where it is known.
    """
    yield ""
    yield f"<Spectrum={record.number}>"
    spectrum = {
        "MS:1003061|library spectrum name": record["name"] or record.title,
        "MS:1000511|ms level": record["ms_level"] or 2,
        "MS:1003208|experimental precursor monoisotopic m/z": record["precursor_mz"],
        "MS:1000465|scan polarity": _POLARITY.get(record["ion_mode"]),
        "MS:1000586|contact name": record["contributor"],
        "MS:1003197|license URI": record["source_license"],
        "MS:1003203|constituent spectrum file": record["file_name"],
    }
    yield from (f"{name}={value}" for name, value in spectrum.items() if value is not None)
    group = 0
    for term, value, unit in (
        ("MS:1000045|collision energy", record["collision_energy_ev"], "UO:0000266|electronvolt"),
        ("MS:1000138|normalized collision energy", record["collision_energy_nce"], "UO:0000187|percent"),
        ("MS:1000894|retention time", record["retention_time_s"], "UO:0000010|second"),
        ("MS:1002954|collisional cross sectional area", record["ccs"], "UO:0000324|square angstrom"),
        *_mobility(record),
    ):
        if value is not None:
            group += 1
            yield f"[{group}]{term}={value}"
            yield f"[{group}]UO:0000000|unit={unit}"
    for name in _OTHERS:
        if record[name] is not None:
            group += 1
            yield f"[{group}]MS:1003275|other attribute name={name}"
            yield f"[{group}]MS:1003276|other attribute value={record[name]}"
    yield f"MS:1003059|number of peaks={record['n_peaks']}"
    analyte = {
        "MS:1000866|molecular formula": record["formula"],
        "MS:1001117|theoretical mass": record["monoisotopic_mass"],
        "MS:1000868|SMILES string": record["smiles"],
        "MS:1002894|InChIKey": record["inchikey"],
        "MS:1002813|adduct ion formula": record["adduct"],
        "MS:1000041|charge state": record["charge"] or None,
    }
    yield "<Analyte=1>"
    yield from (f"{name}={value}" for name, value in analyte.items() if value is not None)
    yield "<Peaks>"
    yield record["peaks"]


def _mobility(record: Record) -> Iterator[tuple[str, float, str]]:
    """Give the ion mobility, where its kind is known, as term, number and unit."""
    kind = record["ion_mobility_type"]
    if kind in _MOBILITIES:
        accession, unit = _MOBILITIES[kind]
        yield f"{accession}|{kind}", record["ion_mobility"], unit
