"""That a lab was found fit for this version, noted so that the next command need not read its record again.

Reading the record takes longer to load than most questions take to answer. The note names the state of the table
``properties``, which says the schema version and what is being removed, and of the package's SQL, which says what the published
file must have: with any change to them the lab is checked anew.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NOTE = "checked.json"


def state_of_properties(record: Path) -> list[list[str | int]]:
    """Describe the versions of the table ``properties`` of a record on this machine.

    Parameters
    ----------
    record : pathlib.Path
        The folder of the record.

    Returns
    -------
    list of [str, int, int]
        Name, bytes and time in ns of each version's manifest, by name; empty where there is no such table.
    """
    found: list[list[str | int]] = []
    for manifest in sorted((record / "properties.lance" / "_versions").glob("*.manifest")):
        with suppress(FileNotFoundError):  # cleaned away meanwhile
            status = manifest.stat()
            found.append([manifest.name, status.st_size, status.st_mtime_ns])
    return found


def was_checked(locks: Path, state: list[list[str | int]], version: int, sql: str) -> bool:
    """Tell whether a lab in this state was found fit for a schema version.

    Parameters
    ----------
    locks : pathlib.Path
        The lab's folder of locks.
    state : list
        What :func:`state_of_properties` returned.
    version : int
        The schema version.
    sql : str
        What :func:`spectradb.schemas.state` returned.

    Returns
    -------
    bool
        False where there is no note, or it cannot be read.
    """
    try:
        noted = json.loads((locks / _NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(state) and noted == {"schema_version": version, "properties": state, "sql": sql}


def note_checked(locks: Path, state: list[list[str | int]], version: int, sql: str) -> None:
    """Note that a lab was found fit, as far as this user may write to it.

    Parameters
    ----------
    locks, state, version, sql
        As for :func:`was_checked`.
    """
    with suppress(OSError):
        beside = locks / f"{_NOTE}.next"
        noted = {"schema_version": version, "properties": state, "sql": sql}
        beside.write_text(json.dumps(noted), encoding="utf-8")
        beside.replace(locks / _NOTE)
