"""Pairs of spectra that may be of one ion: near in precursor and, where known, in retention time, and alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spectradb.search.vectors.exact import inner_products

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.similarity.cosine import CosineGreedy
    from spectradb.store.indexes.mmap_index_format import IndexedVectors

    #: Scores pairs of spectra, given by their places.
    Scorer = Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.float32]]

_ROWS = 4096
_PAIRS = 262_144
_PPM = 1e-6


class Pairs(NamedTuple):
    """Pairs of spectra.

    Parameters
    ----------
    first, second : numpy.ndarray of int64, shape (p,)
        Places of the two; the first is the smaller.
    score : numpy.ndarray of float32, shape (p,)
        How alike they are, at most 1.
    """

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    score: npt.NDArray[np.float32]


class Neighbourhood(NamedTuple):
    """How near spectra of one ion are, beside being alike.

    Parameters
    ----------
    ppm : float
        Largest difference of their precursors, in ppm of the smaller.
    rt_window_s : float or None
        Largest difference of their retention times in seconds, where both are known; None: any.
    """

    ppm: float
    rt_window_s: float | None

    def pairs(
        self, ion_mode: npt.NDArray[np.int8], precursor_mz: npt.NDArray[np.float64], seconds: npt.NDArray[np.float64]
    ) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
        """List the pairs that are near.

        Parameters
        ----------
        ion_mode : numpy.ndarray of int8, shape (n,)
            Ion modes, rising.
        precursor_mz : numpy.ndarray of float64, shape (n,)
            Precursors, m/z, rising within each ion mode.
        seconds : numpy.ndarray of float64, shape (n,)
            Retention times; NaN: not known.

        Yields
        ------
        first, second : numpy.ndarray of int64, shape (p,)
            Places; ``first < second``.
        """
        for mode in np.unique(ion_mode):
            begin, end = np.searchsorted(ion_mode, [mode, mode + 1])
            mz = precursor_mz[begin:end]
            stops = begin + np.searchsorted(mz, mz * (1 + self.ppm * _PPM), side="right")
            starts = np.arange(begin, end)
            counts = stops - starts - 1
            total = np.concatenate([[0], np.cumsum(counts)])
            row = 0
            while row < len(starts):
                last = max(int(np.searchsorted(total, total[row] + _PAIRS, side="right")) - 1, row + 1)
                of_rows = counts[row:last]
                first = np.repeat(starts[row:last], of_rows)
                second = first + 1 + np.arange(len(first)) - np.repeat(total[row:last] - total[row], of_rows)
                row = last
                if self.rt_window_s is not None:
                    near = ~(np.abs(seconds[first] - seconds[second]) > self.rt_window_s)
                    first, second = first[near], second[near]
                yield first, second


def alike(
    near: Neighbourhood,
    score: Scorer,
    spectra: PeakBatch,
    seconds: npt.NDArray[np.float64],
    *,
    min_score: float,
) -> Pairs:
    """Find the pairs that are near and alike.

    Parameters
    ----------
    near : Neighbourhood
        What is near.
    score : callable
        Scores pairs.
    spectra : PeakBatch
        The spectra by ion mode (negative first) and precursor m/z.
    seconds : numpy.ndarray of float64, shape (n,)
        Their retention times; NaN: not known.
    min_score : float
        Least score of a pair.

    Returns
    -------
    Pairs
        The pairs, by their places.
    """
    parts = [Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32))]
    for first, second in near.pairs(spectra.ion_mode, spectra.precursor_mz, seconds):
        scores = score(first, second)
        kept = scores >= np.float32(min_score)
        parts.append(Pairs(first[kept], second[kept], np.minimum(scores[kept], np.float32(1))))
    return Pairs(
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.second for part in parts]),
        np.concatenate([part.score for part in parts]),
    )


def by_vectors(vectors: IndexedVectors, rows: npt.NDArray[np.int64]) -> Scorer:
    """Score pairs by the inner products of their vectors.

    Parameters
    ----------
    vectors : IndexedVectors
        Unit vectors.
    rows : numpy.ndarray of int64, shape (n,)
        The row of each spectrum among them; -1: it has none, and is like no other.

    Returns
    -------
    callable
        The score.
    """
    blocks = [block for _, block in vectors.blocks(slice(0, len(vectors.ids)), _ROWS)]
    matrix = np.concatenate([*blocks, np.zeros_like(blocks[0][:1])])[rows]

    def score(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        scores = np.empty(len(first), np.float32)
        for start in range(0, len(first), _ROWS):
            part = slice(start, start + _ROWS)
            scores[part] = inner_products(matrix[first[part]], matrix[second[part]])
        return scores

    return score


def by_peaks(spectra: PeakBatch, cosine: CosineGreedy) -> Scorer:
    """Score pairs by a cosine of their peaks.

    Parameters
    ----------
    spectra : PeakBatch
        The spectra.
    cosine : CosineGreedy
        The cosine.

    Returns
    -------
    callable
        The score.
    """

    def score(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return cosine.scores(spectra, spectra, first, second).score.astype(np.float32)

    return score
