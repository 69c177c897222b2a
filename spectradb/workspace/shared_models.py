"""The models of a lab on object storage: objects at the address, and a copy of each on this machine."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spectradb.store.locks import exclusive_here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from spectradb.store.s3.object_store import ObjectStore

_FOLDER = "models"


class SharedModels:
    """The folder with the models of a lab, kept the same as the objects at its address.

    Parameters
    ----------
    store : ObjectStore
        The objects at the lab's address.
    folder : pathlib.Path
        The folder on this machine.
    """

    def __init__(self, store: ObjectStore, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self._note = folder.with_name(f"{folder.name}.source")
        self._lock = folder.with_name("locks") / "models-copy.lock"

    def fetch(self) -> None:
        """Bring the folder to what is at the address now."""
        with exclusive_here(self._lock):
            self._fetch()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Fetch what is there; after the block, which changes the folder, send what changed. A failed block leaves nothing.

        Yields
        ------
        None
            To change the folder.
        """
        with exclusive_here(self._lock):
            self._fetch()
            try:
                yield
                self._send()
            except BaseException:
                self._remove_unsent()
                raise

    def _fetch(self) -> None:
        there = {found.key.removeprefix(f"{_FOLDER}/"): found.etag for found in self.store.list(_FOLDER)}
        known = self._known()
        for name in {*known, *self._here()} - set(there):
            (self.folder / name).unlink(missing_ok=True)
            known.pop(name, None)
        for name, etag in there.items():
            file = self.folder / name
            if file.exists() and known.get(name) == [etag, *_state(file)]:
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            incoming = self.folder.with_name(f"{_FOLDER}.incoming")
            fetched = self.store.download(f"{_FOLDER}/{name}", incoming)
            if fetched is None:
                continue  # removed just now
            incoming.replace(file)
            known[name] = [fetched, *_state(file)]
        self._tell(known)

    def _send(self) -> None:
        known = self._known()
        here = self._here()
        for name in set(known) - set(here):
            self.store.delete(f"{_FOLDER}/{name}")
            known.pop(name)
        # The card, without which a model does not count, comes last.
        for name in sorted(here, key=lambda name: name.endswith(".json")):
            file = self.folder / name
            if known.get(name, [])[1:] != _state(file):
                known[name] = [self.store.upload(file, f"{_FOLDER}/{name}"), *_state(file)]
        self._tell(known)

    def _remove_unsent(self) -> None:
        known = self._known()
        for name in self._here():
            if known.get(name, [])[1:] != _state(self.folder / name):
                (self.folder / name).unlink()

    def _here(self) -> list[str]:
        if not self.folder.is_dir():
            return []
        return sorted(str(file.relative_to(self.folder)) for file in self.folder.rglob("*") if file.is_file())

    def _known(self) -> dict[str, list[object]]:
        try:
            return dict(json.loads(self._note.read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    def _tell(self, known: dict[str, list[object]]) -> None:
        if known or self._note.exists():
            self._note.write_text(json.dumps(known))


def _state(file: Path) -> list[object]:
    found = file.stat()
    return [found.st_ino, found.st_size, found.st_mtime_ns]
