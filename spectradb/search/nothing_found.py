"""Why a search finds nothing: in one line, the cause and what can be done about it."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from spectradb import schemas
from spectradb.search.checks import CONTRIBUTOR, COPIES, check_left_of_itself
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

_ASKED = "asked_spectra"
#: Beyond this a precursor is no badly calibrated one, but another compound's.
_OTHER_COMPOUND_PPM = 1000.0


class Reach(NamedTuple):
    """How far the queries of an ion mode are from a library's spectra: a row of ``queries/checks/search_reach``."""

    ion_mode: str
    n_queries: int
    n_library: int
    nearest_ppm: float | None
    query_mz: float | None
    library_mz: float | None


_OTHER_MODE = "Use a library of the same ion mode, or correct it where it was given at import (--ion-mode)"


@contextmanager
def asked_spectra(con: duckdb.DuckDBPyConnection, study: str, contributors: Sequence[str] | None) -> Iterator[str]:
    """Have the spectra that a search asks about as a relation, for the length of a block.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    study : str
        Name of the collection.
    contributors : sequence of str, optional
        Whose spectra; all when None.

    Yields
    ------
    str
        Name of the relation, which has ion_mode and precursor_mz.
    """
    values = {"study": study, "contributors": list(contributors) if contributors else None}
    con.register(_ASKED, to_arrow(con, schemas.read("queries/checks/asked_spectra"), values))
    try:
        yield _ASKED
    finally:
        con.unregister(_ASKED)


def search_reach(con: duckdb.DuckDBPyConnection, queries: str, library: str) -> list[Reach]:
    """Compare the precursors of queries with those of a library.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    queries : str
        Name of a relation with ion_mode and precursor_mz.
    library : str
        Name of the library.

    Returns
    -------
    list of Reach
        One for each ion mode that either has.
    """
    values = {"queries": queries, "library": library}
    rows = con.execute(schemas.read("queries/checks/search_reach"), values).fetchall()
    return [Reach(*row) for row in rows]


def why_nothing(
    con: duckdb.DuckDBPyConnection,
    queries: str,
    study: str,
    library: str,
    *,
    ppm: float | None,
    left_out: str | None = None,
    coarse: str | None = None,
) -> str:
    """Say why no query of a search has a candidate.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    queries : str
        Name of a relation with ion_mode and precursor_mz of the queries.
    study, library : str
        What was searched against what, for people.
    ppm : float or None
        Half-width of the precursor window; None: an open search.
    left_out : str or None
        What queries were kept from.
    coarse : str, optional
        That the queries are of low resolution, with the remedy: the likely cause.

    Returns
    -------
    str
        The cause and the remedy.

    Raises
    ------
    NoSpectra
        If the queries were kept from their contributor, which is the only one of the library, or the library has no annotation.
    """
    check_left_of_itself(con, library, left_out)
    reach = search_reach(con, queries, library)
    n_queries = sum(row.n_queries for row in reach)
    if not any(row.n_queries and row.n_library for row in reach):
        return f"{_opposite(reach, study, library)}, and spectra of different ion modes are never compared. {_OTHER_MODE}"
    kept = {CONTRIBUTOR: " by another contributor", COPIES: " that is no copy of it"}.get(left_out or "", "")
    if ppm is None:
        return f"none of the {n_queries:,} spectra of {study} has a spectrum of {library}{kept} in its ion mode. {_OTHER_MODE}"
    none = f"none of the {n_queries:,} spectra of {study} has a spectrum of {library}{kept} within {ppm:g} ppm of its precursor"
    near = min((row for row in reach if row.nearest_ppm is not None), key=lambda row: row.nearest_ppm or 0.0)
    if near.nearest_ppm is None or near.nearest_ppm <= ppm:
        return (
            f"{none} in its ion mode. Use a library with spectra of the same compounds by others, or search with a wider --ppm"
        )
    place = f"the nearest is {near.nearest_ppm:,.1f} ppm away ({near.query_mz:.4f} and {near.library_mz:.4f}, {near.ion_mode})"
    if coarse is not None:
        return f"{none}: {place}. {coarse[0].upper()}{coarse[1:]}"
    if near.nearest_ppm > _OTHER_COMPOUND_PPM:
        return f"{none}: {place}. The library has other compounds: use another one, or search for analogues by --open"
    return f"{none}: {place}. Check the calibration of the masses, or search with --ppm {rounded_up(near.nearest_ppm):g}"


def opposite_modes(reach: list[Reach], study: str, library: str) -> str | None:
    """Say which queries cannot have a candidate, since the library has no spectrum of their ion mode.

    Parameters
    ----------
    reach : list of Reach
        Of the search.
    study, library : str
        What is searched against what, for people.

    Returns
    -------
    str or None
        The note; None where there are none.
    """
    without = [row for row in reach if row.n_queries and not row.n_library]
    if not without:
        return None
    counts = " and ".join(f"{row.n_queries:,} {row.ion_mode}" for row in without)
    return f"{counts} spectra of {study} cannot be answered: {library} has no spectrum of that ion mode"


def _opposite(reach: list[Reach], study: str, library: str) -> str:
    of_study = " and ".join(row.ion_mode for row in reach if row.n_queries)
    of_library = " and ".join(row.ion_mode for row in reach if row.n_library)
    return f"the spectra of {study} are {of_study}, those of {library} {of_library}"


def rounded_up(ppm: float) -> float:
    """Round up to two digits, so that it is no less.

    Parameters
    ----------
    ppm : float
        A positive number.

    Returns
    -------
    float
        At least a hundredth more.
    """
    step = 10.0 ** (math.floor(math.log10(ppm)) - 1) if ppm > 0 else 1.0
    return round(math.ceil(ppm * 1.01 / step) * step, 6)
