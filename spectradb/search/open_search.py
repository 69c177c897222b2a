"""Open searches of studies: without a precursor filter, exact or by a vector index; analogues by peaks on a shortlist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.search.engines import Engine
from spectradb.search.methods.protocol import Hits, Method, SearchJob
from spectradb.search.vectors.library_vectors import LibraryVectors, library_vectors
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import duckdb

    from spectradb.search.spec import SearchSpec

#: Analytes on the shortlist that a score of peaks ranks, for each analyte asked for.
SHORTLIST = 10


@dataclass(frozen=True)
class OpenSearch(Engine):
    """Search without a precursor filter: the analytes nearest by embedding, or a shortlist of them that the method ranks.

    Parameters
    ----------
    vectors : LibraryVectors
        The library's vectors.
    n_listed : int or None
        Analytes nearest by embedding that the method ranks; None: its score is that of the embedding.
    """

    vectors: LibraryVectors
    n_listed: int | None

    @property
    def settings(self) -> dict[str, object]:
        """The length of the shortlist, and the index."""
        return {**({"shortlist": self.n_listed} if self.n_listed else {}), **self.vectors.settings}

    def build(self, con: duckdb.DuckDBPyConnection) -> None:
        """Build the library's search index."""
        self.vectors.opened(con)

    def hits(self, con: duckdb.DuckDBPyConnection, method: Method, job: SearchJob, prepared: Mapping[str, object]) -> Hits:
        """Identify a study against a library, whatever the precursors."""
        # One analyte more than asked for tells the gap behind the last.
        n_kept, at = (self.n_listed, self.n_listed) if self.n_listed else (job.k + 1, job.k)
        queries = _queries(con, job).to_arrow_table()
        pairs, recall = self.vectors.nearest(con, queries, n_kept, at=at)
        con.register("nearest_pairs", pairs)
        try:
            scored = method.shortlist() if self.n_listed else None
            if scored:
                con.register("nearest_pairs", to_arrow(con, scored.text, {**scored.values, **prepared}))
            values = job.values("search_id", "k", "fragment_tolerance_da")
            hits = to_arrow(con, schemas.read("queries/identify/open/identify_open"), values)
        finally:
            con.unregister("nearest_pairs")
        return Hits(hits, {**self.settings, **(recall.settings if recall else {})}, recall)


def _queries(con: duckdb.DuckDBPyConnection, job: SearchJob) -> duckdb.DuckDBPyRelation:
    statement = job.statement("queries/identify/open/open_queries", "study", "model")
    return con.sql(statement.text, params={**job.values("contributors", "query_range"), **statement.values})


def open_search(
    con: duckdb.DuckDBPyConnection, spec: SearchSpec, method: Method, folder: Path | None, *, spread: bool = False
) -> OpenSearch:
    """Return what searches without a precursor filter, once it is clear that it can.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    spec : SearchSpec
        The search.
    method : Method
        What ranks the analytes nearest by embedding, if it is not the embedding.
    folder : pathlib.Path or None
        Where its search indexes are kept.
    spread : bool
        Whether queries are divided among processes; a vector index measures its recall on all of them together.

    Returns
    -------
    OpenSearch
        The search.

    Raises
    ------
    BadParameter
        If the method cannot score a shortlist, something is left out, this machine has no such device, there is no folder, or
        an index would have to be searched by several processes.
    """
    if spec.left_out:
        raise BadParameter(f"a search without a precursor filter leaves out no {spec.left_out}: give --ppm")
    if not (method.by_nearest or method.shortlist()):
        raise BadParameter(
            f"a search without a precursor filter does not search by {method.name}: give --ppm, or another method"
        )
    if folder is None:
        raise BadParameter("a search without a precursor filter needs a folder for the library's index")
    if spec.device != "cpu":
        from spectradb.arrays.device import torch_device  # noqa: PLC0415 - imports PyTorch

        torch_device(spec.device)
    n_queries = _queries(con, spec.job()).count("*").fetchall()[0][0]
    vectors = library_vectors(
        con,
        folder,
        library=spec.library,
        model=spec.model,
        n_queries=n_queries,
        index=spec.index,
        target_recall=spec.target_recall,
        device=spec.device,
    )
    if spread and vectors.approximate:
        raise BadParameter("a search by a vector index runs in one process: leave out --ray, or search with --index exact")
    return OpenSearch(vectors, None if method.by_nearest else spec.k * SHORTLIST)
