"""Using calibrations: which one holds for a search, and what it says about the hits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb import schemas
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb
    import pyarrow as pa


def matching_calibration(con: duckdb.DuckDBPyConnection, of_search: Mapping[str, Any], settings: str | None) -> str | None:
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
    str or None
        Its calibration_id.
    """
    names = ("library", "method", "model", "ppm", "fragment_tolerance_da")
    values = {name: of_search[name] for name in names} | {"settings": settings}
    rows = con.execute(schemas.read("queries/matching_calibration"), values).fetchall()
    return str(rows[0][0]) if rows else None


def judged(con: duckdb.DuckDBPyConnection, found: pa.Table, calibration_id: str | None) -> pa.Table:
    """Give the first hit of every query its probability and its q-value.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    found : pyarrow.Table
        The hits of one search, with the columns of ``hits``.
    calibration_id : str or None
        By which calibration; None: there is none, and q-values come from second hits.

    Returns
    -------
    pyarrow.Table
        The hits.
    """
    con.register("found", found)
    try:
        return to_arrow(con, schemas.read("queries/judge_hits"), {"calibration": calibration_id})
    finally:
        con.unregister("found")
