"""Removals in the record: from the moment one is noted it holds, and whoever publishes next brings it to its end first.

The note is one row of ``properties``, written at once. Before it is there nothing has changed; from then on every publisher
deletes what goes, while nobody else can publish, and strikes the note off before it looks at the record. So no published file
shows the half of a removal, wherever the process that asked for it is killed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from spectradb.removal.extent import Removal, extent, of_structures, unused_structures
from spectradb.store.locks import exclusive
from spectradb.store.record_schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Callable

    from spectradb.store.record import Record

_NOTE = "removal of "
_DEFAULT_MODEL = "name = 'default_model'"


def note(record: Record, removal: Removal) -> None:
    """Note that something is removed.

    Parameters
    ----------
    record : Record
        The lab's record.
    removal : Removal
        What it is.
    """
    row = {"name": _key(removal), "value": datetime.now(UTC).isoformat()}
    record.insert_new("properties", "name", pa.Table.from_pylist([row], schema=table_schema("properties")))


def noted(record: Record) -> list[Removal]:
    """List the removals that have not come to their end.

    Parameters
    ----------
    record : Record
        The lab's record.

    Returns
    -------
    list of Removal
        What is to go.
    """
    names = record.read("properties", columns=["name"], where=f"name LIKE '{_NOTE}%'")["name"].to_pylist()
    return [Removal(*name.removeprefix(_NOTE).split(" ", 1)) for name in sorted(names)]


def finish(record: Record, *, remove_files: Callable[[str], None] | None = None) -> list[Removal]:
    """Bring all noted removals to their end; the lock ``publish.lock`` must be held.

    Parameters
    ----------
    record : Record
        The lab's record.
    remove_files : callable, optional
        Removes the files of a model, given its name; there may be none.

    Returns
    -------
    list of Removal
        What went.
    """
    removals = noted(record)
    for removal in removals:
        if removal.kind == "model" and remove_files:
            remove_files(removal.name)
        _delete(record, removal)
        record.delete("properties", f"name = '{_key(removal)}'")
    return removals


def remove_search(record: Record, search_id: str) -> None:
    """Remove a search with what hangs on it, so that another one can have its name; nothing is published.

    Parameters
    ----------
    record : Record
        The lab's record.
    search_id : str
        The search.
    """
    with exclusive(record.path.parent / "locks" / "publish.lock"):
        note(record, Removal("search", search_id))
        finish(record)


def _delete(record: Record, removal: Removal) -> None:
    going = extent(record, removal)
    for table, where in going.filters.items():
        record.delete(table, where)
    if removal.kind in {"study", "library"}:
        # An import writes spectra before their structures: under this lock, those whose structures are counted on are seen.
        with exclusive(record.path.parent / "locks" / "insert-structures.lock"):
            for table, where in of_structures(*unused_structures(record, removal.name)):
                record.delete(table, where)
    if removal.kind == "model":
        if going.column:
            record.dataset("spectra").drop_columns([going.column])
        _choose_default_model(record, removal.name)


def _choose_default_model(record: Record, gone: str) -> None:
    """Make the model that was first to fill a column the default in the place of one that is gone."""
    if record.read("properties", where=_DEFAULT_MODEL)["value"].to_pylist() != [gone]:
        return
    others = record.read("models", columns=["created", "name"]).to_pylist()
    if others:
        chosen = min(others, key=lambda row: (row["created"], row["name"]))["name"]
        record.update("properties", "name", pa.table({"name": ["default_model"], "value": [chosen]}))
    else:
        record.delete("properties", _DEFAULT_MODEL)


def _key(removal: Removal) -> str:
    return f"{_NOTE}{removal.kind} {removal.name}"
