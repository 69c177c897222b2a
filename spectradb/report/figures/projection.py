"""Runs or samples in the plane, coloured by a column of the sample table."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from spectradb.figures.canvas import FAINT, MARKERS, PALETTE, canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OTHERS, NOT_TOLD = "others", "not told"
_NAMES = {"pca": "PCA", "umap": "UMAP"}
# With fewer values a number is a class like others.
_LEAST_VALUES_OF_A_SCALE = 5


def projection_figure(points: Sequence[dict[str, Any]], *, group: str | None) -> Figure:
    """Draw one projection; classes differ in colour and shape, and numbers are shaded.

    Parameters
    ----------
    points : sequence of dict
        Rows of ``queries/figures/projection`` of one projection.
    group : str or None
        Name of the column that colours them.

    Returns
    -------
    matplotlib.figure.Figure
        The figure. Beyond eight classes the rarest share one, ``others``.
    """
    numbers = {row["number"] for row in points if row["label"] is not None}
    is_scale = len(numbers) >= _LEAST_VALUES_OF_A_SCALE and None not in numbers
    with canvas(height=3.9) as (figure, axes):
        if group is None:
            _draw(axes, points, label=f"{len(points)} {points[0]['level']}s", colour=PALETTE[0], marker="o")
        elif is_scale:
            _draw(axes, [row for row in points if row["label"] is None], label=NOT_TOLD, colour=FAINT, marker="X")
            told = [row for row in points if row["label"] is not None]
            places = [row["x"] for row in told], [row["y"] for row in told]
            shades = axes.scatter(
                *places, c=[row["number"] for row in told], cmap="cividis", s=34, edgecolors="white", linewidths=0.5
            )
            figure.colorbar(shades, ax=axes, label=group, shrink=0.85)
        else:
            for place, (label, mine) in enumerate(_classes(points).items()):
                colour = FAINT if label in (OTHERS, NOT_TOLD) else PALETTE[place % len(PALETTE)]
                _draw(axes, mine, label=label, colour=colour, marker=MARKERS[place % len(MARKERS)])
        labels = _axis_labels(points[0])
        axes.set_xlabel(labels[0])
        axes.set_ylabel(labels[1])
        axes.set_xticks([])
        axes.set_yticks([])
        if axes.get_legend_handles_labels()[0]:
            title = None if is_scale else group
            figure.legend(loc="outside lower center", ncols=3, title=title, title_fontsize=9, handletextpad=0.2)
    return figure


def _classes(points: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    counts = Counter(row["label"] for row in points if row["label"] is not None)
    kept = {label for label, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: len(PALETTE)]}
    if len(counts) > len(PALETTE):
        kept = set(sorted(kept, key=lambda label: (-counts[label], label))[: len(PALETTE) - 1])
    classes: dict[str, list[dict[str, Any]]] = {label: [] for label in sorted(kept)}
    for row in points:
        label = NOT_TOLD if row["label"] is None else row["label"] if row["label"] in kept else OTHERS
        classes.setdefault(label, []).append(row)
    return classes


def _draw(axes: Axes, points: Sequence[dict[str, Any]], *, label: str, colour: str, marker: str) -> None:
    if points:
        places = [row["x"] for row in points], [row["y"] for row in points]
        # A label that begins with an underscore would be left out of the legend.
        shown = f"\u200b{label}" if label.startswith("_") else label
        axes.scatter(*places, label=_short(shown), color=colour, marker=marker, s=34, edgecolors="white", linewidths=0.5)


def _short(label: str) -> str:
    return label if len(label) <= 18 else f"{label[:17]}…"


def _axis_labels(row: dict[str, Any]) -> tuple[str, str]:
    name = _NAMES.get(row["projection"], row["projection"])
    shares = [row["explained_x"], row["explained_y"]]
    x, y = (f"{name} {i}" + ("" if share is None else f" ({share:.0%} of the variance)") for i, share in enumerate(shares, 1))
    return x, y
