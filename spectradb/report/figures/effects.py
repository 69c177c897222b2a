"""Markers of a group: how much and how surely each cluster of spectra differs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from spectradb.figures.canvas import FAINT, RIGHT, WRONG, canvas

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

_SURE = 0.05
_LEAST_Q = 1e-300
# Room that a name takes, as shares of the farthest fold change and of the surest q-value.
_NAME_WIDTH, _NAME_HEIGHT = 0.13, 0.06


def effects_figure(clusters: Sequence[dict[str, Any]], *, names: Mapping[int, str]) -> Figure:
    """Draw the fold change of each cluster against its q-value, and name the best.

    Parameters
    ----------
    clusters : sequence of dict
        Rows of ``queries/figures/marker_effects``.
    names : mapping of int to str
        By codeword, the names to write.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    height = {row["codeword"]: -math.log10(max(row["q_value"], _LEAST_Q)) for row in clusters}
    kinds = (
        ("commoner in the group", RIGHT, "o", [row for row in clusters if row["q_value"] <= _SURE and row["cliffs_delta"] > 0]),
        ("rarer in the group", WRONG, "s", [row for row in clusters if row["q_value"] <= _SURE and row["cliffs_delta"] <= 0]),
        ("no clear difference", FAINT, ".", [row for row in clusters if row["q_value"] > _SURE]),
    )
    with canvas(height=3.9) as (figure, axes):
        for label, colour, marker, mine in kinds:
            if mine:
                folds, heights = [row["log2_fold"] for row in mine], [height[row["codeword"]] for row in mine]
                axes.scatter(folds, heights, color=colour, marker=marker, s=22, linewidths=0, label=f"{label} ({len(mine)})")
        axes.axhline(-math.log10(_SURE), color=FAINT, linestyle="--", linewidth=1)
        places = {row["codeword"]: (row["log2_fold"], height[row["codeword"]]) for row in clusters}
        for codeword, side in room_for_names({name: places[name] for name in names if name in places}).items():
            away, towards = (6 * side, 0), "right" if side < 0 else "left"
            axes.annotate(
                names[codeword], places[codeword], away, textcoords="offset points", ha=towards, va="center", fontsize=8
            )
        axes.set_xlabel("log2 fold change of the share of spectra")
        axes.set_ylabel("-log10 q-value")
        figure.legend(loc="outside lower center", ncols=2, handletextpad=0.2)
    return figure


def room_for_names(places: Mapping[int, tuple[float, float]]) -> dict[int, int]:
    """Choose on which side of its point each name stands, so that none lies over another.

    Parameters
    ----------
    places : mapping of int to (float, float)
        By codeword, where its point is; the most important first.

    Returns
    -------
    dict of int to int
        -1 for left, 1 for right; those without room are left out.
    """
    if not places:
        return {}
    width = _NAME_WIDTH * max(1.0, *(x for x, _ in places.values()))
    height = _NAME_HEIGHT * max(1.0, *(y for _, y in places.values()))
    taken: list[tuple[float, float]] = []
    sides = {}
    for codeword, (x, y) in places.items():
        points = [place for other, place in places.items() if other != codeword]
        for side in (-1, 1):
            middle = x + side * width / 2, y
            over_name = any(abs(middle[0] - a) < width and abs(y - b) < height for a, b in taken)
            over_point = any(abs(middle[0] - a) < width / 2 and abs(y - b) < height / 2 for a, b in points)
            if not (over_name or over_point):
                sides[codeword] = side
                taken.append(middle)
                break
    return sides
