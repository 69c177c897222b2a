"""The section about benchmarks: methods beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.report.asking import ask, file_name
from spectradb.report.figures.intervals import intervals_figure
from spectradb.report.page import Drawing, Section
from spectradb.report.tables import Column, as_count, as_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

_ALL = "all"
_MOST_PARTS = 60
# What is drawn, where it was measured: the first of the protocol's accuracies.
_DRAWN = ("top_1_per_spectrum", "top_1_per_analyte", "roc_auc", "points", "accuracy", "precision", "f1")
_PARTS = (
    Column("subset", "part of the data"),
    Column("metric", "metric"),
    Column("method", "method"),
    Column("value", "value", as_number),
    Column("low", "from", as_number),
    Column("high", "to", as_number),
    Column("n", "measured on", as_count),
)


def benchmark_section(con: duckdb.DuckDBPyConnection) -> Section | None:
    """Show the results of benchmarks.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.

    Returns
    -------
    Section or None
        None without a benchmark.
    """
    benchmarks = [row for row in ask(con, "report_benchmarks") if row["n_results"]]
    if not benchmarks:
        return None
    section = Section("benchmarks", "Benchmarks")
    for benchmark in benchmarks:
        results = ask(con, "report_benchmark_results", benchmark=benchmark["name"])
        section.heading(f"{benchmark['name']} (protocol {benchmark['protocol']})")
        whole = [row for row in results if row["subset"] == _ALL]
        if whole:
            columns, rows = by_method(whole)
            section.table(columns, rows, caption="On all data")
            section.draw(*_drawings(benchmark["name"], whole))
        parts = [row for row in results if row["subset"] != _ALL]
        if parts:
            some = (
                f"The first {_MOST_PARTS} of {len(parts):,} results on parts of the data; the table benchmark_results has all"
            )
            section.table(_PARTS, parts[:_MOST_PARTS], caption=some if len(parts) > _MOST_PARTS else "On parts of the data")
    return section


def by_method(results: Sequence[dict[str, Any]]) -> tuple[list[Column], list[dict[str, Any]]]:
    """Set the results of one part of the data beside each other.

    Parameters
    ----------
    results : sequence of dict
        Rows of ``queries/report_benchmark_results`` of one subset.

    Returns
    -------
    (list of Column, list of dict)
        One column per metric, one row per method.
    """
    metrics = list(dict.fromkeys(row["metric"] for row in results))
    methods = list(dict.fromkeys(row["method"] for row in results))
    values = {(row["method"], row["metric"]): row["value"] for row in results}
    columns = [Column("method", "method"), *(Column(f"metric {name}", name.replace("_", " "), as_number) for name in metrics)]
    rows = [{"method": method} | {f"metric {name}": values.get((method, name)) for name in metrics} for method in methods]
    return columns, rows


def _drawings(benchmark: str, whole: Sequence[dict[str, Any]]) -> list[Drawing]:
    drawings = []
    for metric in _DRAWN:
        mine = [row for row in whole if row["metric"] == metric and row["value"] is not None]
        if len(mine) > 1:
            title = metric.replace("_", " ")
            figure = intervals_figure(mine, metric=title)
            drawings.append(Drawing(file_name("benchmark", benchmark, metric), figure, title, "Lines are 95 % intervals."))
    return drawings[:3]
