"""The sample table: a text table that says which run was injected from which sample, and what is known of both."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from spectradb.errors import BadSampleTable
from spectradb.ingest.fields.vocabulary import ion_mode, stated
from spectradb.ingest.spectra.naming import run_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

# Columns with a meaning of their own, by the names under which tables in the field carry them.
_RUN_COLUMNS = ("file", "filename", "file_name", "run", "raw_file")
_SAMPLE_COLUMNS = ("sample", "sample_name", "sample_id")
_TYPE_COLUMNS = ("sample_type", "type")
_GROUP_COLUMNS = ("group", "sample_group", "condition")
_CHROMATOGRAPHY_COLUMNS = ("chromatography", "column")

_DELIMITERS = (",", ";", "\t", "|")
# float() would also take '25_25', 'nan' and digits of other scripts.
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+\Z", re.ASCII)


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
        Dilution factor of the run.
    ion_mode, chromatography : str or None
        How the run was acquired.
    metadata : dict
        Every other column, as text; empty cells are left out.
    file : str
        The run, as the table writes it.
    line : int
        Line of the table; 0: unknown.
    """

    sample: str
    sample_type: str | None
    sample_group: str | None
    dilution: float | None
    ion_mode: str | None
    chromatography: str | None
    metadata: dict[str, str] = field(default_factory=dict)
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)


def read_samples(path: Path) -> dict[str, SampleRow]:
    """Read a sample table.

    Parameters
    ----------
    path : pathlib.Path
        Text table with a header, its columns parted by commas, semicolons, tabs or bars. A column ``file`` (or ``filename``,
        ``run``) names the run, with or without folders and suffix; ``sample`` names the sample, which is the run itself when
        absent; ``sample_type``, ``group``, ``dilution``, ``ion_mode`` and ``chromatography`` (or ``column``) are understood;
        all others are kept as metadata. Numbers may have decimal commas where commas do not part the columns.

    Returns
    -------
    dict of str to SampleRow
        By run name; runs of one name in several folders by their paths.

    Raises
    ------
    BadSampleTable
        If the table cannot be read, has no column that names the run, names a run or a column twice, has a value that means
        nothing, or says of one sample that it is of two types or groups.
    """
    table = _read_table(path)
    run_column = _first(table.names, _RUN_COLUMNS)
    if run_column is None:
        msg = f"{path}: no column names the run. Add a column 'file'; the columns are: {', '.join(table.names) or 'none'}."
        raise BadSampleTable(msg)
    rows: dict[str, SampleRow] = {}
    for line, cells in table.rows:
        file = (cells.get(run_column) or "").strip()
        if not run_name(file):
            continue
        key = _without_suffix(file)
        if key in rows:
            msg = f"{path}, line {line}: run {run_name(file)} is named a second time. Leave one row per run."
            raise BadSampleTable(msg)
        rows[key] = _sample_row(f"{path}, line {line}", file, line, run_column, cells)
    _check_samples(path, rows.values())
    shared = Counter(run_name(key) for key in rows)
    return {run_name(key) if shared[run_name(key)] == 1 else key: row for key, row in rows.items()}


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


class _Table(NamedTuple):
    """A text table: its columns, and its rows with their lines."""

    names: list[str]
    rows: list[tuple[int, dict[str, str | None]]]


def _read_table(path: Path) -> _Table:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        delimiter = _delimiter(text, preferred="\t" if path.suffix.lower() in {".tsv", ".txt"} else ",")
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
        names = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        rows: list[tuple[int, dict[str, str | None]]] = [(reader.line_num, cells) for cells in reader]
    except OSError as error:
        msg = f"{path}: cannot be read ({error.strerror}). Check the path of the sample table."
        raise BadSampleTable(msg) from error
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"{path}: is not a text table in UTF-8 ({error}). Save it as CSV in UTF-8."
        raise BadSampleTable(msg) from error
    repeated = [name for name, n in Counter(names).items() if n > 1 and name]
    if repeated:
        msg = f"{path}: several columns are called {repeated[0]!r}. Give each a name of its own."
        raise BadSampleTable(msg)
    if delimiter != ",":
        _read_decimal_commas(names, [cells for _, cells in rows])
    return _Table(names, rows)


def _delimiter(text: str, *, preferred: str) -> str:
    """Return what parts the columns: what makes the header name the run, else what parts it most often."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    parted = {delimiter: next(csv.reader([header], delimiter=delimiter), []) for delimiter in _DELIMITERS}

    def fitness(delimiter: str) -> tuple[bool, int, bool]:
        names = [name.strip() for name in parted[delimiter]]
        return _first(names, _RUN_COLUMNS) is not None, len(names), delimiter == preferred

    return max(_DELIMITERS, key=fitness)


def _read_decimal_commas(names: Sequence[str], rows: Sequence[dict[str, str | None]]) -> None:
    """Write numbers with points, in columns all whose values are numbers with decimal commas; names stay as they are."""
    texts = {_first(names, wanted) for wanted in (_RUN_COLUMNS, _SAMPLE_COLUMNS, _TYPE_COLUMNS, _GROUP_COLUMNS)}
    for name in (name for name in names if name not in texts):
        values = [value.strip() for cells in rows if (value := cells.get(name))]
        values = [value for value in values if value]
        commas = [value for value in values if _DECIMAL_COMMA.match(value)]
        if commas and all(_DECIMAL_COMMA.match(value) or _WHOLE.match(value) for value in values):
            for cells in rows:
                cells[name] = (cells.get(name) or "").replace(",", ".")


def _first(names: Sequence[str], wanted: tuple[str, ...]) -> str | None:
    lowered = {name.lower(): name for name in reversed(names)}
    return next((lowered[name] for name in wanted if name in lowered), None)


def _without_suffix(file: str) -> str:
    folder, slash, name = file.replace("\\", "/").rpartition("/")
    return f"{folder}{slash}{run_name(name)}"


def _sample_row(place: str, file: str, line: int, run_column: str, cells: dict[str, str | None]) -> SampleRow:
    names = [name for name in cells if name is not None]
    used = {run_column}

    def take(wanted: tuple[str, ...]) -> str | None:
        column = _first(names, wanted)
        if column is None:
            return None
        used.add(column)
        return (cells[column] or "").strip() or None

    factor = _dilution(take(("dilution",)), place)
    polarity = take(("ion_mode", "polarity"))
    mode = ion_mode(polarity or "")
    if mode is None and stated(polarity or ""):
        msg = f"{place}: ion mode {polarity!r} is neither positive nor negative. Leave it empty where the files tell it."
        raise BadSampleTable(msg)
    row = SampleRow(
        sample=take(_SAMPLE_COLUMNS) or run_name(file),
        sample_type=take(_TYPE_COLUMNS),
        sample_group=take(_GROUP_COLUMNS),
        dilution=factor,
        ion_mode=mode,
        chromatography=take(_CHROMATOGRAPHY_COLUMNS),
        file=file,
        line=line,
    )
    for name in names:
        value = (cells[name] or "").strip()
        if name not in used and value:
            row.metadata[name] = value
    return row


def _dilution(text: str | None, place: str) -> float | None:
    if text is None:
        return None
    factor = text.removeprefix("1:").strip()
    if not _NUMBER.match(factor) or not math.isfinite(float(factor)):
        msg = f"{place}: dilution {text!r} is not a number. Write the factor, such as 40 or 1:40."
        raise BadSampleTable(msg)
    return float(factor)


def _check_samples(path: Path, rows: Iterable[SampleRow]) -> None:
    """Check that rows of one sample agree in what a sample has one of; what differs otherwise belongs to runs."""
    seen: dict[tuple[str, str], tuple[str, int]] = {}
    for row in rows:
        for what, value in (("sample type", row.sample_type), ("group", row.sample_group)):
            if value is None:
                continue
            before, line = seen.setdefault((row.sample, what), (value, row.line))
            if before != value:
                msg = (
                    f"{path}, lines {line} and {row.line}: sample {row.sample} is of {what} {before!r} and of {value!r}. "
                    "Give each sample one, or the samples names of their own."
                )
                raise BadSampleTable(msg)
