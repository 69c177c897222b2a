"""What the published file looked like when it was published: whoever wrote to it since is found out.

A note in the folder of locks keeps the file's size, time and a digest of its headers. DuckDB writes one of the headers with
every checkpoint, so no change of its own leaves them as they were; what it has not written into the file yet lies in a log
beside it. Access rights are no part of this: an administrator's shell passes them by.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from spectradb import schemas

if TYPE_CHECKING:
    from pathlib import Path

#: Bytes at the start of a DuckDB file that hold its main header and the two headers of its last checkpoints.
_HEADER_BYTES = 3 * 4096
_ATTEMPTS = 5


class FileState(NamedTuple):
    """One state of a file.

    Parameters
    ----------
    size : int
        Bytes.
    mtime_ns : int
        Time of the last change in ns.
    headers : str
        SHA-256 of its headers.
    """

    size: int
    mtime_ns: int
    headers: str


class PublishedState:
    """The states in which a file was published last.

    Parameters
    ----------
    path : pathlib.Path
        The published file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.note = path.with_name("locks") / "published.json"

    def tell(self, following: Path) -> None:
        """Note a file that is about to take the published one's place; until it has, either is what was published.

        Parameters
        ----------
        following : pathlib.Path
            The next file, finished.
        """
        now = state_of(self.path)[::2] if self.path.exists() else None
        self._write([*(state for state in self._known() if state[::2] == now), state_of(following)])

    def settle(self) -> None:
        """Note that the file that was told of has taken its place: the one before is what was published no more."""
        self._write(self._known()[-1:])

    def change(self, *, opened: bool = False) -> str | None:
        """Say in which way the file is not what was published.

        Parameters
        ----------
        opened : bool
            Whether this process has the file open: trying to open it is left out.

        Returns
        -------
        str or None
            What follows the file's name in a message; None: it is what was published, as far as one can know, or it is missing.
        """
        for _ in range(_ATTEMPTS):
            known = self._known()
            found = self._change(known, opened=opened)
            # Published in between: what was looked at is not what the note told of.
            if found is None or known == self._known():
                return found
        return None

    def is_untouched(self) -> bool:
        """Tell whether nobody has written to the file, nor put another in its place, since it was published.

        Returns
        -------
        bool
            Whether it can be copied from. A copy of the published file that has another time is not trusted so far.
        """
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return False
        times = {(state.size, state.mtime_ns) for state in self._known()}
        return (found.st_size, found.st_mtime_ns) in times and not logs(self.path)

    def _change(self, known: list[FileState], *, opened: bool) -> str | None:
        if not self.path.exists():
            return None
        if logs(self.path):
            return "has a log of changes beside it that somebody made"
        try:
            found = self.path.stat()
            is_known = (found.st_size, found.st_mtime_ns) in {(state.size, state.mtime_ns) for state in known}
            # Read only where it must be: closing a file gives up the locks that this process holds on it.
            if known and not is_known and state_of(self.path)[::2] not in {state[::2] for state in known}:
                return "was changed after it was published"
        except FileNotFoundError:
            return None
        if opened or (is_known and _lets_readers_in(self.path)):
            return None
        return _cannot_be_opened(self.path)

    def _write(self, states: list[FileState]) -> None:
        beside = self.note.with_name(f"{self.note.name}.next")
        beside.write_text(json.dumps([state._asdict() for state in states]))
        beside.replace(self.note)

    def _known(self) -> list[FileState]:
        try:
            return [FileState(**state) for state in json.loads(self.note.read_text())]
        except (FileNotFoundError, ValueError, TypeError):
            return []


def state_of(file: Path) -> FileState:
    """Describe a file as it is now.

    Parameters
    ----------
    file : pathlib.Path
        The file.

    Returns
    -------
    FileState
        Its state.
    """
    with file.open("rb") as opened:
        found = os.fstat(opened.fileno())
        return FileState(found.st_size, found.st_mtime_ns, hashlib.sha256(opened.read(_HEADER_BYTES)).hexdigest())


def logs(path: Path) -> list[Path]:
    """List the logs of those who write, or wrote, to a database.

    Parameters
    ----------
    path : pathlib.Path
        The database.

    Returns
    -------
    list of pathlib.Path
        The files; beside another database of that name they would keep all readers out.
    """
    return sorted(path.parent.glob(f"{path.name}.wal*"))


def _lets_readers_in(path: Path) -> bool:
    """Tell whether nobody holds a file for writing; starting an engine to find out takes a hundred times as long."""
    try:
        with path.open("rb") as opened:
            fcntl.lockf(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _cannot_be_opened(path: Path) -> str | None:
    try:
        with duckdb.connect() as con:
            con.execute(schemas.fill("publish/attach_previous", path=path))
    except duckdb.Error as error:
        if not path.exists():
            return None
        reason, _, _ = str(error).partition(". See also")
        return f"cannot be opened ({reason.partition(chr(10))[0]})"
    return None
