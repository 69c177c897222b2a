"""Searching by refined library vectors: Python refines them, part by part, and the same SQL as ever compares and ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from spectradb import schemas
from spectradb.search.vectors.library_vectors import LibraryVectors
from spectradb.search.vectors.origins import coded_origins, known_analytes, library_refinement, origin_table
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb
    import numpy.typing as npt

    from spectradb.search.methods.refined import Refining
    from spectradb.search.vectors.origins import VectorOrigins
    from spectradb.store.indexes.mmap_index_format import IndexedVectors

    Rows = npt.NDArray[np.int64]

# Library spectra whose refined vectors are held at once, unless a single window has more.
_ROWS_AT_ONCE = 32_768
# What rounding may add to a window; the exact test is SQL's.
_MARGIN = 1 + 1e-6


@dataclass(frozen=True)
class RefinedSearch:
    """Search by refined library vectors within a precursor window.

    Parameters
    ----------
    folder : pathlib.Path
        Where the lab's indexes are kept: the library's vectors are read from its index, so that they stay on disk.
    refining : Refining
        How to refine.
    """

    folder: Path
    refining: Refining

    settings: ClassVar[dict[str, object]] = {}

    def hits(
        self, con: duckdb.DuckDBPyConnection, values: Mapping[str, object], *, study: str, library: str, model: str
    ) -> pa.Table:
        """Identify a study against a library.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        values : mapping
            search_id, ppm, k, fragment_tolerance_da, left_out, contributors and query_range of the search.
        study, library, model : str
            What is searched, by whose vectors.

        Returns
        -------
        pyarrow.Table
            The hits.

        Raises
        ------
        UnreadableFile
            If the library's index cannot be read even when built anew.
        """
        of_queries = {name: values[name] for name in ("contributors", "query_range")}
        queries, spectra = coded_origins(
            origin_table(con, study, model, as_queries=True, **of_queries), known_analytes(origin_table(con, library, model))
        )
        vectors = LibraryVectors(self.folder, library, model).opened(con)
        statement = schemas.read("queries/identify/identify_refined")
        names = ("search_id", "ppm", "k", "fragment_tolerance_da", "left_out")
        searched = {"study": study, "library": library, "model": model}
        wanted = {**searched, **{name: values[name] for name in names}, "spectra": self.refining.merging.spectra}
        parts = []
        with tqdm(total=len(queries.id), unit=" spectra", desc="identify", disable=None) as bar:
            for asked, there in _of_contributors(queries, spectra, str(values["left_out"])):
                for some, refined in self._refined(asked, there, vectors, float(str(values["ppm"]))):
                    con.register("refined_queries", pa.table({"id": some}))
                    con.register("refined_library", refined)
                    try:
                        parts.append(to_arrow(con, statement, wanted))
                    finally:
                        con.unregister("refined_queries")
                        con.unregister("refined_library")
                    bar.update(len(some))
        if parts:
            found = pa.concat_tables(parts)
        else:
            nothing = con.table("hits").limit(0).to_arrow_table()
            found = nothing.select(nothing.column_names[: nothing.column_names.index("score_gap") + 1])
        return found.sort_by([("query_id", "ascending"), ("rank", "ascending")])

    def _refined(
        self, queries: VectorOrigins, library: VectorOrigins, vectors: IndexedVectors, ppm: float
    ) -> Iterator[tuple[Rows, pa.Table]]:
        """Yield ids of queries with what their candidates are: id and embedding."""
        refinement = library_refinement(library, vectors, ppm=ppm, config=self.refining.refinement)
        for of_part, rows in _parts(queries, library, ppm):
            refined = refinement.refined(rows)
            embedding = pa.FixedSizeListArray.from_arrays(pa.array(refined.ravel()), refined.shape[1])
            yield queries.id[of_part], pa.table({"id": library.id[rows], "embedding": embedding})


def _of_contributors(
    queries: VectorOrigins, library: VectorOrigins, left_out: str
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
