"""Questions to the published lab: the rows of the report's queries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from spectradb import schemas
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    import duckdb


def ask(con: duckdb.DuckDBPyConnection, query: str, /, **parameters: object) -> list[dict[str, Any]]:
    """Run a query of ``schemas/queries``.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    query : str
        Its name.
    **parameters : object
        Values of its parameters.

    Returns
    -------
    list of dict
        Its rows.
    """
    rows: list[dict[str, Any]] = to_arrow(con, schemas.read(f"queries/{query}"), parameters or None).to_pylist()
    return rows


def file_name(*parts: object) -> str:
    """Make the name of a figure's files from names in the lab.

    Parameters
    ----------
    *parts : object
        What it is of.

    Returns
    -------
    str
        Letters, digits and underscores.
    """
    return re.sub(r"[^A-Za-z0-9]+", "_", "_".join(str(part) for part in parts)).strip("_").lower()
