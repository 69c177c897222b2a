"""Whose vectors an open search compares where no model is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.models.registry import OPEN_EMBEDDER
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from spectradb.workspace.lab_files import LabFiles


def model_of_search(files: LabFiles, ppm: float | None, *collections: str) -> str:
    """Choose the model of a search that names none.

    Parameters
    ----------
    files : LabFiles
        The lab.
    ppm : float or None
        Half-width of the precursor window; None: an open search.
    *collections : str
        What is searched, and the study if it is stored.

    Returns
    -------
    str
        The lab's default model; without a precursor filter ``spectradb_analogue``, which is made for that, where all of these
        collections that have vectors of the default model have its vectors, too.
    """
    default = files.default_model
    if ppm is not None or not files.published.is_file():
        return default
    with open_published(files.published) as con:
        models = {name for (name,) in con.execute(schemas.read("queries/lab/model_names")).fetchall()}
        if OPEN_EMBEDDER not in models:
            return default
        own, usual = (
            {
                name: int(n)
                for name, _, n in con.execute(schemas.read("queries/lab/embedded_counts"), {"model": model}).fetchall()
            }
            for model in (OPEN_EMBEDDER, default if default in models else OPEN_EMBEDDER)
        )
    complete = all(own.get(name, 0) >= max(usual.get(name, 0), 1) for name in collections)
    return OPEN_EMBEDDER if complete else default
