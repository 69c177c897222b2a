"""What a benchmark found, for people, programs and the record."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Cell = str | int | float | None


@dataclass(frozen=True)
class Result:
    """One number.

    Parameters
    ----------
    method, subset, metric : str
        What was measured, of which method, on which part of the data.
    value : float or None
        The number.
    n : int
        How many spectra, analytes, groups or runs it was measured on.
    low, high : float or None
        Ends of its 95 % confidence interval.
    """

    method: str
    subset: str
    metric: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None

    def as_row(self) -> dict[str, Cell]:
        """Return it as a row of ``benchmark_results``, with NULL for what is no number.

        Returns
        -------
        dict
            Columns and values.
        """
        row: dict[str, Cell] = dict(self.__dict__)
        return row | {name: _number(row[name]) for name in ("value", "low", "high")}


@dataclass(frozen=True)
class PrintedTable:
    """A table for people.

    Parameters
    ----------
    title : str
        What it shows.
    header : sequence of str
        Names of the columns.
    rows : sequence of sequence
        Cells: text, numbers, None.
    """

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    def lines(self) -> list[str]:
        """Draw it: the first column to the left, the others to the right.

        Returns
        -------
        list of str
            Lines of text.
        """
        cells = [list(self.header), *([_text(cell) for cell in row] for row in self.rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(self.header))]
        drawn = [
            "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
            for row in cells
        ]
        return ["", self.title, *(f"  {line}".rstrip() for line in drawn)]


@dataclass(frozen=True)
class Findings:
    """What a protocol found.

    Parameters
    ----------
    results : sequence of Result
        Every number.
    tables : sequence of PrintedTable
        Those that are printed.
    notes : sequence of str
        What one must know to read them.
    parameters : dict
        What was chosen while it ran, for the record.
    """

    results: Sequence[Result]
    tables: Sequence[PrintedTable]
    notes: Sequence[str] = ()
    parameters: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class BenchmarkReport:
    """What a benchmark did.

    Parameters
    ----------
    name, protocol : str
        Names of the benchmark and of its protocol.
    findings : Findings
        What it found.
    searches : dict of str to str
        The search of each method.
    seconds : float
        Time it took, searches included.
    """

    name: str
    protocol: str
    findings: Findings
    searches: dict[str, str]
    seconds: float

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        found = self.findings
        of = f"benchmark {self.name} ({self.protocol}): {len(self.searches)} methods"
        lines = [f"{of}, {len(found.results):,} results in {self.seconds:.1f} s"]
        lines += [line for table in found.tables for line in table.lines()]
        return [*lines, "", *(f"note: {note}" for note in found.notes)]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return {
            "benchmark": self.name,
            "protocol": self.protocol,
            "searches": self.searches,
            "notes": list(self.findings.notes),
            "results": [result.as_row() for result in self.findings.results],
            "seconds": self.seconds,
        }


def pivot(
    results: Iterable[Result], methods: Sequence[str], metrics: Sequence[str], *, subset: str = "all"
) -> list[list[Cell]]:
    """Lay results out with a row per method and a column per metric.

    Parameters
    ----------
    results : iterable of Result
        Where to look.
    methods, metrics : sequence of str
        Rows and columns.
    subset : str
        The part of the data.

    Returns
    -------
    list of list
        The rows: the method, then a cell per metric.
    """
    found = {(r.method, r.metric): r for r in results if r.subset == subset}
    return [
        [method, *(with_interval(found[method, metric]) if (method, metric) in found else None for metric in metrics)]
        for method in methods
    ]


def with_interval(result: Result) -> str:
    """Write a number with its confidence interval.

    Parameters
    ----------
    result : Result
        The number.

    Returns
    -------
    str
        Such as ``0.739 [0.731, 0.747]``.
    """
    low, high = _number(result.low), _number(result.high)
    return _text(result.value) + (f" [{low:.3f}, {high:.3f}]" if low is not None and high is not None else "")


def _number(value: Cell) -> float | None:
    return None if value is None or isinstance(value, str) or math.isnan(value) else float(value)


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, int):
        return f"{cell:,}"
    return "-" if cell is None or math.isnan(cell) else f"{cell:.3f}"
