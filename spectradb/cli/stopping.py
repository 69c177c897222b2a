"""Ctrl-C and SIGTERM end the program soon, with one line and the exit status that shells know them by.

What a verb has stored stays whenever it ends, so nothing needs to be waited for: where a library computes on, and no code of
Python's runs, a thread ends the process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

#: Seconds in which what is under way can end by itself.
SECONDS = 1.0
_WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}


class Stopped(BaseException):
    """A signal asked the program to end.

    Parameters
    ----------
    number : int
        The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def listen() -> None:
    """Let signals raise :class:`Stopped` in the main thread; the process ends where that takes more than :data:`SECONDS`."""
    for number in _WORDS:
        signal.signal(number, _stop)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    threading.Thread(target=_watch, args=(reading,), daemon=True, name="stopping").start()


def leave_interrupts_to_another() -> None:
    """Let Ctrl-C do nothing here: the program that this one waits for has the terminal, and gets it too."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, lambda number, frame: None)  # noqa: ARG005 - the signature is Python's


def end(number: int) -> NoReturn:
    """Say in one line that a signal ended the program, and end it without waiting for anything.

    Parameters
    ----------
    number : int
        The signal.
    """
    if _SAID.acquire(blocking=False):
        with suppress(OSError, ValueError):
            sys.stdout.flush()
        line = f"{_WORDS[signal.Signals(number)]}: what is stored stays; the same command goes on from there\n"
        os.write(sys.stderr.fileno(), line.encode())
        os._exit(128 + number)
    threading.Event().wait()  # another thread is at it
    raise AssertionError


def asked() -> int | None:
    """Return the signal that asked the program to end, if one did.

    Returns
    -------
    int or None
        The signal.
    """
    return _ASKED[-1] if _ASKED else None


_SAID = threading.Lock()
_ASKED: list[int] = []


def _stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the signature is Python's
    _ASKED.append(number)
    raise Stopped(number)


def _watch(reading: int) -> None:
    while True:
        number = os.read(reading, 1)[0]
        if number in _WORDS:
            time.sleep(SECONDS)
            end(number)
