"""Tables that spreadsheet programs do not spoil: .xlsx, and CSV in which text stays text."""

from __future__ import annotations

import csv
import math
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from spectradb.errors import BadParameter
from spectradb.late_modules import late
from spectradb.store.statements import rows_in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

xlsxwriter = late("xlsxwriter", extra="xlsx")

#: What Excel takes: rows below the header, and letters in a cell.
MOST_ROWS, MOST_LETTERS = 1_048_575, 32_767
_MOST_IN_FORMULA = 255
_ROWS_AT_ONCE = 4096
_NESTED = ("list", "array", "map", "struct", "union")
_MONTH = r"(jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*"
# What a spreadsheet reads as a formula, a number, a date, a time or a truth value, in some language at least.
_CONVERTED = re.compile(
    rf"[=+\-@\t\r].*|[\d.,($€£][\d\s.,:/\-()%€$£]*(e[+-]?\d+|[ap]m)?|{_MONTH}[\s./-]*\d+|\d+[\s./-]*{_MONTH}[\s./-]*\d*|true|false|wahr|falsch",
    re.IGNORECASE | re.DOTALL,
)


def safe_text(text: str) -> str:
    """Write text so that a spreadsheet shows it as it is, and runs nothing.

    Parameters
    ----------
    text : str
        The text.

    Returns
    -------
    str
        The same, or ``="..."`` where Excel would take it for a number, a date or a formula: a CAS number, the ratio 1:10, a
        64-bit identifier, ``-omics``. Where that is too long for a formula it has an apostrophe in front.
    """
    if not _CONVERTED.fullmatch(text.strip()):
        return text
    quoted = text.replace('"', '""')
    return f'="{quoted}"' if len(quoted) <= _MOST_IN_FORMULA else f"'{text}"


def write_safe_csv(rows: duckdb.DuckDBPyRelation, file: Path) -> int:
    """Write a table as CSV for a spreadsheet: in UTF-8 with a mark that Excel knows it by, text as :func:`safe_text`.

    Parameters
    ----------
    rows : duckdb.DuckDBPyRelation
        The table.
    file : pathlib.Path
        The file.

    Returns
    -------
    int
        Rows written.
    """
    n = 0
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(rows.columns)
        for row in _rows(rows):
            writer.writerow([safe_text(value) if isinstance(value, str) else value for value in row])
            n += 1
    return n


def write_workbook(rows: duckdb.DuckDBPyRelation, file: Path, *, name: str) -> int:
    """Write a table as .xlsx: text as text, a header that stays in sight and filters.

    Parameters
    ----------
    rows : duckdb.DuckDBPyRelation
        The table.
    file : pathlib.Path
        The file.
    name : str
        Name of the sheet.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    BadParameter
        If there are more rows, or longer texts, than a sheet takes.
    MissingDependency
        If XlsxWriter is not installed.
    """
    (n_rows,) = rows.count("*").fetchall()[0]
    if n_rows > MOST_ROWS:
        raise BadParameter(f"{n_rows:,} rows are more than the {MOST_ROWS:,} of a sheet; choose fewer, or write .csv")
    settings = {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    with xlsxwriter.Workbook(str(file), settings) as book:
        sheet = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", name)[:31] or "table")
        bold = book.add_format({"bold": True})
        for column, title in enumerate(rows.columns):
            sheet.write_string(0, column, title, bold)
        for number, row in enumerate(_rows(rows), 1):
            for column, value in enumerate(row):
                _cell(sheet, number, column, value, title=rows.columns[column])
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, n_rows, max(0, len(rows.columns) - 1))
    return int(n_rows)


def without_lists(rows: duckdb.DuckDBPyRelation) -> tuple[duckdb.DuckDBPyRelation, tuple[str, ...]]:
    """Leave out columns that no cell holds: lists, vectors, maps.

    Parameters
    ----------
    rows : duckdb.DuckDBPyRelation
        The table.

    Returns
    -------
    (duckdb.DuckDBPyRelation, tuple of str)
        The table without them, and what is to be said of it.
    """
    nested = [name for name, kind in zip(rows.columns, rows.types, strict=True) if kind.id in _NESTED]
    if not nested:
        return rows, ()
    kept = rows.select(*(name for name in rows.columns if name not in nested))
    return kept, (f"left out, as no cell holds lists: {', '.join(nested)}",)


def _rows(rows: duckdb.DuckDBPyRelation) -> Iterator[tuple[Any, ...]]:
    return rows_in_turn(rows, _ROWS_AT_ONCE)


def _cell(sheet: Any, number: int, column: int, value: Any, *, title: str) -> None:  # noqa: ANN401 - of any type
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return
    if isinstance(value, bool):
        sheet.write_boolean(number, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(number, column, value)
    elif isinstance(value, datetime | date):
        sheet.write_datetime(number, column, value)
    else:
        text = str(value)
        if len(text) > MOST_LETTERS:
            raise BadParameter(f"row {number}, {title}: {len(text):,} letters are more than a cell takes; leave the column out")
        sheet.write_string(number, column, text)
