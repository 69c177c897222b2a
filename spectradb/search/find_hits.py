"""How the hits of a search are found, for all queries or a range of them, and counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.search.engines import Engine, resolve_engine
from spectradb.search.methods.protocol import Hits, Method, SearchJob
from spectradb.search.open_search import open_search

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from spectradb.search.spec import SearchSpec

#: What finds the hits of a search, as :func:`search_hits` does.
HitFinder = Callable[["duckdb.DuckDBPyConnection", Method, Engine, SearchJob], Hits]


def resolve_search_engine(
    con: duckdb.DuckDBPyConnection, spec: SearchSpec, method: Method, folder: Path | None, *, spread: bool = False
) -> Engine:
    """Return what searches, once it is clear that it can.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    spec : SearchSpec
        The search.
    method : Method
        How pairs are scored.
    folder : pathlib.Path or None
        Where the lab's search indexes are kept; None: nowhere.
    spread : bool
        Whether queries are divided among processes.

    Returns
    -------
    Engine
        The engine.

    Raises
    ------
    BadParameter
        If an engine cannot do the search, or the method not in this way.
    MissingDependency
        If the native engine was asked for and its extension is not built.
    """
    if spec.ppm is None:
        return open_search(con, spec, method, folder, spread=spread)
    if method.needs_index and folder is None:
        raise BadParameter(f"the method {method.name} needs a folder for the library's index")
    if method.in_one_process and spread:
        raise BadParameter(f"the method {method.name} runs in one process: leave out --ray, or search by another method")
    return resolve_engine(con, spec, method, folder)


def search_hits(con: duckdb.DuckDBPyConnection, method: Method, engine: Engine, job: SearchJob) -> Hits:
    """Find the hits of a search: those of all ranges of its queries together are those of all queries.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    method : Method
        How pairs are scored.
    engine : Engine
        What searches.
    job : SearchJob
        The search.

    Returns
    -------
    Hits
        What was found.
    """
    with engine.prepare(con, method, job) as prepared:
        return engine.hits(con, method, job, prepared)


def count_answered(con: duckdb.DuckDBPyConnection, hits: pa.Table, job: SearchJob, *, by_vectors: bool) -> tuple[int, int, int]:
    """Count the queries of a search, those with an answer, and the hits.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    hits : pyarrow.Table
        The hits.
    job : SearchJob
        The search.
    by_vectors : bool
        Whether vectors were compared: then queries without one were none.

    Returns
    -------
    n_queries, n_answered, n_hits : int
        Counts.
    """
    if by_vectors:
        count = job.statement("queries/identify/count_answered", "study", "model")
    else:
        count = job.statement("queries/identify/count_answered_by_peaks", "study")
    con.register("found", hits)
    n_queries, n_answered, n_hits = con.execute(count.text, {**job.values("contributors"), **count.values}).fetchall()[0]
    con.unregister("found")
    return n_queries, n_answered, n_hits


def count_left_out(con: duckdb.DuckDBPyConnection, job: SearchJob) -> tuple[int, int]:
    """Count what a search leaves out.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    job : SearchJob
        The search.

    Returns
    -------
    n_own, n_copies : int
        Pairs of a query with a spectrum of its own contributor, and with a copy of itself.
    """
    if job.left_out is None:
        return 0, 0
    statement = job.statement("queries/checks/count_left_out", "study", "library")
    values = {**job.values("ppm", "contributors", "left_out"), **statement.values}
    n_own, n_copies = con.execute(statement.text, values).fetchall()[0]
    return n_own, n_copies
