"""Second names of a published file, so that all processes of a search see the same state although the lab moves on."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def snapshot_of(published: Path) -> Iterator[Path]:
    """Give a published file another name for the length of a block; itself, where the file system knows no second names.

    Parameters
    ----------
    published : pathlib.Path
        The ``lab.duckdb`` file.

    Yields
    ------
    pathlib.Path
        The name, under which the file stays although the lab is published anew meanwhile.
    """
    snapshot = published.with_name(f"{published.name}.search-{uuid.uuid4().hex}")
    linked = False
    with suppress(OSError):
        os.link(published, snapshot)
        linked = True
    try:
        yield snapshot if linked else published
    finally:
        if linked:
            snapshot.unlink(missing_ok=True)


def remove_snapshots(published: Path) -> None:
    """Remove the second names that killed searches left; to be called while no search runs.

    Parameters
    ----------
    published : pathlib.Path
        The ``lab.duckdb`` file.
    """
    for left in published.parent.glob(f"{published.name}.search-*"):
        left.unlink(missing_ok=True)
