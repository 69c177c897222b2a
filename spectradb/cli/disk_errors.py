"""What file systems refuse, in one line: Python, DuckDB and Lance each put it in another way."""

from __future__ import annotations

import errno
import os
import re

from spectradb.errors import NotWritable

_REMEDIES = {
    errno.ENOSPC: ("the disk is full", "Free some space"),
    errno.EDQUOT: ("the disk quota is used up", "Free some space"),
    errno.EROFS: ("the file system is read-only", "Mount it for writing, or copy the lab"),
    errno.EACCES: ("permission was denied", "Ask its owner for the right to read and write there"),
    errno.EISDIR: ("a folder lies where a file belongs", "Move it away"),
    errno.EEXIST: ("something else of that name lies there", "Move it away"),
    errno.ENOTDIR: ("a file lies where a folder belongs", "Move it away"),
    errno.EIO: ("the disk cannot be read or written (an input/output error)", "Look after the disk"),
    errno.EPERM: ("the operation is not permitted", "Ask its owner for the right to read and write there"),
}
_WORDS = {os.strerror(number): number for number in _REMEDIES}
_PATH = re.compile(r"[\"'](/[^\"']+)[\"']|(?<![\w.])(/[^\s:,()\"']+)")


def not_writable(error: BaseException) -> NotWritable | None:
    """Tell an error of a file system in words that name the file and the remedy.

    Parameters
    ----------
    error : BaseException
        What was raised.

    Returns
    -------
    NotWritable or None
        What to tell; None when it is an error of another kind.
    """
    text = str(error)
    number = error.errno if isinstance(error, OSError) and error.errno in _REMEDIES else None
    if number is None:
        number = next((number for words, number in _WORDS.items() if words.lower() in text.lower()), None)
    if number is None:
        return None
    what, remedy = _REMEDIES[number]
    file = getattr(error, "filename", None) or next((match[1] or match[2] for match in _PATH.finditer(text)), None)
    at = f"{file}: " if file else ""
    return NotWritable(f"{at}{what}. {remedy}; what is stored stays, and the same command goes on from there")
