"""Reader of mzSpecLib spectral libraries, as text and as JSON, gzipped or not (PSI mzSpecLib 1.0).

Attributes are parsed, and attribute sets applied, by the package ``mzspeclib``.
"""

from __future__ import annotations

import re
import warnings
import zlib
from typing import TYPE_CHECKING, Any

from spectradb.errors import UnreadableFile
from spectradb.ingest.fields.cv_params import collision_energy, finite, seconds, whole
from spectradb.ingest.fields.ion_mobility import MOBILITY_ACCESSIONS, of_terms
from spectradb.ingest.fields.values import precursor_mz
from spectradb.ingest.fields.vocabulary import names_several_charges, stated_charge
from spectradb.ingest.readers.open_text import open_binary
from spectradb.ingest.readers.raw import batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pyarrow as pa

    from spectradb.ingest.readers.mzspeclib_entries import Entry
    from spectradb.ingest.readers.raw import Problems

# Accessions of the PSI-MS vocabulary.
SPECTRUM_KEY = "MS:1003237"
SPECTRUM_NAME = "MS:1003061"
NUMBER_OF_PEAKS = "MS:1003059"
MS_LEVEL = "MS:1000511"
SCAN_POLARITY = "MS:1000465"
INSTRUMENT_MODEL = "MS:1000031"
COLLISION_ENERGY = "MS:1000045"
NORMALIZED_COLLISION_ENERGY = "MS:1000138"
CHARGE = "MS:1000041"
COLLISIONAL_CROSS_SECTION = "MS:1002954"
FORMULA = "MS:1000866"
SMILES = "MS:1000868"
INCHI = "MS:1003403"
INCHIKEY = "MS:1002894"
UNIT = "UO:0000000"
CONTACT_NAME = "MS:1000586"
LICENSE = "MS:1003197"
OTHER_NAME, OTHER_VALUE = "MS:1003275", "MS:1003276"
# In order of preference: experimental monoisotopic, selected ion, theoretical monoisotopic, isolation window target.
PRECURSOR_MZ = ("MS:1003208", "MS:1000744", "MS:1003053", "MS:1000827")
RETENTION_TIME = ("MS:1000894", "MS:1000016")
ADDUCT = ("MS:1003055", "MS:1002813", "MS:1000353")  # adduct, adduct ion formula, adduct ion
PEPTIDOFORM = ("MS:1003270", "MS:1003169")  # with and without its charge
SPECTRUM_ORIGIN = "MS:1003072"
DECOY_ORIGINS = frozenset(
    {
        "decoy spectrum",
        "shuffle-and-reposition decoy spectrum",
        "precursor shift decoy spectrum",
        "unnatural peptidoform decoy spectrum",
        "unrelated species decoy spectrum",
    }
)

REMEDY = "Check that the file is complete, or export the library again"

_ACCESSION = re.compile(r"^[A-Za-z]+:\d+\|")
# What mzspeclib raises on text that is not as it should be.
UNREADABLE = (AttributeError, EOFError, LookupError, OSError, RecursionError, TypeError, ValueError, zlib.error)


def read(path: Path, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Read the spectra of an mzSpecLib library.

    Parameters
    ----------
    path : pathlib.Path
        The file; text and JSON are told apart by its first character. JSON is held in memory whole, text is not.
    problems : Problems
        Receives the spectra that could not be read, and decoys.

    Yields
    ------
    pyarrow.RecordBatch
        Batches with :data:`~spectradb.ingest.readers.raw.RAW_SCHEMA`. A peptide has its peptidoform as the name and no
        structure. A spectrum of several analytes has no structure either, as the file does not say which one it shows.

    Raises
    ------
    UnreadableFile
        The file cannot be read to its end.
    """
    yield from batches(_records(path, problems))


def _records(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    n = 0
    try:
        library = _open(path)
        library_values = _Values(library.attributes)
        for entry in library.read():
            if entry is None:
                continue
            n += 1
            if isinstance(entry, Exception):
                problems.add(f"spectrum {n}", f"it cannot be read: {entry or type(entry).__name__}")
                continue
            record = _record(n, entry, library_values, problems)
            if record is not None:
                yield record
    except UNREADABLE as error:
        place = f"after spectrum {n}" if n else "before the first spectrum"
        raise UnreadableFile(str(path), place, f"it is not mzSpecLib as text or JSON ({error})", REMEDY) from error


def _open(path: Path) -> Any:  # noqa: ANN401  # a reader of mzspeclib, which has no type information
    with open_binary(path) as file:
        start = file.read(1000).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith((b"<", b"{")):
        raise ValueError("it begins with neither '<mzSpecLib>' nor '{'" if start else "the file is empty")
    # Imported here because the package mzspeclib takes most of a second to load.
    from spectradb.ingest.readers.mzspeclib_entries import JSONReader, TextReader  # noqa: PLC0415

    reader = JSONReader if start.startswith(b"{") else TextReader
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the header: its version, which does not matter here
        return reader(str(path), create_index=False)


class _Values:
    """Attributes by accession. Of repeated ones the last counts: a spectrum's own follow those of its attribute sets."""

    def __init__(self, attributes: Iterable[Any]) -> None:
        self._values: dict[str, Any] = {}
        self._groups: dict[str, str | None] = {}
        self._units: dict[str, str] = {}
        #: What has no term of the vocabulary, by its name.
        self.others: dict[str, str] = {}
        named: dict[str, str] = {}
        for attribute in attributes:
            accession = str(attribute.key).partition("|")[0]
            value = attribute.value
            if isinstance(value, str):
                value = _ACCESSION.sub("", value)
            if accession == UNIT and attribute.group_id is not None:
                self._units[attribute.group_id] = str(value)
            elif accession == OTHER_NAME and attribute.group_id is not None:
                named[attribute.group_id] = str(value).lower()
            elif accession == OTHER_VALUE and attribute.group_id in named:
                self.others[named[attribute.group_id]] = str(value)
            else:
                self._values[accession] = value
                self._groups[accession] = attribute.group_id

    def first(self, *accessions: str) -> Any:  # noqa: ANN401  # number or text
        return next((self._values[accession] for accession in accessions if accession in self._values), None)

    def text(self, *accessions: str) -> str | None:
        value = self.first(*accessions)
        return None if value is None else str(value)

    def unit(self, accession: str) -> str:
        group = self._groups.get(accession)
        return self._units.get(group, "") if group is not None else ""


def _record(n: int, entry: Entry, library: _Values, problems: Problems) -> dict[str, Any] | None:
    spectrum = _Values(entry.spectrum)
    analytes = [_Values(analyte) for analyte in entry.spectrum.analytes.values()]
    analyte = analytes[0] if len(analytes) == 1 else _Values([])
    reason = _objection(entry, spectrum)
    if reason is not None:
        problems.add(f"spectrum {n}", f"{spectrum.text(SPECTRUM_NAME)}: {reason}")
        return None
    time = next((term for term in RETENTION_TIME if spectrum.first(term) is not None), "")
    stated_mzs = (values.text(term) for term in PRECURSOR_MZ for values in (spectrum, analyte))
    mzs = [text for text in stated_mzs if text is not None]
    precursor = next((mz for mz in map(precursor_mz, mzs) if mz), None)
    charges = [text for text in (spectrum.text(CHARGE), analyte.text(CHARGE)) if text is not None]
    charge = next((read for read in map(stated_charge, charges) if read), None)
    mobilities = {kind: spectrum.first(accession) for kind, accession in MOBILITY_ACCESSIONS.items()}
    polarity = spectrum.text(SCAN_POLARITY) or library.text(SCAN_POLARITY) or ""
    return {
        "native_id": spectrum.others.get("native_id") or spectrum.text(SPECTRUM_KEY) or f"index={n - 1}",
        "place": f"spectrum {n}",
        "ms_level": whole(spectrum.first(MS_LEVEL)),
        "precursor_mz": precursor,
        "charge": charge,
        "ion_mode": polarity.removesuffix(" scan") or None,
        "adduct": analyte.text(*ADDUCT) or spectrum.text(*ADDUCT),
        "collision_energy": collision_energy(spectrum.first(COLLISION_ENERGY), unit=spectrum.unit(COLLISION_ENERGY))
        or collision_energy(spectrum.first(NORMALIZED_COLLISION_ENERGY), normalized=True),
        "instrument": spectrum.text(INSTRUMENT_MODEL) or spectrum.others.get("instrument") or library.text(INSTRUMENT_MODEL),
        "instrument_type": spectrum.others.get("instrument_type"),
        "retention_time_s": seconds(spectrum.first(time), unit=spectrum.unit(time)),
        **of_terms(mobilities, lambda kind: spectrum.unit(MOBILITY_ACCESSIONS[kind]))._asdict(),
        "ccs": finite(spectrum.first(COLLISIONAL_CROSS_SECTION)),
        "name": analyte.text(*PEPTIDOFORM) or spectrum.text(SPECTRUM_NAME),
        "smiles": analyte.text(SMILES),
        "inchi": analyte.text(INCHI),
        "inchikey": analyte.text(INCHIKEY),
        "formula": analyte.text(FORMULA),
        "contributor": spectrum.text(CONTACT_NAME) or library.text(CONTACT_NAME),
        "source_license": spectrum.text(LICENSE) or library.text(LICENSE),
        "retention_time_unitless": None if spectrum.unit(time) else finite(spectrum.first(time)),
        "mz": entry.mz,
        "intensity": entry.intensity,
        "flags": _flags(mzs, charges, precursor, charge),
    }


def _flags(mzs: list[str], charges: list[str], precursor: float | None, charge: int | None) -> list[str] | None:
    """Name what is stated and cannot be read."""
    flags = ["precursor_unreadable"] if precursor is None and any(precursor_mz(text) is None for text in mzs) else []
    if charge is None and any(stated_charge(text) is None for text in charges):
        flags.append("several_charges" if any(map(names_several_charges, charges)) else "charge_unreadable")
    return flags or None


def _objection(entry: Entry, spectrum: _Values) -> str | None:
    if spectrum.text(SPECTRUM_ORIGIN) in DECOY_ORIGINS:
        return "a decoy spectrum, of which no molecule was measured"
    if len(entry.mz) != len(entry.intensity):
        return f"{len(entry.mz)} m/z values but {len(entry.intensity)} intensities"
    stated = whole(spectrum.first(NUMBER_OF_PEAKS))
    if stated is not None and stated > len(entry.mz):
        return f"it states {stated} peaks and has {len(entry.mz)}: the file may have been cut"
    return None
