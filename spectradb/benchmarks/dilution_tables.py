"""The printed tables of the protocol ``dilution``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb.benchmarks.report import PrintedTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.benchmarks.report import Cell, Result

# What the paper calls them, in the tables that are laid out as its are.
_WORDS = {"false_positives": "spurious_hits", "recall": "true_hit_rate"}
_WHOLE = ("true_positives", "false_positives", "missed", "found_by_both", "found_only_by_it")
_OF_FILES = ("true_positives", "false_positives", "precision", "recall", "f1")


def dilution_tables(
    results: Sequence[Result], methods: Sequence[str], baseline: str, dilutions: Sequence[str], *, consistency: bool
) -> list[PrintedTable]:
    """Lay out what was found as the paper does.

    Parameters
    ----------
    results : sequence of Result
        What was found.
    methods : sequence of str
        The methods.
    baseline : str
        The one that others are compared with.
    dilutions : sequence of str
        Subsets of the dilutions.
    consistency : bool
        Print what is found undiluted as well: for a reference set that was found there, that says nothing.

    Returns
    -------
    list of PrintedTable
        Global, by dilution, by file, overlap.
    """
    found = {(r.method, r.subset, r.metric): r.value for r in results}

    def cell(method: str, subset: str, metric: str) -> Cell:
        value = found.get((method, subset, metric))
        whole = metric in _WHOLE or metric.endswith(("_won", "_lost"))
        return round(value) if whole and value is not None else value

    overall = ("threshold", "true_positives", "false_positives", "precision", "recall", "f1")
    tables = [
        PrintedTable(
            "all samples together, each method at its best threshold",
            ["method", *_words(overall)],
            [[method, *(cell(method, "all", metric) for metric in overall)] for method in methods],
        )
    ]
    by_dilution = ("true_positives", "false_positives", "precision", "f1", *(("found_undiluted_too",) if consistency else ()))
    for metric in by_dilution:
        rows = [[method, *(cell(method, subset, metric) for subset in dilutions)] for method in methods]
        tables.append(
            PrintedTable(
                f"{_WORDS.get(metric, metric)} by dilution, at the best threshold of each", ["method", *dilutions], rows
            )
        )
    others = [method for method in methods if method != baseline]
    if not others:
        return tables
    pairs = {method: f"{method} against {baseline}" for method in others}
    welch = [[method, *(_p(cell(pair, subset, "welch_p")) for subset in dilutions)] for method, pair in pairs.items()]
    tables.append(PrintedTable(f"p of being more precise than {baseline} (Welch)", ["method", *dilutions], welch))
    files = [
        [method, *(f"{cell(pair, 'files', m + '_won')}:{cell(pair, 'files', m + '_lost')}" for m in _OF_FILES)]
        for method, pair in pairs.items()
    ]
    tables.append(PrintedTable(f"files in which it is ahead of {baseline}, and behind", ["method", *_words(_OF_FILES)], files))
    shared = ("found_by_both", "found_only_by_it", "missed")
    rows = [[method, *(cell(pair, "all", metric) for metric in shared)] for method, pair in pairs.items()]
    return [*tables, PrintedTable(f"analytes of the reference set beside {baseline}", ["method", *shared], rows)]


def _words(metrics: Sequence[str]) -> list[str]:
    return [_WORDS.get(metric, metric) for metric in metrics]


def _p(cell: Cell) -> Cell:
    return f"{cell:.1e}" if isinstance(cell, float) else cell
