"""DuckDB's own progress bars: on terminals only, since it prints them into files and pipes as well."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from spectradb import schemas

if TYPE_CHECKING:
    import duckdb


def without_progress_in_files(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Keep DuckDB's progress bars of long queries out of a standard output that is no terminal.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        A connection; those that are made of it have settings of their own.

    Returns
    -------
    duckdb.DuckDBPyConnection
        The same connection.
    """
    if not sys.stdout.isatty():
        con.execute(schemas.read("queries/lab/hide_progress"))
    return con
