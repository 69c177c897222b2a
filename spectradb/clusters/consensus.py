"""Consensus spectra: the peaks of the members of a cluster, merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from spectradb.arrays.compiled import compiled

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.arrays.peak_batch import PeakBatch


class MergedPeaks(NamedTuple):
    """Peaks of m spectra.

    Parameters
    ----------
    offsets : numpy.ndarray of int64, shape (m + 1,)
        Spectrum i owns the peaks ``offsets[i]:offsets[i + 1]``.
    mz : numpy.ndarray of float64
        m/z, rising within each spectrum.
    intensity : numpy.ndarray of float64
        Intensities.
    """

    offsets: npt.NDArray[np.int64]
    mz: npt.NDArray[np.float64]
    intensity: npt.NDArray[np.float64]


def merged_peaks(
    spectra: PeakBatch,
    members: npt.NDArray[np.int64],
    bounds: npt.NDArray[np.int64],
    *,
    tolerance_da: float,
    min_share: float,
) -> MergedPeaks:
    """Merge the peaks of groups of spectra.

    Spectra count alike, whatever their intensity: each is brought to a base peak of 1. From the highest peak of all downwards,
    one takes in what lies within the tolerance of it, at their mean m/z, weighted by intensity, with the sum of their
    intensities over the number of members. What too few members have is left out. The base peak is then the median of the
    members' base peaks.

    Parameters
    ----------
    spectra : PeakBatch
        The spectra.
    members : numpy.ndarray of int64, shape (k,)
        Places of the members, group by group.
    bounds : numpy.ndarray of int64, shape (m + 1,)
        Group g has the members ``bounds[g]:bounds[g + 1]``, at least one.
    tolerance_da : float
        How far a peak may be from the one that takes it in, in Da.
    min_share : float
        Share of the members that must have a peak.

    Returns
    -------
    MergedPeaks
        One spectrum for each group; that of a spectrum alone is itself.
    """
    lengths = spectra.lengths[members]
    total = np.concatenate([[0], np.cumsum(lengths)])
    mz, intensity = np.empty(total[-1]), np.empty(total[-1])
    kept = np.zeros(len(bounds) - 1, np.int64)
    peaks = (spectra.offsets, spectra.mz, spectra.intensity.astype(np.float64))
    _merge(*peaks, members, bounds, total, tolerance_da, min_share, mz, intensity, kept)
    starts = total[bounds[:-1]]
    offsets = np.concatenate([[0], np.cumsum(kept)])
    places = np.repeat(starts, kept) + np.arange(offsets[-1]) - np.repeat(offsets[:-1], kept)
    return MergedPeaks(offsets, mz[places], intensity[places])


@compiled()
def _merge(offsets, mz, intensity, members, bounds, total, tolerance, min_share, out_mz, out_intensity, kept) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Merge group by group; a group writes where its own peaks would lie end to end."""
    for g in range(len(bounds) - 1):
        mine = members[bounds[g] : bounds[g + 1]]
        begin, end = total[bounds[g]], total[bounds[g + 1]]
        here_mz, here_intensity = out_mz[begin:end], out_intensity[begin:end]
        if len(mine) == 1:
            here_mz[:] = mz[offsets[mine[0]] : offsets[mine[0] + 1]]
            here_intensity[:] = intensity[offsets[mine[0]] : offsets[mine[0] + 1]]
            kept[g] = end - begin
            continue
        owner, bases = np.empty(end - begin, np.int64), np.ones(len(mine))
        at = 0
        for k in range(len(mine)):
            start, stop = offsets[mine[k]], offsets[mine[k] + 1]
            if stop > start:
                bases[k] = intensity[start:stop].max()
            here_mz[at : at + stop - start] = mz[start:stop]
            here_intensity[at : at + stop - start] = intensity[start:stop] / bases[k]
            owner[at : at + stop - start] = k
            at += stop - start
        rising = np.argsort(here_mz, kind="mergesort")
        needed = max(1, int(np.ceil(min_share * len(mine) - 1e-9)))
        found_mz, found_intensity = _absorbed(
            here_mz[rising], here_intensity[rising], owner[rising], len(mine), tolerance, needed
        )
        n = len(found_mz)
        order = np.argsort(found_mz, kind="mergesort")
        here_mz[:n] = found_mz[order]
        if n:
            here_intensity[:n] = found_intensity[order] * (np.median(bases) / found_intensity.max())
        kept[g] = n


@compiled()
def _absorbed(mz, height, owner, n_members, tolerance, needed):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
    """Merge the peaks of one group, sorted by m/z, from the highest downwards; return m/z and mean heights."""
    free, seen = np.ones(len(mz), np.uint8), np.full(n_members, -1, np.int64)
    found_mz, found_height = np.empty(len(mz)), np.empty(len(mz))
    found = 0
    for top in np.argsort(-height, kind="mergesort"):
        if not free[top]:
            continue
        low = top
        while low > 0 and mz[top] - mz[low - 1] <= tolerance:
            low -= 1
        weight, moment, count = 0.0, 0.0, 0
        high = low
        while high < len(mz) and mz[high] - mz[top] <= tolerance:
            if free[high]:
                free[high] = 0
                weight += height[high]
                moment += height[high] * (mz[high] - mz[top])
                count += seen[owner[high]] != top
                seen[owner[high]] = top
            high += 1
        if count >= needed:
            found_mz[found], found_height[found] = mz[top] + moment / weight, weight / n_members
            found += 1
    return found_mz[:found], found_height[:found]
