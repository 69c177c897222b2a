"""A collection as a search compares it, in a version of the record: read back, and checked against the state it is to have."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spectradb import schemas
from spectradb.search.recorded_searches import published_version
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
        columns = record.dataset("spectra", version).schema.names
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
    if model is None:
        return counted.append_column("is_compared", pa.array([True] * len(counted), pa.bool_()))
    column = f"embedding_{model}"
    if column not in columns:
        return None
    embedded = record.read("spectra", columns=["spectrum_id"], where=f"{where} AND {column} IS NOT NULL", version=version)
    has_vector = pc.is_in(counted["spectrum_id"], value_set=embedded["spectrum_id"].combine_chunks())
    return counted.append_column("is_compared", has_vector)


def present_rows(
    record: Record, con: duckdb.DuckDBPyConnection, collection: str, *, state: str | None, model: str | None
) -> pa.Table | None:
    """Read what a search compares of one collection now.

    Parameters
    ----------
    record, con, collection, state, model
        As for :func:`collection_rows`.

    Returns
    -------
    pyarrow.Table or None
        The rows; None: the record has gone on from what is published.
    """
    # Cleaning may have written the version that is published anew, and freed it.
    for version in (published_version(con), record.version("spectra")):
        rows = collection_rows(record, con, collection, version=version, state=state, model=model)
        if rows is not None:
            return rows
    return None


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
