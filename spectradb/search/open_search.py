"""Open searches of studies: without a precursor filter, exact or by a vector index; analogues by peaks on a shortlist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.search.methods.fused import FUSED, Fusion
from spectradb.search.methods.merged import MERGED, Merging
from spectradb.search.methods.peak_scorers import peak_scorer
from spectradb.search.methods.peaks import read_both_sides
from spectradb.search.methods.refined import REFINED, Refining
from spectradb.search.vectors.library_vectors import LibraryVectors, library_vectors
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from spectradb.search.methods.peaks import SearchScore
    from spectradb.search.vectors.approximate import Recall
    from spectradb.similarity.pairs import PeakScore

#: Analytes on the shortlist that a score of peaks ranks, for each analyte asked for.
SHORTLIST = 10


@dataclass(frozen=True)
class OpenSearch:
    """How to search without a precursor filter.

    Parameters
    ----------
    vectors : LibraryVectors
        The library's vectors.
    score : PeakScore or None
        What ranks the k * :data:`SHORTLIST` analytes nearest by embedding; None: the embedding itself.
    k : int
        Analytes per query.
    """

    vectors: LibraryVectors
    score: PeakScore | None
    k: int

    @property
    def settings(self) -> dict[str, object]:
        """What searches record of it; the recall of an approximate search is known once it is done."""
        return {**({"shortlist": self.k * SHORTLIST} if self.score else {}), **self.vectors.settings}

    @property
    def recall(self) -> Recall | None:
        """What an approximate search reached; None before it, and of exact ones."""
        return self.vectors.recall

    def hits(
        self,
        con: duckdb.DuckDBPyConnection,
        values: Mapping[str, object],
        *,
        study: str,
        library: str,
        model: str,
    ) -> pa.Table:
        """Identify a study against a library, whatever the precursors.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        values : mapping
            search_id, fragment_tolerance_da, contributors and query_range of the search.
        study, library, model : str
            What is searched, by whose vectors.

        Returns
        -------
        pyarrow.Table
            The hits.

        Raises
        ------
        UnreadableFile
            If an index cannot be read even when built anew.
        """
        # One analyte more than asked for tells the gap behind the last.
        n_kept, at = (self.k * SHORTLIST, self.k * SHORTLIST) if self.score else (self.k + 1, self.k)
        queries = _queries(con, study, model, values["contributors"], values["query_range"]).to_arrow_table()
        pairs = self.vectors.nearest(con, queries, n_kept, at=at)
        con.register("nearest_pairs", pairs)
        try:
            if self.score:
                queries, spectra = read_both_sides(con, study, library)
                with peak_scorer(con, self.score, queries, spectra) as scorer:
                    pairs = to_arrow(con, schemas.read("queries/identify/score_shortlist"), {"scorer": scorer})
                con.register("nearest_pairs", pairs)
            wanted = {"k": self.k, **{name: values[name] for name in ("search_id", "fragment_tolerance_da")}}
            return to_arrow(con, schemas.read("queries/identify/identify_open"), wanted)
        finally:
            con.unregister("nearest_pairs")


def _queries(
    con: duckdb.DuckDBPyConnection, study: str, model: str, contributors: object, query_range: object = None
) -> duckdb.DuckDBPyRelation:
    values = {"study": study, "model": model, "contributors": contributors, "query_range": query_range}
    return con.sql(schemas.read("queries/identify/open_queries"), params=values)


def open_search(
    con: duckdb.DuckDBPyConnection,
    folder: Path | None,
    score: SearchScore | None,
    *,
    study: str,
    library: str,
    model: str,
    contributors: Sequence[str] | None,
    k: int,
    device: str,
    index: str,
    target_recall: float,
    left_out: str | None,
    spread: bool = False,
) -> OpenSearch:
    """Return what searches without a precursor filter, once it is clear that it can.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    folder : pathlib.Path or None
        Where its search indexes are kept.
    score : PeakScore, Fusion, Merging, Refining or None
        What ranks the analytes nearest by embedding; None: the embedding itself.
    study, library, model : str
        What is to be searched, by whose vectors.
    contributors : sequence of str or None
        Whose spectra are the queries; None: all.
    k : int
        Analytes per query.
    device : str
        Where vectors are multiplied.
    index : str
        How they are found, one of :data:`spectradb.search.vectors.approximate.INDEXES`.
    target_recall : float
        What an approximate search should reach.
    left_out : str or None
        What queries are kept from.
    spread : bool
        Whether queries are divided among processes; a vector index measures its recall on all of them together.

    Returns
    -------
    OpenSearch
        The search.

    Raises
    ------
    BadParameter
        If the method mixes scores, merges spectra or refines vectors, something is left out, this machine has no such device,
        there is no such index, there is no folder, or an index would have to be searched by several processes.
    """
    if left_out:
        raise BadParameter(f"a search without a precursor filter leaves out no {left_out}: give --ppm")
    if isinstance(score, (Fusion, Merging, Refining)):
        method = {Fusion: FUSED, Merging: MERGED, Refining: REFINED}[type(score)]
        raise BadParameter(f"a search without a precursor filter does not search by {method}: give --ppm, or another method")
    if folder is None:
        raise BadParameter("a search without a precursor filter needs a folder for the library's index")
    if device != "cpu":
        from spectradb.arrays.device import torch_device  # noqa: PLC0415 - imports PyTorch

        torch_device(device)
    queries = _queries(con, study, model, list(contributors) if contributors else None)
    n_queries = queries.count("*").fetchall()[0][0]
    vectors = library_vectors(
        con,
        folder,
        library=library,
        model=model,
        n_queries=n_queries,
        index=index,
        target_recall=target_recall,
        device=device,
    )
    if spread and vectors.approximate:
        raise BadParameter("a search by a vector index runs in one process: leave out --ray, or search with --index exact")
    return OpenSearch(vectors, score, k)
