"""The vectors of a library nearest to those of queries, exactly or by a vector index, as pairs that SQL goes on with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.errors import UnreadableFile
from spectradb.search.vectors.approximate import (
    APPROXIMATE,
    TARGET_RECALL,
    Recall,
    approximate_analytes,
    check_index,
    is_approximate,
    together,
)
from spectradb.search.vectors.exact import LIBRARY_ROWS, Shortlists, nearest_analytes
from spectradb.store.indexes.ann_index import LANCE_ERRORS, vector_index, vector_index_path
from spectradb.store.indexes.collection_indexes import collection_index
from spectradb.store.indexes.mmap_index_format import IndexedVectors, open_search_index

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import numpy.typing as npt

NEAREST_PAIRS = pa.schema(
    {"query_id": pa.int64(), "library_id": pa.int64(), "score": pa.float32(), "n_library_analytes": pa.int64()}
)
_MODES = ("negative", "positive")


class Nearest(NamedTuple):
    """What was found nearest.

    Parameters
    ----------
    pairs : pyarrow.Table
        query_id, library_id, score and n_library_analytes, the analytes (or spectra) of the query's ion mode.
    recall : Recall or None
        What an approximate search reached; None of an exact one.
    """

    pairs: pa.Table
    recall: Recall | None


@dataclass(frozen=True)
class LibraryVectors:
    """The vectors of one library by one model, ready to be searched without a precursor filter.

    Parameters
    ----------
    folder : pathlib.Path
        Where the lab's indexes are kept.
    library, model : str
        Whose vectors, by which model.
    device : str
        Where an exact search multiplies vectors: ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
    approximate : bool
        Search by a vector index instead of comparing all.
    target_recall : float
        What an approximate search should reach.
    """

    folder: Path
    library: str
    model: str
    device: str = "cpu"
    approximate: bool = False
    target_recall: float = TARGET_RECALL

    @property
    def settings(self) -> dict[str, object]:
        """What searches record of it, beside the recall that was measured."""
        return {"index": APPROXIMATE, "recall_target": self.target_recall} if self.approximate else {}

    def nearest(
        self, con: duckdb.DuckDBPyConnection, queries: pa.Table, n_kept: int, *, at: int, each_spectrum: bool = False
    ) -> Nearest:
        """Find the analytes nearest to each query in its ion mode, by their best spectra.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        queries : pyarrow.Table
            Queries with id, ion_mode and embedding.
        n_kept : int
            Analytes per query.
        at : int
            Nearest analytes whose recall counts where they are found approximately.
        each_spectrum : bool
            Find spectra instead, also those without a known analyte.

        Returns
        -------
        Nearest
            The pairs, and the recall.

        Raises
        ------
        UnreadableFile
            If an index cannot be read even when built anew.
        """
        vectors = self.opened(con)
        # Ties go to the smaller analyte, and where each spectrum stands for itself to the smaller id.
        analytes = np.argsort(np.argsort(vectors.ids)).astype(np.int32) if each_spectrum else vectors.analytes
        asked, ids = queries["ion_mode"].to_numpy(), queries["id"].to_numpy()
        rows_of = dict(zip(_MODES, (slice(0, vectors.n_negative), slice(vectors.n_negative, len(vectors.ids))), strict=True))
        parts, recalls = [], []
        for mode, rows in rows_of.items():
            of_mode = asked == mode
            if not of_mode.any() or rows.start == rows.stop:
                continue
            known = analytes[rows]
            n_analytes = len(np.unique(known[known >= 0]))
            k = min(n_kept, max(n_analytes, 1))
            matrix = _matrix(queries.filter(pa.array(of_mode)))
            if self.approximate:
                found, recall = self._approximately(matrix, vectors, mode, rows, analytes, k, min(at, k))
                recalls.append(recall)
            else:
                blocks = vectors.blocks(rows, LIBRARY_ROWS)
                found = nearest_analytes(matrix, blocks, analytes, vectors.ids, k, device=self.device)
            parts.append(_as_pairs(found, ids[of_mode], vectors.ids, n_analytes))
        return Nearest(pa.concat_tables(parts) if parts else NEAREST_PAIRS.empty_table(), together(recalls))

    def opened(self, con: duckdb.DuckDBPyConnection) -> IndexedVectors:
        """Open the library's index, and build it first where there is none that can be used.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.

        Returns
        -------
        IndexedVectors
            The vectors.
        """

        def index(*, rebuild: bool) -> IndexedVectors:
            of_library = collection_index(con, self.folder, collection=self.library, model=self.model, rebuild=rebuild)
            return open_search_index(of_library.path)

        try:
            return index(rebuild=False)
        except UnreadableFile:
            return index(rebuild=True)

    def _approximately(
        self,
        queries: npt.NDArray[np.float32],
        vectors: IndexedVectors,
        mode: str,
        rows: slice,
        analytes: npt.NDArray[np.int32],
        k: int,
        at: int,
    ) -> tuple[Shortlists, Recall]:
        path = vector_index_path(self.folder, self.library, self.model, mode)

        def searched(*, rebuild: bool) -> tuple[Shortlists, Recall]:
            index = vector_index(path, vectors, rows, rebuild=rebuild)
            return approximate_analytes(queries, vectors, rows, index, analytes, k, at=at, target=self.target_recall)

        # Damage shows only when the index is read: then it is built anew, once.
        try:
            return searched(rebuild=False)
        except LANCE_ERRORS:
            try:
                return searched(rebuild=True)
            except LANCE_ERRORS as error:
                raise UnreadableFile(str(path), "its index", str(error), "Search with --index exact") from error


def library_vectors(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    library: str,
    model: str,
    n_queries: int,
    index: str,
    target_recall: float,
    device: str = "cpu",
) -> LibraryVectors:
    """Return a library's vectors, to be searched as is asked for or fits its size.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    folder, library, model, target_recall, device
        As for :class:`LibraryVectors`.
    n_queries : int
        How many queries there will be.
    index : str
        One of :data:`spectradb.search.vectors.approximate.INDEXES`.

    Returns
    -------
    LibraryVectors
        The vectors; nothing is read or built yet.

    Raises
    ------
    BadParameter
        If there is no such index, or the recall is no share.
    """
    check_index(index, target_recall)
    relation = f"vectors.{schemas.identifier(library, 'library')}__{schemas.identifier(model, 'model')}"
    n_rows = con.execute(schemas.read("queries/identify/index_row_count"), {"relation": relation}).fetchall()[0][0]
    stands = any(vector_index_path(folder, library, model, mode).exists() for mode in _MODES)
    approximate = is_approximate(index, n_rows=n_rows, n_queries=n_queries, stands=stands, device=device)
    return LibraryVectors(folder, library, model, device, approximate, target_recall)


def _matrix(queries: pa.Table) -> npt.NDArray[np.float32]:
    vectors = queries["embedding"].combine_chunks()
    return np.ascontiguousarray(vectors.flatten().to_numpy().reshape(len(vectors), -1), dtype=np.float32)


def _as_pairs(
    found: Shortlists, query_ids: npt.NDArray[np.int64], library_ids: npt.NDArray[np.int64], n_analytes: int
) -> pa.Table:
    query, place = np.nonzero(found.analyte >= 0)
    scores, rows = found.score[query, place], found.row[query, place]
    columns = [query_ids[query], library_ids[rows], scores, np.full(len(query), n_analytes)]
    return pa.Table.from_arrays([pa.array(column) for column in columns], names=NEAREST_PAIRS.names).cast(NEAREST_PAIRS)
