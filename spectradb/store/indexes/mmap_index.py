"""Writing search indexes; the format is that of :mod:`spectradb.store.indexes.mmap_index_format`.

An index is derived data: it can be deleted and built again at any time. The file is written beside its name and renamed into
place, so that whoever has it mapped keeps what he mapped.

Vectors are read once and written as they come, some thousands at a time, so that memory holds the columns of an index but never
its vectors. Where the relation is in the order of an index, as a published lab is, that is all; else the vectors, which are in
the file by then, are copied in the right order into the file that stays.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.arrays.half_search import NOT_FINITE, NOT_HALF, find_half
from spectradb.errors import BadParameter, NoEmbedding
from spectradb.store.indexes.mmap_index_format import (
    BLOCK_ROWS,
    FORMAT_VERSION,
    HEADER,
    HEADER_SIZE,
    LANES,
    MAGIC,
    Layout,
    SearchIndex,
    checksum,
    read_search_index,
)
from spectradb.store.statements import to_reader
from spectradb.whole_files import written_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb
    from numpy.typing import NDArray

#: Settings of a DuckDB connection for reading a relation once: what was read is not kept, and one thread decodes as much with
#: half the work of two.
READ_ONCE = MappingProxyType({"memory_limit": "256MB", "threads": "1"})

_BATCH_ROWS = 16_384
_HALF, _SINGLE = np.dtype("<u2"), np.dtype("<f4")


class _Rows(NamedTuple):
    """Columns of n rows."""

    ids: NDArray[np.int64]
    precursor_mz: NDArray[np.float64]
    positive: NDArray[np.bool_]
    analytes: NDArray[np.int32]
    scales: NDArray[np.float32]


class _NotHalf(Exception):
    """A vector cannot be kept in half precision without loss."""


def write_search_index(con: duckdb.DuckDBPyConnection, relation: str, path: Path, *, fingerprint: str) -> SearchIndex:
    """Build the search index of a relation, replacing the file that stands there.

    Vectors take half precision where nothing is lost by it: where they are such numbers, or, as those of a lab, such numbers
    brought to unit length.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Where the relation is. With the settings :data:`READ_ONCE` it takes the least memory.
    relation : str
        Name of a table or view with (id BIGINT, analyte_id VARCHAR, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d]). It is
        read once, or twice where it turns out that vectors need single precision.
    path : pathlib.Path
        The file to write; its folder is created.
    fingerprint : str
        What the index is built from, at most 64 ASCII characters; whoever searches states it again.

    Returns
    -------
    SearchIndex
        What was written.

    Raises
    ------
    NoEmbedding
        If no row has a vector, a precursor and an ion mode.
    BadParameter
        If the fingerprint is too long, ids repeat, or vectors are no FLOAT[n] or not finite.
    """
    if len(fingerprint) > 64 or not fingerprint.isascii():
        raise BadParameter(f"the fingerprint {fingerprint!r} must be at most 64 ASCII characters")
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as beside:
        try:
            _write(con, relation, beside, fingerprint, _HALF)
        except _NotHalf:
            _write(con, relation, beside, fingerprint, _SINGLE)
    return read_search_index(path)


def _write(con: duckdb.DuckDBPyConnection, relation: str, path: Path, fingerprint: str, element: np.dtype[Any]) -> None:
    statement = schemas.read("queries/identify/index_rows")
    names: dict[str, int] = {}
    # A reader that is left open would keep the connection from the next attempt.
    with _created(path) as file, to_reader(con, statement, {"relation": relation}, _BATCH_ROWS) as reader:
        dimension = _dimension(reader.schema.field("embedding").type, relation)
        vectors = _BlockWriter(file, _round_up(dimension, LANES), element)
        parts = [_take_in(batch, vectors, names, dimension) for batch in reader]
        vectors.flush()
        if not parts:
            raise NoEmbedding(
                f"no spectrum of {relation} has a precursor m/z, an ion mode and a vector. Run `spectradb embed` first."
            )
        rows = _Rows._make(np.concatenate(column) for column in zip(*parts, strict=True))
        del parts
        if len(np.unique(rows.ids)) < len(rows.ids):
            raise BadParameter(f"ids of {relation} repeat: an index needs one row per id")
        order = np.lexsort((rows.ids, rows.precursor_mz, rows.positive))
        rows = _Rows._make(column[order] for column in rows)
        rows = rows._replace(analytes=_by_name(names)[rows.analytes])
        if np.all(order[:-1] < order[1:]):
            _finish(vectors, rows, len(names), dimension, fingerprint)
            return
        # The name is free for the file that stays, and this one goes when it is closed.
        path.unlink()
        with _created(path) as sorted_file:
            in_order = _BlockWriter(sorted_file, vectors.stride, element)
            _copy(file, in_order, order)
            _finish(in_order, rows, len(names), dimension, fingerprint)


@contextmanager
def _created(path: Path) -> Iterator[IO[bytes]]:
    with path.open("w+b", buffering=0) as file:
        file.seek(HEADER_SIZE)
        yield file


def _dimension(vectors: pa.DataType, relation: str) -> int:
    if not (pa.types.is_fixed_size_list(vectors) and pa.types.is_float32(vectors.value_type)):
        raise BadParameter(f"the embedding of {relation} must be FLOAT[n] with a fixed n: cast it in a view")
    return int(vectors.list_size)


class _BlockWriter:
    """Writes vectors block by block, and sums each block up."""

    def __init__(self, file: IO[bytes], stride: int, element: np.dtype[Any]) -> None:
        self.file, self.stride, self.element = file, stride, element
        self.sums: list[int] = []
        self._buffer = np.zeros((_BATCH_ROWS, stride), dtype=element)
        self._used = 0

    def free(self) -> NDArray[Any]:
        """Return the rows that can be filled next; at least one."""
        return self._buffer[self._used :]

    def filled(self, n: int) -> None:
        self._used += n
        if self._used == len(self._buffer):
            self.flush()

    def flush(self) -> None:
        filled = self._buffer[: self._used]
        self.sums += [checksum(filled[start : start + BLOCK_ROWS]) for start in range(0, self._used, BLOCK_ROWS)]
        _write_all(self.file, filled)
        self._used = 0


def _take_in(batch: pa.RecordBatch, vectors: _BlockWriter, names: dict[str, int], dimension: int) -> _Rows:
    """Write the vectors of a batch, and return its columns with analytes numbered as they come."""
    ids = np.array(batch.column("id"), dtype=np.int64)
    given = batch.column("embedding").flatten().to_numpy(zero_copy_only=False).reshape(batch.num_rows, dimension)
    scales = np.ones(batch.num_rows, dtype=np.float32)
    start = 0
    while start < batch.num_rows:
        free = vectors.free()
        part = slice(start, min(start + len(free), batch.num_rows))
        _store(given[part], free, scales[part], ids[part])
        vectors.filled(part.stop - start)
        start = part.stop
    encoded = batch.column("analyte_id").cast(pa.string()).dictionary_encode()
    numbers = [names.setdefault(name, len(names)) for name in encoded.dictionary.to_pylist()]
    analytes = np.array([*numbers, -1], dtype=np.int32)[encoded.indices.fill_null(-1).to_numpy()]
    positive = batch.column("is_positive").to_numpy(zero_copy_only=False).astype(bool)
    return _Rows(ids, np.array(batch.column("precursor_mz")), positive, analytes, scales)


def _store(given: NDArray[np.float32], free: NDArray[Any], scales: NDArray[np.float32], ids: NDArray[np.int64]) -> None:
    if free.dtype == _SINGLE:
        found = 0 if np.isfinite(given).all() else NOT_FINITE
        free[: len(given), : given.shape[1]] = given
    else:
        found = find_half(given, free, scales)
    if found == NOT_FINITE:
        raise BadParameter(f"the vector of one of the spectra {ids[:3]}... is not finite: embed it again")
    if found == NOT_HALF:
        raise _NotHalf


def _by_name(names: dict[str, int]) -> NDArray[np.int32]:
    """Give each analyte its place in the order of their bytes, which is DuckDB's order; -1 (the last) stays."""
    place = np.full(len(names) + 1, -1, dtype=np.int32)
    place[[names[name] for name in sorted(names, key=str.encode)]] = np.arange(len(names), dtype=np.int32)
    return place


def _copy(file: IO[bytes], target: _BlockWriter, order: NDArray[np.int64]) -> None:
    """Copy vectors in another order; those that are neighbours before and after are read at once."""
    row_bytes = target.stride * target.element.itemsize
    start = 0
    while start < len(order):
        free = target.free()[: len(order) - start]
        wanted = order[start : start + len(free)]
        by_place = np.argsort(wanted)
        places = wanted[by_place]
        read = np.empty_like(free)
        bounds = np.flatnonzero(np.diff(places, prepend=-2) != 1).tolist()
        for begin, end in zip(bounds, [*bounds[1:], len(places)], strict=True):
            _read_all(file, read[begin:end], HEADER_SIZE + int(places[begin]) * row_bytes)
        free[by_place] = read
        target.filled(len(free))
        start += len(free)
    target.flush()


def _finish(vectors: _BlockWriter, rows: _Rows, n_analytes: int, dimension: int, fingerprint: str) -> None:
    """Write the columns behind the vectors, then the header before them."""
    n, n_negative = len(rows.ids), int((~rows.positive).sum())
    layout = _lay_out(n, vectors.stride * vectors.element.itemsize)
    columns = np.zeros(layout.end - layout.mz, dtype=np.uint8)
    sums = np.array(vectors.sums, dtype="<u8")
    parts: tuple[NDArray[Any], ...] = (rows.precursor_mz, rows.ids, rows.analytes, rows.scales, sums)
    for offset, part in zip(layout[1:6], parts, strict=True):
        start = offset - layout.mz
        columns[start : start + part.nbytes] = part.view(np.uint8)
    _write_all(vectors.file, columns)
    counts = (n, n_negative, n_analytes, BLOCK_ROWS, dimension, vectors.stride)
    header = HEADER.pack(
        MAGIC, FORMAT_VERSION, vectors.element.itemsize, *counts, *layout, fingerprint.encode(), checksum(columns)
    )
    sealed = header + checksum(np.frombuffer(header, dtype=np.uint8)).to_bytes(8, "little")
    vectors.file.seek(0)
    _write_all(vectors.file, np.frombuffer(sealed, dtype=np.uint8))
    os.fsync(vectors.file.fileno())


def _lay_out(n: int, row_bytes: int) -> Layout:
    mz = HEADER_SIZE + n * row_bytes
    ids = mz + 8 * n
    analytes = ids + 8 * n
    scales = _round_up(analytes + 4 * n, 8)
    checksums = _round_up(scales + 4 * n, 8)
    return Layout(HEADER_SIZE, mz, ids, analytes, scales, checksums, checksums + 8 * -(-n // BLOCK_ROWS))


def _write_all(file: IO[bytes], array: NDArray[Any]) -> None:
    left = memoryview(array.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
    while left:
        left = left[file.write(left) :]


def _read_all(file: IO[bytes], array: NDArray[Any], offset: int) -> None:
    left = memoryview(array.reshape(-1).view(np.uint8))  # type: ignore[arg-type]
    while left:
        n = os.preadv(file.fileno(), [left], offset)
        if n == 0:
            raise OSError(f"{file.name} became shorter while it was read")
        left, offset = left[n:], offset + n


def _round_up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
