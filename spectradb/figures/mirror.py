"""Mirror plots: a query spectrum above, the library spectrum that answered it below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb import schemas
from spectradb.figures.canvas import FAINT, PALETTE, RIGHT, WRONG, canvas
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LABELS_PER_SIDE = 6
_LEAST_LABELLED = 0.04
# Width of a label as a share of that of the figure, and its height in relative intensity.
_ROOM = 0.13
_LABEL_HEIGHT = 0.13
_SHIFTED = PALETTE[2]


def mirror_peaks(con: duckdb.DuckDBPyConnection, *, query: int, library: int, tolerance: float) -> list[dict[str, Any]]:
    """Read the peaks of two spectra.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    query, library : int
        spectrum_id of each.
    tolerance : float
        In Da: peaks closer than this match.

    Returns
    -------
    list of dict
        Rows of ``queries/figures/mirror``.
    """
    parameters = {"query": query, "library": library, "tolerance": tolerance}
    rows: list[dict[str, Any]] = to_arrow(con, schemas.read("queries/figures/mirror"), parameters).to_pylist()
    return rows


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
    with canvas(height=3.3) as (figure, axes):
        draw_mirror(axes, peaks)
        axes.set_xlabel("m/z")
    return figure


def draw_mirror(axes: Axes, peaks: Sequence[dict[str, Any]], *, room: float = _ROOM, labels: int = _LABELS_PER_SIDE) -> None:
    """Draw a mirror plot into axes.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where.
    peaks : sequence of dict
        Rows of ``queries/figures/mirror``.
    room : float
        Width of a label as a share of that of the axes.
    labels : int
        Most peaks a side whose m/z is written.
    """
    left, right = min(row["mz"] for row in peaks), max(row["mz"] for row in peaks)
    margin = max(5.0, 0.06 * (right - left))
    left, right = left - margin, right + margin
    for kind, colour, label in (
        ("unmatched", FAINT, "no match"),
        ("shifted", _SHIFTED, "shifted"),
        ("matched", None, "matched"),
    ):
        for side, sign, own in (("query", 1, RIGHT), ("library", -1, WRONG)):
            mine = [row for row in peaks if row["side"] == side and _kind(row) == kind]
            if kind == "shifted" and not mine:
                continue
            ends = [sign * row["intensity"] for row in mine]
            axes.vlines([row["mz"] for row in mine], 0, ends, color=colour or own, linewidth=1.4, label=f"{side}, {label}")
    for side, sign in (("query", 1), ("library", -1)):
        for row in labelled([row for row in peaks if row["side"] == side], room=room * (right - left), most=labels):
            place = row["mz"], sign * row["intensity"]
            above = "bottom" if sign > 0 else "top"
            axes.annotate(
                f"{row['mz']:.4f}", place, (0, 2 * sign), textcoords="offset points", ha="center", va=above, fontsize=8
            )
    axes.axhline(0, color="#374151", linewidth=0.8)
    axes.set(xlim=(left, right), ylim=(-1.22, 1.22))
    axes.set_yticks([-1, -0.5, 0, 0.5, 1], ["100", "50", "0", "50", "100"])
    axes.set_ylabel("relative intensity (%)")
    axes.text(1.03, 0.75, "query", transform=axes.transAxes, rotation=90, va="center", color=RIGHT)
    axes.text(1.03, 0.25, "library", transform=axes.transAxes, rotation=90, va="center", color=WRONG)


def _kind(row: dict[str, Any]) -> str:
    return "matched" if row["matched"] else "shifted" if row["shifted"] else "unmatched"


def labelled(peaks: Sequence[dict[str, Any]], *, room: float, most: int = _LABELS_PER_SIDE) -> list[dict[str, Any]]:
    """Choose the peaks whose m/z is written: the highest, leaving out those whose label would lie over a higher one's.

    Parameters
    ----------
    peaks : sequence of dict
        mz and intensity (0 to 1) of each.
    room : float
        Width of a label in m/z.
    most : int
        How many at most.

    Returns
    -------
    list of dict
        The highest first.
    """
    chosen: list[dict[str, Any]] = []
    for row in sorted(peaks, key=lambda row: (-row["intensity"], row["mz"])):
        if row["intensity"] < _LEAST_LABELLED or len(chosen) == most:
            break
        if not any(_collide(row, other, room=room) for other in chosen):
            chosen.append(row)
    return chosen


def _collide(row: dict[str, Any], higher: dict[str, Any], *, room: float) -> bool:
    """Whether the label of a peak would lie over that of a higher peak, or be crossed by its line."""
    apart = abs(row["mz"] - higher["mz"])
    return bool(apart < room / 2 or (apart < room and higher["intensity"] - row["intensity"] < _LABEL_HEIGHT))
