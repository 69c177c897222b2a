"""Files that are written beside their place and renamed into it: nobody sees half of one, however writing ends."""

from __future__ import annotations

import glob
import os
import platform
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WRITER = re.compile(r"\.(\d+)-\d+\.")


@contextmanager
def written_whole(file: Path) -> Iterator[Path]:
    """Write a file, for the length of a block; a failure leaves what was there.

    Parameters
    ----------
    file : pathlib.Path
        The file.

    Yields
    ------
    pathlib.Path
        Where to write: a hidden file of the same suffix in the same folder. What a process of this machine that was killed left
        of the same file is removed first.
    """
    if file.exists() and not file.is_file():  # a pipe or a terminal
        yield file
        return
    file = file.resolve() if file.is_symlink() else file
    beside = file.with_name(f".{os.getpid()}-{threading.get_ident()}.{_machine()}.{file.name}")
    for left in file.parent.glob(f".*.{glob.escape(_machine())}.{glob.escape(file.name)}"):
        writer = _WRITER.match(left.name)
        if writer and not _is_running(int(writer[1])):
            left.unlink(missing_ok=True)
    try:
        yield beside
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def write_page(text: str, out: Path, what: str) -> None:
    """Write a page where the user wants it, whole.

    Parameters
    ----------
    text : str
        The page.
    out : pathlib.Path
        Its file; folders that lack are made.
    what : str
        What it is, for the message.

    Raises
    ------
    BadParameter
        If it cannot be written there.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(out) as beside:
            beside.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        msg = f"cannot write the {what}: {error.strerror or error} ({out}). Choose another place with --out."
        raise BadParameter(msg) from error


def is_unfinished(file: Path) -> bool:
    """Tell whether a file is one that somebody writes, or wrote until they were killed.

    Parameters
    ----------
    file : pathlib.Path
        The file.

    Returns
    -------
    bool
        Whether its name says so.
    """
    return _WRITER.match(file.name) is not None


def _machine() -> str:
    return re.sub(r"\W", "-", platform.node())


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # somebody else's
    return True
