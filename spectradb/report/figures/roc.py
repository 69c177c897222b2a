"""The ROC curve of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.figures.canvas import FAINT, RIGHT, canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure


def roc_figure(points: Sequence[dict[str, Any]], auc: float) -> Figure:
    """Draw the true against the false positive rate of first hits, over all score thresholds.

    Parameters
    ----------
    points : sequence of dict
        Rows of ``queries/figures/roc``.
    auc : float
        Area under the curve.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    with canvas(height=3.8) as (figure, axes):
        axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1, label="chance")
        rates = [row["fpr"] for row in points], [row["tpr"] for row in points]
        axes.plot(*rates, color=RIGHT, linewidth=2, label=f"first hits, AUC {auc:.3f}")
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01))
        axes.set_xlabel("false positive rate")
        axes.set_ylabel("true positive rate")
        axes.legend(loc="lower right")
    return figure
