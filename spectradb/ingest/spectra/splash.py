"""SPLASH: the name that MassBank, MoNA and others give to a list of peaks.

Wohlgemuth et al., Nature Biotechnology 34, 1099, 2016; version 10, for mass spectra. Intensities are scaled to 100 for the
highest. The second block is of the ten highest peaks of at least a tenth of it, summed up in bins 5 wide, the third of all
peaks in bins 100 wide, each modulo ten bins, in three and in ten levels; the last is of m/z in millionths and intensities in
percent, cut off to whole numbers. The view ``splashes`` computes the same in SQL, of the peaks that a record keeps.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]

_ROUNDING = 1e-7  # added before what is cut off, as its authors do
_BINS = 10
_TOP, _TOP_SHARE, _TOP_WIDTH, _TOP_LEVELS = 10, 10.0, 5.0, 3
_WIDTH, _LEVELS = 100.0, 10
_DIGITS = np.array(list("0123456789abcdefghijklmnopqrstuvwxyz"))
_LARGEST_MZ = 9e12  # in millionths still a whole number of 64 bits


def splashes(offsets: NDArray[np.int64], mz: Doubles, intensity: NDArray[np.floating]) -> pa.StringArray:
    """Name the peaks of many spectra.

    Parameters
    ----------
    offsets : numpy.ndarray of int64, shape (n_spectra + 1,)
        Spectrum ``i`` owns peaks ``offsets[i]`` to ``offsets[i + 1]``; begins with 0.
    mz : numpy.ndarray of float64, shape (n_peaks,)
        m/z, in any order.
    intensity : numpy.ndarray, shape (n_peaks,)
        Intensities in any unit. Peaks that are not positive and finite have no part in the name.

    Returns
    -------
    pyarrow.StringArray of shape (n_spectra,)
        Names; NULL for a spectrum without peaks.
    """
    n = len(offsets) - 1
    spectrum = np.repeat(np.arange(n), np.diff(offsets))
    height = intensity.astype(np.float64)
    usable = np.isfinite(mz) & (mz > 0) & (mz < _LARGEST_MZ) & np.isfinite(height) & (height > 0)
    spectrum, mz, height = spectrum[usable], mz[usable], height[usable]
    if not ((np.diff(mz) > 0) | (np.diff(spectrum) > 0)).all():  # few files need it
        order = np.lexsort((-height, mz, spectrum))
        spectrum, mz, height = spectrum[order], mz[order], height[order]
    base = np.zeros(n)
    np.maximum.at(base, spectrum, height)
    height = height / base[spectrum] * 100.0
    counts = np.bincount(spectrum, minlength=n)
    top = _highest(spectrum, mz, height)
    prefix = _levels(spectrum[top], mz[top], height[top], n, width=_TOP_WIDTH, levels=_TOP_LEVELS)
    histogram = _levels(spectrum, mz, height, n, width=_WIDTH, levels=_LEVELS)
    number = prefix @ _TOP_LEVELS ** np.arange(_BINS - 1, -1, -1)
    letters = _DIGITS[number[:, None] // 36 ** np.arange(3, -1, -1) % 36]
    digits = histogram @ _LEVELS ** np.arange(_BINS - 1, -1, -1)
    lists = _written(counts, mz, height)
    return pa.array(
        [
            f"splash10-{''.join(letters[i])}-{digits[i]:010d}-{hashlib.sha256(text).hexdigest()[:20]}" if counts[i] else None
            for i, text in enumerate(lists)
        ],
        pa.string(),
    )


def _highest(spectrum: NDArray[np.intp], mz: Doubles, height: Doubles) -> NDArray[np.intp]:
    """Return places of the peaks of the second block, in the order of m/z."""
    high = np.flatnonzero(height + _ROUNDING >= _TOP_SHARE)
    order = high[np.lexsort((mz[high], -height[high], spectrum[high]))]
    of_spectrum = spectrum[order]
    rank = np.arange(len(order)) - np.searchsorted(of_spectrum, of_spectrum)
    return np.sort(order[rank < _TOP])


def _levels(
    spectrum: NDArray[np.intp], mz: Doubles, height: Doubles, n: int, *, width: float, levels: int
) -> NDArray[np.int64]:
    """Sum up peaks by bins, and cut the sums to levels of the largest; an array of shape (n, 10)."""
    cell = spectrum * _BINS + (mz / width).astype(np.int64) % _BINS
    sums = np.bincount(cell, weights=height, minlength=n * _BINS).reshape(n, _BINS)
    largest = sums.max(axis=1, keepdims=True, initial=0.0)
    largest[largest == 0] = 1.0
    cut: NDArray[np.int64] = ((levels - 1) * sums / largest + _ROUNDING).astype(np.int64)
    return cut


def _written(counts: NDArray[np.intp], mz: Doubles, height: Doubles) -> list[bytes]:
    """Write each spectrum's peaks as ``m/z:intensity``, parted by spaces."""
    masses = pa.array(((mz + _ROUNDING) * 1e6).astype(np.int64)).cast(pa.string())
    heights = pa.array((height + _ROUNDING).astype(np.int64)).cast(pa.string())
    peaks = pc.binary_join_element_wise(masses, heights, ":")
    ends = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    texts = pc.binary_join(pa.ListArray.from_arrays(pa.array(ends), peaks), " ")
    return [text.encode() for text in texts.to_pylist()]
