"""The section about benchmarks: methods beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.report.figures.intervals import intervals_figure
from spectradb.report.page import Drawing, Section
from spectradb.report.queries import ask, file_name
from spectradb.report.tables import Column, as_number
from spectradb.search.training_overlap import training_notes, truth_notes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

_ALL = "all"
_AGAINST = " against "
_MOST_PARTS = 60
# What is drawn, where it was measured: the first of the protocol's accuracies.
_DRAWN = ("top_1_per_spectrum", "top_1_per_analyte", "roc_auc", "points", "accuracy", "precision", "f1")


def benchmark_section(con: duckdb.DuckDBPyConnection, *, studies: Sequence[str] | None = None) -> Section | None:
    """Show the results of benchmarks.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    studies : sequence of str, optional
        Only benchmarks whose queries are of these; all when None.

    Returns
    -------
    Section or None
        None without a benchmark.
    """
    benchmarks = [
        row for row in ask(con, "report/benchmarks", studies=None if studies is None else list(studies)) if row["n_results"]
    ]
    if not benchmarks:
        return None
    section = Section("benchmarks", "Benchmarks")
    for benchmark in benchmarks:
        results = ask(con, "report/benchmark_results", benchmark=benchmark["name"])
        of = f": {benchmark['study']} against {benchmark['library']}" if benchmark["study"] else ""
        section.heading(f"{benchmark['name']} (protocol {benchmark['protocol']}){of}")
        searches, reference = benchmark["searches"] or [], benchmark["reference"] or []
        of_truth = truth_notes(con, reference, searches) if reference else []
        for note in (*training_notes(con, searches), *of_truth):
            section.say(f"Note: {note}.")
        whole = [row for row in results if row["subset"] == _ALL]
        for caption, mine in (
            ("On all data", [row for row in whole if _AGAINST not in row["method"]]),
            ("Methods against each other, on all data", [row for row in whole if _AGAINST in row["method"]]),
        ):
            if mine:
                section.table(*beside(mine), caption=caption)
        section.draw(*_drawings(benchmark["name"], whole))
        columns, parts = beside([row for row in results if row["subset"] != _ALL and _AGAINST not in row["method"]])
        if parts:
            some = (
                f"The first {_MOST_PARTS} of {len(parts):,} numbers on parts of the data; the table benchmark_results has all"
            )
            section.table(columns, parts[:_MOST_PARTS], caption=some if len(parts) > _MOST_PARTS else "On parts of the data")
    return section


def beside(results: Sequence[dict[str, Any]]) -> tuple[list[Column], list[dict[str, Any]]]:
    """Set the results of methods beside each other.

    Parameters
    ----------
    results : sequence of dict
        Rows of ``queries/report/benchmark_results``.

    Returns
    -------
    (list of Column, list of dict)
        One column per method, one row per part of the data and metric; the part has a column unless it is all data.
    """
    methods = list(dict.fromkeys(row["method"] for row in results))
    values = {(row["subset"], row["metric"], row["method"]): row["value"] for row in results}
    columns = [Column("subset", "part of the data")] if any(row["subset"] != _ALL for row in results) else []
    columns += [Column("metric", "metric"), *(Column(f"method {name}", name, as_number) for name in methods)]
    rows = []
    for subset, metric in dict.fromkeys((row["subset"], row["metric"]) for row in results):
        found = {f"method {name}": values.get((subset, metric, name)) for name in methods}
        if any(value is not None for value in found.values()):
            rows.append({"subset": subset, "metric": metric.replace("_", " ")} | found)
    return columns, rows


def _drawings(benchmark: str, whole: Sequence[dict[str, Any]]) -> list[Drawing]:
    drawings = []
    for metric in _DRAWN:
        mine = [row for row in whole if row["metric"] == metric and row["value"] is not None and _AGAINST not in row["method"]]
        if len(mine) > 1:
            title = metric.replace("_", " ")
            figure = intervals_figure(mine, metric=title)
            drawings.append(Drawing(file_name("benchmark", benchmark, metric), figure, title, "Lines are 95 % intervals."))
    return drawings[:3]
