"""The protocol ``isomers``: whether all members of groups of isomers are told right (the paper's Figures 1 and 2, Table 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb import schemas
from spectradb.benchmarks.report import Findings, PrintedTable, Result, pivot
from spectradb.benchmarks.retrieval import ratios
from spectradb.errors import NoSpectra
from spectradb.evaluation.resampling import draw_weights
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    import duckdb

_COUNTED = ("points", "wins", "ties", "group_points", "group_wins")
_RATIOS = ("mean_accuracy", "group_accuracy", "worst_member", "spread")
# Groups whose members are printed; all are in the table of results.
_SHOWN_GROUPS = 8


def judge_isomers(
    con: duckdb.DuckDBPyConnection,
    searches: dict[str, str],
    *,
    min_analytes: int,
    min_spectra: int,
    resamples: int,
    seed: int,
) -> Findings:
    """Judge searches over the groups of isomers in their queries.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    searches : dict of str to str
        The search of each method, all of the same queries.
    min_analytes : int
        Least number of isomers in a group.
    min_spectra : int
        Least number of answerable queries of each.
    resamples, seed : int
        Samples of groups for confidence intervals, and the seed by which they are drawn.

    Returns
    -------
    Findings
        Accuracy by analyte, points and wins by method and pair of methods, balance of groups.

    Raises
    ------
    NoSpectra
        If the queries hold no such group.
    """
    values = {"min_analytes": min_analytes, "min_spectra": min_spectra}
    parts = []
    for method, search in searches.items():
        rows = to_arrow(con, schemas.read("queries/isomers/members"), {"search": search, **values})
        parts.append(rows.add_column(0, "method", pa.array([method] * rows.num_rows, pa.string())))
    members = pa.concat_tables(parts)
    if not members.num_rows:
        raise NoSpectra(
            f"no formula has {min_analytes} analytes with {min_spectra} answerable queries each. "
            "Ask for smaller groups or fewer spectra, or use queries of more analytes."
        )
    con.register("isomer_accuracies", members)
    points = con.sql(schemas.read("queries/isomers/points")).to_arrow_table().to_pylist()
    pairs = con.sql(schemas.read("queries/isomers/pairs")).to_arrow_table().to_pylist()
    terms = con.sql(schemas.read("queries/isomers/terms")).to_arrow_table()
    con.unregister("isomer_accuracies")
    groups = sorted(set(terms["isomer_group"].to_pylist()))
    weights = draw_weights(len(groups), resamples=resamples, seed=seed)
    results = ratios(terms, "isomer_group", groups, weights, subset="all")
    for row in points:
        n = {name: row["n_groups"] if name.startswith("group") else row["n_analytes"] for name in _COUNTED}
        results += [Result(row["method"], "all", name, row[name], n[name]) for name in _COUNTED]
    results += [result for row in pairs for result in _of_pair(row)]
    results += [
        Result(row["method"], f"{row['isomer_group']}: {row['name']}", "accuracy", row["accuracy"], row["n"])
        for row in members.to_pylist()
    ]
    notes = [
        f"{len(groups):,} groups of {points[0]['n_analytes']:,} analytes, each with {min_spectra} answerable queries or more",
        "points: analytes for which no method is better, ties giving one to each; wins: for which all others are worse",
        f"intervals: {resamples:,} samples of groups, 95 %",
    ]
    alike = [f"{row['method_a']} and {row['method_b']}" for row in pairs if row["analytes_tied"] == points[0]["n_analytes"]]
    if alike:
        notes.append(f"as accurate on every analyte, so that neither has a win: {', '.join(alike)}")
    return Findings(results, _tables(results, members.to_pylist(), pairs, list(searches)), notes)


def _of_pair(row: dict[str, Any]) -> list[Result]:
    a, b = row["method_a"], row["method_b"]
    found = []
    for kind in ("analytes", "groups"):
        n = row[f"{kind}_a"] + row[f"{kind}_b"] + row[f"{kind}_tied"]
        found.append(Result(f"{a} against {b}", "all", f"{kind}_won", row[f"{kind}_a"], n))
        found.append(Result(f"{a} against {b}", "all", f"{kind}_lost", row[f"{kind}_b"], n))
        found.append(Result(f"{a} against {b}", "all", f"{kind}_tied", row[f"{kind}_tied"], n))
    return found


def _tables(
    results: list[Result], members: list[dict[str, Any]], pairs: list[dict[str, Any]], methods: list[str]
) -> list[PrintedTable]:
    counted = {(r.method, r.metric): r.value for r in results if r.subset == "all" and r.metric in _COUNTED}
    rows = [[*row, *(int(counted[str(row[0]), name] or 0) for name in _COUNTED)] for row in pivot(results, methods, _RATIOS)]
    tables = [PrintedTable("isomers", ["method", *_RATIOS, *_COUNTED], rows)]
    columns = ["analytes_a", "analytes_b", "analytes_tied", "groups_a", "groups_b", "groups_tied"]
    versus = [[f"{row['method_a']} (a), {row['method_b']} (b)", *(row[name] for name in columns)] for row in pairs]
    tables.append(PrintedTable("pairs of methods: won by a, won by b, tied", ["pair", *columns], versus))
    size: dict[str, int] = {}
    for row in members:
        size[row["isomer_group"]] = size.get(row["isomer_group"], 0) + row["n"]
    shown = sorted(size, key=lambda group: (-size[group], group))[:_SHOWN_GROUPS]
    accuracy = {(row["method"], row["analyte"]): row["accuracy"] for row in members}
    listed = {(row["isomer_group"], row["analyte"]): row for row in members}
    lines = [
        [f"{group}: {listed[group, analyte]['name']}", listed[group, analyte]["n"], *(accuracy[m, analyte] for m in methods)]
        for group in shown
        for of_group, analyte in listed
        if of_group == group
    ]
    title = f"accuracy by analyte, the {len(shown)} groups with most spectra (of {len(size)})"
    return [*tables, PrintedTable(title, ["analyte", "n", *methods], lines)]
