"""How the hits of a search are found: by plain SQL, over an index, by scores of peaks; for all queries or a range of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from spectradb import schemas
from spectradb.search.methods.fused import FUSED, Fusion, chosen_fusion
from spectradb.search.methods.merged import MERGED, Merging, chosen_merging
from spectradb.search.methods.peak_scorers import add_peak_scorer, remove_peak_scorer
from spectradb.search.methods.peaks import chosen_score, read_both_sides
from spectradb.search.methods.refined import REFINED, Refining, chosen_refining
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    import duckdb

    from spectradb.search.engines import IndexedSearch
    from spectradb.search.methods.peaks import SearchScore
    from spectradb.search.methods.refined_search import RefinedSearch
    from spectradb.search.open_search import OpenSearch
    from spectradb.similarity.methods import Setting

#: What finds the hits of a search.
HitsOf = Callable[..., tuple[pa.Table, Mapping[str, object] | None]]


def chosen_method(
    con: duckdb.DuckDBPyConnection,
    method: str,
    settings: Mapping[str, Setting] | None,
    *,
    library: str,
    model: str,
    fragment_tolerance_da: float,
) -> SearchScore | None:
    """Return what scores pairs by a method.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    method, settings, library, model, fragment_tolerance_da
        As for :func:`spectradb.search.identify.identify`.

    Returns
    -------
    PeakScore, Fusion, Merging, Refining or None
        The score with its settings; None for embeddings alone.

    Raises
    ------
    BadParameter
        If there is no such method or setting, or a value means nothing.
    """
    if method == FUSED:
        return chosen_fusion(con, settings, library=library, model=model, fragment_tolerance_da=fragment_tolerance_da)
    if method == MERGED:
        return chosen_merging(settings)
    if method == REFINED:
        return chosen_refining(settings)
    return chosen_score(method, settings, fragment_tolerance_da=fragment_tolerance_da)


def compares_vectors(score: SearchScore | None) -> bool:
    """Tell whether a search compares embeddings, if only beside something else.

    Parameters
    ----------
    score : PeakScore, Fusion, Merging, Refining or None
        What scores pairs.

    Returns
    -------
    bool
        False for scores of peaks alone.
    """
    return score is None or isinstance(score, (Fusion, Merging, Refining))


def search_hits(
    con: duckdb.DuckDBPyConnection,
    score: SearchScore | None,
    way: IndexedSearch | OpenSearch | RefinedSearch | None,
    values: Mapping[str, object],
    *,
    study: str,
    library: str,
    model: str,
    query_range: tuple[int, int] | None = None,
    scorer: int | None = None,
) -> tuple[pa.Table, Mapping[str, object] | None]:
    """Find the hits of a search, for all its queries or for a range of their ids: the hits of ranges together are those of all.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    score : PeakScore, Fusion, Merging, Refining or None
        What scores pairs; None: embeddings alone.
    way : IndexedSearch, OpenSearch, RefinedSearch or None
        How to search; None: in plain SQL.
    values : mapping
        search_id, ppm, k, fragment_tolerance_da, left_out and contributors of the search.
    study, library, model : str
        What is searched, by whose vectors.
    query_range : (int, int), optional
        The first and the last id of the queries; all queries when None.
    scorer : int, optional
        Of a range of queries, by a score of peaks: what :func:`prepare_peaks` returned, which serves all ranges.

    Returns
    -------
    hits : pyarrow.Table
        Columns of ``hits``, ordered by query and rank.
    used : mapping or None
        What searches record of the way; None: plain SQL did it.
    """
    values = {**values, "query_range": None if query_range is None else list(query_range)}
    found = way.hits(con, values, study=study, library=library, model=model) if way else None
    if way and found is not None:
        return found, way.settings
    if query_range is not None:
        return _hits(con, score, {**values, "scorer": scorer}, study=study, library=library, model=model), None
    scorer = prepare_peaks(con, score, study=study, library=library)
    try:
        return _hits(con, score, {**values, "scorer": scorer}, study=study, library=library, model=model), None
    finally:
        remove_peak_scorer(scorer)


def prepare_peaks(con: duckdb.DuckDBPyConnection, score: SearchScore | None, *, study: str, library: str) -> int | None:
    """Make the spectra of a search ready for its score of peaks, if it has one.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab, which is taught ``peak_score``.
    score : PeakScore, Fusion, Merging, Refining or None
        What scores pairs.
    study, library : str
        What is searched.

    Returns
    -------
    int or None
        The number of the scorer, for :func:`spectradb.search.methods.peak_scorers.remove_peak_scorer`; None: no score of peaks.
    """
    if score is None or isinstance(score, (Merging, Refining)):
        return None
    queries, spectra = read_both_sides(con, study, library)
    return add_peak_scorer(con, score.of_peaks if isinstance(score, Fusion) else score, queries, spectra)


def _hits(
    con: duckdb.DuckDBPyConnection,
    score: SearchScore | None,
    values: Mapping[str, object],
    *,
    study: str,
    library: str,
    model: str,
) -> pa.Table:
    scorer = {"scorer": values["scorer"]}
    values = {name: value for name, value in values.items() if name != "scorer"}
    values = {**values, "study": study, "library": library}
    if score is None:
        statement = "queries/identify/identify"
        values = {**values, "model": model}
    elif isinstance(score, Fusion):
        statement = "queries/identify/identify_fused"
        values = {**values, **scorer, "model": model, "weight": score.weight}
    elif isinstance(score, Merging):
        statement = "queries/identify/identify_merged"
        values = {**values, "model": model, "spectra": score.spectra}
    else:
        statement = "queries/identify/identify_by_peaks"
        values = {**values, **scorer}
    return to_arrow(con, schemas.read(statement), values)


def count_answered(
    con: duckdb.DuckDBPyConnection,
    score: SearchScore | None,
    found: pa.Table,
    contributors: object,
    *,
    study: str,
    model: str,
) -> tuple[int, int, int]:
    """Count the queries of a search, those with an answer, and the hits.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    score : PeakScore, Fusion, Merging, Refining or None
        What scored pairs; None: embeddings alone.
    found : pyarrow.Table
        The hits.
    contributors : sequence of str or None
        Whose spectra were searched.
    study, model : str
        What was searched, by whose vectors.

    Returns
    -------
    n_queries, n_answered, n_hits : int
        Counts.
    """
    if compares_vectors(score):
        count, of_study = "queries/identify/count_answered", {"study": study, "model": model}
    else:
        count, of_study = "queries/identify/count_answered_by_peaks", {"study": study}
    con.register("found", found)
    n_queries, n_answered, n_hits = con.execute(schemas.read(count), {**of_study, "contributors": contributors}).fetchall()[0]
    con.unregister("found")
    return n_queries, n_answered, n_hits


def count_left_out(con: duckdb.DuckDBPyConnection, study: str, library: str, window: Mapping[str, object]) -> tuple[int, int]:
    """Count what a search leaves out.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    study, library : str
        What is searched.
    window : mapping
        ppm, contributors and left_out of the search.

    Returns
    -------
    n_own, n_copies : int
        Pairs of a query with a spectrum of its own contributor, and with a copy of itself.
    """
    values = {**window, "study": study, "library": library}
    n_own, n_copies = con.execute(schemas.read("queries/identify/count_left_out"), values).fetchall()[0]
    return n_own, n_copies
