"""How many analytes the queries of a search had to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.figures.canvas import FAINT, RIGHT, canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure


def candidates_figure(classes: Sequence[dict[str, Any]]) -> Figure:
    """Draw the number of queries by number of candidate analytes, each bar with its count and the share right.

    Parameters
    ----------
    classes : sequence of dict
        Rows of ``queries/report/candidates``. The share is of the queries whose analyte is known, in reach or not.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    labels = [row["candidates"] for row in classes]
    counts = [row["n_queries"] for row in classes]
    with canvas(height=0.42 * len(classes) + 1.1) as (figure, axes):
        colours = [FAINT if label == "0" else RIGHT for label in labels]
        bars = axes.barh(labels, counts, color=colours, height=0.7)
        texts = [_text(row) for row in classes]
        axes.bar_label(bars, labels=texts, padding=3, fontsize=9)
        axes.set_xlim(0, max(counts) * (1.9 if any("right" in text for text in texts) else 1.3))
        axes.invert_yaxis()
        axes.set_xlabel("queries")
        axes.set_ylabel("candidate analytes")
        axes.locator_params(axis="x", nbins=4)
        axes.xaxis.set_major_formatter("{x:,.0f}")
    return figure


def _text(row: dict[str, Any]) -> str:
    if not row["n_known"] or row["candidates"] == "0":
        return f"{row['n_queries']:,}"
    share = f"{row['n_right'] / row['n_known']:.0%}"
    of = "" if row["n_known"] == row["n_queries"] else f" of {row['n_known']:,} known"
    return f"{row['n_queries']:,} · {share}{of} right"
