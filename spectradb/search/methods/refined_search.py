"""Searching by refined library vectors: Python refines them, part by part, and the same SQL as ever compares and ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from spectradb.search.vectors.library_vectors import LibraryVectors
from spectradb.search.vectors.origins import coded_origins, known_analytes, library_refinement, origin_table
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb
    import numpy.typing as npt

    from spectradb.search.methods.protocol import SearchJob, Statement
    from spectradb.search.vectors.origins import VectorOrigins
    from spectradb.similarity.refined_vectors import RefinementConfig
    from spectradb.store.indexes.mmap_index_format import IndexedVectors

    Rows = npt.NDArray[np.int64]

# Library spectra whose refined vectors are held at once, unless a single window has more.
_ROWS_AT_ONCE = 32_768
# What rounding may add to a window; the exact test is SQL's.
_MARGIN = 1 + 1e-6


def refined_hits(
    con: duckdb.DuckDBPyConnection,
    job: SearchJob,
    statement: Statement,
    refinement: RefinementConfig,
    *,
    folder: Path,
    ppm: float,
) -> pa.Table:
    """Identify a study against a library, whose vectors are refined part by part.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    job : SearchJob
        The search.
    statement : Statement
        What finds the hits of a part.
    refinement : RefinementConfig
        How to refine.
    folder : pathlib.Path
        Where the lab's indexes are kept: the library's vectors are read from its index, so that they stay on disk.
    ppm : float
        Half-width of the precursor window in ppm.

    Returns
    -------
    pyarrow.Table
        The hits.

    Raises
    ------
    UnreadableFile
        If the library's index cannot be read even when built anew.
    """
    of_queries = job.values("contributors", "query_range")
    queries, spectra = coded_origins(
        origin_table(con, job.study, job.model, as_queries=True, **of_queries),
        known_analytes(origin_table(con, job.library, job.model)),
    )
    vectors = LibraryVectors(folder, job.library, job.model).opened(con)
    values = {**job.values("search_id", "ppm", "k", "fragment_tolerance_da", "left_out"), **statement.values}
    parts = []
    with tqdm(total=len(queries.id), unit=" spectra", desc="identify", disable=None) as bar:
        for asked, there in _of_contributors(queries, spectra, job.left_out):
            for some, refined in _refined(asked, there, vectors, ppm, refinement):
                con.register("refined_queries", pa.table({"id": some}))
                con.register("refined_library", refined)
                try:
                    parts.append(to_arrow(con, statement.text, values))
                finally:
                    con.unregister("refined_queries")
                    con.unregister("refined_library")
                bar.update(len(some))
    if parts:
        hits = pa.concat_tables(parts)
    else:
        nothing = con.table("hits").limit(0).to_arrow_table()
        hits = nothing.select(nothing.column_names[: nothing.column_names.index("score_gap") + 1])
    return hits.sort_by([("query_id", "ascending"), ("rank", "ascending")])


def _refined(
    queries: VectorOrigins, library: VectorOrigins, vectors: IndexedVectors, ppm: float, config: RefinementConfig
) -> Iterator[tuple[Rows, pa.Table]]:
    """Yield ids of queries with what their candidates are: id and embedding."""
    refinement = library_refinement(library, vectors, ppm=ppm, config=config)
    for of_part, rows in _parts(queries, library, ppm):
        refined = refinement.refined(rows)
        embedding = pa.FixedSizeListArray.from_arrays(pa.array(refined.ravel()), refined.shape[1])
        yield queries.id[of_part], pa.table({"id": library.id[rows], "embedding": embedding})


def _of_contributors(
    queries: VectorOrigins, library: VectorOrigins, left_out: str | None
) -> Iterator[tuple[VectorOrigins, VectorOrigins]]:
    """Yield queries with the library that they may see: all together, or each contributor's queries apart."""
    if left_out != "contributor":
        yield queries, library
        return
    for contributor in np.unique(queries.contributor):
        asked = np.flatnonzero(queries.contributor == contributor)
        there = np.flatnonzero(library.contributor != contributor)
        if len(there):
            yield queries.take(asked), library.take(there)


def _parts(queries: VectorOrigins, library: VectorOrigins, ppm: float) -> Iterator[tuple[Rows, Rows]]:
    """Yield places of queries, and of the library spectra within their windows, so many at a time as fit into memory."""
    # One axis for both modes, further apart than any precursors.
    apart = 2.0 * max(queries.precursor_mz.max(initial=0.0), library.precursor_mz.max(initial=0.0)) + 1.0
    key, there = (side.precursor_mz + apart * side.ion_mode for side in (queries, library))
    by_key = np.argsort(there, kind="stable")
    asked = np.argsort(key, kind="stable")
    reach = queries.precursor_mz[asked] * ppm * 1e-6 * _MARGIN
    first = np.searchsorted(there[by_key], key[asked] - reach, side="left")
    last = np.searchsorted(there[by_key], key[asked] + reach, side="right")
    covered = np.zeros(len(there) + 1, dtype=np.int64)
    np.add.at(covered, first, 1)
    np.add.at(covered, last, -1)
    needed = np.cumsum(covered)[:-1] > 0
    before = np.concatenate([[0], np.cumsum(needed)])
    start = 0
    while start < len(asked):
        stop = start + int(np.searchsorted(before[last[start:]] - before[first[start]], _ROWS_AT_ONCE, side="right"))
        stop = max(stop, start + 1)
        window = np.arange(first[start], last[start:stop].max())
        rows = by_key[window[needed[window]]]
        if len(rows):
            yield asked[start:stop], rows
        start = stop
