"""Spectra that are alike by their vectors: blocks of all vectors against all, in the order of their precursors.

Products of blocks are as fast as the machine multiplies. What may be alike is multiplied again, pair by pair, so that a score
does not depend on how the work is divided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectradb.networks.links import LinkCollector, Links, shared_peaks
from spectradb.search.vectors.exact import inner_products

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.store.indexes.mmap_index_format import IndexedVectors

_BLOCK_ROWS = 2048
_PAIRS = 65_536
# Products of one pair of unit vectors differ less than that by the order in which they are summed up.
_ROUNDING = 1e-4


def link_by_vectors(
    vectors: IndexedVectors,
    places: npt.NDArray[np.int64],
    spectra: PeakBatch,
    collector: LinkCollector,
    *,
    min_score: float,
    max_mz_difference: float,
    tolerance_da: float,
) -> None:
    """Link the spectra whose vectors are alike.

    Parameters
    ----------
    vectors : IndexedVectors
        Unit vectors of n spectra by ion mode (negative first), precursor m/z and id.
    places : numpy.ndarray of int64, shape (n,)
        The place of each among ``spectra``.
    spectra : PeakBatch
        The spectra.
    collector : LinkCollector
        Takes the links.
    min_score : float
        Least inner product.
    max_mz_difference : float
        Largest difference of precursors, m/z.
    tolerance_da : float
        Tolerance in Da for peaks to match.
    """
    precursor = spectra.precursor_mz[places]
    for mode in (slice(0, vectors.n_negative), slice(vectors.n_negative, len(vectors.ids))):
        for i, rows in vectors.blocks(mode, _BLOCK_ROWS):
            for j, others in vectors.blocks(slice(i, mode.stop), _BLOCK_ROWS):
                if precursor[j] - precursor[i + len(rows) - 1] > max_mz_difference:
                    break
                hits = np.flatnonzero(rows @ others.T >= min_score - _ROUNDING)
                row, other = np.divmod(hits, len(others))
                apart = precursor[j + other] - precursor[i + row]
                near = (i + row < j + other) & (apart <= max_mz_difference)
                row, other = row[near], other[near]
                score = _products(rows, row, others, other)
                alike = score.astype(np.float64) >= min_score
                first, second = places[i + row[alike]], places[j + other[alike]]
                shared = shared_peaks(spectra, first, second, tolerance_da=tolerance_da)
                collector.add(Links(first, second, np.minimum(score[alike], np.float32(1)), shared))


def _products(
    rows: npt.NDArray[np.float32], row: npt.NDArray[np.int64], others: npt.NDArray[np.float32], other: npt.NDArray[np.int64]
) -> npt.NDArray[np.float32]:
    found = np.empty(len(row), np.float32)
    for start in range(0, len(row), _PAIRS):
        part = slice(start, start + _PAIRS)
        found[part] = inner_products(rows[row[part]], others[other[part]])
    return found
