"""A metric of several methods with its confidence intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.figures.canvas import RIGHT, canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure


def intervals_figure(results: Sequence[dict[str, Any]], *, metric: str) -> Figure:
    """Draw one metric of each method with its 95 % interval, the best on top.

    Parameters
    ----------
    results : sequence of dict
        Rows of ``queries/report/benchmark_results`` of one subset and metric, with values.
    metric : str
        Its name.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    rows = sorted(results, key=lambda row: row["value"])
    with canvas(height=0.34 * len(rows) + 1.0) as (figure, axes):
        for place, row in enumerate(rows):
            if row["low"] is not None and row["high"] is not None:
                axes.hlines(place, row["low"], row["high"], color=RIGHT, linewidth=2)
            axes.plot(row["value"], place, "o", color=RIGHT, markersize=6)
        axes.set_yticks(range(len(rows)), [row["method"] for row in rows])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.grid(axis="x", color="#E5E7EB")
        axes.set_xlabel(metric)
    return figure
