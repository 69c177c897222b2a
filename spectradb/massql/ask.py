"""Asking a lab in the Mass Spectrometry Query Language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.massql.reading import read_query
from spectradb.massql.translate import to_sql
from spectradb.search.checks import check_collections

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb


def massql_sql(con: duckdb.DuckDBPyConnection, query: str, collections: Sequence[str] = (), view: str | None = None) -> str:
    """Write a query as one statement of SQL.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    query : str
        The query.
    collections : sequence of str
        Libraries and studies to ask; empty: all.
    view : str, optional
        Name of a temporary view that the statement creates.

    Returns
    -------
    str
        The statement, without a semicolon.

    Raises
    ------
    BadMassQL
        If it is no query.
    NoSuchData
        If it asks for what a lab does not hold.
    NoCollection
        If the lab has no such library or study.
    """
    if collections:
        check_collections(con, *collections)
    statement = to_sql(read_query(query), collections)
    return statement if view is None else f"CREATE OR REPLACE TEMP VIEW {schemas.identifier(view, 'view')} AS\n{statement}"


def massql_relation(
    con: duckdb.DuckDBPyConnection, query: str, collections: Sequence[str] = (), view: str | None = None
) -> duckdb.DuckDBPyRelation:
    """Ask a query.

    Parameters
    ----------
    con, query, collections
        As for :func:`massql_sql`.
    view : str, optional
        Name of a temporary view to make of it, too.

    Returns
    -------
    duckdb.DuckDBPyRelation
        The rows.
    """
    if view is not None:
        con.execute(massql_sql(con, query, collections, view))
    return con.sql(massql_sql(con, query, collections))
