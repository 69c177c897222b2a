"""The tiles of the dashboard: a statement of ``schemas/queries/dashboard`` each, and how its rows are drawn."""

from __future__ import annotations

import json
from datetime import date, datetime
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from spectradb import schemas
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    import duckdb

#: In the order of the page.
TILES = (
    "identifications",
    "confidence",
    "coverage",
    "blanks_and_qc",
    "projection",
    "markers",
    "drift",
    "benchmark",
    "import_health",
    "state",
)
# Larger ones are rounded by a browser.
_MOST_EXACT = 2**53


class Tile(NamedTuple):
    """A tile with its rows.

    Parameters
    ----------
    name : str
        Name of its statement.
    sql : str
        The statement.
    columns : list of str
        Its columns.
    rows : list of list
        Its rows: values that JSON can hold.
    chart : dict
        ``title``, ``note`` and ``filled_by``, for people; ``choose``, a column of which one value is drawn at a time,
        ``choose_all``, what all of them are called; ``draw``, the values of a column that are drawn; ``spec``, the
        drawing in Vega-Lite; without it the columns ``show`` of the rows are shown.
    """

    name: str
    sql: str
    columns: list[str]
    rows: list[list[Any]]
    chart: dict[str, Any]


def read_tile(con: duckdb.DuckDBPyConnection, name: str) -> Tile:
    """Ask for the rows of a tile.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    name : str
        One of :data:`TILES`.

    Returns
    -------
    Tile
        The tile.
    """
    sql = schemas.read(f"queries/dashboard/{name}")
    table = to_arrow(con, sql)
    rows = [[_plain(value) for value in row.values()] for row in table.to_pylist()]
    chart = json.loads(resources.files(__package__).joinpath(f"charts/{name}.json").read_text(encoding="utf-8"))
    return Tile(name, sql, table.column_names, rows, chart)


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float) and value - value != 0:  # NaN and infinite, which JSON has not
        return str(value)
    if isinstance(value, int) and abs(value) > _MOST_EXACT:
        return str(value)
    return value
