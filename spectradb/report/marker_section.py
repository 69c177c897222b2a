"""The section about markers: clusters of spectra that tell a group from the others, and what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.report.figures.effects import effects_figure
from spectradb.report.mirrors import HOW_TO_READ, mirrors
from spectradb.report.page import Drawing, Section
from spectradb.report.queries import ask, file_name
from spectradb.report.tables import Column, as_count, as_mz, as_number, as_share

if TYPE_CHECKING:
    import duckdb

_MARKERS = 15
_MIRRORS = 4
_NAMES_IN_FIGURE = 6
_MOST_COMPARISONS = 6
_SURE = 0.05
_TABLE = (
    Column("codeword", "cluster", as_count),
    Column("named", "name", is_long=True),
    Column("answer", "commonest answer", is_long=True),
    Column("answered", "so answered, of spectra"),
    Column("n_confident", "of these confident", as_count),
    Column("log2_fold", "log2 fold", as_number),
    Column("cliffs_delta", "Cliff's delta", as_number),
    Column("q_value", "q-value", as_number),
    Column("precursor_mz", "commonest m/z", as_mz),
    Column("at_mz", "of spectra"),
    Column("adduct", "adduct"),
    Column("query_mz", "m/z of the best", as_mz),
    Column("score", "its score", as_number),
    Column("probability", "probability", as_share),
)


def marker_section(con: duckdb.DuckDBPyConnection, study: str, *, search: dict[str, Any] | None) -> Section | None:
    """Show the markers of each comparison of a study.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    study : str
        Its name.
    search : dict or None
        Row of ``queries/report/searches``: the search whose answers name the clusters.

    Returns
    -------
    Section or None
        None when no groups were compared.
    """
    comparisons = ask(con, "report/comparisons", study=study)
    if not comparisons:
        return None
    section = Section(f"markers-{file_name(study)}", f"Markers in {study}")
    section.say(
        "Spectra are clustered by their vectors; each cluster is compared by its share of the spectra of a run. A cluster can "
        "hold several compounds that fragment alike: it has a name where at least half of all its spectra got that answer."
    )
    if len(comparisons) > _MOST_COMPARISONS:
        section.say(f"The last {_MOST_COMPARISONS} of {len(comparisons)} comparisons; the table group_markers has all.")
    for comparison in comparisons[-_MOST_COMPARISONS:]:
        _one_comparison(con, section, study, comparison, search)
    return section


def _one_comparison(
    con: duckdb.DuckDBPyConnection, section: Section, study: str, comparison: dict[str, Any], search: dict[str, Any] | None
) -> None:
    keys = {"target": "target", "group": "group_value", "level": "level", "codebook": "codebook"}
    wanted = {"study": study} | {name: comparison[key] for name, key in keys.items()}
    markers = ask(con, "report/markers", **wanted, search=search["search_id"] if search else None, k=_MARKERS)
    section.heading(f"{comparison['target']}: {comparison['group_value']}")
    section.say(
        f"{comparison['n_group']} {comparison['level']}s against {comparison['n_others']}: {comparison['n_found']} of "
        f"{comparison['n_clusters']} clusters are commoner in the group at a q-value of at most {_SURE}."
        + ("" if comparison["n_found"] else " None is: what follows is no more than an order.")
    )
    if not markers:
        return
    name = file_name("markers", study, comparison["target"], comparison["group_value"], comparison["level"])
    best = {row["codeword"]: str(row["codeword"]) for row in markers[:_NAMES_IN_FIGURE]}
    effects = effects_figure(ask(con, "figures/marker_effects", **wanted), names=best)
    note = "Each point is a cluster of spectra; the dashed line is a q-value of 0.05. Numbers are clusters of the table."
    section.draw(Drawing(name, effects, f"Clusters in {comparison['target']}: {comparison['group_value']}", note))
    caption = f"The {len(markers)} clearest markers" + (f", named by the search {search['search_id']}" if search else "")
    section.table(_TABLE, [_described(row) for row in markers], caption=caption)
    if search:
        named = [row for row in markers if row["names_cluster"] and row["query_id"] is not None][:_MIRRORS]
        if named:
            section.say(HOW_TO_READ)
            section.draw(*mirrors(con, named, name=name, tolerance=search["fragment_tolerance_da"]))


def _described(row: dict[str, Any]) -> dict[str, Any]:
    name, is_named, n = row["name"] or row["analyte_id"], row["names_cluster"], row["n_spectra"]
    return row | {
        "named": name if is_named else None,
        "answer": None if is_named else name,
        "answered": f"{row['n_identified']:,} of {n:,}" if row["n_identified"] else None,
        "at_mz": f"{row['n_at_mz']:,} of {n:,}" if row["n_at_mz"] else None,
    }
