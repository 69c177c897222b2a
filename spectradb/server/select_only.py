"""One SELECT, and nothing in it that does more than to read the lab.

The engine's own parser tells which functions a statement calls. A function that gives a table must be known to be harmless:
others read files, memory or settings, or change the engine for everybody.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from spectradb import schemas
from spectradb.server.refusals import NotASelect, StatementFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

#: Functions that give tables, or values that differ from call to call, and do nothing else.
HARMLESS = frozenset(
    {
        *("range", "generate_series", "unnest", "repeat", "repeat_row", "json_each", "json_tree", "summary"),
        *("duckdb_columns", "duckdb_constraints", "duckdb_functions", "duckdb_keywords", "duckdb_schemas", "duckdb_tables"),
        *("duckdb_types", "duckdb_views", "pragma_show", "pragma_table_info", "pragma_version", "icu_calendar_names"),
        *("error", "gen_random_uuid", "random", "stats", "uuid", "uuidv4", "uuidv7"),
    }
)
_REMEDY = "Ask one question that begins with SELECT, FROM, WITH or DESCRIBE"


def refused_functions(con: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """List the functions that statements may not call.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Any connection of the engine.

    Returns
    -------
    frozenset of str
        Their names.
    """
    found = con.execute(schemas.read("queries/serving/functions")).fetchall()
    return frozenset(name for (name,) in found) - HARMLESS


def check_select(con: duckdb.DuckDBPyConnection, statement: str, refused: frozenset[str]) -> None:
    """Check that a statement is one SELECT and calls no function that is refused.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Any connection of the engine.
    statement : str
        The statement.
    refused : frozenset of str
        What :func:`refused_functions` returned.

    Raises
    ------
    NotASelect
        If it is something else, or several.
    StatementFailed
        If it cannot be read.
    """
    ((text,),) = con.execute(schemas.read("queries/serving/parsed"), {"statement": statement}).fetchall()
    parsed = json.loads(text)
    if parsed["error"]:
        if parsed["error_type"] == "not implemented":
            raise NotASelect(f"only SELECT is run here. {_REMEDY}")
        raise StatementFailed(parsed["error_message"])
    if len(parsed["statements"]) != 1:
        raise NotASelect(f"{len(parsed['statements'])} statements were sent. {_REMEDY}")
    for name in _called(parsed["statements"]):
        if name.lower() in refused:
            raise NotASelect(f"the function {name} is not called here: it may do more than to read the lab. Leave it out")


def _called(node: Any) -> Iterator[str]:  # noqa: ANN401 - whatever JSON holds
    """Name the functions that a parsed statement calls."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            if found.get("function_name"):
                yield str(found["function_name"])
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
