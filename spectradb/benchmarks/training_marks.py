"""Marks of what compared models were trained on: in a benchmark's parts of the data, its results, tables and notes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.benchmarks.report import Findings, PrintedTable, Result
from spectradb.search.training_overlap import seen_queries, training_overlaps, truth_notes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from spectradb.search.training_overlap import TrainingOverlap

#: Heading of the column that marks methods.
COLUMN = "trained on"


def register_training_parts(con: duckdb.DuckDBPyConnection, searches: Sequence[str]) -> None:
    """Let statements read what compared models were trained on, as the relation ``training_parts``.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    searches : sequence of str
        The search_id of all compared searches.
    """
    con.register("seen_queries", seen_queries(con, searches))
    parts = con.sql(schemas.read("queries/retrieval/training_parts")).to_arrow_table()
    con.unregister("seen_queries")
    con.register("training_parts", parts)


def marked(con: duckdb.DuckDBPyConnection, findings: Findings, searches: dict[str, str]) -> Findings:
    """Mark what compared models were trained on, in results, tables and notes.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    findings : Findings
        What a protocol found.
    searches : dict of str to str
        The search of each method.

    Returns
    -------
    Findings
        With a column in the tables of methods, shares among the results, and a note for each model; as it was where no compared
        model was trained on anything.
    """
    overlaps = training_overlaps(con, list(searches.values()))
    truth = findings.parameters.get("reference")
    told_of_truth = truth_notes(con, truth, list(searches.values())) if isinstance(truth, list) else []
    if not overlaps:
        return replace(findings, notes=[*findings.notes, *told_of_truth])
    marks = {method: overlaps[search].mark() if search in overlaps else None for method, search in searches.items()}
    results = [result for method, search in searches.items() for result in _shares(method, overlaps.get(search))]
    notes = dict.fromkeys(note for overlap in overlaps.values() if (note := overlap.note()))
    return replace(
        findings,
        results=[*findings.results, *results],
        tables=[_with_marks(table, marks) for table in findings.tables],
        notes=[*findings.notes, *notes, *told_of_truth],
    )


def _shares(method: str, overlap: TrainingOverlap | None) -> Iterator[Result]:
    if overlap is None or not overlap.told:
        return
    n = overlap.n_queries
    yield Result(method, "all", "trained_on_spectra", overlap.n_spectra_seen / n, n)
    if not overlap.n_untold:
        yield Result(method, "all", "trained_on_analytes", overlap.n_analytes_seen / n, n)


def _with_marks(table: PrintedTable, marks: dict[str, str | None]) -> PrintedTable:
    if table.header[0] != "method" or not any(row[0] in marks for row in table.rows):
        return table
    rows = [[*row, marks.get(str(row[0]))] for row in table.rows]
    return replace(table, header=[*table.header, COLUMN], rows=rows)
