"""The confusion matrix of a classification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from spectradb.figures.canvas import canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

_INCHES_PER_CLASS = 0.33
_NUMBERS_UP_TO = 12


def confusion_figure(pairs: Sequence[dict[str, Any]]) -> Figure:
    """Draw the share of each true class that was predicted as each class, with the mean number of each pair.

    Parameters
    ----------
    pairs : sequence of dict
        Rows of ``queries/figures/confusion``.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; beyond twelve classes without the numbers.
    """
    classes = sorted({row["truth"] for row in pairs} | {row["predicted"] for row in pairs})
    place = {label: i for i, label in enumerate(classes)}
    shares = np.zeros((len(classes), len(classes)))
    for row in pairs:
        shares[place[row["truth"]], place[row["predicted"]]] = row["share"]
    side = max(2.6, _INCHES_PER_CLASS * len(classes))
    with canvas(width=side + 1.9, height=side + 1.0) as (figure, axes):
        image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        if len(classes) <= _NUMBERS_UP_TO:
            for row in pairs:
                colour = "white" if row["share"] > 0.6 else "#111827"
                text = f"{row['n']:.3g}\n{row['share']:.0%}" if len(classes) <= 4 else f"{row['n']:.3g}"
                axes.text(place[row["predicted"]], place[row["truth"]], text, ha="center", va="center", color=colour)
        axes.set_xticks(range(len(classes)), classes, rotation=0 if len(classes) <= 3 else 90)
        axes.set_yticks(range(len(classes)), classes)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")
        figure.colorbar(image, ax=axes, label="share of the true class", shrink=0.85)
    return figure
