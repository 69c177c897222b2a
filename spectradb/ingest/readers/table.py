"""Reader of any table that DuckDB reads (Parquet, CSV, JSON, ...) through a SELECT that names the columns."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spectradb import schemas
from spectradb.errors import BadSelect
from spectradb.ingest.fields import decimals, vocabulary
from spectradb.ingest.fields.decimals import NO_MARKS, Marks
from spectradb.ingest.fields.drop_reasons import REASONS
from spectradb.ingest.fields.values import charge, ms_level, number, precursor_mz, precursor_words, seconds, stated
from spectradb.ingest.readers.raw import BATCH_SPECTRA, RAW_SCHEMA
from spectradb.spelling import known_names
from spectradb.store.engine_progress import without_progress_in_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spectradb.ingest.readers.raw import Problems

PLACEHOLDER = "{file}"
MEMORY_LIMIT = "2GB"
TRY_IT = "Check the path, the names of the columns and the spelling; a DuckDB shell runs the same SELECT"

_NAME = re.compile(r"@[\w-]+|[A-Za-z_][\w-]*")
_PEAKS = ("mz", "intensity")
# How a column of numbers is read where the table holds it as text, and what is said of a value that cannot be read.
_TEXT_READERS: dict[str, tuple[Callable[[str, Marks], float | int | None], str]] = {
    "precursor_mz": (precursor_mz, "precursor_unreadable"),
    "charge": (lambda text, _: charge(text), "charge_unreadable"),
    "ms_level": (lambda text, _: ms_level(text), "ms_level_unreadable"),
    "retention_time_s": (lambda text, marks: seconds(text, bare="s", marks=marks), "retention_time_unreadable"),
    "retention_time_unitless": (number, "retention_time_unreadable"),
}
_DECIMALS = ("precursor_mz", "retention_time_s", "retention_time_unitless")


def read_select(path: Path, select: str, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Read spectra from a table.

    Parameters
    ----------
    path : pathlib.Path
        The file, which takes the place of ``{file}`` in the SELECT.
    select : str
        A SELECT whose columns are named after :data:`~spectradb.ingest.readers.raw.RAW_SCHEMA`, with ``'{file}'`` where the
        path goes; or the path of a ``.sql`` file that holds one; or the name of one that comes with the package, such as
        ``massbank`` or ``@massbank``. ``mz`` and ``intensity`` must be among the columns. Rows without ``native_id`` are named
        by row number.
    problems : Problems
        Receives the rows without peaks or with unequal numbers of m/z and intensities.

    Yields
    ------
    pyarrow.RecordBatch
        Batches with :data:`~spectradb.ingest.readers.raw.RAW_SCHEMA`, in the order of the table.

    Raises
    ------
    BadSelect
        DuckDB cannot run the SELECT, or its columns are not those of spectra.
    """
    title, sql = _find(select)
    if PLACEHOLDER not in sql:
        raise BadSelect(f"{title} never mentions '{PLACEHOLDER}'. Write FROM '{PLACEHOLDER}' where the path of the table goes")
    sql = sql.replace(PLACEHOLDER, str(path).replace("'", "''"))
    with tempfile.TemporaryDirectory(prefix="spectradb-select-") as spill:
        settings: dict[str, Any] = {
            "memory_limit": MEMORY_LIMIT,
            "temp_directory": spill,
            "preserve_insertion_order": True,  # row numbers serve as identifiers
            "python_enable_replacements": False,  # a misspelt table is an error, not a variable of this program
        }
        with without_progress_in_files(duckdb.connect(config=settings)) as connection:
            try:
                # A relation streams; what execute() gives is held whole in memory from DuckDB 2.0 on.
                relation = connection.sql(sql)
                if relation is None:
                    raise BadSelect(f"{title} is a statement that gives no rows. Write a SELECT")
                reader = relation.to_arrow_reader(BATCH_SPECTRA)
                _check_columns(reader.schema.names, title)
                first_row = 1
                for batch in reader:
                    yield _spectra(batch, first_row, title, problems)
                    first_row += batch.num_rows
            # While a result streams, Arrow passes DuckDB's errors on as its own or as an error of reading.
            except (duckdb.Error, pa.ArrowException, OSError) as error:
                raise BadSelect(f"{path}: {title} cannot be run: {_first_line(error)}. {TRY_IT}") from error


def select_text(select: str) -> str:
    """Give the text of a SELECT, with ``{file}`` where the path goes.

    Parameters
    ----------
    select : str
        As for :func:`read_select`: a SELECT, the path of a ``.sql`` file, or a name.

    Returns
    -------
    str
        The SELECT.

    Raises
    ------
    BadSelect
        There is no such file or no SELECT of that name.
    """
    return _find(select)[1]


def _find(select: str) -> tuple[str, str]:
    """Tell how messages call a SELECT, and its text."""
    select = select.strip()
    if _NAME.fullmatch(select):
        name = select.removeprefix("@")
        shipped = schemas.names("selects")
        if f"selects/{name}" not in shipped:
            known = known_names(name, (file.removeprefix("selects/") for file in shipped))
            raise BadSelect(f"no SELECT is called '{name}'. Give the text of a SELECT, a .sql file, or one of: {known}")
        return f"the SELECT '{name}'", schemas.read(f"selects/{name}")
    if select.endswith(".sql") and "\n" not in select:
        file = Path(select).expanduser()
        try:
            return f"the SELECT in {file}", file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise BadSelect(f"{file} cannot be read: {error}. Check the path of the .sql file") from error
    return "the SELECT", select


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__


def _check_columns(names: list[str], title: str) -> None:
    unknown = [name for name in names if name not in RAW_SCHEMA.names]
    if unknown:
        allowed = ", ".join(RAW_SCHEMA.names)
        raise BadSelect(
            f"{title} yields columns that no spectrum has: {', '.join(unknown)}. Rename or leave out; known: {allowed}"
        )
    missing = [name for name in _PEAKS if name not in names]
    if missing:
        raise BadSelect(f"{title} yields no {' and no '.join(missing)}. Both must be there, as lists of numbers")


def _spectra(batch: pa.RecordBatch, first_row: int, title: str, problems: Problems) -> pa.RecordBatch:
    marks = _marks(batch)
    rows = pa.array([f"row {row}" for row in range(first_row, first_row + batch.num_rows)], type=pa.string())
    columns: dict[str, pa.Array] = {}
    unread: dict[int, list[str]] = {}
    for field in RAW_SCHEMA:
        if field.name not in batch.schema.names:
            columns[field.name] = pa.nulls(batch.num_rows, field.type)
        elif field.name in _TEXT_READERS and _is_text(batch.column(field.name)):
            columns[field.name] = _read_text(
                batch.column(field.name), field, f"{title}, from row {first_row} on", unread, marks
            )
        else:
            columns[field.name] = _cast(batch.column(field.name), field, first_row, title)
    for name in ("native_id", "place"):
        columns[name] = pc.coalesce(columns[name], rows)
    columns["flags"] = _flags(columns["flags"], unread, title)
    spectra = pa.RecordBatch.from_arrays(list(columns.values()), schema=RAW_SCHEMA)
    return spectra.filter(_sound(spectra, problems))


def _is_text(column: pa.Array) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _flags(stated_flags: pa.Array, unread: dict[int, list[str]], title: str) -> pa.Array:
    """Add what could not be read to what the SELECT flags itself."""
    flags = [list(flags or ()) + unread.get(row, []) for row, flags in enumerate(stated_flags.to_pylist())]
    unknown = sorted({flag for row in flags for flag in row} - REASONS.keys())
    if unknown:
        raise BadSelect(f"{title} yields flags that are no reasons: {', '.join(unknown)}. Known: {', '.join(REASONS)}")
    return pa.array([row or None for row in flags], stated_flags.type)


def _cast(column: pa.Array, field: pa.Field, first_row: int, title: str) -> pa.Array:
    try:
        return column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        hint = f"TRY_CAST({field.name} AS {'DOUBLE[]' if field.name in _PEAKS else 'DOUBLE'})"
        if field.name in _PEAKS and pa.types.is_string(column.type):
            hint = f"TRY_CAST(string_split({field.name}, ',') AS DOUBLE[])"
        message = (
            f"{title}: column {field.name} has values of type {column.type} that cannot become {field.type} (from row "
            f"{first_row} on: {_first_line(error)}). Cast it in the SELECT, for example {hint} AS {field.name}"
        )
        raise BadSelect(message) from error


def _marks(batch: pa.RecordBatch) -> dict[int, Marks]:
    """Tell which decimal marks the numbers of a row can only have, where a comma makes it a question."""
    names = [name for name in _DECIMALS if name in batch.schema.names and _is_text(batch.column(name))]
    marks = {}
    for row, texts in enumerate(zip(*(batch.column(name).to_pylist() for name in names), strict=True)):
        if any("," in text for text in texts if text):
            marks[row] = decimals.marks(word for text in texts if text for word in precursor_words(text))
    return marks


def _read_text(
    column: pa.Array, field: pa.Field, where: str, unread: dict[int, list[str]], marks: dict[int, Marks]
) -> pa.Array:
    """Read numbers that a table holds as text, as the readers of text formats do; note the rows that state something else."""
    read, flag = _TEXT_READERS[field.name]
    texts = [stated(text) for text in column.to_pylist()]
    values = [None if text is None else read(text, marks.get(row, NO_MARKS)) for row, text in enumerate(texts)]
    bad = {row: text for row, text in enumerate(texts) if text and values[row] is None and vocabulary.stated(text) is not None}
    several = {row for row, text in bad.items() if field.name == "charge" and vocabulary.names_several_charges(text)}
    if len(bad) > len(several) and not any(value is not None for value in values):
        some = next(text for row, text in bad.items() if row not in several)
        raise BadSelect(f"{where}: column {field.name} holds no {field.type}, but {some[:40]!r}. Correct it in the SELECT")
    for row in bad:
        unread.setdefault(row, []).append("several_charges" if row in several else flag)
    return pa.array(values, field.type)


def _sound(spectra: pa.RecordBatch, problems: Problems) -> pa.Array:
    """Note the rows whose peaks are not pairs of numbers, and tell which rows are."""
    n_mz, n_intensity = (pc.list_value_length(spectra.column(name)) for name in _PEAKS)
    has_gap = pa.array([False] * spectra.num_rows)
    for name in _PEAKS:
        peaks = spectra.column(name)
        gaps = pc.unique(pc.list_parent_indices(peaks).filter(pc.is_null(pc.list_flatten(peaks))))
        has_gap = pc.or_(has_gap, pc.is_in(pa.array(range(spectra.num_rows), type=gaps.type), value_set=gaps))
    sound = pc.and_(pc.fill_null(pc.equal(n_mz, n_intensity), fill_value=False), pc.invert(has_gap))
    for row in pc.indices_nonzero(pc.invert(sound)).to_pylist():
        counts = [length[row].as_py() for length in (n_mz, n_intensity)]
        if None in counts:
            reason = f"it has no {_PEAKS[counts.index(None)]}"
        elif counts[0] != counts[1]:
            reason = f"{counts[0]} m/z values but {counts[1]} intensities"
        else:
            reason = "a value among its peaks is NULL or no number"
        problems.add(spectra.column("place")[row].as_py(), reason)
    return sound
