"""The methods by which searches score pairs of spectra: embeddings, or a score of peaks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from spectradb import schemas
from spectradb.arrays.peak_batch import PeakBatch
from spectradb.errors import BadParameter
from spectradb.search.methods.fused import FUSED
from spectradb.search.methods.merged import MERGED
from spectradb.search.methods.refined import REFINED
from spectradb.similarity.methods import PEAK_SCORES, peak_score
from spectradb.spelling import known_names
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb
    import numpy.typing as npt
    import pyarrow as pa

    from spectradb.search.methods.fused import Fusion
    from spectradb.search.methods.merged import Merging
    from spectradb.search.methods.refined import Refining
    from spectradb.similarity.methods import Setting
    from spectradb.similarity.pairs import PeakScore

    #: What scores the pairs of a search that is recorded; None in its place: embeddings alone.
    SearchScore = PeakScore | Fusion | Merging | Refining
    #: Ascending ids, and the spectra that they name.
    _Side = tuple[npt.NDArray[np.int64], PeakBatch]

#: The method of searches that name none: inner products of vectors.
EMBEDDING = "embedding"

#: Names of the methods.
METHODS: tuple[str, ...] = (EMBEDDING, *PEAK_SCORES, FUSED, MERGED, REFINED)

_PEAK_COLUMNS = ("mz", "intensity", "precursor_mz", "ion_mode")

# A score whose own tolerance is in ppm; the others take the tolerance by which matched peaks are counted.
_OWN_TOLERANCE = "weighted_cosine"


def chosen_score(
    method: str, settings: Mapping[str, Setting] | None, *, fragment_tolerance_da: float | None
) -> PeakScore | None:
    """Return the score of peaks that a method means.

    Parameters
    ----------
    method : str
        One of :data:`METHODS`.
    settings : mapping of str to value, optional
        Its settings that differ from the defaults.
    fragment_tolerance_da : float or None
        The tolerance in Da of methods whose settings do not say otherwise; None: the methods' own default.

    Returns
    -------
    PeakScore or None
        The score; None for embeddings.

    Raises
    ------
    BadParameter
        If there is no such method or setting, or a value means nothing.
    """
    if method not in METHODS:
        raise BadParameter(f"there is no method {method!r}; there are: {known_names(method, METHODS)}")
    if method in {FUSED, MERGED, REFINED}:
        raise BadParameter(f"the method {method} is for searches that are recorded: use identify, or another method here")
    if method == EMBEDDING:
        if settings:
            raise BadParameter(f"the method {EMBEDDING} has no setting {next(iter(settings))!r}: it has none")
        return None
    given = dict(settings or {})
    if method != _OWN_TOLERANCE and fragment_tolerance_da is not None:
        given.setdefault("tolerance_da", fragment_tolerance_da)
    return peak_score(method, given)


def read_peaks(con: duckdb.DuckDBPyConnection, *collections: str) -> tuple[npt.NDArray[np.int64], PeakBatch]:
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


def read_both_sides(con: duckdb.DuckDBPyConnection, *collections: str) -> tuple[_Side, _Side]:
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
