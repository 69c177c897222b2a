"""Whether a model is the one that made the vectors of a lab: those of two models cannot be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.errors import ModelChanged

if TYPE_CHECKING:
    import duckdb

    from spectradb.embedders.embedder import Embedder


def made_by(con: duckdb.DuckDBPyConnection, model: str) -> str:
    """Tell the fingerprint of the model that made a lab's vectors.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    model : str
        Name of a model whose vectors it has.

    Returns
    -------
    str
        The fingerprint.
    """
    ((fingerprint,),) = con.execute(schemas.read("queries/adhoc/model_fingerprint"), {"model": model}).fetchall()
    return str(fingerprint)


def check_fingerprint(model: Embedder, before: str) -> None:
    """Check that a model is the one that made a lab's vectors.

    Parameters
    ----------
    model : Embedder
        The model as it is now.
    before : str
        What :func:`made_by` returned.

    Raises
    ------
    ModelChanged
        If its fingerprint is another.
    """
    now = model.fingerprint
    if before != now:
        msg = (
            f"the lab's vectors by {model.name} were made by another version of the model ({before[:12]}, now "
            f"{now[:12]}). Embed again with `spectradb embed --model {model.name} --refill`."
        )
        raise ModelChanged(msg)
