"""Read MSP text libraries: NIST, MoNA, RIKEN and MS-DIAL, MassBank exports, EMBL-MCF, Golm, Progenesis.

The format is read by a parser of its own, not by ``matchms.importing.load_from_msp``, which gives the same peaks on well-formed
files and serves as the reference in the tests: it ends a record by its count of peaks alone, so that one wrong count ends the
file or swallows the next record, loses records without peaks, cuts quoted comments at an apostrophe, counts no lines, and
appends to numpy arrays line by line, which is several times slower.

A record is a block of ``Key: value`` lines with ``Num Peaks: n`` among them, followed by n peaks, and ends at a blank line or
at the next ``Key: value`` line behind its peaks; some programs write fields between the count and the peaks. Retention times
without a unit are taken for minutes, as MS-DIAL and EMBL-MCF write them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spectradb.ingest.fields import fieldnames
from spectradb.ingest.fields.decimals import NO_MARKS
from spectradb.ingest.fields.values import count, stated
from spectradb.ingest.readers.open_text import reading, require_spectra
from spectradb.ingest.readers.peaklines import BadPeaks, counted_marks, parse_counted
from spectradb.ingest.readers.raw import batches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from spectradb.ingest.readers.raw import Problems

_DIGITS = frozenset("0123456789")
_NUM_PEAKS = frozenset({"numpeaks", "numberofpeaks", "npeaks"})
# "key=value" as MoNA quotes it, key="value" as Thermo does, key=value as NIST and MassBank do.
_COMMENT_PAIR = re.compile(
    r'"(?P<a>[^"=]+)=(?P<a_value>[^"]*)"|(?P<b>[^\s"=]+)="(?P<b_value>[^"]*)"|(?P<c>[^\s"=]+)=(?P<c_value>[^\s"]+)'
)
# "key=value; key=value;" ends values at a semicolon before a blank, since those within an InChI have none; values hold blanks.
_PARTED = re.compile(r";(?:\s+|\Z)")
_PARTED_PAIR = re.compile(r"\s*(?P<key>[^\s\"=]+(?: [^\s\"=]+)*)\s*=\s*(?P<value>[^\"]*)")
_SECOND_PAIR = re.compile(r"\s[^\s\"=;]+=[^\s=]")


@dataclass
class _Block:
    """The lines of one record, as far as they have been read."""

    start: int = 0
    fields: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    names: int = 0
    stated_peaks: str | None = None
    peaks: list[str] = field(default_factory=list)
    counts: int = 0

    @property
    def awaits_peaks(self) -> bool:
        """Whether the record has told how many peaks follow, and none has."""
        return self.stated_peaks is not None and self.stated_peaks.strip("0") != "" and not self.peaks


def read(path: Path, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Read the spectra of an MSP file.

    Parameters
    ----------
    path : pathlib.Path
        The file, plain or gzipped.
    problems : Problems
        Takes the records that cannot be read; ``place`` is the line in which they begin.

    Yields
    ------
    pyarrow.RecordBatch
        Batches of the raw schema. Spectra of electron ionisation are among them: what they are is for the harmoniser to judge.

    Raises
    ------
    UnreadableFile
        The file cannot be opened or decompressed to its end, or holds no spectrum.
    """
    yield from batches(require_spectra(path, _records(path, problems), problems=problems))


def _records(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    for block in _blocks(path):
        record = _record(block, problems)
        if record is not None:
            yield record


def _blocks(path: Path) -> Iterator[_Block]:
    block = _Block()
    in_peaks = after_blank = False
    with reading(path) as stream:
        for number, line in enumerate(stream, 1):
            if in_peaks and line[0] in _DIGITS:
                block.peaks.append(line)
                continue
            text = line.strip()
            if not text:
                if block.awaits_peaks:
                    after_blank = True  # only peaks may follow
                elif block.start:
                    yield block
                    block, in_peaks = _Block(), False
                continue
            key, colon, value = text.partition(":")
            if not colon or text[0] in _DIGITS or text[0] == "(":
                if in_peaks:
                    block.peaks.append(line)
                continue
            plain = fieldnames.plain_name(key)
            if (in_peaks and (after_blank or plain == "name" or not block.awaits_peaks)) or (plain == "name" and block.names):
                yield block
                block, in_peaks = _Block(), False
            after_blank = False
            block.start = block.start or number
            in_peaks |= _keep(plain, value, block)
    if block.start:
        yield block


def _keep(plain: str, value: str, block: _Block) -> bool:
    """Keep a field; return whether it announces peaks."""
    if plain in _NUM_PEAKS:
        block.stated_peaks = value.strip()
        block.counts += 1
        return True
    if plain == "name":
        block.names += 1
    if plain in {"comment", "comments"}:
        for key, inner in _comment_pairs(value):
            kept = stated(inner)
            if kept is not None:
                block.comments.setdefault(fieldnames.plain_name(key), kept)
        return False
    if plain == "synon" and ": " in value:
        # Golm writes its own fields as synonyms: "Synon: METB InChIKey: ...".
        inner, _, inner_value = value.partition(":")
        if not fieldnames.is_known(fieldnames.plain_name(inner)):
            return False
        plain, value = fieldnames.plain_name(inner), inner_value
    kept = stated(value)
    if kept is not None:
        block.fields.setdefault(plain, kept)
    return False


def _comment_pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a comment says in any of its styles: quoted, parted by blanks, or parted by semicolons."""
    items = [item for item in _PARTED.split(text) if item] if '"' not in text and ";" in text else []
    if any("=" in item for item in items) and (len(items) > 1 or text.rstrip().endswith(";")):
        for item in items:
            pair = _PARTED_PAIR.fullmatch(item)
            if pair and not _SECOND_PAIR.search(pair["value"]):
                yield pair["key"], pair["value"]
            else:
                yield from _blank_parted(item)
        return
    yield from _blank_parted(text)


def _blank_parted(text: str) -> Iterator[tuple[str, str]]:
    for match in _COMMENT_PAIR.finditer(text):
        key = match["a"] or match["b"] or match["c"]
        value = match[f"{match.lastgroup}"]
        yield key, value if match["c"] is None else value.removesuffix(";")


def _record(block: _Block, problems: Problems) -> dict[str, Any] | None:
    place = f"line {block.start}"
    if block.stated_peaks is None:
        problems.add(place, "the record has no 'Num Peaks' line")
        return None
    expected = count(block.stated_peaks)
    if expected is None:
        problems.add(place, f"'Num Peaks' is {block.stated_peaks[:20]!r}, not a count")
        return None
    if block.counts > 1:
        problems.add(place, "the record has a second 'Num Peaks' line and no peaks before it")
        return None
    fields = {**block.comments, **block.fields}
    try:
        mz, intensity = parse_counted(block.peaks, expected=expected, beside=fieldnames.marks_beside(fields, block.peaks))
    except BadPeaks as error:
        problems.add(place, str(error))
        return None
    beside = counted_marks(block.peaks, expected=expected) if fieldnames.have_commas(fields, block.peaks) else NO_MARKS
    record = fieldnames.raw_record(fields, bare_time="min", name_ends_in_adduct=False, beside=beside)
    record["place"] = place
    record["mz"] = mz
    record["intensity"] = intensity
    return record
