"""How the scores of a search are distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.figures.canvas import RIGHT, UNKNOWN, WRONG, canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

_KINDS = (("n_right", "right", RIGHT), ("n_wrong", "wrong", WRONG), ("n_unknown", "truth not known", UNKNOWN))


def scores_figure(bins: Sequence[dict[str, Any]]) -> Figure:
    """Draw histograms of the scores of right, wrong and unjudged first hits over each other.

    Parameters
    ----------
    bins : sequence of dict
        Rows of ``queries/figures/scores``.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; kinds without any hit are left out.
    """
    starts = [row["from_score"] for row in bins]
    widths = [row["to_score"] - row["from_score"] for row in bins]
    with canvas() as (figure, axes):
        for key, label, colour in _KINDS:
            counts = [row[key] for row in bins]
            if not sum(counts):
                continue
            named = f"{label} ({sum(counts):,})"
            face = f"{colour}66"
            axes.bar(starts, counts, widths, align="edge", label=named, facecolor=face, edgecolor=colour, linewidth=0.8)
        axes.set_xlim(0, 1)
        axes.set_xlabel("score of the first hit")
        axes.set_ylabel("queries")
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.legend(loc="best")
    return figure
