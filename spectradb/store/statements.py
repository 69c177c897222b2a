"""Statements with parameters, as Arrow tables and as relations, whatever Python functions and tables they call.

DuckDB 1.x makes ``con.sql(query, params=...)`` wait for its result while it holds Python's interpreter lock. A worker thread of
the engine that needs that lock, for a function or a table of Python, then waits for ever. ``con.execute`` does not, and in
DuckDB 2 neither does.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from spectradb import schemas
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

# Types of which Arrow gives the values that the engine gives.
_PLAIN = {
    *("boolean", "varchar", "blob", "enum", "date", "timestamp", "float", "double", "decimal"),
    *(f"{sign}{size}" for sign in ("", "u") for size in ("tinyint", "smallint", "integer", "bigint")),
}

WAITS_WITH_LOCK = duckdb.__version__.startswith("1.")


@contextmanager
def refusals_told() -> Iterator[None]:
    """Tell what macros refuse as an error of spectradb, for the length of a block.

    Yields
    ------
    None
        To run statements that call macros.

    Raises
    ------
    BadParameter
        If a macro says by ``error`` what is wrong with its parameters.
    """
    try:
        yield
    except duckdb.InvalidInputException as error:
        raise BadParameter(str(error).removeprefix("Invalid Input Error: ")) from error


def to_arrow(con: duckdb.DuckDBPyConnection, statement: str, values: Mapping[str, Any] | None = None) -> pa.Table:
    """Run a statement.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The connection.
    statement : str
        The statement.
    values : mapping, optional
        Values of its parameters.

    Returns
    -------
    pyarrow.Table
        The rows.
    """
    if values and WAITS_WITH_LOCK:
        return con.execute(statement, dict(values)).to_arrow_table()
    return con.sql(statement, params=dict(values) if values else None).to_arrow_table()


def to_reader(
    con: duckdb.DuckDBPyConnection, statement: str, values: Mapping[str, Any] | Sequence[Any] | None, batch_rows: int
) -> pa.RecordBatchReader:
    """Run a statement, and read its rows as they are computed.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The connection, which does nothing else meanwhile.
    statement : str
        The statement.
    values : mapping or sequence, optional
        Values of its parameters.
    batch_rows : int
        Rows at a time.

    Returns
    -------
    pyarrow.RecordBatchReader
        The rows. DuckDB 1.x keeps all rows of a relation with parameters before the first is read, 2.x those of ``execute``.
    """
    if WAITS_WITH_LOCK:
        return con.execute(statement, values or None).to_arrow_reader(batch_rows)
    return con.sql(statement, params=values or None).to_arrow_reader(batch_rows)


def rows_in_turn(relation: duckdb.DuckDBPyRelation, rows_at_once: int) -> Iterator[tuple[Any, ...]]:
    """Read the rows of a relation one after the other.

    Parameters
    ----------
    relation : duckdb.DuckDBPyRelation
        The relation.
    rows_at_once : int
        Rows that are held. Relations of DuckDB 2 keep no result between calls: there rows come by Arrow, and all are held where
        a column is of a type for which Arrow has other values.

    Yields
    ------
    tuple
        A row.
    """
    if not WAITS_WITH_LOCK:
        by_arrow = all(map(_is_plain, relation.types))
        yield from _by_arrow(relation, rows_at_once) if by_arrow else relation.fetchall()
        return
    while chunk := relation.fetchmany(rows_at_once):
        yield from chunk


def _is_plain(kind: Any) -> bool:  # noqa: ANN401 - DuckDB calls the type otherwise in each version
    """Tell whether values of a type are the same by Arrow as by the engine."""
    return _is_plain(dict(kind.children)["child"]) if kind.id == "list" else kind.id in _PLAIN


def _by_arrow(relation: duckdb.DuckDBPyRelation, rows_at_once: int) -> Iterator[tuple[Any, ...]]:
    for batch in relation.to_arrow_reader(rows_at_once):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def to_relation(
    con: duckdb.DuckDBPyConnection, statement: str, values: Mapping[str, Any] | Sequence[Any] | None
) -> duckdb.DuckDBPyRelation:
    """Run a statement, and give its rows as a relation.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The connection.
    statement : str
        The statement.
    values : mapping or sequence, optional
        Values of its parameters.

    Returns
    -------
    duckdb.DuckDBPyRelation
        The rows, with their types but that ENUM becomes VARCHAR; without parameters they are read as they are asked for.
    """
    if not values or not WAITS_WITH_LOCK or con.extract_statements(statement)[-1].type != duckdb.StatementType.SELECT:
        return con.sql(statement, params=values or None)
    # Arrow has no type for some of the engine's, such as HUGEINT; so they travel by name.
    con.execute(schemas.read("queries/lab/keep_types"), {"kept": True})
    try:
        rows = con.execute(statement, values).to_arrow_table()
        return con.from_arrow(rows.rename_columns(distinct_names(rows.column_names)))
    finally:
        con.execute(schemas.read("queries/lab/keep_types"), {"kept": False})


def distinct_names(names: Sequence[str]) -> list[str]:
    """Tell columns of one name apart as the engine does, which knows no case.

    Parameters
    ----------
    names : sequence of str
        Names of columns.

    Returns
    -------
    list of str
        The same, with ``_1``, ``_2`` after what was there before.
    """
    times: dict[str, int] = {}
    distinct = []
    for name in names:
        unique = name
        while unique.lower() in times:
            unique = f"{name}_{times[name.lower()]}"
            times[name.lower()] += 1
        times[unique.lower()] = 1
        distinct.append(unique)
    return distinct
