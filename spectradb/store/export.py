"""Writing published tables to files that other programs read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
from duckdb import ColumnExpression, ConstantExpression
from duckdb.sqltypes import VARCHAR

from spectradb import schemas
from spectradb.errors import BadParameter, NoCollection
from spectradb.spelling import known_names
from spectradb.whole_files import written_whole

if TYPE_CHECKING:
    from pathlib import Path

#: Suffixes of the formats that DuckDB writes.
TABLE_SUFFIXES = (".parquet", ".csv", ".tsv", ".json")
# Relations whose rows are what searches say; summaries are of one search of each study, and have a query for another one.
_OF_SEARCHES = ("hits", "candidates", "identifications", "latest_identifications")
_SUMMARIES = {"sample_summary": "queries/lab/export_run_summary", "marker_identifications": "queries/lab/export_marker_answers"}
# Where a relation says which study its rows belong to.
_STUDY_COLUMNS = ("study", "collection")
# 64-bit numbers that only tell rows apart: spreadsheets and JSON readers would round them.
_KEY_ENDINGS = ("_id", "_hash", "duplicate_of")


@dataclass(frozen=True)
class ExportReport:
    """What was exported.

    Parameters
    ----------
    table : str
        Name of the table or view.
    file : pathlib.Path
        The file.
    rows : int
        Rows written.
    searches : tuple of str
        The searches whose answers they are; empty where the rows are no answers.
    notes : tuple of str
        What the format could not hold.
    """

    table: str
    file: Path
    rows: int
    searches: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        of = f" (search {', '.join(self.searches)})" if self.searches else ""
        rows = f"{self.rows:,} row{'' if self.rows == 1 else 's'}"
        return [f"{rows} of {self.table}{of} written to {self.file}", *(f"note: {note}" for note in self.notes)]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return {
            "rows": self.rows,
            "table": self.table,
            "file": str(self.file),
            "searches": list(self.searches),
            "notes": list(self.notes),
        }


def chosen_rows(
    con: duckdb.DuckDBPyConnection, table: str, *, study: str | None = None, search: str | None = None, confident: bool = False
) -> tuple[duckdb.DuckDBPyRelation, tuple[str, ...]]:
    """Choose rows of a table or view; of answers, those of the newest search of each study unless told otherwise.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    table : str
        Name of the table or view.
    study : str, optional
        Only rows of this study or library.
    search : str, optional
        Only rows of this search.
    confident : bool
        Only answers that are confident by the lab's rule.

    Returns
    -------
    (duckdb.DuckDBPyRelation, tuple of str)
        The rows, and the searches whose answers they are.

    Raises
    ------
    BadParameter
        If the lab has no such table or search, or the table does not say whose its rows are.
    NoCollection
        If the lab has no such study or library.
    """
    known = _known(con)
    if table not in known:
        msg = f"the lab has no table or view {table!r}; it has: {known_names(table, known, most=99)}. Or give a SELECT"
        raise BadParameter(msg)
    _check(con, study, search)
    rows, searches = _chosen(con, table, study, search)
    if confident:
        if "confident" not in rows.columns:
            raise BadParameter(f"{table} does not say which answers are confident; export identifications")
        rows = rows.filter(ColumnExpression("confident"))
    return rows, searches


def is_select(con: duckdb.DuckDBPyConnection, what: str) -> bool:
    """Say whether this is a statement and not meant as the name of a table.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    what : str
        A name or a statement.

    Returns
    -------
    bool
        True for words with a blank between them that are no table's name.
    """
    return len(what.split()) > 1 and what not in _known(con)


def export_rows(
    con: duckdb.DuckDBPyConnection, rows: duckdb.DuckDBPyRelation, file: Path, *, called: str, searches: tuple[str, ...] = ()
) -> ExportReport:
    """Write rows to a file that DuckDB writes; columns that hold 64-bit identifiers as text.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    rows : duckdb.DuckDBPyRelation
        The rows.
    file : pathlib.Path
        Where to write; its suffix is one of :data:`TABLE_SUFFIXES`.
    called : str
        What the rows are, for the report.
    searches : tuple of str
        The searches whose answers they are.

    Returns
    -------
    ExportReport
        What was written.

    Raises
    ------
    BadParameter
        If the file cannot be written.
    """
    exported = keys_as_text(rows)  # noqa: F841 - read by name
    name = "queries/lab/export_tsv" if file.suffix.lower() == ".tsv" else "queries/lab/export"
    try:
        with written_whole(file) as beside:
            (n_rows,) = con.execute(schemas.fill(name, table="exported", path=beside)).fetchall()[0]
    except (duckdb.IOException, OSError) as error:
        reason = (
            f"there is no folder {file.parent}"
            if not file.parent.is_dir()
            else str(error).partition("\n")[0].replace(str(beside), str(file))
        )
        raise BadParameter(f"{file} cannot be written: {reason}. Choose another place") from error
    return ExportReport(called, file, int(n_rows), searches)


def keys_as_text(rows: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Turn columns that hold 64-bit identifiers into text.

    Parameters
    ----------
    rows : duckdb.DuckDBPyRelation
        The rows.

    Returns
    -------
    duckdb.DuckDBPyRelation
        The same rows.
    """
    return rows.select(*(_written(name, kind) for name, kind in zip(rows.columns, rows.types, strict=True)))


def _known(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in con.execute(schemas.read("queries/lab/table_names")).fetchall()]


def _check(con: duckdb.DuckDBPyConnection, study: str | None, search: str | None) -> None:
    if search is not None:
        of = dict(con.execute(schemas.read("queries/lab/studies_of_searches")).fetchall())
        if search not in of:
            raise BadParameter(f"the lab has no search {search!r}; it has: {known_names(search, of)}")
        if study is not None and of[search] != study:
            raise BadParameter(f"search {search} is of {of[search]}, not of {study}")
    if study is not None:
        names = [name for (name,) in con.execute(schemas.read("publish/collections")).fetchall()]
        if study not in names:
            raise NoCollection(f"the lab has no study or library {study!r}; it has: {known_names(study, names)}")


def _chosen(
    con: duckdb.DuckDBPyConnection, table: str, study: str | None, search: str | None
) -> tuple[duckdb.DuckDBPyRelation, tuple[str, ...]]:
    """Choose the rows, and name the searches whose answers they are."""
    if table in _OF_SEARCHES or table in _SUMMARIES:
        searches = (search,) if search is not None else _newest(con, study)
        if table in _SUMMARIES and (search is not None or study is not None):
            # Of a study without a search the summary of its runs still counts spectra.
            one = searches[0] if searches else None
            rows = con.sql(schemas.read(_SUMMARIES[table]), params={"search": one})
            return (rows if study is None else _where(rows, "study", (study,))), searches
        if table in _SUMMARIES:
            return con.table(table), searches
        # All answers are within reach, also those of a search that the view of the newest leaves out.
        named = "identifications" if table == "latest_identifications" else table
        return _where(con.table(named), "search_id", searches), searches
    rows = con.table(table)
    if search is not None:
        if "search_id" not in rows.columns:
            raise BadParameter(f"{table} does not say which search its rows belong to; leave out the search")
        rows = _where(rows, "search_id", (search,))
    if study is not None:
        column = next((name for name in _STUDY_COLUMNS if name in rows.columns), None)
        if column is None:
            raise BadParameter(f"{table} does not say which study its rows belong to; leave out the study")
        rows = _where(rows, column, (study,))
    return rows, ()


def _newest(con: duckdb.DuckDBPyConnection, study: str | None) -> tuple[str, ...]:
    """Name the newest search of each study, or of one collection, which then may be one against itself."""
    searches = tuple(name for (name,) in con.execute(schemas.read("queries/lab/newest_searches"), {"study": study}).fetchall())
    if not searches and study is None:
        others = list(dict(con.execute(schemas.read("queries/lab/studies_of_searches")).fetchall()))
        if others:
            msg = f"the lab has searches of libraries against themselves only; name one: {', '.join(others)}"
            raise BadParameter(msg)
    return searches


def _where(rows: duckdb.DuckDBPyRelation, column: str, values: tuple[str, ...]) -> duckdb.DuckDBPyRelation:
    if not values:
        return rows.limit(0)
    return rows.filter(ColumnExpression(column).isin(*map(ConstantExpression, values)))


def is_key(name: str, kind: object) -> bool:
    """Say whether a column holds 64-bit identifiers, by its name and type.

    Parameters
    ----------
    name : str
        Name of the column.
    kind : object
        Its type, as DuckDB writes it.

    Returns
    -------
    bool
        True for such as spectrum_id, query_id, peaks_hash and duplicate_of.
    """
    return str(kind) in ("BIGINT", "UBIGINT", "HUGEINT") and name.endswith(_KEY_ENDINGS)


def _written(name: str, kind: object) -> duckdb.Expression:
    column = ColumnExpression(name)
    return column.cast(VARCHAR).alias(name) if is_key(name, kind) else column
