"""Checks before a search: that what it names is in the lab, and that its numbers mean something."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.errors import BadParameter, NoCollection, NoEmbedding, NoModel, NoSpectra
from spectradb.spelling import closest, known_names

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import duckdb

#: What a query can be kept from: spectra of its own contributor and copies of itself, or those copies alone.
CONTRIBUTOR, COPIES = "contributor", "copies"
LEFT_OUT = (CONTRIBUTOR, COPIES)

_MOST_PPM = 100_000
_MOST_TOLERANCE_DA = 10


def check_window(ppm: float | None, *, can_be_open: bool = True) -> None:
    """Check the width of a precursor window.

    Parameters
    ----------
    ppm : float or None
        Half its width in ppm; None: there is none.
    can_be_open : bool
        Whether a search without a window is an alternative to name.

    Raises
    ------
    BadParameter
        If it is not above 0 and below 100,000.
    """
    if ppm is None or 0 < ppm < _MOST_PPM:
        return
    remedy = "Give a half-width such as 10" + (", or search without a precursor filter by --open (ppm=None)" * can_be_open)
    if math.isfinite(ppm) and ppm > 0:
        raise BadParameter(f"ppm is {ppm:g}, wider than a tenth of the precursor m/z: it must be below {_MOST_PPM:,}. {remedy}")
    raise BadParameter(f"ppm is {ppm:g}: it must be a number above 0. {remedy}")


def check_number_of_answers(k: int) -> None:
    """Check how many analytes a query is to be answered with.

    Parameters
    ----------
    k : int
        The number.

    Raises
    ------
    BadParameter
        If it is less than 1.
    """
    if k < 1:
        raise BadParameter(f"k is {k}: give the number of analytes to keep for each query, at least 1")


def check_fragment_tolerance(tolerance_da: float) -> None:
    """Check the tolerance by which peaks match.

    Parameters
    ----------
    tolerance_da : float
        In Da.

    Raises
    ------
    BadParameter
        If it is not above 0 and at most 10 Da.
    """
    if not 0 < tolerance_da <= _MOST_TOLERANCE_DA:
        remedy = "such as 0.01 for spectra of high resolution, or 0.3 for those of ion traps"
        raise BadParameter(
            f"fragment tolerance is {tolerance_da:g} Da: give a number above 0 and at most {_MOST_TOLERANCE_DA}, {remedy}"
        )


def check_left_out(left_out: str | None) -> None:
    """Check what queries are to be kept from.

    Parameters
    ----------
    left_out : str or None
        One of :data:`LEFT_OUT`, or None.

    Raises
    ------
    BadParameter
        If it is something else.
    """
    if left_out is not None and left_out not in LEFT_OUT:
        raise BadParameter(f"{left_out!r} cannot be left out; what can: {known_names(left_out, LEFT_OUT)}")


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
            raise NoCollection(f"the lab has no library or study {collection!r}; it has: {known_names(collection, known)}")


def check_annotated(con: duckdb.DuckDBPyConnection, library: str) -> None:
    """Check that spectra can be identified against a collection.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    library : str
        Name of the collection.

    Raises
    ------
    NoSpectra
        If none of its spectra carries an annotation.
    """
    n_spectra, n_annotated = con.execute(schemas.read("queries/checks/annotated_count"), {"collection": library}).fetchall()[0]
    if n_annotated == 0:
        msg = (
            f"none of the {n_spectra:,} spectra of {library} carries an annotation, so nothing can be identified against them. "
            "Name a library of known compounds (--library), one that `spectradb import-library` took in."
        )
        raise NoSpectra(msg)


def check_embedded(
    con: duckdb.DuckDBPyConnection, model: str, *collections: str, embedders: Collection[str] | None = None
) -> int:
    """Check that collections exist and have vectors.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    model : str
        Whose vectors.
    *collections : str
        Names of libraries or studies.
    embedders : collection of str, optional
        Names of the embedders that the lab can use; a model that is none of them cannot be embedded with.

    Returns
    -------
    int
        The number of their spectra that have no vector yet.

    Raises
    ------
    NoCollection, NoEmbedding, NoModel
        If a collection is missing or has no vectors of the model, or there is no such model.
    """
    check_collections(con, *collections)
    models = [name for (name,) in con.execute(schemas.read("queries/lab/model_names")).fetchall()]
    remedy = f"Run `spectradb embed LAB --model {model}` first"
    if model not in models:
        if embedders is not None and model not in embedders:
            every = sorted({*embedders, *models})
            raise NoModel(f"there is no model {model!r} (--model); there are: {known_names(model, every)}")
        if closest(model, models):
            raise NoEmbedding(f"the lab has no vectors by {model!r}; it has those by: {known_names(model, models)}")
        raise NoEmbedding(f"the lab has no vectors by {model!r} (it has those by: {', '.join(models) or 'none yet'}). {remedy}")
    rows = con.execute(schemas.read("queries/lab/embedded_counts"), {"model": model}).fetchall()
    counts = {name: (n, m) for name, n, m in rows}
    for collection in collections:
        if counts[collection][1] == 0:
            raise NoEmbedding(f"no spectrum of {collection} has a vector by {model}. {remedy}")
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
    known = [name for (name,) in con.execute(schemas.read("queries/checks/contributors"), {"collection": study}).fetchall()]
    unknown = sorted(set(contributors) - set(known))
    if unknown:
        there = known_names(unknown[0], known, none="nobody named")
        raise BadParameter(f"{study} has no spectra of contributor {unknown[0]!r}; it has those of: {there}")


def check_left_of_itself(con: duckdb.DuckDBPyConnection, library: str, left_out: str | None) -> None:
    """Check that something is left of a library when it is searched against itself.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    library : str
        Name of the library.
    left_out : str or None
        What queries are kept from.

    Raises
    ------
    NoSpectra
        If it carries no annotation, or all annotated spectra are of one contributor, which is left out.
    """
    check_annotated(con, library)
    if left_out != CONTRIBUTOR:
        return
    values = {"collection": library}
    n_contributors, name = con.execute(schemas.read("queries/checks/contributor_count"), values).fetchall()[0]
    if n_contributors == 1:
        whose = f"the contributor {name}" if name else "one contributor (none is named)"
        msg = (
            f"all annotated spectra of {library} are of {whose}: nothing is left when each query's contributor is left out. "
            "Leave out copies of each alone (--leave-out copies, left_out='copies'), or use a library of several laboratories."
        )
        raise NoSpectra(msg)
