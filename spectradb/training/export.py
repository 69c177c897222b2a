"""Exporting a lab's spectra of known analytes into the one file from which encoders are trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from spectradb import schemas
from spectradb.arrays.annotated_spectra import COLUMNS
from spectradb.errors import NoCollection, NoLab, NoSpectra
from spectradb.spelling import known_names
from spectradb.store.engine_progress import without_progress_in_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def library_names(published: Path) -> list[str]:
    """List the libraries of a published lab.

    Parameters
    ----------
    published : pathlib.Path
        The lab's ``lab.duckdb``.

    Returns
    -------
    list of str
        Names in alphabetical order.

    Raises
    ------
    NoLab
        There is no such published file.
    """
    with _opened(published) as con:
        return sorted(name for (name,) in con.table("libraries").project("name").fetchall())


def training_table(published: Path, *, libraries: Sequence[str] | None = None) -> pa.Table:
    """Read the spectra of known analytes of a published lab.

    Parameters
    ----------
    published : pathlib.Path
        The lab's ``lab.duckdb``.
    libraries : sequence of str, optional
        Libraries to take; None: all collections, studies too.

    Returns
    -------
    pyarrow.Table
        Columns of :data:`spectradb.arrays.annotated_spectra.COLUMNS`, in the order of ``spectrum_id``.

    Raises
    ------
    NoLab
        There is no such published file.
    NoCollection
        The lab has no library of a name.
    NoSpectra
        No spectrum has an analyte.
    """
    known = library_names(published) if libraries is not None else []
    unknown = sorted(set(libraries or ()) - set(known))
    if unknown:
        raise NoCollection(f"the lab has no library {unknown[0]!r}; it has: {known_names(unknown[0], known)}")
    with _opened(published) as con:
        chosen = None if libraries is None else list(libraries)
        result = con.sql(schemas.read("queries/lab/training_spectra"), params={"collections": chosen})
        table = result.to_arrow_table().cast(pa.schema(COLUMNS))
    if table.num_rows == 0:
        raise NoSpectra(f"{published}: no spectrum has an analyte. Import a library with structures first.")
    return table


def export_training_data(published: Path, file: Path, *, libraries: Sequence[str] | None = None) -> int:
    """Write the spectra of known analytes of a published lab to an Arrow file.

    Parameters
    ----------
    published : pathlib.Path
        The lab's ``lab.duckdb``.
    file : pathlib.Path
        Arrow IPC file to write; replaced as a whole.
    libraries : sequence of str, optional
        As for :func:`training_table`.

    Returns
    -------
    int
        The number of spectra written.

    Raises
    ------
    NoLab, NoCollection, NoSpectra
        As :func:`training_table`.
    """
    table = training_table(published, libraries=libraries)
    write_training_table(table, file)
    return int(table.num_rows)


def write_training_table(table: pa.Table, file: Path) -> None:
    """Write a table as :func:`training_table` gives it.

    Parameters
    ----------
    table : pyarrow.Table
        The spectra.
    file : pathlib.Path
        Arrow IPC file to write; replaced as a whole.
    """
    beside = file.with_name(f"{file.name}.new")
    with pa.OSFile(str(beside), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    beside.replace(file)


def _opened(published: Path) -> duckdb.DuckDBPyConnection:
    if not published.is_file():
        raise NoLab(f"{published}: no such file. Name the lab.duckdb of a lab that holds a library.")
    return without_progress_in_files(duckdb.connect(str(published), read_only=True))
