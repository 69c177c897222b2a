"""Locks between processes that the operating system releases when their holder dies."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
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
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            alone()
        fcntl.flock(file, fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
