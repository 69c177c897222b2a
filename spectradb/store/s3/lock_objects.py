"""Locks that hold between machines: small objects, written under conditions, kept alive by their holder.

A lock is an object that says who holds it. It is only ever replaced under the condition that it still is what it was
(``If-Match``), so that of several takers one succeeds. The holder writes it anew every so often; a lock that has not changed
for as long as its holder promised to be silent at most belonged to a machine that is gone, and is taken over. No two clocks are
compared for that: who waits measures the silence on its own.
"""

from __future__ import annotations

import json
import os
import random
import socket
import threading
import time
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spectradb.errors import LockLost, ObjectStorageError
from spectradb.store.s3.object_store import object_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from spectradb.store.s3.object_store import ObjectStore

#: Seconds after which a silent holder counts as gone, and between two signs of life.
SILENCE_S = 60.0
RENEWAL_S = 15.0

#: File in the folder of locks of a lab on object storage: says where locks hold for all machines.
PLACE_FILE = "place.json"

_FOLDER = "locks"
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 1.0


@dataclass(frozen=True)
class LockPlace:
    """Where the locks of one lab are.

    Parameters
    ----------
    store : ObjectStore
        The objects at the lab's address.
    machine : str
        Name of this machine's folder for the lab. Its processes are kept apart by file locks; so a lock object with this name
        whose file lock is free was left by a process that was killed.
    """

    store: ObjectStore
    machine: str


def place_of(folder: Path) -> LockPlace | None:
    """Tell where the locks of a folder hold for all machines.

    Parameters
    ----------
    folder : pathlib.Path
        The folder of lock files of a lab.

    Returns
    -------
    LockPlace or None
        None: the lab is a directory, where file locks are all there is.
    """
    try:
        told = json.loads((folder / PLACE_FILE).read_text())
    except FileNotFoundError:
        return None
    # The host, too: a home directory may be mounted by several.
    return LockPlace(object_store(told["bucket"], told["prefix"]), f"{told['machine']}@{socket.gethostname()}")


class _Lease:
    """One lock object while this process holds it; a thread writes it anew every so often."""

    def __init__(self, place: LockPlace, key: str) -> None:
        self.store = place.store
        self.key = key
        self.body: dict[str, Any] = {
            "machine": place.machine,
            "process": os.getpid(),
            "token": uuid.uuid4().hex,
            "silence_s": SILENCE_S,
            "renewed": 0,
        }
        self.etag = ""
        self.is_lost = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep_alive, args=(RENEWAL_S,), daemon=True)

    def content(self) -> bytes:
        return json.dumps(self.body).encode()

    def hold(self, etag: str) -> None:
        self.etag = etag
        self._thread.start()

    def _keep_alive(self, pause_s: float) -> None:
        last = time.monotonic()
        while not self._over.wait(pause_s):
            self.body["renewed"] += 1
            try:
                renewed = self._write()
            except ObjectStorageError:
                # The next attempt may get through; when silence has lasted too long, somebody else may have the lock.
                renewed = self.etag if time.monotonic() - last < self.body["silence_s"] else None
            else:
                last = time.monotonic()
            if renewed is None:
                self.is_lost = True
                return
            self.etag = renewed

    def _write(self) -> str | None:
        if etag := self.store.replace(self.key, self.content(), etag=self.etag):
            return etag
        # An answer that got lost on the way: the former attempt was the one that changed it.
        found = self.store.read(self.key)
        return found[1] if found and json.loads(found[0]).get("token") == self.body["token"] else None

    def end(self, *, delete: bool = False) -> None:
        self._over.set()
        self._thread.join()
        if self.is_lost:
            return
        # What cannot be given back now is free after its silence, and at once for this machine.
        with suppress(ObjectStorageError):
            if delete:
                self.store.delete(self.key)
                return
            self.body["free"] = True
            self.is_lost = self._write() is None

    def check(self) -> None:
        if self.is_lost:
            msg = (
                f"{self.store.address}: this machine could not renew its lock {self.key} for {self.body['silence_s']:g} s, and "
                "another one may have taken it. The record is whole; run the command again."
            )
            raise LockLost(msg)


@contextmanager
def exclusive(place: LockPlace, name: str) -> Iterator[None]:
    """Hold a lock for the length of a block, waiting until it is free. The file lock of that name must be held.

    Parameters
    ----------
    place : LockPlace
        Where.
    name : str
        Name of the lock.

    Yields
    ------
    None
        While the lock is held.

    Raises
    ------
    LockLost
        At the end of the block, if another machine took the lock over meanwhile.
    """
    lease = _Lease(place, _key(name))
    lease.hold(_acquire(place, lease))
    try:
        yield
    finally:
        lease.end()
    lease.check()


@contextmanager
def member(place: LockPlace, name: str, *, joining: AbstractContextManager[None]) -> Iterator[None]:
    """Be listed among those who hold a shared lock for the length of a block.

    Parameters
    ----------
    place : LockPlace
        Where.
    name : str
        Name of the lock.
    joining : context manager
        Holds the lock :func:`joining_name` names.

    Yields
    ------
    None
        While being listed.

    Raises
    ------
    LockLost
        At the end of the block, if another machine took this one for gone meanwhile.
    """
    lease = _Lease(place, f"{_members(name)}/{uuid.uuid4().hex}")
    with joining:
        lease.hold(str(place.store.create(lease.key, lease.content())))
    try:
        yield
    finally:
        lease.end(delete=True)
    lease.check()


def nobody_else(place: LockPlace, name: str) -> bool:
    """Tell whether no other machine holds a shared lock, and strike those off the list that are gone.

    The lock :func:`joining_name` must be held, so that nobody joins meanwhile, and the file lock, so that those of this machine
    on the list are known to have been killed.

    Parameters
    ----------
    place : LockPlace
        Where.
    name : str
        Name of the lock.

    Returns
    -------
    bool
        Whether this process is alone.
    """
    written = place.store.head(_key(joining_name(name)))
    others = 0
    for found in place.store.list(_members(name)):
        state = place.store.read(found.key)
        if state is None:
            continue
        told = json.loads(state[0])
        # Both times are the server's: the lock that lets join was written just now.
        silent_s = (written.modified - found.modified).total_seconds() if written else 0.0
        if told["machine"] == place.machine or silent_s > told["silence_s"]:
            place.store.delete(found.key)
        else:
            others += 1
    return others == 0


def joining_name(name: str) -> str:
    """Name the lock that whoever joins a shared lock holds for a moment.

    Parameters
    ----------
    name : str
        Name of the shared lock.

    Returns
    -------
    str
        Name of the lock.
    """
    return f"{name}.joining"


def _acquire(place: LockPlace, lease: _Lease) -> str:
    seen, since, pause = "", 0.0, _FIRST_PAUSE_S
    while True:
        found = place.store.read(lease.key)
        if found is None:
            etag = place.store.create(lease.key, lease.content())
        else:
            content, known = found
            if known != seen:
                seen, since = known, time.monotonic()
            etag = place.store.replace(lease.key, lease.content(), etag=known) if _is_free(place, content, since) else None
        if etag is not None:
            return etag
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - keeps those who wait out of step
        pause = min(2 * pause, _LONGEST_PAUSE_S)


def _is_free(place: LockPlace, content: bytes, since: float) -> bool:
    told = json.loads(content)
    return bool(told.get("free")) or told["machine"] == place.machine or time.monotonic() - since > told["silence_s"]


def _key(name: str) -> str:
    return f"{_FOLDER}/{name}"


def _members(name: str) -> str:
    return f"{_FOLDER}/{name}.members"
