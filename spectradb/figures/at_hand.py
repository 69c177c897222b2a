"""The best hit of spectra at hand, drawn: nothing of them is recorded, so that the spectrum comes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.figures.canvas import write_figure
from spectradb.figures.hit import SUFFIXES, HitPlot, hit_figure
from spectradb.figures.mirror import mirror_peaks
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from pathlib import Path

_AT_HAND = -1  # no spectrum of a lab has a negative id


def check_plot(out: Path) -> None:
    """Refuse a file that no figure can be written to.

    Parameters
    ----------
    out : pathlib.Path
        The file.

    Raises
    ------
    BadParameter
        If its suffix names no format.
    """
    if out.suffix.lower() not in SUFFIXES:
        raise BadParameter(f"{out}: the suffix names no format of figures. Use one of {', '.join(SUFFIXES)}.")


def plot_best(
    con: duckdb.DuckDBPyConnection, hits: pa.Table, spectra: pa.Table, *, tolerance: float, search: str, out: Path
) -> HitPlot:
    """Draw the first candidate that scores best of all.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    hits : pyarrow.Table
        Candidates, as :class:`spectradb.search.adhoc.FileSearch` has them; at least one.
    spectra : pyarrow.Table
        The spectra that were searched; ``query_id`` counts their rows.
    tolerance : float
        In Da: peaks closer than this match.
    search : str
        What the search is called in the figure.
    out : pathlib.Path
        File to write, .svg or .png.

    Returns
    -------
    HitPlot
        The candidate and the figure.
    """
    order = pc.sort_indices(hits, sort_keys=[("score", "descending"), ("query_id", "ascending"), ("rank", "ascending")])
    (found,) = hits.take(order.slice(0, 1)).to_pylist()
    (query,) = spectra.slice(found["query_id"], 1).to_pylist()
    (library,) = to_arrow(
        con, schemas.read("queries/figures/drawn_spectrum"), {"library": found["library_spectrum_id"]}
    ).to_pylist()
    query_mz = query["precursor_mz_stated"] or query["precursor_mz"]
    at_hand = {name: query.get(name) for name in library} | {"spectrum_id": _AT_HAND}
    with duckdb.connect() as scratch:
        scratch.register("spectra", pa.Table.from_pylist([at_hand, library]))
        peaks = mirror_peaks(scratch, query=_AT_HAND, library=library["spectrum_id"], tolerance=tolerance)
    hit = {
        **found,
        "search_id": search,
        "native_id": query["native_id"],
        "query_name": query["name"],
        "query_smiles": query["smiles"],
        "query_adduct": query["adduct"],
        "query_mz": query_mz,
        "query_collision_energy": query["collision_energy"],
        "library_mz": found["library_precursor_mz"],
        "collision_energy": library["collision_energy"],
        "matched_peaks": sum(peak["side"] == "query" and peak["matched"] for peak in peaks),
        "ppm_error": (found["library_precursor_mz"] / query_mz - 1) * 1e6,
        "probability": None,
    }
    figure = hit_figure(hit, peaks)
    write_figure(figure, out)
    return HitPlot(hit, peaks, figure, out)
