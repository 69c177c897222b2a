"""Read the objects of a JSON document one after the other, in the memory of a few of them.

Library dumps are one array of gigabytes. The text is decoded object by object from a buffer that grows only while a single
object does not fit in it. An array, single objects, and objects one per line are all taken.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TextIO

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers.limits import RECORD_CHARACTERS
from spectradb.ingest.readers.open_text import reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from spectradb.ingest.readers.raw import Problems

CHUNK_CHARACTERS = 1 << 20

_BETWEEN = re.compile(r"[\s,\ufeff]*")
# An error this close to the end of the buffer may be a token cut in two, such as an escape or "null".
_CUT = 16
# Up to here every whole number is kept to its last digit (it may be an identifier) and has a float; beyond, it is infinite.
_DIGITS = 300
_DECODER = json.JSONDecoder(parse_int=lambda digits: int(digits) if len(digits) <= _DIGITS else float(digits))


def objects(path: Path, problems: Problems) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read the objects of a JSON document.

    Parameters
    ----------
    path : pathlib.Path
        The file, plain or gzipped.
    problems : Problems
        Takes the items that are no object.

    Yields
    ------
    place : str
        "record 17", counted from 1.
    item : dict
        The object.

    Raises
    ------
    UnreadableFile
        The file cannot be opened or decompressed, is cut short, or is no JSON from some record on: where the next record would
        begin cannot then be told.
    """
    with reading(path, has_lines=False) as stream:
        for n, item in enumerate(_items(path, stream), 1):
            place = f"record {n}"
            if isinstance(item, dict):
                yield place, item
            else:
                problems.add(place, f"is a JSON {type(item).__name__}, not an object")


def _items(path: Path, stream: TextIO) -> Iterator[Any]:
    buffer = stream.read(CHUNK_CHARACTERS)
    position = _skip(buffer, 0)
    in_array = buffer[position : position + 1] == "["
    position += in_array
    n = 0
    size = CHUNK_CHARACTERS
    while True:
        position = _skip(buffer, position)
        if in_array and buffer[position : position + 1] == "]":
            return
        try:
            item, end = _decode(buffer, position)
        except json.JSONDecodeError as error:
            chunk = stream.read(size) if _may_be_cut(error, buffer) else ""
            if chunk and len(buffer) - position > RECORD_CHARACTERS:
                reason = f"it is longer than {RECORD_CHARACTERS >> 20} million characters"
                raise UnreadableFile(
                    str(path), f"record {n + 1}", reason, "Check that the document is a list of spectra."
                ) from None
            if chunk:
                # Each try decodes from the start of the object: the reads grow, lest a large one cost the square of its size.
                buffer, position, size = buffer[position:] + chunk, 0, size * 2
                continue
            if position == len(buffer) and not in_array:
                return
            raise _broken(path, n, error, at_end=_may_be_cut(error, buffer)) from error
        n += 1
        position = end
        size = CHUNK_CHARACTERS
        yield item


def _skip(buffer: str, position: int) -> int:
    match = _BETWEEN.match(buffer, position)
    return match.end() if match else position


def _decode(buffer: str, position: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(buffer, position)
    except RecursionError:
        raise json.JSONDecodeError("Nested too deeply", buffer, position) from None


def _may_be_cut(error: json.JSONDecodeError, buffer: str) -> bool:
    return error.msg.startswith("Unterminated string") or error.pos >= len(buffer) - _CUT


def _broken(path: Path, n: int, error: json.JSONDecodeError, *, at_end: bool) -> UnreadableFile:
    place = f"record {n + 1}"
    if at_end:
        return UnreadableFile(str(path), place, "the document ends in the middle of it", "Download or export the file again.")
    near = error.doc[max(error.pos - 20, 0) : error.pos + 20]
    return UnreadableFile(str(path), place, f"is no JSON ({error.msg} near {near!r})", "Repair it or export the file again.")
