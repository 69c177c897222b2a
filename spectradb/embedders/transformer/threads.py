"""PyTorch on several cores by whole pieces of work: each thread computes alone instead of sharing every operation.

Threads that share an operation wait for each other at its end, some dozens of times per batch; where another process holds one
of the cores, all wait for the slowest each time.
"""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")


def for_each(work: Callable[[Item], None], items: Sequence[Item], *, threads: int, share: bool = True) -> None:
    """Do independent pieces of work with PyTorch.

    Parameters
    ----------
    work : callable
        Called with each item; what it raises is raised here.
    items : sequence
        What to work on, begun in this order.
    threads : int
        How many work at once; 1: the caller's own, with the threads that PyTorch has.
    share : bool
        Whether a single item is left to all threads together. False: one thread has it, and adds up in the order of one.
    """
    if threads == 1 or (share and len(items) < 2):
        for item in items:
            work(item)
        return
    for _ in _pool(threads).map(work, items):
        pass


@lru_cache(maxsize=1)
def _pool(threads: int) -> ThreadPoolExecutor:
    """Start threads each of which computes by itself; the number of threads of the caller stays what it is."""
    before = torch.get_num_threads()
    started = threading.Barrier(threads + 1)

    def begin() -> None:
        torch.get_num_threads()  # PyTorch gives a new thread its number when it is first asked, which must not come later
        torch.set_num_threads(1)

    pool = ThreadPoolExecutor(threads, thread_name_prefix="encoder", initializer=begin)
    for _ in range(threads):
        pool.submit(started.wait)  # a thread that waits is not idle, so that each is started
    started.wait()
    torch.set_num_threads(before)  # the latest number is that of threads to come
    return pool


os.register_at_fork(after_in_child=_pool.cache_clear)
