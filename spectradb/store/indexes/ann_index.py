"""Vector indexes of LanceDB: the vectors of one collection, model and ion mode as a Lance data set with an IVF_RQ index.

They lie beside the lab's search indexes, so that the folder is a LanceDB database, and are derived from them: a vector index
can be deleted and built again at any time. One is brought up to date by what differs: spectra that came are appended, those
that went or have other vectors are deleted, and the index is trained anew only once much of it has changed. A tag named for
the content of the search index marks the version that shows it; whoever searches opens that version, which later changes
leave alone.

IVF_RQ (an inverted file of RaBitQ codes: Gao and Long, Proc. ACM Manag. Data 2, 2024; here 5 bits a number) gave the best
recall per second, and was quick to build, among IVF_PQ, IVF_SQ, IVF_RQ, IVF_FLAT and IVF_HNSW_SQ on 512-d vectors of MassBank.
A data set holds one ion mode, so that no search needs a filter.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.arrays.half_precision import narrowed
from spectradb.errors import UnreadableFile
from spectradb.late_modules import late
from spectradb.store.lance_tables import STORAGE_VERSION
from spectradb.store.locks import exclusive_here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb
    import lance
    from numpy.typing import NDArray

    from spectradb.store.indexes.mmap_index_format import IndexedVectors
else:
    lance = late("lance")

INDEX_TYPE = "IVF_RQ"
BITS = 5

#: Vectors per partition; every partition is probed once this many times the number probed reaches the rows.
PARTITION_ROWS = 4096

#: Share of the vectors that may change before the index is trained anew.
REBUILT_SHARE = 0.1

# As many vectors outside the index as in one partition cost no more than one partition more; further ones are indexed.
_FLAT_ROWS = PARTITION_ROWS
_SUFFIX = ".lance"
_NAME = "nearest"
# Vectors are filled up with zeros: RaBitQ codes come in bytes.
_LANES = 16
_BATCH_ROWS = 16_384
_QUERY_ROWS = 1024
_DELETED_AT_ONCE = 10_000

#: What Lance raises when its files are missing or damaged.
LANCE_ERRORS = (OSError, ValueError, RuntimeError)


@dataclass(frozen=True)
class VectorIndex:
    """The vectors of one ion mode, ready to be searched.

    Parameters
    ----------
    dataset : lance.LanceDataset
        The data set, pinned to the version that shows them.
    row_ids : numpy.ndarray of uint64, shape (n,)
        Lance's row ids, ascending.
    rows : numpy.ndarray of int64, shape (n,)
        The rows of the search index that they are.
    n_changed : int
        Vectors that had to be written to bring it up to date; 0 where it was.
    seconds : float
        Time that took.
    """

    dataset: lance.LanceDataset
    row_ids: NDArray[np.uint64]
    rows: NDArray[np.int64]
    n_changed: int = 0
    seconds: float = 0.0

    def candidates(
        self, queries: NDArray[np.float32], n_rows: int, *, n_probes: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Find rows that are near to each query by the codes of their vectors.

        Parameters
        ----------
        queries : numpy.ndarray of float32, shape (m, dimension)
            Vectors.
        n_rows : int
            Rows per query.
        n_probes : int
            Partitions to look into; where they hold fewer rows, fewer come.

        Returns
        -------
        (numpy.ndarray of int64, numpy.ndarray of int64)
            Places of the queries, ascending, and rows of the search index; at most n_rows per query, the nearest in any order.

        Raises
        ------
        OSError, ValueError, RuntimeError
            If the data set is damaged.
        """
        parts = [self._candidates(queries, start, n_rows, n_probes) for start in range(0, len(queries), _QUERY_ROWS)]
        query, row = (np.concatenate(column) for column in zip(*parts, strict=True))
        return query, row

    def _candidates(
        self, queries: NDArray[np.float32], start: int, n_rows: int, n_probes: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        asked = _filled_up(queries[start : start + _QUERY_ROWS])
        nearest = {"column": "vector", "q": asked, "k": n_rows, "metric": "dot", "nprobes": n_probes}
        # The vectors themselves are not fetched: the row ids come from the index alone.
        found = self.dataset.scanner(columns=["_rowid", "_distance"], nearest=nearest, with_row_id=True).to_table()
        query = found["query_index"].to_numpy().astype(np.int64)
        place = np.searchsorted(self.row_ids, found["_rowid"].to_numpy().astype(np.uint64))
        order = np.argsort(query, kind="stable")
        return query[order] + start, self.rows[place[order]]


def vector_index_path(folder: Path, collection: str, model: str, ion_mode: str) -> Path:
    """Name the data set of a collection's vectors.

    Parameters
    ----------
    folder : pathlib.Path
        Where indexes are kept.
    collection, model, ion_mode : str
        Whose vectors, by which model, of which ion mode.

    Returns
    -------
    pathlib.Path
        The folder of the data set; it need not exist.
    """
    name = f"{schemas.identifier(collection, 'collection')}__{schemas.identifier(model, 'model')}__{ion_mode}"
    return folder / f"{name}{_SUFFIX}"


def vector_index(path: Path, library: IndexedVectors, rows: slice, *, rebuild: bool = False) -> VectorIndex:
    """Take the vector index of some rows of a search index, building it or bringing it up to date where it shows others.

    Parameters
    ----------
    path : pathlib.Path
        Folder of the data set, as :func:`vector_index_path` names it.
    library : IndexedVectors
        The vectors.
    rows : slice
        The rows of one ion mode; at least one.
    rebuild : bool
        Build it anew although it seems to be in order.

    Returns
    -------
    VectorIndex
        The index; it shows just these rows.

    Raises
    ------
    UnreadableFile
        If what was just written cannot be read.
    """
    tag = f"content-{library.content:016x}-{rows.start}-{rows.stop}"
    standing = None if rebuild else _standing(path, tag, library, rows)
    if standing:
        return standing
    # Of several processes that need it one builds it; the others wait and find it.
    with exclusive_here(path.parent.parent / "locks" / f"index-{path.stem}.lock"):
        standing = None if rebuild else _standing(path, tag, library, rows)
        if standing:
            return standing
        begin = time.perf_counter()
        n_changed = None if rebuild else _bring_up_to_date(path, library, rows)
        if n_changed is None:
            _build(path, library, rows)
            n_changed = rows.stop - rows.start
        _mark(path, tag)
        seconds = time.perf_counter() - begin
        built = _standing(path, tag, library, rows)
    if built is None:
        raise UnreadableFile(str(path), f"version {tag}", "what was written cannot be read", "Search with --index exact")
    return VectorIndex(built.dataset, built.row_ids, built.rows, n_changed, seconds)


def clean_vector_indexes(con: duckdb.DuckDBPyConnection, folder: Path, *, older_than_days: float) -> int:
    """Remove vector indexes of vectors that are no longer published, and old versions of the others.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    folder : pathlib.Path
        Where indexes are kept.
    older_than_days : float
        Versions that are younger stay, so that nobody who is searching loses them.

    Returns
    -------
    int
        Bytes freed.
    """
    published = {name for (name,) in con.execute(schemas.read("queries/lab/vector_views")).fetchall()}
    freed = 0
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        dataset = _opened(path)
        if dataset is None or path.stem.rpartition("__")[0] not in published:
            freed += sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
            shutil.rmtree(path, ignore_errors=True)
        else:
            freed += dataset.cleanup_old_versions(older_than=timedelta(days=older_than_days)).bytes_removed
    return freed


def _opened(path: Path, version: str | None = None) -> lance.LanceDataset | None:
    try:
        return lance.dataset(str(path), version=version)
    except LANCE_ERRORS:
        return None


def _standing(path: Path, tag: str, library: IndexedVectors, rows: slice) -> VectorIndex | None:
    dataset = _opened(path, tag)
    if dataset is None:
        return None
    try:
        ids = dataset.scanner(columns=["id"], with_row_id=True).to_table()
    except LANCE_ERRORS:
        return None
    place = _places(library.ids[rows], ids["id"].to_numpy())
    if len(place) != rows.stop - rows.start or (place < 0).any() or len(np.unique(place)) < len(place):
        return None
    row_ids = ids["_rowid"].to_numpy().astype(np.uint64)
    order = np.argsort(row_ids)
    return VectorIndex(dataset, row_ids[order], place[order] + rows.start)


def _mark(path: Path, tag: str) -> None:
    """Name the latest version for the content that it shows; versions without a name can be cleaned away."""
    dataset = lance.dataset(str(path))
    known = dataset.tags.list()
    if tag in known:
        dataset.tags.update(tag, dataset.version)
    else:
        dataset.tags.create(tag, dataset.version)
    for old in set(known) - {tag}:
        dataset.tags.delete(old)


def _build(path: Path, library: IndexedVectors, rows: slice) -> None:
    mode = "overwrite"
    # A data set whose latest version cannot be read cannot be overwritten either.
    if _opened(path) is None:
        shutil.rmtree(path, ignore_errors=True)
        mode = "create"
    _write(path, _batches(library, np.arange(rows.start, rows.stop)), library, mode)
    _train(lance.dataset(str(path)))


def _train(dataset: lance.LanceDataset) -> None:
    n_partitions = max(1, dataset.count_rows() // PARTITION_ROWS)
    dataset.create_index(
        "vector", index_type=INDEX_TYPE, name=_NAME, metric="dot", num_partitions=n_partitions, num_bits=BITS, replace=True
    )


def _bring_up_to_date(path: Path, library: IndexedVectors, rows: slice) -> int | None:
    """Write what differs; return the number of vectors that did, or None where the whole has to be built."""
    dataset = _opened(path)
    if dataset is None or dataset.schema != _schema(library):
        return None
    try:
        differing = _differing(dataset, library, rows)
        if differing is None:
            return None
        gone, come = differing
        for start in range(0, len(gone), _DELETED_AT_ONCE):
            dataset.delete(f"id IN ({', '.join(map(str, gone[start : start + _DELETED_AT_ONCE]))})")
        if len(come):
            _write(path, _batches(library, come), library, "append")
        _index_new(lance.dataset(str(path)))
    except LANCE_ERRORS:
        return None
    return len(gone) + len(come)


def _differing(dataset: lance.LanceDataset, library: IndexedVectors, rows: slice) -> tuple[list[int], NDArray[np.int64]] | None:
    """Compare a data set with the rows that it should show: ids to delete, rows to append; None where that is too much."""
    standing = np.zeros(rows.stop - rows.start, dtype=np.bool_)
    gone: list[int] = []
    for batch in dataset.scanner(columns=["id", "vector"], batch_size=_BATCH_ROWS).to_batches():
        ids = batch.column("id").to_numpy()
        vectors = batch.column("vector").flatten().to_numpy(zero_copy_only=False).reshape(len(ids), -1)
        place = _places(library.ids[rows], ids)
        same = place >= 0
        same[same] = (_stored(library, place[same] + rows.start) == vectors[same]).all(axis=1) & ~standing[place[same]]
        standing[place[same]] = True
        gone += ids[~same].tolist()
    come = np.flatnonzero(~standing) + rows.start
    return (gone, come) if len(gone) + len(come) <= REBUILT_SHARE * len(standing) else None


def _index_new(dataset: lance.LanceDataset) -> None:
    """Take vectors into the index once they are many; those outside are searched too, but one by one."""
    indexes = [index for index in dataset.describe_indices() if index.name == _NAME]
    if not indexes:
        _train(dataset)
        return
    covered = {fragment for index in indexes for segment in index.segments for fragment in segment.fragment_ids}
    outside = sum(fragment.count_rows() for fragment in dataset.get_fragments() if fragment.fragment_id not in covered)
    if outside > _FLAT_ROWS:
        dataset.optimize.optimize_indices()


def _places(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Find ids: their places, -1 for those that are not there."""
    order = np.argsort(ids)
    found = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)
    return np.where(ids[order[found]] == wanted, order[found], -1)


def _schema(library: IndexedVectors) -> pa.Schema:
    width = -(-library.stored.shape[1] // _LANES) * _LANES
    return pa.schema({"id": pa.int64(), "vector": pa.list_(pa.float16(), width)})


def _stored(library: IndexedVectors, rows: NDArray[np.int64]) -> NDArray[np.float16]:
    return narrowed(_filled_up(library.at(rows)))


def _filled_up(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.pad(vectors, ((0, 0), (0, -vectors.shape[1] % _LANES)))


def _batches(library: IndexedVectors, rows: NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    schema = _schema(library)
    for start in range(0, len(rows), _BATCH_ROWS):
        part = rows[start : start + _BATCH_ROWS]
        vectors = _stored(library, part)
        lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
        yield pa.record_batch([pa.array(library.ids[part]), lists], schema=schema)


def _write(path: Path, batches: Iterator[pa.RecordBatch], library: IndexedVectors, mode: str) -> None:
    reader = pa.RecordBatchReader.from_batches(_schema(library), batches)
    lance.write_dataset(reader, str(path), data_storage_version=STORAGE_VERSION, mode=mode)
