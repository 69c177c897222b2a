"""Library search over vectors, as it is evaluated: precursor windows, the best spectrum of each analyte, ties by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from spectradb.arrays.annotated_spectra import TrainingData

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
PAIRS_AT_ONCE = 2**17


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CandidatePairs:
    """Every library spectrum within the precursor window of every answerable query.

    Parameters
    ----------
    query, reference : numpy.ndarray of shape (p,), int64
        Rows of the data; sorted by query, and the analyte of the reference.
    n_candidates : numpy.ndarray of shape (q,), int64
        Candidate analytes of each query.
    queries : numpy.ndarray of shape (q,), int64
        The queries in ascending order.
    """

    query: Rows
    reference: Rows
    n_candidates: Rows
    queries: Rows

    def among(self, chosen: Rows) -> CandidatePairs:
        """Pick the pairs of some queries.

        Parameters
        ----------
        chosen : numpy.ndarray of shape (m,), int64
            Places of pairs in ascending order: for each query all of its pairs or none.

        Returns
        -------
        CandidatePairs
            m pairs.
        """
        query = self.query[chosen]
        kept = np.isin(self.queries, query)
        return CandidatePairs(
            query=query,
            reference=self.reference[chosen],
            queries=self.queries[kept],
            n_candidates=self.n_candidates[kept],
        )


def candidate_pairs(data: TrainingData, *, queries: Rows, library: Rows, ppm: float = 10.0) -> CandidatePairs:
    """Find the candidates of queries that the library can answer.

    Parameters
    ----------
    data : TrainingData
        Spectra.
    queries, library : numpy.ndarray of int64
        Rows; a query finds neither itself nor copies of itself.
    ppm : float
        Half width of the window, in ppm of the query's precursor.

    Returns
    -------
    CandidatePairs
        Pairs of queries whose analyte is among their candidates.
    """
    precursor_mz, mode = data.peaks.precursor_mz, data.peaks.ion_mode.astype(np.float64)
    apart = 2.0 * float(np.nanmax(precursor_mz, initial=0.0)) + 1.0
    key = precursor_mz + apart * mode
    library = library[np.argsort(key[library], kind="stable")]
    reach = ppm * 1e-6 * precursor_mz[queries]
    first = np.searchsorted(key[library], key[queries] - reach, side="left")
    sizes = np.searchsorted(key[library], key[queries] + reach, side="right") - first
    query = np.repeat(queries, sizes)
    reference = library[np.arange(sizes.sum()) + np.repeat(first - np.cumsum(sizes) + sizes, sizes)]
    distinct = (data.peaks_hash[query] != data.peaks_hash[reference]) & (query != reference)
    query, reference = query[distinct], reference[distinct]
    answerable = np.unique(query[data.analyte[query] == data.analyte[reference]])
    kept = np.isin(query, answerable)
    query, reference = query[kept], reference[kept]
    order = np.lexsort((reference, data.analyte[reference], query))
    query, reference = query[order], reference[order]
    candidates = np.unique(np.stack([query, data.analyte[reference]], axis=1), axis=0)
    _, n_candidates = np.unique(candidates[:, 0], return_counts=True)
    return CandidatePairs(query=query, reference=reference, n_candidates=n_candidates, queries=answerable)


def pair_scores(vectors: npt.NDArray[np.floating], pairs: CandidatePairs, *, places: Rows | None = None) -> Floats:
    """Multiply vectors pair by pair.

    Parameters
    ----------
    vectors : numpy.ndarray of shape (m, dimension)
        Vectors.
    pairs : CandidatePairs
        p pairs.
    places : numpy.ndarray of shape (n,), int64, optional
        Where the vector of each row of the data stands; None: at the row itself.

    Returns
    -------
    numpy.ndarray of shape (p,), float64
        Dot products.
    """
    scores = np.empty(len(pairs.query))
    for start in range(0, len(scores), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        query, reference = pairs.query[part], pairs.reference[part]
        if places is not None:
            query, reference = places[query], places[reference]
        left, right = vectors[query].astype(np.float32), vectors[reference].astype(np.float32)
        scores[part] = np.einsum("ij,ij->i", left, right)
    return scores


def merged_scores(
    data: TrainingData,
    pairs: CandidatePairs,
    scores: Floats,
    vectors: npt.NDArray[np.floating],
    *,
    places: Rows | None = None,
    spectra: int = 8,
) -> Floats:
    """Score each analyte by its best spectra merged, as the SQL macro ``merged_pairs`` does.

    Parameters
    ----------
    data : TrainingData
        Spectra.
    pairs : CandidatePairs
        p pairs of q queries.
    scores : numpy.ndarray of shape (p,), float64
        Score of each pair: the product of its vectors.
    vectors : numpy.ndarray of shape (m, dimension)
        Unit vectors.
    places : numpy.ndarray of shape (n,), int64, optional
        Where the vector of each row of the data stands; None: at the row itself.
    spectra : int
        Most spectra of an analyte that are merged.

    Returns
    -------
    numpy.ndarray of shape (p,), float64
        At the pair of an analyte's best spectrum, the best score of its first m spectra merged, over m up to ``spectra``; the
        other pairs keep theirs.
    """
    merged = scores.copy()
    starts = _analyte_starts(data, pairs)
    for start, stop in zip(starts, np.append(starts[1:], len(scores)), strict=True):
        if stop - start == 1:
            continue
        best = start + np.argsort(-scores[start:stop], kind="stable")[:spectra]
        rows = pairs.reference[best] if places is None else places[pairs.reference[best]]
        sums = np.cumsum(vectors[rows], axis=0, dtype=np.float64)
        lengths = np.maximum(np.sqrt(np.einsum("ij,ij->i", sums, sums)), 1.0)
        merged[best[0]] = max(float((np.cumsum(scores[best]) / lengths).max()), scores[best[0]])
    return merged


def _analyte_starts(data: TrainingData, pairs: CandidatePairs) -> Rows:
    """Return where the pairs of each query and analyte begin."""
    analyte = data.analyte[pairs.reference]
    begins = np.ones(len(analyte), dtype=np.bool_)
    begins[1:] = (pairs.query[1:] != pairs.query[:-1]) | (analyte[1:] != analyte[:-1])
    return np.flatnonzero(begins)


def ranks_of_truth(data: TrainingData, pairs: CandidatePairs, scores: Floats) -> Rows:
    """Rank the analytes of each query by their best spectrum and find the right one.

    Parameters
    ----------
    data : TrainingData
        Spectra.
    pairs : CandidatePairs
        p pairs of q queries.
    scores : numpy.ndarray of shape (p,), float64
        Score of each pair.

    Returns
    -------
    numpy.ndarray of shape (q,), int64
        1 for a query whose analyte came first. Of equal scores the smaller analyte identifier comes first.
    """
    analyte = data.analyte[pairs.reference]
    starts = _analyte_starts(data, pairs)
    best = np.maximum.reduceat(scores, starts) if len(starts) else scores[:0]
    query, candidate = pairs.query[starts], analyte[starts]
    right = candidate == data.analyte[query]
    number = np.searchsorted(pairs.queries, query)
    score_of_truth = np.empty(len(pairs.queries))
    score_of_truth[number[right]] = best[right]
    truth = data.analyte[pairs.queries]
    ahead = (best > score_of_truth[number]) | ((best == score_of_truth[number]) & (candidate < truth[number]))
    return 1 + np.bincount(number[ahead], minlength=len(pairs.queries))
