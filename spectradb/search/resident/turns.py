"""Threads take turns: what holds Python's interpreter lock for a moment is done in the order of arrival.

Left to themselves, threads keep that lock for five milliseconds at a time: one does many short searches in a row while all the
others wait for their first.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Turns:
    """Lets a number of threads go on at a time, the others in the order in which they came.

    Parameters
    ----------
    at_a_time : int
        How many.
    """

    def __init__(self, at_a_time: int) -> None:
        self._free = at_a_time
        self._waiting: deque[threading.Lock] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn, and have it for the length of a block.

        Yields
        ------
        None
            The turn.
        """
        self._take()
        try:
            yield
        finally:
            self._pass_on()

    def _take(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        mine.acquire()  # released by the thread whose turn this one gets

    def _pass_on(self) -> None:
        # Handed over, not put back: who has just had a turn would take it again.
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1


#: The turns of this process: as many at a time as there are cores.
TURNS = Turns(max(1, os.cpu_count() or 1))
