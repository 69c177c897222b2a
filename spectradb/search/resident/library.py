"""A library in memory: its vectors by ion mode and precursor, and what its records say.

The window of a query is one range of rows, found by bisection. Scores, ranks and ties are those of the macro
``rank_analytes``, the columns those of ``queries/adhoc/search``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectradb import schemas
from spectradb.search.resident.products import products_in_order
from spectradb.store.statements import to_arrow, to_reader

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

_BATCH_ROWS = 16_384
_OF_RECORD = {name: pa.string() for name in ("analyte_id", "name", "analyte_name", "formula", "smiles", "adduct")}
_OF_SPECTRUM = {
    "library_spectrum_id": pa.int64(),
    "library_native_id": pa.string(),
    "library_precursor_mz": pa.float64(),
    "precursor_source": pa.string(),
}
_ANSWERS = pa.schema(
    {
        "query_id": pa.int64(),
        "rank": pa.int32(),
        **_OF_RECORD,
        "score": pa.float32(),
        "score_gap": pa.float32(),
        "ppm_error": pa.float64(),
        "n_candidate_analytes": pa.int32(),
        **_OF_SPECTRUM,
    }
)


class _Found(NamedTuple):
    """The ranked rows of one query, and what is told of each."""

    rows: NDArray[np.int64]
    score: NDArray[np.float32]
    score_gap: NDArray[np.float32]
    ppm_error: NDArray[np.float64]
    n_candidates: int


@dataclass(frozen=True, eq=False)
class ResidentLibrary:
    """The spectra of one library that have a vector and an analyte: n rows by ion mode (negative first), precursor m/z and id.

    Parameters
    ----------
    vectors : numpy.ndarray of float32, shape (n, dimension)
        Their vectors by one model.
    precursor_mz : numpy.ndarray of float64, shape (n,)
        m/z at which they are searched.
    ids : numpy.ndarray of int64, shape (n,)
        Their spectrum_ids.
    analytes : numpy.ndarray of int32, shape (n,)
        Places of their analytes among the sorted analyte_ids.
    n_negative : int
        Rows in negative mode.
    records : list of pyarrow.Array
        The columns of ``queries/adhoc/library_records``. A table would be taken from by several threads, which takes longer
        than the few rows do.
    record_rows : numpy.ndarray of int64, shape (n,)
        The row of each in the records.
    fused : bool
        How the engine adds up inner products (:func:`spectradb.search.resident.products.engine_fuses`).
    """

    vectors: NDArray[np.float32]
    precursor_mz: NDArray[np.float64]
    ids: NDArray[np.int64]
    analytes: NDArray[np.int32]
    n_negative: int
    records: list[pa.Array]
    record_rows: NDArray[np.int64]
    fused: bool

    def search(
        self,
        queries: NDArray[np.float32],
        precursor_mz: NDArray[np.float64],
        positive: NDArray[np.bool_],
        *,
        ppm: float,
        k: int,
    ) -> pa.Table:
        """Find the k best analytes of each of m queries.

        Parameters
        ----------
        queries : numpy.ndarray of float32, shape (m, dimension)
            Their vectors.
        precursor_mz : numpy.ndarray of float64, shape (m,)
            m/z of their precursors.
        positive : numpy.ndarray of bool, shape (m,)
            Whether they are of positive ion mode.
        ppm : float
            Half-width of the precursor window in ppm of the query's m/z.
        k : int
            Analytes per query.

        Returns
        -------
        pyarrow.Table
            The columns of ``queries/adhoc/search``; query_id is the place of the query.
        """
        of_queries = zip(queries, precursor_mz.tolist(), positive.tolist(), strict=True)
        found = [self._ranked(*query, ppm, k) for query in of_queries]
        numbers = [len(of_query.rows) for of_query in found]
        rows = pa.array(self.record_rows[_joined([of_query.rows for of_query in found])])
        of_record = [column.take(rows) for column in self.records]
        columns = [
            pa.array(np.repeat(np.arange(len(found)), numbers)),
            pa.array(_joined([np.arange(1, n + 1, dtype=np.int32) for n in numbers])),
            *of_record[: len(_OF_RECORD)],
            pa.array(_joined([of_query.score for of_query in found])),
            # The gap behind the last analyte is not known, and NaN until here.
            pa.array(_joined([of_query.score_gap for of_query in found]), from_pandas=True),
            pa.array(_joined([of_query.ppm_error for of_query in found])),
            pa.array(np.repeat(np.array([of_query.n_candidates for of_query in found], dtype=np.int32), numbers)),
            *of_record[len(_OF_RECORD) :],
        ]
        return pa.Table.from_arrays(columns, schema=_ANSWERS)

    def _ranked(self, query: NDArray[np.float32], precursor_mz: float, positive: bool, ppm: float, k: int) -> _Found:  # noqa: FBT001 - of a query
        mode = slice(self.n_negative, None) if positive else slice(0, self.n_negative)
        of_mode = self.precursor_mz[mode]
        width = precursor_mz * ppm * 1e-6
        # A little wider, so that the exact test decides at the edges and not the rounding of a bound.
        edges = np.searchsorted(of_mode, [precursor_mz - 1.000001 * width, precursor_mz + 1.000001 * width], side="left")
        begin, end = (edges + (mode.start or 0)).tolist()
        window = self.precursor_mz[begin:end]
        rows = begin + np.flatnonzero(np.abs(window - precursor_mz) <= width)
        block = self.vectors[begin:end] if len(rows) == end - begin else self.vectors[rows]
        scores = products_in_order(query, block, self.fused)
        # By score, ties by analyte and then by id: the first row of each analyte is its best.
        order = np.lexsort((self.ids[rows], self.analytes[rows], -scores))
        _, first = np.unique(self.analytes[rows][order], return_index=True)
        ranked = order[np.sort(first)[: k + 1]]
        best, gaps = scores[ranked], np.full(len(ranked), np.nan, dtype=np.float32)
        gaps[:-1] = best[:-1] - best[1:]
        kept = rows[ranked[:k]]
        return _Found(
            kept,
            best[:k],
            gaps[:k],
            (self.precursor_mz[kept] - precursor_mz) / precursor_mz * 1e6,
            len(first),
        )


def read_library(con: duckdb.DuckDBPyConnection, library: str, model: str, dimension: int, *, fused: bool) -> ResidentLibrary:
    """Read a library into memory.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    library, model : str
        Whose vectors, by which model.
    dimension : int
        Their length.
    fused : bool
        How the engine adds up inner products.

    Returns
    -------
    ResidentLibrary
        The library.
    """
    relation = {"relation": f"vectors.{schemas.identifier(library, 'library')}__{schemas.identifier(model, 'model')}"}
    keys = to_arrow(con, schemas.read("queries/adhoc/resident_order"), relation)
    ids, precursor_mz = keys["id"].to_numpy(), keys["precursor_mz"].to_numpy()
    positive = keys["is_positive"].to_numpy()
    place = np.argsort(ids)
    sorted_ids = ids[place]
    vectors = np.empty((len(ids), dimension), dtype=np.float32)
    # In the order of the file; each goes to its place, so that memory holds them once.
    with to_reader(con, schemas.read("queries/identify/index_rows"), relation, _BATCH_ROWS) as reader:
        for whole in reader:
            batch = whole.filter(pc.is_valid(whole.column("analyte_id")))
            flat = batch.column("embedding").flatten().to_numpy(zero_copy_only=False)
            rows = place[np.searchsorted(sorted_ids, batch.column("id").to_numpy())]
            vectors[rows] = flat.reshape(batch.num_rows, dimension)
    encoded = keys["analyte_id"].combine_chunks().dictionary_encode()
    rank = np.empty(len(encoded.dictionary), dtype=np.int32)
    rank[pc.array_sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(rank), dtype=np.int32)
    records = to_arrow(con, schemas.read("queries/adhoc/library_records"), {"library": library})
    record_ids = records["library_spectrum_id"].to_numpy()
    return ResidentLibrary(
        vectors,
        precursor_mz,
        ids,
        rank[encoded.indices.to_numpy()] if len(rank) else np.empty(0, dtype=np.int32),
        int((~positive).sum()),
        [records[name].combine_chunks() for name in (*_OF_RECORD, *_OF_SPECTRUM)],
        np.searchsorted(record_ids, ids),
        fused,
    )


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
