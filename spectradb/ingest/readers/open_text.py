"""Open plain and gzip-compressed files alike, and turn what stops a reader into one error.

Compression is told from the first two bytes, not from the suffix, so that a ``.mgf`` that is really a ``.mgf.gz`` reads too.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, cast

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers.limits import InflatingFile, LinesOfFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from spectradb.ingest.readers.raw import Problems

GZIP_MAGIC = b"\x1f\x8b"


def open_binary(path: Path) -> BinaryIO:
    """Open a file for reading bytes, decompressing gzip on the way.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    BinaryIO
        The decompressed bytes.

    Raises
    ------
    OSError
        The file cannot be opened.
    """
    with path.open("rb") as stream:
        compressed = stream.read(2) == GZIP_MAGIC
    return cast("BinaryIO", InflatingFile(path)) if compressed else path.open("rb")


def open_text(path: Path, *, has_lines: bool = True) -> TextIO:
    """Open a file for reading text, decompressing gzip on the way.

    Bytes that are not UTF-8 become U+FFFD, a byte order mark is dropped, and line ends of all systems are taken.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    has_lines : bool
        Whether a line that does not end is refused (:data:`~spectradb.ingest.readers.limits.LINE_BYTES`).

    Returns
    -------
    TextIO
        The decoded text.

    Raises
    ------
    OSError
        The file cannot be opened.
    """
    opened = open_binary(path)
    buffer = cast("BinaryIO", LinesOfFile(opened, path)) if has_lines else opened
    return io.TextIOWrapper(buffer, encoding="utf-8-sig", errors="replace")


@contextlib.contextmanager
def reading(path: Path, *, has_lines: bool = True) -> Iterator[TextIO]:
    """Open a text file for the length of a block, and report what stops it as :class:`UnreadableFile`.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    has_lines : bool
        As for :func:`open_text`.

    Yields
    ------
    TextIO
        The decoded text.

    Raises
    ------
    UnreadableFile
        The file cannot be opened, its compressed stream is truncated or corrupt, or it goes beyond a limit of
        :mod:`spectradb.ingest.readers.limits`.
    """
    place = "byte 0"
    try:
        with open_text(path, has_lines=has_lines) as stream:
            try:
                yield stream
            except (EOFError, zlib.error, OSError):
                place = f"byte {_compressed_position(stream)} of the compressed file"
                raise
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFile(
            str(path), place, f"the gzip stream is broken ({error})", "Download or compress the file again."
        ) from error
    except OSError as error:
        reason = f"the file cannot be read ({error.strerror or error})"
        raise UnreadableFile(str(path), place, reason, "Check the path and its permissions.") from error


def require_spectra(path: Path, records: Iterable[dict[str, Any]], *, problems: Problems) -> Iterator[dict[str, Any]]:
    """Pass records on, and raise at the end when there was neither a record nor a problem.

    Parameters
    ----------
    path : pathlib.Path
        The file the records come from.
    records : iterable of dict
        One mapping per spectrum.
    problems : Problems
        Where unreadable records are noted; a file with nothing but those is not empty.

    Yields
    ------
    dict
        The records, unchanged.

    Raises
    ------
    UnreadableFile
        The file holds no spectrum.
    """
    known = len(problems.found)
    n = 0
    for record in records:
        n += 1
        yield record
    if n == 0 and len(problems.found) == known:
        place = "end of file" if path.stat().st_size else "byte 0"
        remedy = "Check that it was written completely and that its suffix names its format."
        raise UnreadableFile(str(path), place, "holds no spectrum", remedy)


def _compressed_position(stream: TextIO) -> int:
    # GzipFile counts decompressed bytes; what the user can check is how much of the file on disk was read.
    raw = getattr(getattr(stream.buffer, "stream", stream.buffer), "fileobj", None)
    return int(raw.tell()) if raw is not None else 0
