"""Writing what a lab holds to a file of another program: which format, which rows."""

from __future__ import annotations

import csv
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from spectradb import schemas
from spectradb.errors import BadParameter, BadSelect, NoSpectra
from spectradb.exports import mzspeclib as library_format
from spectradb.exports.gnps_batch import COLUMNS, batch_row
from spectradb.exports.mztab import mztab_lines
from spectradb.exports.peak_lists import mgf, msp, sirius
from spectradb.exports.records import records
from spectradb.exports.spreadsheets import without_lists, write_safe_csv, write_workbook
from spectradb.store.export import TABLE_SUFFIXES, ExportReport, chosen_rows, export_rows, is_select, keys_as_text
from spectradb.store.statements import rows_in_turn, to_relation
from spectradb.whole_files import written_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Formats by name, with the suffixes that choose them; the last are chosen by name alone.
FORMATS = {
    "table": TABLE_SUFFIXES,
    "xlsx": (".xlsx",),
    "mgf": (".mgf",),
    "msp": (".msp",),
    "mzspeclib": (".mzspeclib.txt", ".mzlib.txt"),
    "sirius": (".ms",),
    "mztab": (".mztab",),
    "gnps-batch": (),
    "gnps": (),
    "gnps-quant": (),
}
_SPECTRA = {"mgf": mgf, "msp": msp, "sirius": sirius, "mzspeclib": library_format.mzspeclib}
_ANSWERS = ("identifications", "latest_identifications", "candidates", "hits")


def export(
    con: duckdb.DuckDBPyConnection,
    what: str,
    file: Path,
    *,
    file_format: str | None = None,
    study: str | None = None,
    search: str | None = None,
    confident: bool = False,
    safe_csv: bool = False,
) -> ExportReport:
    """Write a table, a view or the rows of a SELECT.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    what : str
        Name of a table or view, or a SELECT.
    file : pathlib.Path
        Where to write.
    file_format : str, optional
        One of :data:`FORMATS`; told by the suffix when None.
    study, search, confident
        As for :func:`spectradb.store.export.chosen_rows`; a SELECT chooses its rows itself.
    safe_csv : bool
        Write CSV in which spreadsheets take no text for numbers, dates or formulas.

    Returns
    -------
    ExportReport
        What was written.

    Raises
    ------
    BadSelect
        If the SELECT cannot be run.
    BadParameter
        If the suffix names no format, a format cannot hold these rows, or the file cannot be written.
    NoCollection
        If the lab has no such study or library.
    """
    chosen = _format(file, file_format)
    if safe_csv and file.suffix.lower() != ".csv":
        raise BadParameter(f"{file}: only .csv is written for spreadsheets; .xlsx needs no such care")
    if chosen == "gnps-quant":
        return _gnps_quant(con, what, file, study=study)
    if chosen == "mztab":
        return _mztab(con, what, file, study=study, search=search)
    rows, searches, called = _rows(con, what, study=study, search=search, confident=confident)
    if chosen == "table" and not safe_csv:
        return export_rows(con, rows, file, called=called, searches=searches)
    with _writing(file) as beside:
        n, notes = _write(con, rows, beside, chosen, called=called, file=file)
    return ExportReport(called, file, n, searches, notes)


def _write(
    con: duckdb.DuckDBPyConnection, rows: duckdb.DuckDBPyRelation, beside: Path, chosen: str, *, called: str, file: Path
) -> tuple[int, tuple[str, ...]]:
    """Write the rows; return how many, and what the format could not hold."""
    if chosen == "xlsx":
        rows, notes = without_lists(keys_as_text(rows))
        return write_workbook(rows, beside, name=called), notes
    if chosen == "table":
        return write_safe_csv(keys_as_text(rows), beside), ()
    if chosen == "gnps":
        return _gnps(con, rows, beside), ()
    if chosen == "gnps-batch":
        return _gnps_batch(con, rows, file, beside), ()
    return _spectra(con, rows, beside, chosen, name=file.name.partition(".")[0]), ()


def _rows(
    con: duckdb.DuckDBPyConnection, what: str, *, study: str | None, search: str | None, confident: bool
) -> tuple[duckdb.DuckDBPyRelation, tuple[str, ...], str]:
    """Give the rows, the searches whose answers they are, and what to call them."""
    if not is_select(con, what):
        rows, searches = chosen_rows(con, what, study=study, search=search, confident=confident)
        return rows, searches, what
    if study is not None or search is not None or confident:
        raise BadParameter("a SELECT chooses its rows itself: leave out study, search and confident, or name a table")
    try:
        rows = to_relation(con, what, None)
    except duckdb.Error as error:
        raise BadSelect(f"the SELECT cannot be run: {error}") from error
    if rows is None:
        raise BadSelect("the statement yields no rows to export")
    return rows, (), "a SELECT"


def _format(file: Path, asked: str | None) -> str:
    if asked is not None:
        if asked not in FORMATS:
            raise BadParameter(f"there is no format {asked!r}; there are: {', '.join(FORMATS)}")
        if asked == "table" and file.suffix.lower() not in TABLE_SUFFIXES:
            raise BadParameter(f"{file}: the suffix names no table. Use one of {', '.join(TABLE_SUFFIXES)}.")
        return asked
    name = file.name.lower()
    suffixes = {suffix: known for known, endings in FORMATS.items() for suffix in endings}
    fitting = [suffix for suffix in suffixes if name.endswith(suffix)]
    if not fitting:
        raise BadParameter(f"{file}: the suffix names no format. Use one of {', '.join(suffixes)}.")
    return suffixes[max(fitting, key=len)]


@contextmanager
def _writing(file: Path) -> Iterator[Path]:
    """Write beside the file first, so that a failure leaves what was there."""
    try:
        with written_whole(file) as beside:
            yield beside
    except OSError as error:
        reason = f"there is no folder {file.parent}" if not file.parent.is_dir() else error.strerror or error
        raise BadParameter(f"{file} cannot be written: {reason}. Choose another place") from error


def _spectra(con: duckdb.DuckDBPyConnection, rows: duckdb.DuckDBPyRelation, file: Path, chosen: str, *, name: str) -> int:
    separator = library_format.SEPARATOR if chosen == "mzspeclib" else " "
    write = _SPECTRA[chosen]
    n = 0
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        if chosen == "mzspeclib":
            stream.writelines(f"{line}\n" for line in library_format.header(name))
        for record in records(con, rows, separator=separator):
            stream.writelines(f"{line}\n" for line in write(record))
            n += 1
    return n


def _gnps_batch(con: duckdb.DuckDBPyConnection, rows: duckdb.DuckDBPyRelation, file: Path, beside: Path) -> int:
    """Write the table, and the spectra beside it under the same name."""
    spectra = file.with_suffix(".mgf")
    if spectra == file:
        raise BadParameter(f"{file}: name the table, such as {file.with_suffix('.tsv').name}; the .mgf is written beside it")
    n = 0
    with (
        beside.open("w", encoding="utf-8", newline="") as table,
        _writing(spectra) as unfinished,
        unfinished.open("w", encoding="utf-8", newline="\n") as peaks,
    ):
        writer = csv.writer(table, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n")
        writer.writerow(COLUMNS)
        for record in records(con, rows, separator=" "):
            n += 1
            writer.writerow(batch_row(record, file_name=spectra.name, scan=n))
            peaks.writelines(f"{line}\n" for line in mgf(record, scan=n))
    return n


def _gnps(con: duckdb.DuckDBPyConnection, rows: duckdb.DuckDBPyRelation, file: Path) -> int:
    if "library_native_id" not in rows.columns or "rank" in rows.columns:
        raise BadParameter("the table of GNPS has the answers of searches: export identifications")
    answered = rows  # noqa: F841 - read by name
    table = con.sql(schemas.read("queries/lab/exported_gnps"))
    n = 0
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        writer.writerow(table.columns)
        for row in rows_in_turn(table, 1):
            writer.writerow(row)
            n += 1
    return n


def _gnps_quant(con: duckdb.DuckDBPyConnection, what: str, file: Path, *, study: str | None) -> ExportReport:
    """Write the features of a study as FBMN takes them: a row a feature, a column of areas for each run."""
    if what != "feature_areas":
        raise BadParameter("the quantification table of GNPS has the areas of features: export feature_areas")
    studies = [name for (name,) in con.execute(schemas.read("queries/features/studies_with_areas")).fetchall()]
    if study is None and len(studies) != 1:
        told = f"name one with --study: {', '.join(studies)}" if studies else "there is none: run `spectradb import-features`"
        raise BadParameter(f"the quantification table has the features of one study; {told}")
    rows = con.execute(schemas.read("queries/features/quant_table"), {"study": study or studies[0]}).fetchall()
    if not rows:
        raise NoSpectra(f"{study} has no areas of features. Run `spectradb import-features` for it first.")
    columns = sorted({column for *_, column, _ in rows})
    features: dict[tuple[object, ...], dict[str, float]] = {}
    for *feature, column, area in rows:
        features.setdefault(tuple(feature), {})[column] = area
    with _writing(file) as beside, beside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["row ID", "row m/z", "row retention time", *(f"{column} Peak area" for column in columns)])
        writer.writerows([*feature, *(areas.get(column, "") for column in columns)] for feature, areas in features.items())
    return ExportReport("feature_areas", file, len(features), ())


def _mztab(con: duckdb.DuckDBPyConnection, what: str, file: Path, *, study: str | None, search: str | None) -> ExportReport:
    """Write one search: mzTab has one table of molecules, and answers of several searches would be one another's doubles."""
    if what not in _ANSWERS:
        raise BadParameter("mzTab has the answers of a search, with all their candidates: export identifications")
    _, searches = chosen_rows(con, "hits", study=study, search=search)
    if len(searches) != 1:
        told = f"name one with --search: {', '.join(searches)}" if searches else "the lab has none"
        raise BadParameter(f"mzTab has the answers of one search; {told}")
    n = 0
    with _writing(file) as beside, beside.open("w", encoding="utf-8", newline="\n") as stream:
        for line in mztab_lines(con, searches[0]):
            n += line.startswith("SME\t")
            stream.write(f"{line}\n")
    return ExportReport("candidates", file, n, searches)
