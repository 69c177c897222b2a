"""Doing the next piece of work while the last one is being used: an iterator that runs in a thread of its own."""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")
# How often a thread whose items nobody takes looks whether it is still wanted, in seconds.
_PATIENCE = 0.1


@contextmanager
def read_ahead(items: Iterable[Item], *, depth: int = 2) -> Iterator[Iterator[Item]]:
    """Make items in another thread, a few ahead of those that are taken.

    Parameters
    ----------
    items : iterable
        What is iterated over in the other thread, and there alone.
    depth : int
        Items that may wait to be taken; one more may be in the making.

    Yields
    ------
    iterator
        The items in their order. What making them raises is raised where they are taken. At the end of the block the thread has
        ended, also when items are left.
    """
    waiting: queue.Queue[tuple[bool, Item | BaseException | None]] = queue.Queue(maxsize=depth)
    unwanted = threading.Event()

    def put(entry: tuple[bool, Item | BaseException | None]) -> None:
        while not unwanted.is_set():
            try:
                waiting.put(entry, timeout=_PATIENCE)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for item in items:
                put((True, item))
                if unwanted.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised again where the items are taken
            put((False, error))
        else:
            put((False, None))

    thread = threading.Thread(target=work, name="read ahead", daemon=True)
    thread.start()
    try:
        yield _taken(waiting)
    finally:
        unwanted.set()
        thread.join()


def _taken(waiting: queue.Queue[tuple[bool, Item | BaseException | None]]) -> Iterator[Item]:
    while True:
        is_item, item = waiting.get()
        if is_item:
            yield item  # type: ignore[misc]  # the flag says which of the two it is
        elif isinstance(item, BaseException):
            raise item
        else:
            return
