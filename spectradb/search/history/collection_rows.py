"""A collection as a search compares it, in a version of the record: read back, and checked against the state it is to have."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spectradb import schemas
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from spectradb.store.record import Record

_COLUMNS = (
    *("spectrum_id", "collection", "native_id", "record_hash", "peaks_hash", "precursor_mz", "precursor_mz_stated"),
    *("ion_mode", "analyte_id", "contributor", "import_id"),
)


def collection_rows(
    record: Record,
    con: duckdb.DuckDBPyConnection,
    collection: str,
    *,
    version: int,
    state: str | None,
    model: str | None,
    at: datetime | None = None,
) -> pa.Table | None:
    """Read what a search of a version of the record compared of one collection.

    Parameters
    ----------
    record : Record
        The lab's record.
    con : duckdb.DuckDBPyConnection
        The published lab.
    collection : str
        The library or study.
    version : int
        The version of the record's spectra.
    state : str or None
        The state that it must have been in.
    model : str or None
        The model whose vectors were compared; None: peaks.
    at : datetime.datetime, optional
        When the search began: what came of imports that were running then did not count.

    Returns
    -------
    pyarrow.Table or None
        Rows as ``queries/history/changed_spectra`` takes them. None: the version is not there any more, or it cannot be told
        that this is what was compared.
    """
    where = f"collection = '{collection}'"
    try:
        rows = record.read("spectra", columns=_COLUMNS, where=where, version=version)
    except (ValueError, OSError):
        return None
    for ended_by in (at, None):
        with _registered(con, "record_rows", rows):
            counted = to_arrow(con, schemas.read("queries/history/counted_spectra"), {"ended_by": ended_by})
        if state is not None and state_of(counted) == state:
            break
    else:
        return None
    return rows_compared_at(record, counted, collection, version=version, model=model)


def rows_compared_at(record: Record, rows: pa.Table, collection: str, *, version: int, model: str | None) -> pa.Table | None:
    """Tell which spectra of a collection a search of a version of the record compared.

    Parameters
    ----------
    record : Record
        The lab's record.
    rows : pyarrow.Table
        The spectra as they were then.
    collection, version, model
        As for :func:`collection_rows`.

    Returns
    -------
    pyarrow.Table or None
        The rows with the column ``is_compared``. None: the version, or the model's vectors in it, are not there any more.
    """
    if model is None:
        return _marked(rows, None)
    column = f"embedding_{model}"
    where = f"collection = '{collection}' AND {column} IS NOT NULL"
    try:
        if column not in record.dataset("spectra", version).schema.names:
            return None
        return _marked(rows, record.read("spectra", columns=["spectrum_id"], where=where, version=version))
    except (ValueError, OSError):
        return None


def present_rows(con: duckdb.DuckDBPyConnection, collection: str, *, model: str | None) -> pa.Table | None:
    """Read what a search compares of one collection now, which is what is published of it.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    collection : str
        The library or study.
    model : str or None
        The model whose vectors are compared; None: peaks.

    Returns
    -------
    pyarrow.Table or None
        Rows as :func:`collection_rows` gives them. None: no vectors of the model are published.
    """
    of = {"collection": collection}
    rows = to_arrow(con, schemas.read("queries/history/published_rows"), of)
    if model is None:
        return _marked(rows, None)
    try:
        compared = to_arrow(con, schemas.read("queries/history/published_with_vector"), {**of, "model": model})
    except duckdb.CatalogException:
        return None
    return _marked(rows, compared)


def _marked(rows: pa.Table, compared: pa.Table | None) -> pa.Table:
    """Give rows the column ``is_compared``: whether they are among others, or true of all."""
    if "is_compared" in rows.column_names:
        rows = rows.drop_columns(["is_compared"])
    if compared is None:
        return rows.append_column("is_compared", pa.array([True] * len(rows), pa.bool_()))
    among = pc.is_in(rows["spectrum_id"], value_set=compared["spectrum_id"].combine_chunks())
    return rows.append_column("is_compared", among)


def state_of(rows: pa.Table) -> str | None:
    """Tell the state of a collection, as ``collection_states`` does.

    Parameters
    ----------
    rows : pyarrow.Table
        Its spectra, with the columns of ``spectra`` that the state is made of.

    Returns
    -------
    str or None
        The state; None without a spectrum.
    """
    with duckdb.connect() as con:
        con.execute(schemas.read("tables/collections/collection_states"))
        con.register("spectra", rows)
        con.execute(schemas.read("tables/collections/collection_states.fill"))
        found = con.table("collection_states").fetchall()
    return str(found[0][1]) if found else None


def changed_spectra(con: duckdb.DuckDBPyConnection, before: pa.Table, now: pa.Table) -> pa.Table:
    """List what differs between two states of a collection.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Any connection.
    before, now : pyarrow.Table
        As :func:`collection_rows` gives them.

    Returns
    -------
    pyarrow.Table
        Columns of ``queries/history/changed_spectra``.
    """
    with _registered(con, "spectra_before", before), _registered(con, "spectra_now", now):
        return to_arrow(con, schemas.read("queries/history/changed_spectra"))


@contextmanager
def _registered(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> Iterator[None]:
    con.register(name, rows)
    try:
        yield
    finally:
        con.unregister(name)
