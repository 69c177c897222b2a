"""Measure one callable in a process of its own: wall seconds and peak memory above what the process had before."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection


class Measurement(NamedTuple):
    """What a call took: wall seconds (best of the repeats), peak resident memory in GB, and its result."""

    seconds: float
    peak_gb: float
    result: Any


def measure(function: Callable[..., Any], *arguments: Any, repeats: int = 1) -> Measurement:
    """Call a function in a fresh process, so that neither caches nor memory of other measurements count.

    Parameters
    ----------
    function : callable
        Importable, with a small picklable result.
    *arguments : object
        Picklable arguments.
    repeats : int
        Calls in that process; the best time counts.

    Returns
    -------
    Measurement
        Time, peak memory of the process, and the last result.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(sender, function, arguments, repeats))
    process.start()
    sender.close()
    found: Measurement = receiver.recv()
    process.join()
    return found


def _run(sender: Connection, function: Callable[..., Any], arguments: tuple[Any, ...], repeats: int) -> None:
    seconds = []
    result = None
    for _ in range(repeats):
        begin = time.perf_counter()
        result = function(*arguments)
        seconds.append(time.perf_counter() - begin)
    sender.send(Measurement(min(seconds), _peak_resident_gb(), result))


def _peak_resident_gb() -> float:
    # Not getrusage: its maximum is inherited from the parent across exec.
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 1e6
