"""Using calibrations: which one holds for a search, and what it says about the hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spectradb import schemas
from spectradb.search.calibration.terms import TERMS
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb
    import pyarrow as pa


@dataclass(frozen=True)
class MatchingCalibration:
    """The calibration that is there for a search.

    Parameters
    ----------
    calibration_id : str
        Its name.
    usable : bool
        Whether it is made of the terms that searches give; one by another version of spectradb may not be.
    by_copies : bool
        Whether its queries met spectra of their own laboratories, which are more alike than those of others.
    """

    calibration_id: str
    usable: bool
    by_copies: bool


def matching_calibration(
    con: duckdb.DuckDBPyConnection, of_search: Mapping[str, Any], settings: str | None
) -> MatchingCalibration | None:
    """Find the latest calibration that holds for a search.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    of_search : mapping
        library, method, model, ppm and fragment_tolerance_da of the search, as recorded.
    settings : str or None
        Settings of its method as recorded, without contributors.

    Returns
    -------
    MatchingCalibration or None
        One that can be used, if there is; else one that cannot, if there is. One by copies only where there is no other.
    """
    names = ("library", "method", "model", "ppm", "fragment_tolerance_da")
    values = {name: of_search[name] for name in names} | {"settings": settings, "terms": list(TERMS)}
    rows = con.execute(schemas.read("queries/calibration/matching_calibration"), values).fetchall()
    return MatchingCalibration(str(rows[0][0]), bool(rows[0][2]), bool(rows[0][3])) if rows else None


def chance_of_search(con: duckdb.DuckDBPyConnection, neighbours: pa.Table, calibration_id: str) -> float:
    """Tell how often the queries of a search have a candidate by chance.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    neighbours : pyarrow.Table
        As :func:`spectradb.search.neighbours.search_neighbours` gives them.
    calibration_id : str
        The calibration that says it.

    Returns
    -------
    float
        The share of the queries.
    """
    con.register("neighbours", neighbours)
    try:
        ((chance,),) = con.execute(
            schemas.read("queries/identify/confidence/search_chance"), {"calibration": calibration_id}
        ).fetchall()
    finally:
        con.unregister("neighbours")
    return float(chance)


def with_confidence(
    con: duckdb.DuckDBPyConnection, hits: pa.Table, neighbours: pa.Table, of_search: Mapping[str, Any]
) -> pa.Table:
    """Give the first hit of every query its probability, its q-value and what they are made of.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    hits : pyarrow.Table
        The hits of one search, with the columns of ``hits`` up to score_gap.
    neighbours : pyarrow.Table
        As :func:`spectradb.search.neighbours.search_neighbours` gives them.
    of_search : mapping
        calibration_id, library, left_out, fragment_tolerance_da, n_queries, n_answered and chance of the search.

    Returns
    -------
    pyarrow.Table
        The hits, with the columns of ``hits``.
    """
    names = ("library", "left_out", "fragment_tolerance_da", "n_queries", "n_answered", "chance")
    values = {name: of_search[name] for name in names} | {"calibration": of_search["calibration_id"]}
    con.register("found", hits)
    con.register("neighbours", neighbours)
    try:
        return to_arrow(con, schemas.read("queries/identify/confidence/judge_hits"), values)
    finally:
        con.unregister("found")
        con.unregister("neighbours")


def without_confidence(con: duckdb.DuckDBPyConnection, hits: pa.Table) -> pa.Table:
    """Complete the hits of a search that no calibration holds for.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    hits : pyarrow.Table
        The hits of one search, with the columns of ``hits`` up to score_gap.

    Returns
    -------
    pyarrow.Table
        The hits, with the columns of ``hits``; what nobody knows is null.
    """
    con.register("found", hits)
    try:
        return to_arrow(con, schemas.read("queries/identify/confidence/unjudged_hits"))
    finally:
        con.unregister("found")
