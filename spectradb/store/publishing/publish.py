"""Publishing: make the next ``lab.duckdb`` from the record beside the old one and rename it into place.

Readers never wait and never see half a change: whoever has the old file open keeps reading it, whoever opens the path gets a
whole file, old or new. The next file is a copy of the old one in which what changed is changed, unless somebody has written to
that one: then all of it comes from the record.
"""

from __future__ import annotations

import logging
import os
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectradb.store.locks import exclusive
from spectradb.store.publishing.file_copy import remove_database
from spectradb.store.publishing.published_state import PublishedState, logs
from spectradb.store.publishing.published_tables import SOURCES
from spectradb.store.publishing.publisher import Publisher

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spectradb.store.publishing.published_object import PublishedObject
    from spectradb.store.record import Record

_LOG = logging.getLogger(__name__)

_READ_ONLY = 0o444


@dataclass(frozen=True)
class Publication:
    """What publishing did.

    Parameters
    ----------
    path : pathlib.Path
        The published file.
    filled : tuple of str
        Tables filled from the record.
    copied : tuple of str
        Tables copied from the file published before.
    changed : tuple of str
        Tables copied from there of which only the rows that changed were filled from the record.
    """

    path: Path
    filled: tuple[str, ...]
    copied: tuple[str, ...]
    changed: tuple[str, ...] = ()


def publish(
    record: Record,
    path: Path,
    *,
    rebuild: bool = False,
    sent_to: PublishedObject | None = None,
    before: Callable[[], object] | None = None,
) -> Publication:
    """Build the next published file and rename it into place; leave it where it shows the record as it is.

    Publishers wait for each other, and each reads the record after its turn has come: the last one publishes everything.

    Parameters
    ----------
    record : Record
        The lab's record.
    path : pathlib.Path
        The file to publish, such as ``lab/lab.duckdb``.
    rebuild : bool
        Fill every table from the record, in its order, also those that have not changed; as is done where somebody has written
        to the file published before.
    sent_to : PublishedObject, optional
        Of a lab on object storage, whose working copy the file is: the object that is replaced before the file is.
    before : callable, optional
        Called while nobody else can publish, before the record is looked at.

    Returns
    -------
    Publication
        What was done.
    """
    state = PublishedState(path)
    with exclusive(path.with_name("locks") / "publish.lock"):
        if sent_to:
            sent_to.fetch()
        if before:
            before()
        if change := state.change():
            _LOG.warning("note: %s %s; it is built anew from the record", path, change)
        following = path.with_name(f"{path.name}.next")
        # The copy of an object at the lab's address was fetched just now, at a time of its own.
        is_copied = not rebuild and path.exists() and (state.is_untouched() if sent_to is None else change is None)
        publisher = _publisher(record, following, path if is_copied else None)
        try:
            if publisher.is_current():
                return Publication(path, (), tuple(SOURCES))
            publisher.run()
            if publisher.previous and sent_to is None and not state.is_untouched():
                publisher.close()
                publisher = _publisher(record, following, None)
                publisher.run()
            _put_in_place(following, path, state, sent_to)
        finally:
            publisher.close()
            remove_database(following)
    return Publication(path, tuple(publisher.filled), tuple(publisher.copied), tuple(publisher.changed))


def _publisher(record: Record, following: Path, previous: Path | None) -> Publisher:
    remove_database(following)
    return Publisher(record, following, previous)


def _put_in_place(following: Path, path: Path, state: PublishedState, sent_to: PublishedObject | None) -> None:
    """Rename the finished file into place, so that nobody writes to it by mistake."""
    following.chmod(following.stat().st_mode & _READ_ONLY)
    _sync(following)
    state.tell(following)
    with sent_to.replacing(following, note=state.note) if sent_to else nullcontext():
        # The log of somebody who wrote to the file published before: beside another file it would keep all readers out.
        for log in logs(path):
            log.unlink(missing_ok=True)
        following.replace(path)
        _sync(path.parent)
        state.settle()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
