"""Writing published tables to files that other programs read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

_FORMATS = (".parquet", ".csv", ".tsv", ".json")


def export_table(con: duckdb.DuckDBPyConnection, table: str, file: Path) -> int:
    """Write a table or view to a file.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    table : str
        Name of the table or view.
    file : pathlib.Path
        Where to write; its suffix decides the format.

    Returns
    -------
    int
        The number of rows written.

    Raises
    ------
    BadParameter
        If the lab has no such table, or the suffix names no format.
    """
    known = [name for (name,) in con.execute(schemas.read("queries/table_names")).fetchall()]
    if table not in known:
        msg = f"the lab has no table or view {table!r}; it has: {', '.join(known)}"
        raise BadParameter(msg)
    suffix = file.suffix.lower()
    if suffix not in _FORMATS:
        msg = f"{file}: the suffix names no format. Use one of {', '.join(_FORMATS)}."
        raise BadParameter(msg)
    name = "queries/export_tsv" if suffix == ".tsv" else "queries/export"
    (n_rows,) = con.execute(schemas.fill(name, table=table, path=file)).fetchall()[0]
    return int(n_rows)
