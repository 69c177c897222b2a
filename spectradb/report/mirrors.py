"""Mirror plots of identifications, in the sections about searches and markers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.figures.mirror import mirror_figure, mirror_peaks
from spectradb.report.page import Drawing

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

HOW_TO_READ = "Mirror plots: the query upwards, its library spectrum downwards; peaks with a match in the other are coloured."


def mirrors(con: duckdb.DuckDBPyConnection, hits: Iterable[dict[str, Any]], *, name: str, tolerance: float) -> list[Drawing]:
    """Draw the query of each hit over the library spectrum that answered it.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    hits : iterable of dict
        name, analyte_id, adduct, query_mz, query_id, native_id, library_spectrum_id, library_native_id, score, probability,
        matched_peaks, ambiguous; codeword where the hit stands for a cluster; doubt, next_name, next_score, told_adduct and
        rule where it is shown as doubtful.
    name : str
        What the names of the figures' files begin with.
    tolerance : float
        In Da: peaks closer than this match.

    Returns
    -------
    list of Drawing
        One per hit.
    """
    drawings = []
    for place, hit in enumerate(hits, 1):
        peaks = mirror_peaks(con, query=hit["query_id"], library=hit["library_spectrum_id"], tolerance=tolerance)
        drawings.append(Drawing(f"{name}_mirror_{place}", mirror_figure(peaks), _title(hit), _note(hit)))
    return drawings


def _title(hit: dict[str, Any]) -> str:
    cluster = f"Cluster {hit['codeword']}: " if "codeword" in hit else ""
    doubt = f"{hit['doubt'].capitalize()}: " if "doubt" in hit else ""
    return (
        f"{cluster}{doubt}{hit['name'] or hit['analyte_id']}, {hit['adduct'] or 'adduct not told'}, m/z {hit['query_mz']:.4f}"
    )


def _note(hit: dict[str, Any]) -> str:
    sure = "" if hit["probability"] is None else f", probability {hit['probability']:.0%}"
    return (
        f"Score {hit['score']:.3f}{sure}, {hit['matched_peaks']} matched peaks. "
        f"Query {hit['native_id']}, library spectrum {hit['library_native_id']}.{_doubt(hit)}"
    )


def _doubt(hit: dict[str, Any]) -> str:
    doubt = hit.get("doubt")
    if doubt == "contradicted":
        return f" The query is told to be {hit['told_adduct']}."
    if doubt == "near the rule":
        return f" The rule: {hit['rule']}."
    if doubt == "ambiguous" and hit["next_name"]:
        return f" {hit['next_name']} scores {hit['next_score']:.3f}."
    return " Another candidate scores nearly as much." if hit["ambiguous"] else ""
