"""The yardstick of the similarity join: the same rows by numpy, as fast as it can be made with BLAS over sorted windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 256


class Side(NamedTuple):
    """Spectra of one side, sorted by ion mode and precursor m/z; n rows, d dimensions."""

    ids: NDArray[np.int64]
    precursor_mz: NDArray[np.float64]
    positive: NDArray[np.bool_]
    analyte: NDArray[np.int64]
    vectors: NDArray[np.float32]


class Hits(NamedTuple):
    """Ranked analytes: one row per query and rank."""

    query: NDArray[np.int64]
    rank: NDArray[np.int64]
    analyte: NDArray[np.int64]
    library: NDArray[np.int64]
    score: NDArray[np.float32]


def rank_analytes(queries: Side, library: Side, ppm: float, k: int) -> Hits:
    """Rank the analytes of each query's window by their best spectrum; ties go to the smaller analyte, then library id."""
    parts = []
    for mode in (False, True):
        q_rows, l_rows = np.flatnonzero(queries.positive == mode), np.flatnonzero(library.positive == mode)
        if len(q_rows) == 0 or len(l_rows) == 0:
            continue
        mz, first = library.precursor_mz[l_rows], l_rows[0]
        for start in range(0, len(q_rows), BLOCK):
            block = slice(q_rows[start], q_rows[min(start + BLOCK, len(q_rows)) - 1] + 1)
            q_mz = queries.precursor_mz[block]
            # A little wide, then exact: the window is decided by the same expression as in SQL.
            low = np.searchsorted(mz, q_mz.min() * (1 - 1.1e-6 * ppm))
            high = np.searchsorted(mz, q_mz.max() * (1 + 1.1e-6 * ppm), side="right")
            window = slice(first + low, first + high)
            scores = queries.vectors[block] @ library.vectors[window].T
            near = np.abs(library.precursor_mz[window][None, :] - q_mz[:, None]) <= (q_mz * ppm * 1e-6)[:, None]
            q, row = np.nonzero(near)
            parts.append(_best_spectrum(library, q + block.start, row + window.start, scores[q, row]))
    return _rank(queries, [np.concatenate(column) for column in zip(*parts, strict=True)], k)


def _best_spectrum(
    library: Side, q: NDArray[np.int64], row: NDArray[np.int64], score: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Keep, of each query and analyte, the best pair; of equal ones the smallest library id."""
    if len(q) == 0:
        return q, row, row, score
    analyte, ids = library.analyte[row], library.ids[row]
    order = np.argsort(q * (library.analyte.max() + 1) + analyte)
    q, analyte, ids, score = q[order], analyte[order], ids[order], score[order]
    starts = np.flatnonzero(np.r_[True, (q[1:] != q[:-1]) | (analyte[1:] != analyte[:-1])])
    best = np.maximum.reduceat(score, starts)
    winners = np.where(score == np.repeat(best, np.diff(np.r_[starts, len(q)])), ids, np.iinfo(np.int64).max)
    return q[starts], analyte[starts], np.minimum.reduceat(winners, starts), best


def _rank(queries: Side, best: list[NDArray[np.int64]], k: int) -> Hits:
    q, analyte, ids, score = best
    order = np.lexsort((analyte, -score, q))
    q, analyte, ids, score = q[order], analyte[order], ids[order], score[order]
    starts = np.flatnonzero(np.r_[True, q[1:] != q[:-1]])
    rank = np.arange(len(q)) - np.repeat(starts, np.diff(np.r_[starts, len(q)])) + 1
    keep = rank <= k
    return Hits(queries.ids[q[keep]], rank[keep], analyte[keep], ids[keep], score[keep])
