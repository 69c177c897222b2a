"""The peaks of spectra that a search compares, as arrays with the ids that name them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from spectradb import schemas
from spectradb.arrays.peak_batch import PeakBatch
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    import duckdb
    import numpy.typing as npt
    import pyarrow as pa

    #: Ascending ids, and the spectra that they name.
    PeakSide = tuple[npt.NDArray[np.int64], PeakBatch]
    #: The queries and the library; both may be the same object.
    PeakSides = tuple[PeakSide, PeakSide]

_PEAK_COLUMNS = ("mz", "intensity", "precursor_mz", "ion_mode")


def read_peaks(con: duckdb.DuckDBPyConnection, *collections: str) -> PeakSide:
    """Read the peaks of collections.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    *collections : str
        Names of libraries or studies.

    Returns
    -------
    spectrum_id : numpy.ndarray of int64, shape (n,)
        Ids of the n spectra, ascending.
    batch : PeakBatch
        The spectra.
    """
    table = _collection_peaks(con, collections)
    return table["spectrum_id"].to_numpy(), as_batch(table)


def read_peaks_in_windows(con: duckdb.DuckDBPyConnection, library: str, ppm: float) -> PeakSide:
    """Read the peaks of those spectra of a library that spectra at hand are compared with.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab, in which ``adhoc_queries`` is registered.
    library : str
        Name of the library.
    ppm : float
        Half-width of the precursor windows in ppm.

    Returns
    -------
    spectrum_id : numpy.ndarray of int64, shape (n,)
        Ids of the n spectra, ascending.
    batch : PeakBatch
        The spectra.
    """
    table = to_arrow(con, schemas.read("queries/adhoc/peaks_in_windows"), {"library": library, "ppm": ppm})
    return table["spectrum_id"].to_numpy(), as_batch(table)


def read_both_sides(con: duckdb.DuckDBPyConnection, *collections: str) -> PeakSides:
    """Read the peaks of collections once for both sides of a search.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    *collections : str
        Names of libraries or studies.

    Returns
    -------
    queries, library : (numpy.ndarray of int64, PeakBatch)
        As :func:`read_peaks` gives; as queries the spectra have the precursors that their source states. The same object where
        that makes no difference.
    """
    table = _collection_peaks(con, collections)
    library = table["spectrum_id"].to_numpy(), as_batch(table)
    stated = np.ascontiguousarray(table["query_precursor_mz"].to_numpy(), dtype=np.float64)
    if np.array_equal(stated, library[1].precursor_mz, equal_nan=True):
        return library, library
    return (library[0], replace(library[1], precursor_mz=stated)), library


def _collection_peaks(con: duckdb.DuckDBPyConnection, collections: tuple[str, ...]) -> pa.Table:
    values = {"collections": list(set(collections))}
    return to_arrow(con, schemas.read("queries/identify/collection_peaks"), values)


def as_batch(spectra: pa.Table) -> PeakBatch:
    """Take the peaks of a table of spectra.

    Parameters
    ----------
    spectra : pyarrow.Table
        n spectra with mz, intensity, precursor_mz and ion_mode.

    Returns
    -------
    PeakBatch
        The spectra.
    """
    return PeakBatch.from_arrow(**{name: spectra[name] for name in _PEAK_COLUMNS})
