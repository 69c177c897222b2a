"""Whether spectra are of low resolution: then tolerances for high resolution find nothing, or chance matches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.search.nothing_found import rounded_up

if TYPE_CHECKING:
    import duckdb

#: What a quadrupole or an ion trap resolves.
LOW_RESOLUTION_DA = 0.3
# Narrower tolerances mean high resolution.
_NARROW_DA = 0.1
_NARROW_PPM = 100.0
# Of a collection, to say that it is of low resolution.
_LEAST_SHARE = 0.5
# Of peaks below m/z 150, those at impossible places: MassBank has 0.04, noisy Orbitrap files 0.08, triple quadrupoles 0.3
# to 0.6.
_LEAST_IMPOSSIBLE = 0.25
_LEAST_PEAKS = 100


def low_resolution(
    con: duckdb.DuckDBPyConnection,
    collection: str,
    *,
    ppm: float | None,
    fragment_tolerance_da: float,
    relation: str = "spectra",
    tolerance: str = "--fragment-tolerance ",
) -> str | None:
    """Say that spectra are of lower resolution than the tolerances of a search ask for.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    collection : str
        Name of the collection.
    ppm : float or None
        Half-width of the precursor window; None: there is none.
    fragment_tolerance_da : float
        Tolerance of peaks.
    relation : str
        Where the spectra are.
    tolerance : str
        How the user sets that tolerance.

    Returns
    -------
    str or None
        The cause and the remedy; None where nothing is wrong.
    """
    if fragment_tolerance_da >= _NARROW_DA and (ppm is None or ppm >= _NARROW_PPM):
        return None
    values = {"spectra": relation, "collection": collection}
    n, n_low, n_small, n_impossible, mz = con.execute(schemas.read("queries/checks/resolution"), values).fetchall()[0]
    if n and n_low >= _LEAST_SHARE * n:
        found = f"{n_low:,} of {n:,} spectra of {collection} looked at have m/z in tenths of a Da, or a unit-mass instrument"
    elif n_small >= _LEAST_PEAKS and n_impossible >= _LEAST_IMPOSSIBLE * n_small:
        found = f"{n_impossible / n_small:.0%} of the peaks of {collection} below m/z 150 lie where no ion can be"
    else:
        return None
    narrow = [f"{fragment_tolerance_da:g} Da"] if fragment_tolerance_da < _NARROW_DA else []
    remedy = [f"{tolerance}{LOW_RESOLUTION_DA:g}"] if narrow else []
    if ppm is not None and ppm < _NARROW_PPM:
        narrow.append(f"{ppm:g} ppm")
        remedy.append(f"--ppm {rounded_up(LOW_RESOLUTION_DA / mz * 1e6):g}")
    return f"low resolution: {found}; too narrow for them: {' and '.join(narrow)}. Search with {' and '.join(remedy)}"
