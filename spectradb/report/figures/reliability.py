"""The reliability diagram of a search: whether its probabilities come true."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.figures.canvas import FAINT, RIGHT, canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure


def reliability_figure(bins: Sequence[dict[str, Any]]) -> Figure:
    """Draw the share of right first hits against their mean probability, with 95 % intervals and the number in each bin.

    Parameters
    ----------
    bins : sequence of dict
        Rows of ``queries/figures/reliability``.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    means = [row["mean_probability"] for row in bins]
    shares = [row["share_right"] for row in bins]
    below = [max(0.0, row["share_right"] - row["share_right_low"]) for row in bins]
    above = [max(0.0, row["share_right_high"] - row["share_right"]) for row in bins]
    with canvas(height=3.8) as (figure, axes):
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1, label="probabilities that hold")
        axes.errorbar(means, shares, yerr=[below, above], color=RIGHT, marker="o", markersize=5, linewidth=1.5, capsize=3)
        for x, y, row in zip(means, shares, bins, strict=True):
            axes.annotate(f"{row['n']:,}", (x, y), (6, -11), textcoords="offset points", fontsize=8, color="#4B5563")
        axes.set(xlim=(-0.02, 1.08), ylim=(-0.04, 1.04))
        axes.set_xlabel("mean probability of the bin")
        axes.set_ylabel("share that is right")
        axes.legend(loc="upper left")
    return figure
