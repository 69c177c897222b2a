"""Writing search indexes; the format is that of :mod:`spectradb.store.search_index_format`.

An index is derived data: it can be deleted and built again at any time. The file is written beside its name and renamed into
place, so that whoever has it mapped keeps what he mapped.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.errors import BadParameter, NoEmbedding
from spectradb.store.search_index_format import (
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

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb
    from numpy.typing import NDArray

_PAGE = 4096
_BATCH_ROWS = 16_384


class _Rows(NamedTuple):
    """Columns of an index in its order; n rows."""

    ids: NDArray[np.int64]
    precursor_mz: NDArray[np.float64]
    analytes: NDArray[np.int32]
    n_negative: int
    n_analytes: int
    dimension: int


class _Vectors(NamedTuple):
    """Some rows: ids of shape (n,), vectors of shape (n, dimension), scales of shape (n,)."""

    ids: NDArray[np.int64]
    vectors: NDArray[Any]
    scales: NDArray[np.float32]


class _NotHalf(Exception):
    """A vector is not exactly representable in half precision."""


def write_search_index(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    path: Path,
    *,
    fingerprint: str,
    recorded: pa.RecordBatchReader | None = None,
) -> SearchIndex:
    """Build the search index of a relation, replacing the file that stands there.

    Vectors take half precision where nothing is lost by it: where they are given as recorded, or are such numbers already.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Where the relation is.
    relation : str
        Name of a table or view with (id BIGINT, analyte_id VARCHAR, precursor_mz DOUBLE, ion_mode, embedding FLOAT[d]). It is
        read twice or three times and must not change meanwhile.
    path : pathlib.Path
        The file to write; its folder is created.
    fingerprint : str
        What the index is built from, at most 64 ASCII characters; whoever searches states it again.
    recorded : pyarrow.RecordBatchReader, optional
        The vectors as a lab's record keeps them: ids, then half-precision vectors, which need not be of unit length. It may
        hold other spectra too. They are taken only if, brought to unit length, they are the relation's.

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
    rows = _read_rows(con, relation)
    path.parent.mkdir(parents=True, exist_ok=True)
    following = path.with_name(f"{path.name}.{os.getpid()}.next")
    try:
        try:
            batches = _recorded(recorded) if recorded else _as_they_are(con, relation)
            check = _as_they_are(con, relation) if recorded else iter(())
            _write(batches, check, following, rows, fingerprint, np.dtype("<f2"))
        except _NotHalf:
            _write(_as_they_are(con, relation), iter(()), following, rows, fingerprint, np.dtype("<f4"))
        following.replace(path)
    finally:
        following.unlink(missing_ok=True)
    return read_search_index(path)


def _read_rows(con: duckdb.DuckDBPyConnection, relation: str) -> _Rows:
    table = con.execute(schemas.read("queries/index_rows"), {"relation": relation}).to_arrow_table()
    if table.num_rows == 0:
        raise NoEmbedding(
            f"no spectrum of {relation} has a precursor m/z, an ion mode and a vector. Run `spectradb embed` first."
        )
    ids = table["id"].to_numpy().astype(np.int64)
    mz = table["precursor_mz"].to_numpy()
    positive = table["ion_mode"].to_numpy() == "positive"
    order = np.lexsort((ids, mz, positive))
    if len(np.unique(ids)) < len(ids):
        raise BadParameter(f"ids of {relation} repeat: an index needs one row per id")
    numbers, n_analytes = _number_analytes(table["analyte_id"])
    return _Rows(ids[order], mz[order], numbers[order], int((~positive).sum()), n_analytes, _dimension(con, relation))


def _dimension(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    vectors = (
        con.execute(schemas.read("queries/index_vectors"), {"relation": relation}).to_arrow_reader(_BATCH_ROWS).schema.field(1)
    )
    if not (pa.types.is_fixed_size_list(vectors.type) and pa.types.is_float32(vectors.type.value_type)):
        raise BadParameter(f"the embedding of {relation} must be FLOAT[n] with a fixed n: cast it in a view")
    return int(vectors.type.list_size)


def _number_analytes(analytes: pa.ChunkedArray) -> tuple[NDArray[np.int32], int]:
    """Give each analyte its place in the order of their bytes, which is DuckDB's order; -1 where there is none."""
    encoded = analytes.cast(pa.string()).combine_chunks().dictionary_encode()
    names = np.array([name.encode() for name in encoded.dictionary.to_pylist()], dtype=object)
    place = np.empty(len(names) + 1, dtype=np.int32)
    place[np.argsort(names, kind="stable")] = np.arange(len(names), dtype=np.int32)
    place[-1] = -1
    return place[encoded.indices.fill_null(len(names)).to_numpy()], len(names)


def _lay_out(rows: _Rows, row_bytes: int) -> Layout:
    n, n_blocks = len(rows.ids), -(-len(rows.ids) // BLOCK_ROWS)
    ids = HEADER_SIZE + 8 * n
    analytes = ids + 8 * n
    scales = _round_up(analytes + 4 * n, 8)
    checksums = _round_up(scales + 4 * n, 8)
    vectors = _round_up(checksums + 8 * n_blocks, _PAGE)
    return Layout(HEADER_SIZE, ids, analytes, scales, checksums, vectors, vectors + n * row_bytes)


def _write(
    batches: Iterator[_Vectors],
    check: Iterator[_Vectors],
    path: Path,
    rows: _Rows,
    fingerprint: str,
    element: np.dtype[Any],
) -> None:
    n, stride = len(rows.ids), _round_up(rows.dimension, LANES)
    layout = _lay_out(rows, stride * element.itemsize)
    with path.open("w+b") as file:
        file.truncate(layout.end)
        vectors = np.memmap(file, dtype=element, mode="r+", offset=layout.vectors, shape=(n, stride))
        scales = _place_vectors(batches, rows, vectors)
        _check_vectors(check, rows, vectors, scales)
        sums = [checksum(vectors[start : start + BLOCK_ROWS]) for start in range(0, n, BLOCK_ROWS)]
        vectors.flush()
        columns = np.zeros(layout.vectors - HEADER_SIZE, dtype=np.uint8)
        parts: tuple[NDArray[Any], ...] = (rows.precursor_mz, rows.ids, rows.analytes, scales, np.array(sums, dtype="<u8"))
        for offset, part in zip(layout[:5], parts, strict=True):
            start = offset - HEADER_SIZE
            columns[start : start + part.nbytes] = part.view(np.uint8)
        counts = (n, rows.n_negative, rows.n_analytes, BLOCK_ROWS, rows.dimension, stride)
        header = HEADER.pack(MAGIC, FORMAT_VERSION, element.itemsize, *counts, *layout, fingerprint.encode(), checksum(columns))
        file.seek(0)
        file.write(header)
        file.write(checksum(np.frombuffer(header, dtype=np.uint8)).to_bytes(8, "little"))
        file.write(columns.tobytes())
        file.flush()
        os.fsync(file.fileno())


def _as_they_are(con: duckdb.DuckDBPyConnection, relation: str) -> Iterator[_Vectors]:
    for batch in con.execute(schemas.read("queries/index_vectors"), {"relation": relation}).to_arrow_reader(_BATCH_ROWS):
        vectors = batch.column(1).flatten().to_numpy(zero_copy_only=False).reshape(batch.num_rows, -1)
        yield _Vectors(batch.column(0).to_numpy(), vectors, np.ones(len(vectors), dtype=np.float32))


def _recorded(reader: pa.RecordBatchReader) -> Iterator[_Vectors]:
    for batch in reader:
        known = batch.filter(batch.column(1).is_valid())
        vectors = known.column(1).flatten().to_numpy(zero_copy_only=False).reshape(known.num_rows, -1)
        length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
        scales = (1 / np.where(length > 0, length, 1)).astype(np.float32)
        yield _Vectors(known.column(0).to_numpy(), vectors, scales)


def _place_vectors(batches: Iterator[_Vectors], rows: _Rows, vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Write each vector to its row, return the scales; vectors that come in order are written from beginning to end."""
    find = _Places(rows.ids)
    scales = np.ones(len(rows.ids), dtype=np.float32)
    seen = 0
    for batch in batches:
        places, wanted = find(batch.ids)
        given = batch.vectors[wanted]
        if not np.isfinite(given).all():
            raise BadParameter(f"the vector of one of the spectra {batch.ids[wanted][:3]}... is not finite: embed it again")
        stored = given.astype(vectors.dtype)
        if stored.itemsize < given.itemsize and not np.array_equal(stored.astype(given.dtype), given):
            raise _NotHalf
        vectors[places, : rows.dimension] = stored
        scales[places] = batch.scales[wanted]
        seen += len(places)
    if seen != len(scales):
        raise BadParameter(f"{len(scales)} spectra have vectors, but {seen} vectors came: build the index again")
    return scales


def _check_vectors(check: Iterator[_Vectors], rows: _Rows, vectors: NDArray[Any], scales: NDArray[np.float32]) -> None:
    find = _Places(rows.ids)
    for batch in check:
        places, wanted = find(batch.ids)
        unit = vectors[places, : rows.dimension].astype(np.float32) * scales[places, None]
        if not np.allclose(unit, batch.vectors[wanted], rtol=1e-6, atol=1e-9):
            raise _NotHalf


class _Places:
    """Finds the rows of ids; ids that an index does not hold have none."""

    def __init__(self, ids: NDArray[np.int64]) -> None:
        self.order = np.argsort(ids)
        self.sorted = ids[self.order]

    def __call__(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        found = np.minimum(np.searchsorted(self.sorted, ids), len(self.order) - 1)
        wanted = self.sorted[found] == ids
        return self.order[found[wanted]], wanted


def _round_up(number: int, multiple: int) -> int:
    return -(-number // multiple) * multiple
