"""Locks between processes, released when their holder dies; for a lab on object storage, between machines too.

A folder of locks that says so stands for an address: there the file locks keep the processes of this machine apart, and objects
of the same names the machines (:mod:`spectradb.store.s3.lock_objects`).
"""

from __future__ import annotations

import fcntl
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from spectradb.store.s3 import lock_objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


_PAUSE_S = 0.5


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock for the length of a block, waiting until it is free.

    Parameters
    ----------
    path : pathlib.Path
        The lock file; it is created and stays.

    Yields
    ------
    None
        While the lock is held.

    Raises
    ------
    LockLost
        At the end of the block, if another machine took the lock over meanwhile.
    """
    with ExitStack() as stack:
        stack.enter_context(exclusive_here(path))
        if place := lock_objects.place_of(path.parent):
            stack.enter_context(lock_objects.exclusive(place, path.name))
        yield


@contextmanager
def exclusive_here(path: Path) -> Iterator[None]:
    """Hold a lock among the processes of this machine only.

    Parameters
    ----------
    path : pathlib.Path
        The lock file; it is created and stays.

    Yields
    ------
    None
        While the lock is held.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def exclusive_if_free(path: Path) -> Iterator[bool]:
    """Hold a lock among the processes of this machine for the length of a block, unless another one holds it.

    Parameters
    ----------
    path : pathlib.Path
        The lock file; it is created and stays.

    Yields
    ------
    bool
        Whether it is held.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def shared(path: Path, *, alone: Callable[[], None]) -> Iterator[None]:
    """Hold a lock together with others for the length of a block.

    Parameters
    ----------
    path : pathlib.Path
        The lock file; it is created and stays.
    alone : callable
        Called first, when nobody else holds the lock: clears up after holders that were killed.

    Yields
    ------
    None
        While the lock is held.

    Raises
    ------
    LockLost
        At the end of the block, if another machine took this one for gone meanwhile.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    place = lock_objects.place_of(path.parent)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            _clear_up(path, place, alone)
        fcntl.flock(file, fcntl.LOCK_SH)
        try:
            with ExitStack() as stack:
                if place:
                    # Only now, when others of this machine can no longer take this process for one that was killed.
                    stack.enter_context(lock_objects.member(place, path.name, joining=_joining(path)))
                yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold a lock that others hold together, waiting until none of them does.

    Parameters
    ----------
    path : pathlib.Path
        The lock file; it is created and stays.

    Yields
    ------
    None
        While nobody else holds the lock.

    Raises
    ------
    LockLost
        At the end of the block, if another machine took this one for gone meanwhile.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with exclusive_here(path), ExitStack() as stack:
        if place := lock_objects.place_of(path.parent):
            stack.enter_context(_joining(path))
            while not lock_objects.nobody_else(place, path.name):
                time.sleep(_PAUSE_S)
        yield


def _clear_up(path: Path, place: lock_objects.LockPlace | None, alone: Callable[[], None]) -> None:
    if place is None:
        alone()
        return
    with _joining(path):
        if lock_objects.nobody_else(place, path.name):
            alone()


def _joining(path: Path) -> AbstractContextManager[None]:
    return exclusive(path.with_name(lock_objects.joining_name(path.name)))
