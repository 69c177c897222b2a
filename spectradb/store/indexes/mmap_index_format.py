"""The file format of search indexes: the vectors of one collection, to be mapped into memory.

An index is derived data: it can be deleted and built again at any time. The file is written beside its name and renamed into
place, so that whoever has it mapped keeps what he mapped. All numbers are little-endian.

======== ======================== ==========================================================================================
offset   type                     content
======== ======================== ==========================================================================================
0        8 bytes                  ``SPDBINDX``
8        2 x uint32               format version, bytes per vector element (2: half precision, 4: single)
16       4 x uint64               rows, rows in negative mode (they come first), analytes, rows per checked block
48       2 x uint32               dimension, elements stored per row (the dimension filled up with zeros to a multiple of 16)
56       7 x uint64               offsets of vectors, m/z, ids, analytes, scales and block checksums; length of the file
112      64 bytes                 fingerprint of what the index was built from, padded with zeros
176      uint64                   checksum of everything behind the vectors
184      64 bytes                 zeros
248      uint64                   checksum of the 248 bytes before
256      vectors                  rows x elements
...      columns                  float64 m/z, int64 ids, int32 analytes, float32 scales, uint64 checksums of blocks of vectors
======== ======================== ==========================================================================================

Rows are sorted by ion mode, precursor m/z and id. An analyte is its place among the sorted analyte ids, -1 for none. A score is
the inner product with the stored vector times the row's scale, which brings a vector kept in half precision to unit length.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from spectradb.errors import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

MAGIC = b"SPDBINDX"
FORMAT_VERSION = 2
LANES = 16
BLOCK_ROWS = 1024

HEADER = struct.Struct("<8s2I4Q2I7Q64sQ64x")
HEADER_SIZE = HEADER.size + 8
_REMEDY = "Build it again"


@dataclass(frozen=True)
class SearchIndex:
    """What a search index says of itself.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    rows, dimension, n_analytes : int
        Vectors, their length, and different analytes.
    precision : {"half", "single"}
        How vectors are stored.
    fingerprint : str
        What it was built from.
    bytes : int
        Length of the file.
    """

    path: Path
    rows: int
    dimension: int
    n_analytes: int
    precision: str
    fingerprint: str
    bytes: int


class Layout(NamedTuple):
    """Offsets in bytes."""

    vectors: int
    mz: int
    ids: int
    analytes: int
    scales: int
    checksums: int
    end: int


def read_search_index(path: Path) -> SearchIndex:
    """Read and check the header of a search index.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    SearchIndex
        What it says.

    Raises
    ------
    UnreadableFile
        If it is no index of this version, or its header is damaged or does not fit the file.
    """
    with path.open("rb") as file:
        header = file.read(HEADER_SIZE)
    if len(header) < HEADER_SIZE or not header.startswith(MAGIC):
        raise UnreadableFile(str(path), "byte 0", "it is no search index", _REMEDY)
    _, version, element_size, rows, _, n_analytes, _, dimension, *_, end, fingerprint, _ = HEADER.unpack_from(header)
    if version != FORMAT_VERSION:
        raise UnreadableFile(str(path), "byte 8", f"it has format version {version}, this is {FORMAT_VERSION}", _REMEDY)
    if checksum(np.frombuffer(header[:-8], dtype=np.uint8)) != int.from_bytes(header[-8:], "little"):
        raise UnreadableFile(str(path), "byte 248", "its header is damaged", _REMEDY)
    size = path.stat().st_size
    if size != end:
        raise UnreadableFile(str(path), f"byte {size}", f"it has {size} bytes, {end} were written", _REMEDY)
    precision = "half" if element_size == 2 else "single"
    return SearchIndex(path, rows, dimension, n_analytes, precision, fingerprint.rstrip(b"\0").decode(), size)


@dataclass(frozen=True)
class IndexedVectors:
    """The content of a search index; n rows by ion mode (negative first), precursor m/z and id.

    Parameters
    ----------
    ids : numpy.ndarray of int64, shape (n,)
        Ids of the rows.
    analytes : numpy.ndarray of int32, shape (n,)
        Numbers of their analytes, -1 for none.
    n_negative : int
        Rows in negative mode.
    stored : numpy.ndarray, shape (n, dimension)
        The vectors as they are kept, mapped into memory.
    scales : numpy.ndarray of float32, shape (n,)
        What brings them to unit length.
    content : int
        Checksum of all of it, which tells whether something derived from it still holds.
    """

    ids: NDArray[np.int64]
    analytes: NDArray[np.int32]
    n_negative: int
    stored: NDArray[Any]
    scales: NDArray[np.float32]
    content: int

    def at(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Read the vectors of some rows, at unit length.

        Parameters
        ----------
        rows : numpy.ndarray of int64, shape (m,)
            Which rows.

        Returns
        -------
        numpy.ndarray of float32, shape (m, dimension)
            Their vectors.
        """
        return self.stored[rows].astype(np.float32) * self.scales[rows, None]

    def blocks(self, rows: slice, size: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Read vectors of unit length block by block.

        Parameters
        ----------
        rows : slice
            Which rows.
        size : int
            Rows per block.

        Yields
        ------
        (int, numpy.ndarray of float32, shape (size, dimension))
            Number of the first row, and the vectors.
        """
        for first in range(rows.start, rows.stop, size):
            part = slice(first, min(first + size, rows.stop))
            yield first, self.stored[part].astype(np.float32) * self.scales[part, None]


def open_search_index(path: Path) -> IndexedVectors:
    """Open a search index for reading, once all of it was checked.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    IndexedVectors
        Its content; the vectors stay on disk.

    Raises
    ------
    UnreadableFile
        If it is no index of this version, or any part of it is damaged.
    """
    index = read_search_index(path)
    raw = np.memmap(path, dtype=np.uint8, mode="r")
    fields = HEADER.unpack_from(raw[: HEADER.size].tobytes())
    n, n_negative, stride = fields[3], fields[4], fields[8]
    layout = Layout(*fields[9:16])
    if checksum(raw[layout.mz :]) != fields[17]:
        raise UnreadableFile(str(path), f"byte {layout.mz}", "its columns are damaged", _REMEDY)

    def column(offset: int, dtype: str, count: int = n) -> NDArray[Any]:
        return np.frombuffer(raw, dtype=dtype, count=count, offset=offset)

    element = "<f2" if index.precision == "half" else "<f4"
    stored = column(layout.vectors, element, n * stride).reshape(n, stride)
    sums = column(layout.checksums, "<u8", -(-n // BLOCK_ROWS))
    for block, start in enumerate(range(0, n, BLOCK_ROWS)):
        if checksum(stored[start : start + BLOCK_ROWS]) != sums[block]:
            place = f"rows {start} to {min(start + BLOCK_ROWS, n) - 1}"
            raise UnreadableFile(str(path), place, "its vectors are damaged", _REMEDY)
    columns = (column(layout.ids, "<i8"), column(layout.analytes, "<i4"))
    return IndexedVectors(*columns, n_negative, stored[:, : index.dimension], column(layout.scales, "<f4"), fields[17])


def checksum(part: NDArray[Any]) -> int:
    """Sum up the 8-byte words of an array, each mixed with its place (the finaliser of Steele et al.'s SplitMix64, 2014).

    Parameters
    ----------
    part : numpy.ndarray
        Contiguous, a multiple of 8 bytes long.

    Returns
    -------
    int
        64 bits; ``udfs/native/search_index.c`` computes the same.
    """
    words = part.reshape(-1).view("<u8")
    with np.errstate(over="ignore"):
        mixed = np.arange(len(words), dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed += words
        mixed *= np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(32)
        mixed *= np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(29)
        return (int(mixed.sum(dtype=np.uint64)) + part.nbytes) & (2**64 - 1)
