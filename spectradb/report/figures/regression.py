"""Predicted against true numbers of a regression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.figures.canvas import FAINT, RIGHT, canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure


def regression_figure(units: Sequence[dict[str, Any]], *, target: str) -> Figure:
    """Draw what was predicted for each run or sample against what is true.

    Parameters
    ----------
    units : sequence of dict
        Rows of ``queries/figures/regression``.
    target : str
        What was predicted.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    truth = [row["truth"] for row in units]
    predicted = [row["predicted"] for row in units]
    ends = [min(*truth, *predicted), max(*truth, *predicted)]
    with canvas(height=3.8) as (figure, axes):
        axes.plot(ends, ends, color=FAINT, linestyle="--", linewidth=1, label="equal")
        axes.scatter(
            truth, predicted, color=f"{RIGHT}AA", s=26, edgecolors="white", linewidths=0.5, label=f"{len(units)} held out"
        )
        axes.set_xlabel(f"true {target}")
        axes.set_ylabel(f"predicted {target}")
        axes.legend(loc="upper left")
    return figure
