"""Checks before a search: that what it names is in the lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.errors import BadParameter, NoCollection, NoEmbedding

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb


def check_collections(con: duckdb.DuckDBPyConnection, *collections: str) -> None:
    """Check that collections exist.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    *collections : str
        Names of libraries or studies.

    Raises
    ------
    NoCollection
        If one is missing.
    """
    known = [name for (name,) in con.execute(schemas.read("publish/collections")).fetchall()]
    for collection in collections:
        if collection not in known:
            msg = f"the lab has no library or study {collection!r}; it has: {', '.join(known) or 'none yet'}"
            raise NoCollection(msg)


def check_embedded(con: duckdb.DuckDBPyConnection, model: str, *collections: str) -> int:
    """Check that collections exist and have vectors.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    model : str
        Whose vectors.
    *collections : str
        Names of libraries or studies.

    Returns
    -------
    int
        The number of their spectra that have no vector yet.

    Raises
    ------
    NoCollection, NoEmbedding
        If a collection is missing or has no vectors of the model.
    """
    check_collections(con, *collections)
    models = [name for (name,) in con.execute(schemas.read("queries/model_names")).fetchall()]
    if model not in models:
        msg = f"the lab has no vectors by {model!r} (it has: {', '.join(models) or 'none yet'}). Run `spectradb embed` first."
        raise NoEmbedding(msg)
    counts = {name: (n, m) for name, n, m in con.execute(schemas.fill("queries/embedded_counts", model=model)).fetchall()}
    for collection in collections:
        if counts[collection][1] == 0:
            msg = f"no spectrum of {collection} has a vector by {model}. Run `spectradb embed` first."
            raise NoEmbedding(msg)
    return sum(counts[c][0] - counts[c][1] for c in set(collections))


def check_contributors(con: duckdb.DuckDBPyConnection, study: str, contributors: Sequence[str] | None) -> None:
    """Check that a study has spectra of contributors.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    study : str
        Name of the collection.
    contributors : sequence of str, optional
        Names of contributors.

    Raises
    ------
    BadParameter
        If it has none of one of them.
    """
    if not contributors:
        return
    known = [name for (name,) in con.execute(schemas.read("queries/contributors"), {"collection": study}).fetchall()]
    unknown = sorted(set(contributors) - set(known))
    if unknown:
        msg = f"{study} has no spectra of contributor {unknown[0]!r}; it has those of: {', '.join(known) or 'nobody named'}"
        raise BadParameter(msg)
