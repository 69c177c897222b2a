"""The published file of a lab on object storage: one object at the address, and a working copy on this machine.

The working copy always is some published object, whole: it is replaced by one that was fetched, or by one that has been sent. A
note beside it says which object it is, so that an unchanged one is not fetched again. What the published file looked like lies
beside the object, too, so that an object that somebody else has put there is found out.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spectradb.store.locks import exclusive_here
from spectradb.store.publishing.published_state import PublishedState, logs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from spectradb.store.s3.object_store import ObjectStore

_KEY = "lab.duckdb"
_STATE_KEY = "locks/published.json"
_READ_ONLY = 0o444


class PublishedObject:
    """A published file and its working copy.

    Parameters
    ----------
    store : ObjectStore
        The objects at the lab's address.
    path : pathlib.Path
        The working copy.
    """

    def __init__(self, store: ObjectStore, path: Path) -> None:
        self.store = store
        self.path = path
        self._note = path.with_name(f"{path.name}.source")
        self._lock = path.with_name("locks") / "working-copy.lock"

    def fetch(self) -> None:
        """Bring the working copy to what is published now; there is none when nothing is."""
        with exclusive_here(self._lock):
            found = self.store.head(_KEY)
            if found is None:
                self._remove()
                return
            if self._source() == found.etag:
                return
            incoming = self.path.with_name(f"{self.path.name}.incoming")
            try:
                etag = self.store.download(_KEY, incoming)
                if etag is None:
                    self._remove()
                    return
                # The log of somebody who wrote to the copy: beside another file it would keep all readers out.
                for log in logs(self.path):
                    log.unlink(missing_ok=True)
                incoming.chmod(incoming.stat().st_mode & _READ_ONLY)
                told = self.store.read(_STATE_KEY)
                PublishedState(self.path).note.write_bytes(told[0] if told else b"[]")
                incoming.replace(self.path)
                self._tell_source(etag)
            finally:
                incoming.unlink(missing_ok=True)

    @contextmanager
    def replacing(self, following: Path, *, note: Path | None = None) -> Iterator[None]:
        """Send the next file; then, in the block, it takes the place of the working copy.

        Parameters
        ----------
        following : pathlib.Path
            The next published file.
        note : pathlib.Path, optional
            What it looks like, as :class:`spectradb.store.publishing.published_state.PublishedState` tells.

        Yields
        ------
        None
            Once everybody who opens the lab gets it.
        """
        if note:
            self.store.upload(note, _STATE_KEY)
        etag = self.store.upload(following, _KEY)
        with exclusive_here(self._lock):
            yield
            self._tell_source(etag)

    def _source(self) -> str | None:
        """Which object the working copy is; None when there is none, or one that somebody has written to."""
        try:
            note = json.loads(self._note.read_text())
        except (FileNotFoundError, ValueError):
            return None
        is_whole = self.path.exists() and note["state"] == self._state() and not logs(self.path)
        return note["etag"] if is_whole else None

    def _tell_source(self, etag: str) -> None:
        self._note.write_text(json.dumps({"etag": etag, "state": self._state()}))

    def _state(self) -> list[int]:
        found = self.path.stat()
        return [found.st_ino, found.st_size, found.st_mtime_ns]

    def _remove(self) -> None:
        for file in (self._note, self.path, *logs(self.path)):
            file.unlink(missing_ok=True)
