"""Searching by refined library vectors: Python refines them, part by part, and the same SQL as ever compares and ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from spectradb import schemas
from spectradb.encoder.refinement import Refinement
from spectradb.search.library_vectors import LibraryVectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb
    import numpy.typing as npt

    from spectradb.search.refining import Refining
    from spectradb.store.search_index_format import IndexedVectors

    Rows = npt.NDArray[np.int64]

# Library spectra whose refined vectors are held at once, unless a single window has more.
_ROWS_AT_ONCE = 32_768
# What rounding may add to a window; the exact test is SQL's.
_MARGIN = 1 + 1e-6


class _Spectra(NamedTuple):
    """Columns of spectra in the order of ion mode, precursor m/z and id."""

    id: Rows
    analyte: Rows
    precursor_mz: npt.NDArray[np.float64]
    ion_mode: Rows
    contributor: Rows

    def take(self, rows: Rows) -> _Spectra:
        return _Spectra._make(column[rows] for column in self)


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
        queries, spectra = self._spectra(con, values, study=study, library=library, model=model)
        vectors = LibraryVectors(self.folder, library, model).opened(con)
        statement = schemas.fill("queries/identify_refined", study=study, library=library, model=model)
        names = ("search_id", "ppm", "k", "fragment_tolerance_da", "left_out")
        wanted = {**{name: values[name] for name in names}, "spectra": self.refining.merging.spectra}
        parts = []
        with tqdm(total=len(queries.id), unit=" spectra", desc="identify", disable=None) as bar:
            for asked, there in _of_contributors(queries, spectra, str(values["left_out"])):
                for some, refined in self._refined(asked, there, vectors, float(str(values["ppm"]))):
                    con.register("refined_queries", pa.table({"id": some}))
                    con.register("refined_library", refined)
                    parts.append(con.sql(statement, params=wanted).to_arrow_table())
                    bar.update(len(some))
        for name in ("refined_queries", "refined_library"):
            con.unregister(name)
        nothing = con.table("hits").limit(0).to_arrow_table()
        found = pa.concat_tables(parts) if parts else nothing
        return found.sort_by([("query_id", "ascending"), ("rank", "ascending")])

    def _spectra(
        self, con: duckdb.DuckDBPyConnection, values: Mapping[str, object], *, study: str, library: str, model: str
    ) -> tuple[_Spectra, _Spectra]:
        """Read what queries and library spectra of known analyte are, without their vectors."""
        of_queries = {name: values[name] for name in ("contributors", "query_range")}
        everything = {"contributors": None, "query_range": None}
        asked, there = (
            con.sql(schemas.fill("queries/vector_origins", collection=name, model=model), params=chosen).to_arrow_table()
            for name, chosen in ((study, of_queries), (library, everything))
        )
        there = there.filter(pa.compute.is_valid(there["analyte_id"]))
        both = pa.concat_tables([asked, there])
        # One numbering for both sides; no name (NULL) is a number of its own, as if all were of one laboratory.
        codes = [_codes(both[name]) for name in ("analyte_id", "ion_mode", "contributor")]
        columns = (both["spectrum_id"].to_numpy(), codes[0], both["precursor_mz"].to_numpy(), *codes[1:])
        n = asked.num_rows
        return _Spectra._make(column[:n] for column in columns), _Spectra._make(column[n:] for column in columns)

    def _refined(
        self, queries: _Spectra, library: _Spectra, vectors: IndexedVectors, ppm: float
    ) -> Iterator[tuple[Rows, pa.Table]]:
        """Yield ids of queries with what their candidates are: id and embedding."""
        by_id = np.argsort(vectors.ids)
        places = by_id[np.searchsorted(vectors.ids, library.id, sorter=by_id)]
        refinement = Refinement(
            lambda rows: vectors.at(places[rows]),
            analyte=library.analyte,
            precursor_mz=library.precursor_mz,
            ion_mode=library.ion_mode,
            ppm=ppm,
            config=self.refining.refinement,
        )
        for of_part, rows in _parts(queries, library, ppm):
            refined = refinement.refined(rows)
            embedding = pa.FixedSizeListArray.from_arrays(pa.array(refined.ravel()), refined.shape[1])
            yield queries.id[of_part], pa.table({"id": library.id[rows], "embedding": embedding})


def _codes(names: pa.ChunkedArray) -> Rows:
    encoded = pa.compute.dictionary_encode(names.cast(pa.string()), null_encoding="encode").combine_chunks()
    return np.asarray(encoded.indices.to_numpy(), dtype=np.int64)


def _of_contributors(queries: _Spectra, library: _Spectra, left_out: str) -> Iterator[tuple[_Spectra, _Spectra]]:
    """Yield queries with the library that they may see: all together, or each contributor's queries apart."""
    if left_out != "contributor":
        yield queries, library
        return
    for contributor in np.unique(queries.contributor):
        asked = np.flatnonzero(queries.contributor == contributor)
        there = np.flatnonzero(library.contributor != contributor)
        if len(there):
            yield queries.take(asked), library.take(there)


def _parts(queries: _Spectra, library: _Spectra, ppm: float) -> Iterator[tuple[Rows, Rows]]:
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
