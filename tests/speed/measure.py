"""Measure one callable in a process of its own: wall seconds and peak memory."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

# How often the process is asked for its memory, in seconds.
_INTERVAL = 0.01


class Measurement(NamedTuple):
    """What a call took.

    Parameters
    ----------
    seconds : float
        Wall time, the best of the repeats.
    peak_gb : float
        Peak resident memory of the process (VmHWM), with the pages of files that it had mapped.
    anonymous_gb : float
        Peak of its resident memory without pages of files, which the system can drop at any time; sampled.
    result : object
        What the last call returned.
    """

    seconds: float
    peak_gb: float
    anonymous_gb: float
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

    Raises
    ------
    RuntimeError
        If the process ended without a result.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(sender, function, arguments, repeats))
    process.start()
    sender.close()
    anonymous_gb = 0.0
    while not receiver.poll(_INTERVAL):
        anonymous_gb = max(anonymous_gb, _memory_gb(str(process.pid), "RssAnon"))
    try:
        seconds, peak_gb, result = receiver.recv()
    except EOFError:
        process.join()
        msg = f"{function.__name__} ended with exit code {process.exitcode}; what went wrong is printed above"
        raise RuntimeError(msg) from None
    process.join()
    return Measurement(seconds, peak_gb, anonymous_gb, result)


def _run(sender: Connection, function: Callable[..., Any], arguments: tuple[Any, ...], repeats: int) -> None:
    seconds = []
    result = None
    for _ in range(repeats):
        begin = time.perf_counter()
        result = function(*arguments)
        seconds.append(time.perf_counter() - begin)
    # Not getrusage: its maximum is inherited from the parent across exec.
    sender.send((min(seconds), _memory_gb("self", "VmHWM"), result))


def _memory_gb(process: str, name: str) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    # A process that has just ended has none.
    kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith(name)), "0")
    return int(kilobytes) / 1e6
