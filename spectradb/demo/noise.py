"""What an instrument adds to a clean spectrum: mass error, intensity error, chemical noise, and peaks that go missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectradb.demo.fragmentation import LOWEST_MZ
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def add_noise(
    mz: ArrayLike,
    intensity: ArrayLike,
    rng: np.random.Generator,
    *,
    highest_mz: float,
    mz_error_ppm: float = 2.0,
    intensity_sigma: float = 0.2,
    n_noise_peaks: int = 5,
    noise_level: float = 0.01,
    detection_limit: float = 0.005,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Make a clean spectrum look measured.

    Parameters
    ----------
    mz, intensity : array_like, shape (n_peaks,)
        Clean spectrum; intensity on any scale.
    rng : numpy.random.Generator
        Source of randomness.
    highest_mz : float
        Noise peaks lie between :data:`~spectradb.demo.fragmentation.LOWEST_MZ` and this.
    mz_error_ppm : float
        Standard deviation of the m/z error, ppm.
    intensity_sigma : float
        Sigma of the log-normal intensity error.
    n_noise_peaks : int
        Mean number of random peaks (Poisson).
    noise_level : float
        Median intensity of the random peaks, relative to the base peak.
    detection_limit : float
        Relative intensity at which a peak has an even chance to be missed; the base peak always stays.

    Returns
    -------
    mz, intensity : ndarray, shape (n_observed,)
        Observed spectrum, m/z increasing, intensity on the scale of the input.

    Raises
    ------
    BadParameter
        If a setting is negative or the spectrum has no peak above zero.
    """
    settings = (mz_error_ppm, intensity_sigma, n_noise_peaks, noise_level, detection_limit)
    if min(settings) < 0:
        raise BadParameter(f"A noise setting is negative: {settings}. Give zero to switch one off.")
    clean_mz, clean = np.asarray(mz, dtype=np.float64), np.asarray(intensity, dtype=np.float64)
    if not clean.size or clean.max() <= 0:
        raise BadParameter("The spectrum has no peak above zero, so noise has nothing to be relative to.")
    base = clean.max()
    observed_mz = clean_mz * (1.0 + 1e-6 * mz_error_ppm * rng.standard_normal(clean.size))
    observed = clean * np.exp(intensity_sigma * rng.standard_normal(clean.size))
    missed = 1.0 / (1.0 + (clean / (base * detection_limit)) ** 2) if detection_limit > 0 else np.zeros(clean.size)
    seen = (rng.random(clean.size) >= missed) | (clean == base)
    noise_mz, noise = noise_peaks(rng, n_peaks=int(rng.poisson(n_noise_peaks)), highest_mz=highest_mz, level=noise_level * base)
    all_mz, everything = np.concatenate([observed_mz[seen], noise_mz]), np.concatenate([observed[seen], noise])
    order = np.argsort(all_mz, kind="stable")
    return all_mz[order], everything[order]


def noise_peaks(
    rng: np.random.Generator, *, n_peaks: int, highest_mz: float, level: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw peaks that belong to no molecule.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    n_peaks : int
        How many.
    highest_mz : float
        Upper end of the range.
    level : float
        Median intensity.

    Returns
    -------
    mz, intensity : ndarray, shape (n_peaks,)
        m/z evenly spread over the range and increasing; log-normal intensities.
    """
    mz = np.sort(rng.uniform(LOWEST_MZ, max(highest_mz, LOWEST_MZ + 1.0), n_peaks))
    return mz, level * np.exp(0.7 * rng.standard_normal(n_peaks))
