"""One candidate of one query, looked at: both spectra, what matches and how well, names and structures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from spectradb import schemas
from spectradb.errors import BadParameter, NoSearch
from spectradb.figures.canvas import RIGHT, STYLE, WRONG, write_figure
from spectradb.figures.mirror import draw_mirror, mirror_peaks
from spectradb.figures.structure import draw_structure
from spectradb.spelling import known_names
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

SUFFIXES = (".svg", ".png")
_SIZE = (9.0, 5.2)
_MOST_LETTERS = 70


@dataclass(frozen=True)
class HitPlot:
    """A candidate of a query, and its figure.

    Parameters
    ----------
    hit : dict
        Row of ``queries/figures/hit``.
    peaks : sequence of dict
        Rows of ``queries/figures/mirror``.
    figure : matplotlib.figure.Figure
        The figure; a notebook shows it.
    file : pathlib.Path or None
        Where it was written.
    """

    hit: dict[str, Any]
    peaks: Sequence[dict[str, Any]]
    figure: Figure
    file: Path | None = None

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        hit = self.hit
        sure = "" if hit["probability"] is None else f", probability {hit['probability']:.0%}"
        answer = f"{_called(hit['name'] or hit['analyte_id'], hit['adduct'])}, library spectrum {hit['library_native_id']}"
        drawn = [] if self.file is None else [f"drawn in {self.file}"]
        return [
            f"{hit['native_id']} ({hit['search_id']}), {_place(hit)}: {answer}",
            f"score {hit['score']:.3f}{sure}, {_peaks(hit['matched_peaks'])}, precursor {hit['ppm_error']:+.1f} ppm",
            *drawn,
        ]

    def as_dict(self) -> dict[str, Any]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold; ``peaks`` are those of both spectra.
        """
        file = None if self.file is None else str(self.file)
        return {**self.hit, "peaks": [dict(row) for row in self.peaks], "file": file}

    def _repr_png_(self) -> bytes:
        from io import BytesIO  # noqa: PLC0415 - notebooks alone ask for it

        file = BytesIO()
        with mpl.rc_context(STYLE):
            self.figure.savefig(file, format="png", dpi=120)
        return file.getvalue()


def plot_hit(
    con: duckdb.DuckDBPyConnection, query: str | int, *, search: str | None = None, rank: int = 1, out: Path | None = None
) -> HitPlot:
    """Draw the query of a search over the library spectrum of one of its candidates.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    query : str or int
        spectrum_id of the query, its native_id, or run/native_id where several runs have it.
    search : str, optional
        The search; the last that has a candidate for the query when None.
    rank : int
        Which candidate.
    out : pathlib.Path, optional
        File to write, .svg or .png.

    Returns
    -------
    HitPlot
        The candidate and the figure.

    Raises
    ------
    NoSearch
        If the lab has no such search.
    BadParameter
        If the query is not known, means several spectra, or has no such candidate; or if the file cannot be written.
    """
    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise BadParameter(f"{out}: the suffix names no format of figures. Use one of {', '.join(SUFFIXES)}.")
    searches = dict(con.execute(schemas.read("queries/lab/studies_of_searches")).fetchall())
    if search is not None and search not in searches:
        raise NoSearch(f"the lab has no search {search!r}; it has: {known_names(search, searches)}")
    asked = {"query": str(query), "search": search}
    rows = to_arrow(con, schemas.read("queries/figures/hit"), {**asked, "rank": rank}).to_pylist()
    if len(rows) != 1:
        raise BadParameter(_why_not_one(con, rows, asked, rank))
    (hit,) = rows
    peaks = mirror_peaks(con, query=hit["query_id"], library=hit["library_spectrum_id"], tolerance=hit["fragment_tolerance_da"])
    figure = hit_figure(hit, peaks)
    if out is not None:
        write_figure(figure, out)
    return HitPlot(hit, peaks, figure, out)


def hit_figure(hit: dict[str, Any], peaks: Sequence[dict[str, Any]]) -> Figure:
    """Draw one candidate: the mirror plot, the m/z differences of matched peaks, names and structures.

    Parameters
    ----------
    hit : dict
        Row of ``queries/figures/hit``.
    peaks : sequence of dict
        Rows of ``queries/figures/mirror``.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=_SIZE, layout="constrained")
        grid = figure.add_gridspec(3, 2, width_ratios=(3, 1), height_ratios=(5, 5, 2.4))
        mirror = figure.add_subplot(grid[:2, 0])
        draw_mirror(mirror, peaks, room=0.09, labels=9)
        mirror.tick_params(labelbottom=False)
        differences = figure.add_subplot(grid[2, 0], sharex=mirror)
        matched = [row for row in peaks if row["side"] == "query" and row["other_mz"] is not None]
        differences.axhline(0, color="#374151", linewidth=0.8)
        ppm = [(row["other_mz"] - row["mz"]) / row["mz"] * 1e6 for row in matched]
        differences.scatter([row["mz"] for row in matched], ppm, s=14, color=RIGHT)
        most = 1.25 * max(1.0, *map(abs, ppm), 1.0)
        differences.set(xlabel="m/z", ylabel="ppm", ylim=(-most, most))
        for place, smiles, colour, title in (
            (0, hit["query_smiles"], RIGHT, _called(hit["query_name"], hit["query_adduct"]) if hit["query_smiles"] else ""),
            (1, hit["smiles"], WRONG, hit["formula"] or ""),
        ):
            beside = figure.add_subplot(grid[place, 1])
            drawn = bool(smiles) and draw_structure(beside, smiles)
            beside.set_axis_off()
            if not drawn:
                told = "not told what it is" if place == 0 else "no structure"
                beside.text(0.5, 0.5, told, ha="center", va="center", color=colour, transform=beside.transAxes)
            if title:
                beside.set_title(_short(title, 32), fontsize=8, color=colour)
        figure.suptitle(_title(hit), fontsize=9, x=0.01, ha="left")
    return figure


def _title(hit: dict[str, Any]) -> str:
    sure = "" if hit["probability"] is None else f", probability {hit['probability']:.0%}"
    energies = [
        f", collision energy {text}" if text else "" for text in (hit["query_collision_energy"], hit["collision_energy"])
    ]
    query = _short(str(hit["native_id"]), _MOST_LETTERS)
    return (
        f"Query {query}, m/z {hit['query_mz']:.4f}{energies[0]}\n"
        f"{_short(_called(hit['name'] or hit['analyte_id'], hit['adduct']), _MOST_LETTERS)}, m/z {hit['library_mz']:.4f} "
        f"({hit['ppm_error']:+.1f} ppm){energies[1]}, {_short(str(hit['library_native_id']), 30)}\n"
        f"{_place(hit).capitalize()} in {hit['search_id']}: score {hit['score']:.3f}{sure}, "
        f"{_peaks(hit['matched_peaks'])}"
    )


def _place(hit: dict[str, Any]) -> str:
    # An open search has all analytes for candidates, and does not count them.
    n = hit.get("n_candidate_analytes")
    return f"candidate {hit['rank']}" if n is None else f"candidate {hit['rank']} of {n}"


def _peaks(n: int) -> str:
    return f"{n} matched peak{'' if n == 1 else 's'}"


def _called(name: str | None, adduct: str | None) -> str:
    return " ".join(filter(None, (name, adduct)))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _why_not_one(con: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]], asked: dict[str, str | None], rank: int) -> str:
    called, search = asked["query"], asked["search"]
    of = "" if search is None else f" of {search}"
    if rows:
        meant = ", ".join(f"{row['run_id'] or ''}/{row['native_id']} ({row['query_id']})".lstrip("/") for row in rows[:6])
        return f"query {called!r} may mean {len(rows)} spectra: {meant}. Give one of these, or the number"
    known = con.execute(schemas.read("queries/figures/ranks_of_query"), asked).fetchall()
    if not known:
        return f"no query{of} is {called!r}. Give its spectrum_id or native_id, as identifications has them"
    most = max(n for _, _, n in known)
    if most == 0:
        return f"query {called!r} has no candidate in {search or 'any search'}: nothing was in its window"
    return f"query {called!r} has {most:,} candidate{'' if most == 1 else 's'}{of}, and none of rank {rank}"
