"""Empty labs, as copies of one that is made once a process: making one takes a second, copying it a hundredth of that."""

import functools
import shutil
import tempfile
from pathlib import Path

from spectradb.facade.lab import Lab, connect


@functools.cache
def _made() -> tempfile.TemporaryDirectory:
    folder = tempfile.TemporaryDirectory(prefix="empty_lab_")
    connect(Path(folder.name) / "lab", create=True).close()
    return folder


def empty_lab(path: Path) -> Lab:
    """Make the lab ``path``, as ``connect(path, create=True)`` does."""
    shutil.copytree(Path(_made().name) / "lab", path)
    return connect(path)
