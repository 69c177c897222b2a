"""Peaks of many spectra at once: the recipe that cleans them, and a hash that names equal ones.

Spectra are ragged: peaks of all spectra lie behind one another in flat arrays, and spectrum ``i`` owns
``[offsets[i], offsets[i + 1])``. Everything here is vectorised over peaks; nothing loops over spectra.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Offsets = NDArray[np.int64]
    Doubles = NDArray[np.float64]
    Floats = NDArray[np.floating]

_FLOAT32 = np.finfo(np.float32)

# Rounding that the hash sees: libraries print m/z with four decimals and intensities as per mille of the base peak.
_HASH_MZ_SCALE = 1e4
_HASH_INTENSITY_SCALE = 1e3
_HASH_INTENSITY_BITS = np.uint64(10)
_HASH_LARGEST_MZ = 1e9  # far beyond any instrument, and still inside 64 bits after scaling


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakRecipe:
    """How raw peaks become stored peaks.

    Parameters
    ----------
    name : str
        Name of the recipe.
    version : int
        Rises whenever the same raw peaks would give other stored peaks.
    max_peaks : int
        Most intense peaks kept per spectrum.
    min_relative_intensity : float
        Peaks below this fraction of the base peak are dropped.

    Raises
    ------
    BadParameter
        If a value means nothing here.
    """

    name: str = "default"
    version: int = 1
    max_peaks: int = 256
    min_relative_intensity: float = 0.001

    def __post_init__(self) -> None:
        """Refuse limits without meaning."""
        if self.max_peaks < 1:
            raise BadParameter(f"max_peaks is {self.max_peaks}: keep at least 1 peak")
        if not 0 <= self.min_relative_intensity <= 1:
            raise BadParameter(f"min_relative_intensity is {self.min_relative_intensity}: give a fraction from 0 to 1")

    def to_json(self) -> str:
        """Return the recipe as JSON with sorted keys.

        Returns
        -------
        str
            One line; equal recipes give equal text.
        """
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> PeakRecipe:
        """Read a recipe that :meth:`to_json` wrote.

        Parameters
        ----------
        text : str
            JSON object.

        Returns
        -------
        PeakRecipe
            The recipe.

        Raises
        ------
        BadParameter
            If the text is no recipe.
        """
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError) as error:
            names = ", ".join(field.name for field in fields(cls))
            raise BadParameter(f"{text!r} is no peak recipe ({error}). Give a JSON object with {names}") from error


def clean_peaks(offsets: Offsets, mz: Doubles, intensity: Floats, recipe: PeakRecipe) -> tuple[Offsets, Doubles, Floats]:
    """Clean the peaks of many spectra.

    Peaks whose m/z or intensity is not finite or not positive, or whose intensity float32 (the stored type) cannot hold, are
    dropped. The rest is sorted by m/z; peaks of exactly the same m/z become one with the sum of their intensities. Then the
    ``max_peaks`` most intense stay, of equally intense ones those of lower m/z, if they reach ``min_relative_intensity`` of the
    base peak. The precursor peak is treated like any other.

    Parameters
    ----------
    offsets : numpy.ndarray of int64, shape (n_spectra + 1,)
        Spectrum ``i`` owns peaks ``offsets[i]`` to ``offsets[i + 1]``; begins with 0.
    mz : numpy.ndarray of float64, shape (n_peaks,)
        m/z.
    intensity : numpy.ndarray of float64 or float32, shape (n_peaks,)
        Intensities in any unit.
    recipe : PeakRecipe
        Limits.

    Returns
    -------
    offsets : numpy.ndarray of int64, shape (n_spectra + 1,)
        As many spectra as came in; one may be empty.
    mz : numpy.ndarray of float64, shape (n_kept,)
        Rising within each spectrum.
    intensity : numpy.ndarray, shape (n_kept,)
        In the unit and type that came in.
    """
    n_spectra = len(offsets) - 1
    spectrum = np.repeat(np.arange(n_spectra), np.diff(offsets))
    height = intensity.astype(np.float64)
    usable = np.isfinite(mz) & (mz > 0) & (height >= float(_FLOAT32.tiny)) & (height <= float(_FLOAT32.max))
    spectrum, mz, height = spectrum[usable], mz[usable], height[usable]
    spectrum, mz, height = _merge_equal_mz(*_sort_by_mz(spectrum, mz, height))
    keep = height >= recipe.min_relative_intensity * _base_peaks(_offsets(spectrum, n_spectra), height)[spectrum]
    keep &= _rank(spectrum, height, n_spectra, recipe.max_peaks) < recipe.max_peaks
    return _offsets(spectrum[keep], n_spectra), mz[keep], height[keep].astype(intensity.dtype)


def are_clean(mz: Doubles, intensity: Floats, recipe: PeakRecipe) -> bool:
    """Tell whether :func:`clean_peaks` would leave the peaks of one spectrum as they are, which is quicker than to clean them.

    Parameters
    ----------
    mz : numpy.ndarray of float64, shape (n_peaks,)
        m/z.
    intensity : numpy.ndarray, shape (n_peaks,)
        Intensities.
    recipe : PeakRecipe
        Limits.

    Returns
    -------
    bool
        Whether they are finite, positive, rising in m/z, and within the limits.
    """
    if not 0 < len(mz) <= recipe.max_peaks:
        return False
    least, most = float(intensity.min()), float(intensity.max())  # NaN, where one is
    rising = bool(mz[0] > 0 and mz[-1] < np.inf and (mz[1:] > mz[:-1]).all())
    return rising and least >= max(float(_FLOAT32.tiny), recipe.min_relative_intensity * most) and most <= float(_FLOAT32.max)


def total_ion_current(offsets: Offsets, intensity: Floats) -> Doubles:
    """Sum the finite positive intensities of each spectrum.

    Parameters
    ----------
    offsets : numpy.ndarray of int64, shape (n_spectra + 1,)
        Bounds of the spectra.
    intensity : numpy.ndarray, shape (n_peaks,)
        Intensities.

    Returns
    -------
    numpy.ndarray of float64, shape (n_spectra,)
        Sums, 0 for a spectrum without such peaks.
    """
    spectrum = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    counted = np.isfinite(intensity) & (intensity > 0)
    sums = np.bincount(spectrum[counted], weights=intensity[counted], minlength=len(offsets) - 1)
    return sums.astype(np.float64)


def hash_peaks(offsets: Offsets, mz: Doubles, intensity: Floats) -> NDArray[np.int64]:
    """Hash each spectrum's peaks so that copies of a spectrum agree.

    The hash sees m/z rounded to 4 decimals and intensity relative to the base peak rounded to 3, so it does not change when a
    library rescales or prints a spectrum, except where a value lies on the edge of rounding; it does not depend on the order of
    the peaks. Each peak's two integers are mixed with the SplitMix64 finaliser (Steele, Lea and Flood 2014), summed modulo
    2^64 and mixed again with the number of peaks: integer arithmetic, the same on every platform.

    Parameters
    ----------
    offsets : numpy.ndarray of int64, shape (n_spectra + 1,)
        Bounds of the spectra.
    mz : numpy.ndarray of float64, shape (n_peaks,)
        Cleaned m/z.
    intensity : numpy.ndarray, shape (n_peaks,)
        Cleaned intensities.

    Returns
    -------
    numpy.ndarray of int64, shape (n_spectra,)
        Values from 0 to 2^63 - 1.
    """
    counts = np.diff(offsets)
    height = intensity.astype(np.float64)
    relative = height / np.repeat(_base_peaks(offsets, height), counts)
    mz_units = np.rint(np.minimum(mz, _HASH_LARGEST_MZ) * _HASH_MZ_SCALE).astype(np.uint64)
    peak = (mz_units << _HASH_INTENSITY_BITS) | np.rint(relative * _HASH_INTENSITY_SCALE).astype(np.uint64)
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(_mix(peak), dtype=np.uint64)))
    mixed = _mix((sums[offsets[1:]] - sums[offsets[:-1]]) ^ _mix(counts.astype(np.uint64)))
    return (mixed >> np.uint64(1)).astype(np.int64)


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _offsets(spectrum: NDArray[np.intp], n_spectra: int) -> Offsets:
    counts = np.bincount(spectrum, minlength=n_spectra)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)))


def _base_peaks(offsets: Offsets, height: Doubles) -> Doubles:
    """Return the highest intensity of each spectrum, 1 for an empty one."""
    base = np.ones(len(offsets) - 1)
    filled = np.diff(offsets) > 0
    if filled.any():
        base[filled] = np.maximum.reduceat(height, offsets[:-1][filled])
    return base


def _sort_by_mz(spectrum: NDArray[np.intp], mz: Doubles, height: Doubles) -> tuple[NDArray[np.intp], Doubles, Doubles]:
    rising = (np.diff(mz) > 0) | (np.diff(spectrum) > 0)
    if rising.all():  # as most files have it
        return spectrum, mz, height
    order = np.lexsort((-height, mz, spectrum))
    return spectrum[order], mz[order], height[order]


def _merge_equal_mz(spectrum: NDArray[np.intp], mz: Doubles, height: Doubles) -> tuple[NDArray[np.intp], Doubles, Doubles]:
    first = np.ones(len(mz), dtype=bool)
    first[1:] = (np.diff(mz) > 0) | (np.diff(spectrum) > 0)
    if first.all():
        return spectrum, mz, height
    summed = np.minimum(np.add.reduceat(height, np.flatnonzero(first)), float(_FLOAT32.max))
    return spectrum[first], mz[first], summed


def _rank(spectrum: NDArray[np.intp], height: Doubles, n_spectra: int, enough: int) -> NDArray[np.int64]:
    """Rank peaks within their spectrum, 0 for the most intense; spectra of at most ``enough`` peaks stay unranked at 0."""
    rank = np.zeros(len(spectrum), dtype=np.int64)
    counts = np.bincount(spectrum, minlength=n_spectra)
    crowded = np.flatnonzero(counts[spectrum] > enough)
    if len(crowded):
        order = np.lexsort((-height[crowded], spectrum[crowded]))  # stable: equal intensities stay in m/z order
        sizes = counts[counts > enough]
        rank[crowded[order]] = np.arange(len(crowded)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return rank
