"""Cleaning of spectra before their entropy similarity: centroiding, noise, as published with the score.

From the most to the least intense peak, each takes up all peaks within a distance, merged ones too: their intensities are
summed, the m/z becomes the mean weighted by intensity. That is repeated until no two neighbours are closer. Then peaks below a
fraction of the base peak are dropped. Computed in single precision.

This is what the compiled ``clean_spectrum`` of ms_entropy 1.5 does, except where peaks to be merged are equally intense: there
the one of lower m/z goes first here, whereas that program's order has no rule.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spectradb.arrays.compiled import compiled

Singles = npt.NDArray[np.float32]
Offsets = npt.NDArray[np.int64]


def clean(
    offsets: Offsets, mz: Singles, intensity: Singles, *, min_distance: float, noise_threshold: float
) -> tuple[Offsets, Singles, Singles]:
    """Clean n spectra.

    Parameters
    ----------
    offsets : numpy.ndarray of int64, shape (n + 1,)
        Bounds of the spectra.
    mz, intensity : numpy.ndarray of float32, shape (total,)
        Peaks, by rising m/z.
    min_distance : float
        Peaks this close are merged, in Da.
    noise_threshold : float
        Fraction of the base peak below which peaks are dropped.

    Returns
    -------
    offsets, mz, intensity : numpy.ndarray
        The cleaned spectra; intensities are not scaled.
    """
    mz, intensity = np.array(mz, np.float32), np.array(intensity, np.float32)
    lengths = _clean(np.ascontiguousarray(offsets), mz, intensity, np.float32(min_distance), np.float32(noise_threshold))
    kept = np.arange(len(mz)) - np.repeat(offsets[:-1], np.diff(offsets)) < np.repeat(lengths, np.diff(offsets))
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths))), mz[kept], intensity[kept]


@compiled()
def _clean(
    offsets: Offsets, mz: Singles, intensity: Singles, min_distance: np.float32, noise_threshold: np.float32
) -> npt.NDArray[np.int64]:
    """Clean each spectrum in place, its peaks moved to the front; returns how many are left of each."""
    lengths = np.empty(len(offsets) - 1, np.int64)
    for i in range(len(lengths)):
        start, stop = offsets[i], offsets[i + 1]
        n = stop - start
        while _too_close(mz[start : start + n], min_distance):
            n = _merge(mz[start : start + n], intensity[start : start + n], min_distance)
        lengths[i] = _drop_noise(mz[start : start + n], intensity[start : start + n], noise_threshold)
    return lengths


@compiled()
def _too_close(mz: Singles, min_distance: np.float32) -> bool:
    return bool(np.any(mz[1:] - mz[:-1] < min_distance))


@compiled()
def _merge(mz: Singles, intensity: Singles, min_distance: np.float32) -> int:
    """Merge once, in place; returns the number of peaks left, sorted by m/z at the front."""
    n = len(mz)
    for peak in np.argsort(-intensity, kind="mergesort"):
        if intensity[peak] <= 0:
            continue
        # Peaks taken up before keep their places, so that a peak reaches over them to the merged one.
        low = peak
        while low > 0 and mz[peak] - mz[low - 1] <= min_distance:
            low -= 1
        high = peak + 1
        while high < n and mz[high] - mz[peak] <= min_distance:
            high += 1
        total, moment = np.float32(0), np.float32(0)
        for i in range(low, high):
            total += intensity[i]
            moment += intensity[i] * mz[i]
            intensity[i] = 0
        mz[peak] = moment / total
        intensity[peak] = total
    kept = np.flatnonzero(intensity > 0)
    kept = kept[np.argsort(mz[kept], kind="mergesort")]
    merged_mz, merged_intensity = mz[kept], intensity[kept]
    mz[: len(kept)] = merged_mz
    intensity[: len(kept)] = merged_intensity
    return len(kept)


@compiled()
def _drop_noise(mz: Singles, intensity: Singles, noise_threshold: np.float32) -> int:
    base = np.float32(0)
    for i in range(len(mz)):
        base = max(base, intensity[i])
    kept = 0
    for i in range(len(mz)):
        if intensity[i] >= noise_threshold * base:
            mz[kept] = mz[i]
            intensity[kept] = intensity[i]
            kept += 1
    return kept
