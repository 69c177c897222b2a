"""Tables of the report: rows of a query as HTML, with numbers as people read them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from spectradb.report.escaping import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

NONE = "-"


def as_text(value: object) -> str:
    """Write a value as text; times to the minute.

    Parameters
    ----------
    value : object
        Any value; None is a dash.

    Returns
    -------
    str
        Text, not yet escaped.
    """
    if value is None or value == "":
        return NONE
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def as_count(value: float | None) -> str:
    """Write a count with commas between thousands.

    Parameters
    ----------
    value : int, float or None
        The count; medians of counts may end in a half.

    Returns
    -------
    str
        Text.
    """
    if value is None:
        return NONE
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def as_share(value: float | None) -> str:
    """Write a share in percent.

    Parameters
    ----------
    value : float or None
        Between 0 and 1.

    Returns
    -------
    str
        Text.
    """
    return NONE if value is None or math.isnan(value) else f"{value:.1%}"


def as_number(value: float | None) -> str:
    """Write a number with about three digits that count.

    Parameters
    ----------
    value : float or None
        The number.

    Returns
    -------
    str
        Text.
    """
    if value is None or math.isnan(value):
        return NONE
    if value == 0 or 0.001 <= abs(value) < 1:
        return f"{value:.3f}"
    if 1 <= abs(value) < 1e9:
        return f"{value:,.{2 if abs(value) < 100 else 0}f}"
    return f"{value:.1e}"


def as_mz(value: float | None) -> str:
    """Write an m/z with four digits after the point.

    Parameters
    ----------
    value : float or None
        The m/z.

    Returns
    -------
    str
        Text.
    """
    return NONE if value is None else f"{value:.4f}"


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    key : str
        Name of the column in the rows.
    label : str
        Its heading.
    write : callable
        How to write a value; all but :func:`as_text` stand to the right.
    is_long : bool
        Whether its text may take several lines, such as a name of an analyte.
    """

    key: str
    label: str
    write: Callable[[Any], str] = as_text
    is_long: bool = False

    @property
    def css_class(self) -> str:
        """Class of its cells: n for numbers, t for text on one line, w for text that wraps."""
        if self.write is not as_text:
            return "n"
        return "w" if self.is_long else "t"


def html_table(columns: Sequence[Column], rows: Iterable[dict[str, Any]], *, caption: str | None = None) -> str:
    """Return rows as a table, on a narrow screen as blocks; columns without any value are left out.

    Parameters
    ----------
    columns : sequence of Column
        What to show.
    rows : iterable of dict
        Rows of a query.
    caption : str, optional
        What the table shows.

    Returns
    -------
    str
        HTML, in which every text is escaped.
    """
    kept = list(rows)
    shown = [column for column in columns if any(row[column.key] is not None for row in kept)]
    head = "".join(f'<th scope="col" class="{column.css_class}">{escape(column.label)}</th>' for column in shown)
    body = "\n".join("<tr>" + "".join(_cell(column, row) for column in shown) + "</tr>" for row in kept)
    # The caption stands outside the box, so that it does not scroll; whoever has no pointing device scrolls by the keyboard.
    title = f'<p class="caption">{escape(caption)}</p>\n' if caption else ""
    rest = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>"
    return f'{title}<div class="table" tabindex="0">\n<table>\n{rest}\n</table>\n</div>'


def _cell(column: Column, row: dict[str, Any]) -> str:
    # On a narrow screen a row is a block, and each of its cells says itself what it is.
    label = escape(column.label, quote=True)
    return f'<td class="{column.css_class}" data-label="{label}">{escape(column.write(row[column.key]))}</td>'
