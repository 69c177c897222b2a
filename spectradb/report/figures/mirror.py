"""Mirror plots: a query spectrum above, the library spectrum that answered it below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.report.figures.canvas import FAINT, RIGHT, WRONG, canvas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

_LABELS_PER_SIDE = 6
_LEAST_LABELLED = 0.04
# Width of a label as a share of that of the figure, and its height in relative intensity.
_ROOM = 0.13
_LABEL_HEIGHT = 0.13


def mirror_figure(peaks: Sequence[dict[str, Any]]) -> Figure:
    """Draw the peaks of a query upwards and those of its library spectrum downwards; matched ones are coloured.

    Parameters
    ----------
    peaks : sequence of dict
        Rows of ``queries/figures/mirror``.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    left, right = min(row["mz"] for row in peaks), max(row["mz"] for row in peaks)
    margin = max(5.0, 0.06 * (right - left))
    left, right = left - margin, right + margin
    with canvas(height=3.3) as (figure, axes):
        for matched, colour, label in ((False, FAINT, "no match"), (True, None, "matched")):
            for side, sign, own in (("query", 1, RIGHT), ("library", -1, WRONG)):
                mine = [row for row in peaks if row["side"] == side and row["matched"] == matched]
                ends = [sign * row["intensity"] for row in mine]
                axes.vlines([row["mz"] for row in mine], 0, ends, color=colour or own, linewidth=1.4, label=f"{side}, {label}")
        for side, sign in (("query", 1), ("library", -1)):
            for row in labelled([row for row in peaks if row["side"] == side], room=_ROOM * (right - left)):
                place = row["mz"], sign * row["intensity"]
                above = "bottom" if sign > 0 else "top"
                axes.annotate(
                    f"{row['mz']:.4f}", place, (0, 2 * sign), textcoords="offset points", ha="center", va=above, fontsize=8
                )
        axes.axhline(0, color="#374151", linewidth=0.8)
        axes.set(xlim=(left, right), ylim=(-1.22, 1.22))
        axes.set_yticks([-1, -0.5, 0, 0.5, 1], ["100", "50", "0", "50", "100"])
        axes.set_xlabel("m/z")
        axes.set_ylabel("relative intensity (%)")
        axes.text(1.03, 0.75, "query", transform=axes.transAxes, rotation=90, va="center", color=RIGHT)
        axes.text(1.03, 0.25, "library", transform=axes.transAxes, rotation=90, va="center", color=WRONG)
    return figure


def labelled(peaks: Sequence[dict[str, Any]], *, room: float) -> list[dict[str, Any]]:
    """Choose the peaks whose m/z is written: the highest, leaving out those whose label would lie over a higher one's.

    Parameters
    ----------
    peaks : sequence of dict
        mz and intensity (0 to 1) of each.
    room : float
        Width of a label in m/z.

    Returns
    -------
    list of dict
        At most six peaks, the highest first.
    """
    chosen: list[dict[str, Any]] = []
    for row in sorted(peaks, key=lambda row: (-row["intensity"], row["mz"])):
        if row["intensity"] < _LEAST_LABELLED or len(chosen) == _LABELS_PER_SIDE:
            break
        if not any(_collide(row, other, room=room) for other in chosen):
            chosen.append(row)
    return chosen


def _collide(row: dict[str, Any], higher: dict[str, Any], *, room: float) -> bool:
    """Whether the label of a peak would lie over that of a higher peak, or be crossed by its line."""
    apart = abs(row["mz"] - higher["mz"])
    return bool(apart < room / 2 or (apart < room and higher["intensity"] - row["intensity"] < _LABEL_HEIGHT))
