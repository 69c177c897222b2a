"""Read MoNA (MassBank of North America) libraries in JSON: objects with ``compound``, ``metaData`` and ``spectrum``.

Names and structure are those of the first compound, what was stated taking precedence over what was computed. The contributor
is the author of the record, or who submitted it to MoNA where no author is named. Retention times without a unit are minutes,
as in the MassBank records that most of MoNA comes from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.ingest.fields import fieldnames
from spectradb.ingest.fields.decimals import NO_MARKS
from spectradb.ingest.fields.values import stated
from spectradb.ingest.readers.json_items import objects
from spectradb.ingest.readers.open_text import require_spectra
from spectradb.ingest.readers.peaklines import UnclearPeaks, number_marks, read_numbers
from spectradb.ingest.readers.raw import batches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from spectradb.ingest.fields.decimals import Marks
    from spectradb.ingest.readers.peaklines import Peaks
    from spectradb.ingest.readers.raw import Problems


def read(path: Path, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Read the spectra of a MoNA JSON document.

    Parameters
    ----------
    path : pathlib.Path
        The file, plain or gzipped.
    problems : Problems
        Takes the records that cannot be read; ``place`` is their number in the document, from 1.

    Yields
    ------
    pyarrow.RecordBatch
        Batches of the raw schema.

    Raises
    ------
    UnreadableFile
        The file cannot be opened, is no JSON to its end, or holds no spectrum.
    """
    yield from batches(require_spectra(path, _records(path, problems), problems=problems))


def _records(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    for place, item in objects(path, problems):
        spectrum, fields = item.get("spectrum"), _fields(item)
        try:
            (mz, intensity), beside = _peaks(spectrum, fieldnames.number_marks(fields))
        except UnclearPeaks as error:
            problems.add(place, str(error))
            continue
        except (TypeError, ValueError):
            problems.add(place, f"'spectrum' is no text of m/z:intensity pairs: {str(spectrum)[:60]!r}")
            continue
        record = fieldnames.raw_record(fields, bare_time="min", name_ends_in_adduct=False, beside=beside)
        record["place"] = place
        record["mz"] = mz
        record["intensity"] = intensity
        yield record


def _fields(item: dict[str, Any]) -> dict[str, str]:
    compound = next(iter(_mappings(item.get("compound"))), {})
    names = sorted(_mappings(compound.get("names")), key=lambda name: name.get("computed") is True)
    about_compound = sorted(_mappings(compound.get("metaData")), key=lambda entry: entry.get("computed") is True)
    fields: dict[str, str] = {}
    pairs = [
        ("accession", item.get("id")),
        ("deprecated", item.get("deprecated")),
        ("inchi", compound.get("inchi")),
        ("inchikey", compound.get("inchiKey")),
        *(("name", name.get("name")) for name in names),
        *((str(entry.get("name")), _with_unit(entry)) for entry in (*_mappings(item.get("metaData")), *about_compound)),
        ("submitter", _submitter(item.get("submitter"))),
    ]
    for name, value in pairs:
        kept = stated(value)
        if kept is not None:
            fields.setdefault(fieldnames.plain_name(name), kept)
    return fields


def _mappings(values: object) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _with_unit(entry: dict[str, Any]) -> str | None:
    value = stated(entry.get("value"))
    unit = stated(entry.get("unit"))
    return f"{value} {unit}" if value and unit and not value.endswith(unit) else value


def _submitter(submitter: object) -> str | None:
    if not isinstance(submitter, dict):
        return None
    person = " ".join(name for key in ("firstName", "lastName") if (name := stated(submitter.get(key))))
    return stated(submitter.get("institution")) or person or None


def _peaks(spectrum: object, beside: Marks) -> tuple[Peaks, Marks]:
    """Read the peaks, and tell which decimal marks they have."""
    if not isinstance(spectrum, str):
        raise TypeError
    pairs = [pair.split(":") for pair in spectrum.split()]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError
    mzs, heights = [m for m, _ in pairs], [i for _, i in pairs]
    return read_numbers(mzs, heights, beside), number_marks(mzs, heights) if "," in spectrum else NO_MARKS
