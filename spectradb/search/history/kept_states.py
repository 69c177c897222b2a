"""States of libraries and studies that are kept by name: making, listing, comparing and dropping them."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from spectradb import schemas
from spectradb.errors import BadParameter, NoCollection, NoState, StateExists
from spectradb.search.history.collection_rows import changed_spectra, collection_rows, present_rows
from spectradb.search.recorded_searches import now, published_version
from spectradb.store.locks import shared
from spectradb.store.named_versions import keep_named_versions
from spectradb.store.record_schema import table_schema
from spectradb.store.statements import to_arrow
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from datetime import datetime

    from spectradb.workspace.lab_files import LabFiles

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}")


@dataclass(frozen=True)
class KeptState:
    """A state that is kept.

    Parameters
    ----------
    name : str
        Its name.
    collection : str
        The library or study.
    state : str
        Hash of its content.
    n_spectra : int
        Its spectra.
    record_version : int
        The version of the record's spectra that holds it.
    kept : datetime.datetime
        When it was kept, UTC.
    dropped : bool
        Whether it is no longer.
    """

    name: str
    collection: str
    state: str
    n_spectra: int
    record_version: int
    kept: datetime

    dropped: bool = False

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        done = "is kept no longer" if self.dropped else "kept"
        return [f"state {self.name} {done}: {self.collection} with {self.n_spectra:,} spectra, {self.state}"]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Its fields.
        """
        return {**asdict(self), "kept": self.kept.isoformat()}


def keep_state(files: LabFiles, collection: str, name: str) -> KeptState:
    """Keep the present state of a library or study by a name, so that :meth:`clean` leaves what it consists of.

    Parameters
    ----------
    files : LabFiles
        The lab.
    collection : str
        The library or study.
    name : str
        The name; letters, digits, underscores, dots and hyphens.

    Returns
    -------
    KeptState
        What is kept; where the same state was kept by this name before, that.

    Raises
    ------
    NoCollection
        If there is no such library or study.
    StateExists
        If another state has the name.
    BadParameter
        If a state cannot have the name.
    """
    if not _NAME.fullmatch(name):
        raise BadParameter(f"state name {name!r} must be at most 96 letters, digits, underscores, dots and hyphens")
    # Nothing is cleaned or removed between looking and keeping.
    with shared(files.locks / "search.lock", alone=_nothing):
        with open_published(files.published) as con:
            there = {row[0]: row[1:] for row in con.table("collection_states").fetchall()}
            if collection not in there:
                known = ", ".join(sorted(there)) or "none"
                raise NoCollection(f"{files.place} has no library or study {collection!r} with spectra; there are: {known}.")
            state, n_spectra = there[collection]
            kept = KeptState(name, collection, state, n_spectra, published_version(con), now())
        row = pa.Table.from_pylist([_columns(kept)], schema=table_schema("kept_states"))
        if not files.record.insert_new("kept_states", "name", row):
            other = _named(files, name)
            if (other.collection, other.state) != (collection, state):
                told = f"{other.collection} with {other.n_spectra:,} spectra, kept on {other.kept:%Y-%m-%d}"
                raise StateExists(f"there is a state {name} already: {told}. Give another name, or drop that one.")
            kept = other
        keep_named_versions(files.record)
        files.publish()
    return kept


def drop_state(files: LabFiles, name: str) -> KeptState:
    """Keep a state no longer; :meth:`clean` frees what nothing else names.

    Parameters
    ----------
    files : LabFiles
        The lab.
    name : str
        Its name.

    Returns
    -------
    KeptState
        What was dropped.

    Raises
    ------
    NoState
        If there is no such state.
    """
    try:
        dropped = _named(files, name)
    except NoState:
        files.publish()  # a process that was killed may have dropped it
        raise
    files.record.delete("kept_states", f"name = '{name}'")
    files.publish()
    return replace(dropped, dropped=True)


def states(files: LabFiles) -> pa.Table:
    """List the states that are kept.

    Parameters
    ----------
    files : LabFiles
        The lab.

    Returns
    -------
    pyarrow.Table
        Columns name, collection, n_spectra, record_version, kept, is_present (whether the collection is in that state now),
        searches (names of those that compared it) and state.
    """
    with open_published(files.published, functions=False) as con:
        return to_arrow(con, schemas.read("queries/history/list_states"))


def state_changes(files: LabFiles, name: str) -> pa.Table:
    """List what changed in a library or study since a state of it was kept.

    Parameters
    ----------
    files : LabFiles
        The lab.
    name : str
        Name of the state.

    Returns
    -------
    pyarrow.Table
        A row for each spectrum that is new, changed or gone: spectrum_id, native_id, change, precursor_mz_before,
        ion_mode_before, precursor_mz_now, ion_mode_now.

    Raises
    ------
    NoState
        If there is no such state, or the record has it no longer.
    """
    kept = _named(files, name)
    with open_published(files.published) as con:
        of = kept.collection
        before = collection_rows(files.record, con, of, version=kept.record_version, state=kept.state, model=None)
        now_there = present_rows(con, of, model=None)
        if before is None or now_there is None:
            raise NoState(f"the record of {files.place} no longer has the state {name}. Drop it")
        return changed_spectra(con, before, now_there)


def _columns(kept: KeptState) -> dict[str, object]:
    return {name: value for name, value in asdict(kept).items() if name != "dropped"}


def _nothing() -> None:
    """Clear nothing up."""


def _named(files: LabFiles, name: str) -> KeptState:
    rows = files.record.read("kept_states").to_pylist()
    found = [KeptState(**row) for row in rows if row["name"] == name]
    if not found:
        known = ", ".join(sorted(row["name"] for row in rows)) or "none"
        raise NoState(f"{files.place} keeps no state {name!r}; there are: {known}.")
    return found[0]
