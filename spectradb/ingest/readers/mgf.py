"""Read Mascot Generic Format, the peak lists of libraries (GNPS, matchms) and of feature exports (MZmine, MS-DIAL, Agilent).

The lines are parsed here rather than by ``pyteomics.mgf``, which reads a well-formed file to the same spectra and serves as
the reference in the tests: it ends the whole file at the first bad record, counts no lines, takes "N/A" for a retention time,
charge or precursor as an error, and drops a last record that is cut short without a word.

A retention time under a name that states no unit (``RT``, ``RETENTIONTIME``) is in seconds in some exports and in minutes in
others: it is passed on without one.

Format: https://www.matrixscience.com/help/data_file_help.html (parameters before the first record hold for all).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.ingest.fields import fieldnames
from spectradb.ingest.fields.decimals import NO_MARKS
from spectradb.ingest.fields.values import stated
from spectradb.ingest.readers.open_text import reading, require_spectra
from spectradb.ingest.readers.peaklines import BadPeaks, parse_pairs, peak_marks
from spectradb.ingest.readers.raw import batches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from spectradb.ingest.readers.raw import Problems

_DIGITS = frozenset("0123456789")
_COMMENTS = frozenset("#;!/")


def read(path: Path, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Read the spectra of an MGF file.

    Parameters
    ----------
    path : pathlib.Path
        The file, plain or gzipped.
    problems : Problems
        Takes the records that cannot be read; ``place`` is the line of their BEGIN IONS.

    Yields
    ------
    pyarrow.RecordBatch
        Batches of the raw schema.

    Raises
    ------
    UnreadableFile
        The file cannot be opened or decompressed to its end, or holds no spectrum.
    """
    yield from batches(require_spectra(path, _records(path, problems), problems=problems))


def _records(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    for start, fields, peaks in _blocks(path, problems):
        record = _record(fields, peaks, start, problems)
        if record is not None:
            yield record


def _blocks(path: Path, problems: Problems) -> Iterator[tuple[int, dict[str, str], list[str]]]:
    common: dict[str, str] = {}
    fields = common
    peaks: list[str] = []
    start = 0  # the line of BEGIN IONS; 0 outside of records
    with reading(path) as stream:
        for number, line in enumerate(stream, 1):
            if line[0] in _DIGITS:
                peaks.append(line)
                continue
            text = line.strip()
            if not text or text[0] in _COMMENTS:
                continue
            if text == "BEGIN IONS":
                if start and (peaks or fields != common):
                    problems.add(f"line {start}", f"the record has no END IONS before the next BEGIN IONS in line {number}")
                start, fields, peaks = number, common.copy(), []
            elif text == "END IONS":
                if start:
                    yield start, fields, peaks
                start, fields, peaks = 0, {}, []
            elif "=" in text:
                _keep(text, fields)
            else:
                peaks.append(line)
    if start:
        problems.add(f"line {start}", "the file ends before the END IONS of the record")


def _keep(text: str, fields: dict[str, str]) -> None:
    key, _, value = text.partition("=")
    kept = stated(value)
    if kept is not None:
        fields[fieldnames.plain_name(key)] = kept


def _record(fields: dict[str, str], peaks: list[str], start: int, problems: Problems) -> dict[str, Any] | None:
    place = f"line {start}"
    try:
        mz, intensity = parse_pairs(peaks, fieldnames.marks_beside(fields, peaks))
    except BadPeaks as error:
        # A parameter may begin with a digit ("13C_LABEL=2"), and so may lie among the peaks.
        parameters = [line for line in peaks if "=" in line]
        if not parameters:
            problems.add(place, str(error))
            return None
        for line in parameters:
            _keep(line, fields)
        return _record(fields, [line for line in peaks if "=" not in line], start, problems)
    beside = peak_marks(peaks) if fieldnames.have_commas(fields, peaks) else NO_MARKS
    record = fieldnames.raw_record(fields, bare_time=None, name_ends_in_adduct=True, beside=beside)
    flags = fieldnames.peak_count_flags(fields, len(mz))
    if flags:
        record["flags"] = record.get("flags", []) + flags
    record["place"] = place
    record["mz"] = mz
    record["intensity"] = intensity
    return record
