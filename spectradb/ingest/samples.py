"""The sample table: a CSV file that says which run was injected from which sample, and what is known of the sample."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spectradb.errors import BadSampleTable
from spectradb.ingest.naming import run_name
from spectradb.ingest.vocabulary import ion_mode, stated

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Columns with a meaning of their own, by the names under which tables in the field carry them.
_RUN_COLUMNS = ("file", "filename", "file_name", "run", "raw_file")
_SAMPLE_COLUMNS = ("sample", "sample_name", "sample_id")
_TYPE_COLUMNS = ("sample_type", "type")
_GROUP_COLUMNS = ("group", "sample_group", "condition")
_CHROMATOGRAPHY_COLUMNS = ("chromatography", "column")


@dataclass(frozen=True)
class SampleRow:
    """One row of a sample table.

    Parameters
    ----------
    sample : str
        Name of the sample.
    sample_type, sample_group : str or None
        Kind of sample; group of the study design.
    dilution : float or None
        Dilution factor.
    ion_mode, chromatography : str or None
        How the run was acquired.
    metadata : dict
        Every other column, as text; empty cells are left out.
    """

    sample: str
    sample_type: str | None
    sample_group: str | None
    dilution: float | None
    ion_mode: str | None
    chromatography: str | None
    metadata: dict[str, str] = field(default_factory=dict)


def read_samples(path: Path) -> dict[str, SampleRow]:
    """Read a sample table.

    Parameters
    ----------
    path : pathlib.Path
        CSV or TSV with a header. A column ``file`` (or ``filename``, ``run``) names the run; ``sample`` names the sample, which
        is the run itself when absent; ``sample_type``, ``group``, ``dilution``, ``ion_mode`` and ``chromatography`` (or
        ``column``) are understood; all others are kept as metadata.

    Returns
    -------
    dict of str to SampleRow
        By run name.

    Raises
    ------
    BadSampleTable
        If the table cannot be read, has no column that names the run, names a run twice, or has a value that means nothing.
    """
    rows: dict[str, SampleRow] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, delimiter="\t" if path.suffix.lower() in {".tsv", ".txt"} else ",")
            names = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            run_column = _first(names, _RUN_COLUMNS)
            if run_column is None:
                msg = f"{path}: no column names the run. Add a column 'file'; the columns are: {', '.join(names) or 'none'}."
                raise BadSampleTable(msg)
            for cells in reader:
                name = run_name((cells[run_column] or "").strip())
                if not name:
                    continue
                if name in rows:
                    msg = f"{path}, line {reader.line_num}: run {name} is named a second time. Leave one row per run."
                    raise BadSampleTable(msg)
                rows[name] = _sample_row(f"{path}, line {reader.line_num}", name, run_column, cells)
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}). Check the path of the sample table."
        raise BadSampleTable(msg) from error
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"{path}: is not a text table in UTF-8 ({error}). Save it as CSV in UTF-8."
        raise BadSampleTable(msg) from error
    return rows


def unmatched(rows: Iterable[str], runs: Iterable[str]) -> tuple[list[str], list[str]]:
    """Compare a sample table with the runs of an import.

    Parameters
    ----------
    rows : iterable of str
        Runs that the table names.
    runs : iterable of str
        Runs that were imported.

    Returns
    -------
    (list of str, list of str)
        Runs without a row, and rows without a run, sorted.
    """
    have, want = set(rows), set(runs)
    return sorted(want - have), sorted(have - want)


def _first(names: list[str], wanted: tuple[str, ...]) -> str | None:
    lowered = {name.lower(): name for name in reversed(names)}
    return next((lowered[name] for name in wanted if name in lowered), None)


def _sample_row(place: str, run: str, run_column: str, cells: dict[str, str | None]) -> SampleRow:
    names = [name for name in cells if name is not None]
    used = {run_column}

    def take(wanted: tuple[str, ...]) -> str | None:
        column = _first(names, wanted)
        if column is None:
            return None
        used.add(column)
        return (cells[column] or "").strip() or None

    dilution = take(("dilution",))
    try:
        factor = float(dilution.removeprefix("1:")) if dilution else None
    except ValueError:
        msg = f"{place}: dilution {dilution!r} is not a number. Write the factor, such as 40 or 1:40."
        raise BadSampleTable(msg) from None
    polarity = take(("ion_mode", "polarity"))
    mode = ion_mode(polarity or "")
    if mode is None and stated(polarity or ""):
        msg = f"{place}: ion mode {polarity!r} is neither positive nor negative. Leave it empty where the files tell it."
        raise BadSampleTable(msg)
    row = SampleRow(
        sample=take(_SAMPLE_COLUMNS) or run,
        sample_type=take(_TYPE_COLUMNS),
        sample_group=take(_GROUP_COLUMNS),
        dilution=factor,
        ion_mode=mode,
        chromatography=take(_CHROMATOGRAPHY_COLUMNS),
    )
    for name in names:
        value = (cells[name] or "").strip()
        if name not in used and value:
            row.metadata[name] = value
    return row
