"""Read MassBank records (format 2.x), one or several in a file, each from ``ACCESSION:`` to ``//``.

Neither matchms nor pyteomics reads the format. Of the columns of ``PK$PEAK`` the absolute intensity (``int.``) is taken. A
retention time without a unit is taken for minutes, the unit of the format's own example. Records marked ``DEPRECATED:`` are
passed on as such, whatever else is left of them.

Format: https://github.com/MassBank/MassBank-web/blob/main/Documentation/MassBankRecordFormat.md
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spectradb.ingest.fields import decimals, fieldnames, values
from spectradb.ingest.fields.decimals import NO_MARKS
from spectradb.ingest.readers.open_text import reading, require_spectra
from spectradb.ingest.readers.peaklines import BadPeaks, parse_pairs, peak_marks
from spectradb.ingest.readers.raw import batches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from spectradb.ingest.readers.raw import Problems

# Tags whose value opens with a subtag, which then belongs to the name of the field.
_WITH_SUBTAG = frozenset({"CH$LINK", "AC$MASS_SPECTROMETRY", "AC$CHROMATOGRAPHY", "MS$FOCUSED_ION"})
_TEXT_FIELDS = {
    "native_id": ("ACCESSION",),
    "ion_mode": ("AC$MASS_SPECTROMETRY ION_MODE",),
    "adduct": ("MS$FOCUSED_ION PRECURSOR_TYPE", "MS$FOCUSED_ION ION_TYPE"),
    "collision_energy": ("AC$MASS_SPECTROMETRY COLLISION_ENERGY",),
    "instrument": ("AC$INSTRUMENT",),
    "instrument_type": ("AC$INSTRUMENT_TYPE",),
    "name": ("CH$NAME",),
    "smiles": ("CH$SMILES",),
    "inchi": ("CH$IUPAC",),
    "inchikey": ("CH$LINK INCHIKEY",),
    "formula": ("CH$FORMULA",),
    "source_license": ("LICENSE",),
}
_PRECURSOR = "MS$FOCUSED_ION PRECURSOR_M/Z"
_TIME = "AC$CHROMATOGRAPHY RETENTION_TIME"
_CHARGE = "AC$MASS_SPECTROMETRY CHARGE"
_CONTRIBUTOR = re.compile(r"[A-Z]+-([A-Za-z0-9_]+)-.+")


@dataclass
class _Block:
    """The lines of one record, as far as they have been read."""

    start: int
    fields: dict[str, str] = field(default_factory=dict)
    peaks: list[str] = field(default_factory=list)


def read(path: Path, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Read the spectra of a file of MassBank records.

    Parameters
    ----------
    path : pathlib.Path
        The file, plain or gzipped.
    problems : Problems
        Takes the records that cannot be read; ``place`` is the line of their ACCESSION.

    Yields
    ------
    pyarrow.RecordBatch
        Batches of the raw schema. The level of an "MSn" record is NULL; of an isolation sequence "350.1/175.0" the precursor
        is the last ion.

    Raises
    ------
    UnreadableFile
        The file cannot be opened or decompressed to its end, or holds no record.
    """
    yield from batches(require_spectra(path, _records(path, problems), problems=problems))


def _records(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    block: _Block | None = None
    in_peaks = False
    with reading(path) as stream:
        for number, line in enumerate(stream, 1):
            if line.startswith("ACCESSION:"):
                if block is not None:
                    problems.add(f"line {block.start}", f"the record has no closing '//' before the ACCESSION in line {number}")
                block = _Block(start=number)
            if block is None:
                continue
            if line.startswith("//"):
                record = _record(block, problems)
                if record is not None:
                    yield record
                block, in_peaks = None, False
            elif line.startswith("  "):
                if in_peaks:
                    block.peaks.append(line)
            else:
                in_peaks = _keep(line, block) == "PK$PEAK"
    if block is not None:
        problems.add(f"line {block.start}", "the file ends before the closing '//' of the record")


def _keep(line: str, block: _Block) -> str:
    tag, _, value = line.partition(":")
    tag = tag.strip()
    if tag in _WITH_SUBTAG:
        subtag, _, value = value.strip().partition(" ")
        tag = f"{tag} {subtag}"
    kept = values.stated(value)
    if kept is not None:
        block.fields.setdefault(tag, kept)
    return tag


def _record(block: _Block, problems: Problems) -> dict[str, Any] | None:
    place = f"line {block.start}"
    fields = block.fields
    if "DEPRECATED" in fields:
        return {"native_id": fields.get("ACCESSION"), "place": place, "flags": ["deprecated_record"]}
    precursor, time, charge = (fields.get(tag) for tag in (_PRECURSOR, _TIME, _CHARGE))
    beside = decimals.marks(word for text in (precursor, time) if text for word in values.precursor_words(text))
    try:
        mz, intensity = parse_pairs([line for line in block.peaks if values.stated(line)], beside)
    except BadPeaks as error:
        problems.add(place, str(error))
        return None
    expected = fields.get("PK$NUM_PEAK", "0")
    if expected.isdecimal() and values.count(expected) != len(mz):
        problems.add(place, f"the record states {expected[:20]} peaks and holds {len(mz)}")
        return None
    record: dict[str, Any] = {
        column: next((fields[tag] for tag in tags if tag in fields), None) for column, tags in _TEXT_FIELDS.items()
    }
    named = {"precursormz": precursor, "rt": time, "charge": charge, "ionmode": record["ion_mode"]}
    stated = {name: text for name, text in named.items() if text}
    marks = peak_marks(block.peaks) if fieldnames.have_commas(stated, block.peaks) else NO_MARKS
    record |= fieldnames.raw_record(stated, bare_time="min", name_ends_in_adduct=False, beside=marks)
    record["place"] = place
    record["ms_level"] = values.ms_level(fields.get("AC$MASS_SPECTROMETRY MS_TYPE"))
    record["is_profile"] = _is_profile(fields.get("AC$MASS_SPECTROMETRY DATAFORMAT"))
    record["pubchem_cid"] = values.pubchem_cid(fields.get("CH$LINK PUBCHEM"))
    match = _CONTRIBUTOR.match(fields.get("ACCESSION", ""))
    record["contributor"] = match.group(1) if match else fields.get("AUTHORS")
    record["mz"] = mz
    record["intensity"] = intensity
    return record


def _is_profile(data_format: str | None) -> bool | None:
    if data_format is None:
        return None
    lower = data_format.lower()
    if lower.startswith("centroid"):
        return False
    return True if lower.startswith(("profile", "contin")) else None
