"""What a file may make a reader hold: how far it inflates, how long a line, a JSON record and an array are."""

from __future__ import annotations

import gzip
import io
import zlib
from typing import TYPE_CHECKING, BinaryIO

from spectradb.errors import UnreadableFile

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Buffer

#: A compressed file may inflate to so many bytes, and beyond them to so many times its size. Spectra inflate to 2 to 20 times.
INFLATED_BYTES, INFLATED_TIMES = 256 << 20, 200
#: Bytes of one line of a format that has lines. A peak takes 20.
LINE_BYTES = 64 << 20
#: Characters of one record of a JSON document.
RECORD_CHARACTERS = 256 << 20
#: Bytes of one array of peaks, inflated: 32 million values.
ARRAY_BYTES = 256 << 20


class InflatingFile(gzip.GzipFile):
    """A gzip file that is refused where it inflates to what no file of spectra holds.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "rb")
        self._path = path
        self._limit = max(INFLATED_BYTES, INFLATED_TIMES * path.stat().st_size)

    def read(self, size: int | None = -1) -> bytes:
        """Read as :class:`gzip.GzipFile` does, at most to the limit.

        Raises
        ------
        UnreadableFile
            The file inflates to more.
        """
        if size is None or size < 0:
            size = self._limit + 1
        return self._within(super().read(size))

    def read1(self, size: int = -1) -> bytes:
        """Read as :class:`gzip.GzipFile` does; see :meth:`read`."""
        return self._within(super().read1(size))

    def _within(self, read: bytes) -> bytes:
        if self.tell() > self._limit:
            reason = f"it inflates to more than {self._limit >> 20:,} MB, {INFLATED_TIMES} times its size or more"
            remedy = "If that is what it should hold, decompress it (gzip -d) and import that file."
            raise UnreadableFile(str(self._path), f"byte {self._limit} decompressed", reason, remedy)
        return read


class LinesOfFile(io.BufferedIOBase):
    """The bytes of a file whose lines end: one that goes on for ever is not gathered in memory.

    Parameters
    ----------
    stream : binary file
        The file; it is closed with this.
    path : pathlib.Path
        Its path, for messages.
    """

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self.stream = stream
        self._path = path
        self._read = self._since_line = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Read bytes.

        Raises
        ------
        UnreadableFile
            A line is longer than :data:`LINE_BYTES`.
        """
        return self._watched(self.stream.read(-1 if size is None else size))

    def read1(self, size: int = -1) -> bytes:
        """Read what can be read at once; see :meth:`read`."""
        return self._watched(self.stream.read1(size))  # type: ignore[attr-defined]

    def readinto(self, buffer: Buffer) -> int:
        """Read into a buffer; see :meth:`read`."""
        view = memoryview(buffer).cast("B")
        read = self.read(len(view))
        view[: len(read)] = read
        return len(read)

    def close(self) -> None:
        """Close the file."""
        self.stream.close()
        super().close()

    def _watched(self, read: bytes) -> bytes:
        self._read += len(read)
        end = max(read.rfind(b"\n"), read.rfind(b"\r"))
        self._since_line = len(read) - end - 1 if end >= 0 else self._since_line + len(read)
        if self._since_line > LINE_BYTES:
            place = f"byte {self._read - self._since_line}"
            reason = f"a line is longer than {LINE_BYTES >> 20} MB"
            raise UnreadableFile(
                str(self._path), place, reason, "Check that the file is text of the format that its suffix names."
            )
        return read


def inflate(packed: bytes) -> bytes:
    """Inflate one array of peaks.

    Parameters
    ----------
    packed : bytes
        A zlib stream.

    Returns
    -------
    bytes
        What it holds.

    Raises
    ------
    ValueError
        It holds more than :data:`ARRAY_BYTES`.
    zlib.error
        It is damaged or cut.
    """
    stream = zlib.decompressobj()
    unpacked = stream.decompress(packed, ARRAY_BYTES)
    if stream.unconsumed_tail:
        raise ValueError(f"it inflates to more than {ARRAY_BYTES >> 20} MB")
    if not stream.eof:
        raise zlib.error("incomplete or truncated stream")
    return unpacked
