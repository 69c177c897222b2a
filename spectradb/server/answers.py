"""Rows as JSON, CSV or Arrow. Identifiers of 64 bits are text, since most readers would round them."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from spectradb.store.export import is_key

if TYPE_CHECKING:
    import pyarrow as pa

    from spectradb.server.locked_engine import Rows

JSON, CSV, ARROW = "application/json", "text/csv", "application/vnd.apache.arrow.stream"


def wanted_form(accept: str) -> str:
    """Choose the form that a client asks for.

    Parameters
    ----------
    accept : str
        The header of that name.

    Returns
    -------
    str
        :data:`CSV` or :data:`ARROW` where it is named; else :data:`JSON`.
    """
    named = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return next((form for form in named if form in {JSON, CSV, ARROW}), JSON)


def as_json(value: object) -> bytes:
    """Write a value as JSON; what JSON has no number for (infinite, not a number) is null.

    Parameters
    ----------
    value : object
        Of dicts, lists, texts, numbers, times and bytes.

    Returns
    -------
    bytes
        JSON.
    """
    try:
        return json.dumps(value, default=_plain, allow_nan=False, separators=(",", ":"), ensure_ascii=False).encode()
    except ValueError:
        return json.dumps(_finite(value), default=_plain, separators=(",", ":"), ensure_ascii=False).encode()


def rows_as_dicts(rows: Rows) -> list[dict[str, Any]]:
    """Give each row as a dict.

    Parameters
    ----------
    rows : Rows
        The rows.

    Returns
    -------
    list of dict
        Of names to values.
    """
    return [dict(zip(rows.names, row, strict=True)) for row in _keys_as_text(rows)]


def rows_as_json(rows: Rows) -> bytes:
    """Write rows as JSON.

    Parameters
    ----------
    rows : Rows
        The rows.

    Returns
    -------
    bytes
        An object of ``columns`` (name and type), ``rows`` (objects) and ``truncated``.
    """
    columns = [{"name": name, "type": str(kind)} for name, kind in zip(rows.names, rows.types, strict=True)]
    return as_json({"columns": columns, "rows": rows_as_dicts(rows), "truncated": rows.truncated})


def rows_as_csv(rows: Rows) -> bytes:
    """Write rows as CSV.

    Parameters
    ----------
    rows : Rows
        The rows.

    Returns
    -------
    bytes
        With a line of names; lists and structs are written as JSON.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(rows.names)
    for row in _keys_as_text(rows):
        writer.writerow([as_json(value).decode() if isinstance(value, list | dict | tuple) else value for value in row])
    return written.getvalue().encode()


def table_as_arrow(table: pa.Table) -> bytes:
    """Write rows as a stream of Arrow.

    Parameters
    ----------
    table : pyarrow.Table
        The rows.

    Returns
    -------
    bytes
        Arrow's IPC stream.
    """
    import pyarrow as pa  # noqa: PLC0415 - only this form needs it

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def _keys_as_text(rows: Rows) -> list[tuple[Any, ...]] | list[list[Any]]:
    keys = [i for i, (name, kind) in enumerate(zip(rows.names, rows.types, strict=True)) if is_key(name, kind)]
    if not keys:
        return rows.rows
    written = [list(row) for row in rows.rows]
    for row in written:
        for i in keys:
            row[i] = None if row[i] is None else str(row[i])
    return written


def _plain(value: object) -> object:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)


def _finite(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, dict):
        return {str(key): _finite(of_key) for key, of_key in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
