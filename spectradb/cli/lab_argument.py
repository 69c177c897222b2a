"""The argument LAB, and the lab's files for verbs that need nothing else of it.

What identifies, embeds and imports takes longer to load than a question takes; verbs that do none of it begin here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from spectradb.cli.path_type import PATH

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.workspace.lab_files import LabFiles

LAB = click.argument("lab", type=PATH)


def open_files(lab: Path) -> LabFiles:
    """Open a lab's files, as :func:`spectradb.connect` opens the lab.

    Parameters
    ----------
    lab : pathlib.Path
        Its directory, or its address on object storage.

    Returns
    -------
    LabFiles
        The files, checked.

    Raises
    ------
    NoLab, SchemaVersionMismatch, ObjectStorageError
        As for :func:`spectradb.connect`.
    """
    from spectradb.workspace.lab_files import LabFiles  # noqa: PLC0415 - loads the database

    files = LabFiles(lab)
    files.check()
    return files
