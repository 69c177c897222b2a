"""Read GNPS libraries in JSON: an array of objects with ``peaks_json``, as GNPS, its cleaning pipeline and matchms write them.

The answer of GNPS for one spectrum is taken too: ``spectruminfo`` with the peaks, and ``annotations``, of which the first is
the current one. Retention times without a unit are seconds, as in matchms.
"""

from __future__ import annotations

import json
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
    """Read the spectra of a GNPS JSON document.

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
        info = item.get("spectruminfo")
        layers = [item, info if isinstance(info, dict) else {}, _current_annotation(item)]
        fields: dict[str, str] = {}
        for layer in layers:
            for name, value in layer.items():
                kept = stated(value)
                if kept is not None:
                    fields.setdefault(fieldnames.plain_name(name), kept)
        peaks = next((layer["peaks_json"] for layer in layers if "peaks_json" in layer), None)
        try:
            (mz, intensity), beside = _peaks(peaks, fieldnames.number_marks(fields))
        except UnclearPeaks as error:
            problems.add(place, str(error))
            continue
        except (KeyError, OverflowError, TypeError, ValueError, RecursionError):
            problems.add(place, f"'peaks_json' is no list of [m/z, intensity]: {str(peaks)[:60]!r}")
            continue
        record = fieldnames.raw_record(fields, bare_time="s", name_ends_in_adduct=False, beside=beside)
        if "ionsource" in fields and "instrumenttype" not in fields:
            # The MGF of the same library joins the two in SOURCE_INSTRUMENT: "LC-ESI-qTof".
            record["instrument_type"] = "-".join(fields[part] for part in ("ionsource", "instrument") if part in fields)
        flags = fieldnames.peak_count_flags(fields, len(mz))
        if flags:
            record["flags"] = record.get("flags", []) + flags
        record["place"] = place
        record["mz"] = mz
        record["intensity"] = intensity
        yield record


def _current_annotation(item: dict[str, Any]) -> dict[str, Any]:
    annotations = item.get("annotations")
    first = annotations[0] if isinstance(annotations, list) and annotations else {}
    return first if isinstance(first, dict) else {}


def _peaks(peaks: object, beside: Marks) -> tuple[Peaks, Marks]:
    """Read the peaks, and tell which decimal marks they have where they are text."""
    pairs = json.loads(peaks) if isinstance(peaks, str) else peaks
    if not isinstance(pairs, list):
        raise TypeError
    columns = [pair[:2] for pair in pairs]
    if any(len(pair) != 2 for pair in columns):
        raise ValueError
    if any(isinstance(value, str) for pair in columns for value in pair):
        mzs, heights = [str(m) for m, _ in columns], [str(i) for _, i in columns]
        return read_numbers(mzs, heights, beside), number_marks(mzs, heights)
    return ([float(m) for m, _ in columns], [float(i) for _, i in columns]), NO_MARKS
