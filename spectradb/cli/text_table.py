"""Result tables as text, drawn the same whatever the terminal and the version of DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence


def text_table(table: pa.Table) -> str:
    """Draw a table as the DuckDB shell does in its box mode: numbers to the right, everything else to the left.

    Parameters
    ----------
    table : pyarrow.Table
        A result of a few rows.

    Returns
    -------
    str
        Lines of text, without a newline at the end.

    Examples
    --------
    >>> print(text_table(pa.table({"name": ["glycine", None], "score": pa.array([0.25, 1], pa.float32())})))
    ┌─────────┬───────┐
    │ name    │ score │
    ├─────────┼───────┤
    │ glycine │  0.25 │
    │ NULL    │   1.0 │
    └─────────┴───────┘
    """
    columns = [[name, *map(_text, plain_values(table[i]))] for i, name in enumerate(table.column_names)]
    widths = [max(map(len, column)) for column in columns]
    numeric = [pa.types.is_integer(t) or pa.types.is_floating(t) or pa.types.is_decimal(t) for t in table.schema.types]
    header, *rows = zip(*columns, strict=True)
    lines = [
        _rule(widths, "┌", "┬", "┐"),
        _line(header, widths, numeric),
        _rule(widths, "├", "┼", "┤"),
        *(_line(row, widths, numeric) for row in rows),
        _rule(widths, "└", "┴", "┘"),
    ]
    return "\n".join(lines)


def plain_values(column: pa.ChunkedArray) -> list[Any]:
    """Turn a column into Python values; a number of single precision becomes the shortest decimal that stands for it.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        The column.

    Returns
    -------
    list
        Its values, None for NULL.
    """
    values: list[Any] = column.to_pylist()
    if pa.types.is_float32(column.type):
        return [None if value is None else float(str(np.float32(value))) for value in values]
    return values


def _text(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rule(widths: Sequence[int], left: str, middle: str, right: str) -> str:
    return left + middle.join("─" * (width + 2) for width in widths) + right


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (
        cell.rjust(width) if to_right else cell.ljust(width) for cell, width, to_right in zip(cells, widths, right, strict=True)
    )
    return "│ " + " │ ".join(padded) + " │"
