"""Spectra that are alike by a cosine of their peaks, among all pairs, without scoring all pairs.

A cosine is a sum over matched peaks. Peaks that lie together, at the same m/z or at the same distance from their precursors,
are found in sorted lists, and their products are summed up for each pair that they belong to. Each peak may match several
there, so the sum is at least the cosine: where it is too small, or of too few matches, the pair need not be scored.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from spectradb.arrays.compiled import compiled
from spectradb.networks.links import LinkCollector, Links
from spectradb.similarity.matching import side

if TYPE_CHECKING:
    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.similarity.cosine import CosineGreedy

# Spectra whose partners are looked for at once: enough that a thread is worth starting.
_SPECTRA_PER_TASK = 256
_ROUNDING = 1e-6
# A little more than the tolerance is looked at, in m/z: the score itself decides.
_REACH = 1e-6


class _Peaks(NamedTuple):
    """Peaks of the spectra of one ion mode in the order of a value: their m/z, or their distance from the precursor."""

    value: npt.NDArray[np.float64]
    spectrum: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float64]


def link_by_peaks(
    spectra: PeakBatch,
    n_negative: int,
    score: CosineGreedy,
    collector: LinkCollector,
    *,
    min_score: float,
    max_mz_difference: float,
) -> None:
    """Link the spectra whose peaks are alike.

    Parameters
    ----------
    spectra : PeakBatch
        n spectra by ion mode (negative first), precursor m/z and id.
    n_negative : int
        Those in negative mode.
    score : CosineGreedy
        The score, one of the cosines.
    collector : LinkCollector
        Takes the links.
    min_score : float
        Least score, above 0.
    max_mz_difference : float
        Largest difference of precursors, m/z.
    """
    scorer = score.prepare(spectra, spectra)
    weighed = side(spectra, tolerance_da=score.tolerance_da, mz_power=score.mz_power, intensity_power=score.intensity_power)
    unit = weighed.weight / np.repeat(weighed.norm, spectra.lengths)
    owner = np.repeat(np.arange(len(spectra), dtype=np.int32), spectra.lengths)
    precursor = spectra.precursor_mz
    for start, stop in ((0, n_negative), (n_negative, len(spectra))):
        part = slice(spectra.offsets[start], spectra.offsets[stop])
        direct = _in_order(spectra.mz[part], owner[part], unit[part])
        losses = precursor[owner[part]] - spectra.mz[part] if score.modified else np.empty(0)
        shifted = _in_order(losses, owner[part][: len(losses)], unit[part][: len(losses)])

        def partners(begin: int, last: int = stop, direct: _Peaks = direct, shifted: _Peaks = shifted) -> Links:
            end = min(begin + _SPECTRA_PER_TASK, last)
            of_spectra = (spectra.offsets, spectra.mz, unit, precursor)
            first, second = _likely(
                *of_spectra, begin, end, last, *direct, *shifted, score.tolerance_da, min_score - _ROUNDING,
                collector.min_matched_peaks, max_mz_difference,
            )  # fmt: skip
            found = scorer.scores(first, second)
            scores = np.minimum(found.score, 1).astype(np.float32)
            return Links(first, second, scores, found.matches).where(found.score >= min_score)

        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            for links in pool.map(partners, range(start, stop, _SPECTRA_PER_TASK)):
                collector.add(links)


def _in_order(value: npt.NDArray[np.float64], spectrum: npt.NDArray[np.int32], weight: npt.NDArray[np.float64]) -> _Peaks:
    order = np.argsort(value, kind="stable")
    return _Peaks(value[order], spectrum[order], weight[order])


@compiled()
def _likely(  # type: ignore[no-untyped-def]
    offsets,  # noqa: ANN001
    mz,  # noqa: ANN001
    unit,  # noqa: ANN001
    precursor,  # noqa: ANN001
    begin,  # noqa: ANN001
    end,  # noqa: ANN001
    stop,  # noqa: ANN001
    mzs,  # noqa: ANN001
    mz_spectra,  # noqa: ANN001
    mz_weights,  # noqa: ANN001
    losses,  # noqa: ANN001
    loss_spectra,  # noqa: ANN001
    loss_weights,  # noqa: ANN001
    tolerance,  # noqa: ANN001
    least,  # noqa: ANN001
    min_matches,  # noqa: ANN001
    max_difference,  # noqa: ANN001
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """List the pairs of spectra begin to end, each with later ones before stop, that may be alike."""
    total, n_matches = np.zeros(stop - begin), np.zeros(stop - begin, np.int32)
    touched = np.empty(stop - begin, np.int64)
    first, second, n = np.empty(1024, np.int64), np.empty(1024, np.int64), 0
    for i in range(begin, end):
        n_touched, own = 0, precursor[i]
        # Spectra are in the order of their precursors.
        far = begin + np.searchsorted(precursor[begin:stop], own + max_difference, side="right")
        apart = begin + np.searchsorted(precursor[begin:stop], own + tolerance, side="right")
        for peak in range(offsets[i], offsets[i + 1]):
            sums = (begin, total, n_matches, touched)
            n_touched = _add(mz[peak], tolerance, unit[peak], mzs, mz_spectra, mz_weights, i + 1, far, *sums, n_touched)
            if len(losses):
                # Precursors that are the same shift nothing.
                of_losses = (losses, loss_spectra, loss_weights, max(i + 1, apart), far)
                n_touched = _add(own - mz[peak], tolerance, unit[peak], *of_losses, *sums, n_touched)
        for place in touched[:n_touched]:
            if total[place] >= least and n_matches[place] >= min_matches:
                if n == len(first):
                    first, second = np.concatenate((first, first)), np.concatenate((second, second))
                first[n], second[n] = i, begin + place
                n += 1
            total[place], n_matches[place] = 0.0, 0
    return first[:n], second[:n]


@compiled()
def _add(  # type: ignore[no-untyped-def]
    value,  # noqa: ANN001
    tolerance,  # noqa: ANN001
    weight,  # noqa: ANN001
    values,  # noqa: ANN001
    spectra,  # noqa: ANN001
    weights,  # noqa: ANN001
    low,  # noqa: ANN001
    high,  # noqa: ANN001
    begin,  # noqa: ANN001
    total,  # noqa: ANN001
    n_matches,  # noqa: ANN001
    touched,  # noqa: ANN001
    n_touched,  # noqa: ANN001
) -> int:
    """Add the products of one peak with those that lie with it, of the spectra low to high; return how many are touched."""
    at = np.searchsorted(values, value - tolerance - _REACH)
    while at < len(values) and values[at] <= value + tolerance + _REACH:
        j = spectra[at]
        if low <= j < high:
            place = j - begin
            if n_matches[place] == 0:
                touched[n_touched] = place
                n_touched += 1
            n_matches[place] += 1
            total[place] += weight * weights[at]
        at += 1
    return n_touched  # type: ignore[no-any-return]
