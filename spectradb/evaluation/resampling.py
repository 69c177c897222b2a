"""Confidence intervals by drawing analytes (or groups of them) again.

Spectra of one analyte are no independent witnesses: the unit that is drawn is the analyte, with all its spectra.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating]

LEVEL = 0.95
# Entries of one block of weights by queries, so that half a million queries fit a laptop's memory.
_BLOCK = 8_000_000


def draw_weights(n_units: int, *, resamples: int, seed: int) -> npt.NDArray[np.float32]:
    """Draw units with replacement, many times.

    Parameters
    ----------
    n_units : int
        Number of units.
    resamples : int
        How many samples of `n_units` to draw.
    seed : int
        Seed of the generator.

    Returns
    -------
    numpy.ndarray of float32, shape (resamples, n_units)
        How often each unit is in each sample.
    """
    generator = np.random.default_rng(seed)
    weights = np.empty((resamples, n_units), dtype=np.float32)
    for row in weights:
        row[:] = np.bincount(generator.integers(n_units, size=n_units), minlength=n_units)
    return weights


def ratio_intervals(numerator: Floats, denominator: Floats, weights: npt.NDArray[np.float32]) -> tuple[Floats, Floats]:
    """Estimate percentile intervals of ratios of sums.

    Parameters
    ----------
    numerator, denominator : numpy.ndarray of shape (n_units, n_metrics)
        What each unit adds to the sums of each metric.
    weights : numpy.ndarray of float32, shape (resamples, n_units)
        From :func:`draw_weights`.

    Returns
    -------
    low, high : numpy.ndarray of shape (n_metrics,)
        Ends of the interval that holds 95 % of the samples; NaN where a ratio is never defined.
    """
    below = weights @ denominator
    ratios = np.full(below.shape, np.nan)
    np.divide(weights @ numerator, below, out=ratios, where=np.abs(below) > 1e-12)
    return _interval(ratios)


def auc_interval(
    score: Floats, correct: npt.NDArray[np.bool_], unit: npt.NDArray[np.integer], weights: npt.NDArray[np.float32]
) -> tuple[float, float]:
    """Estimate the percentile interval of the area under a ROC curve.

    Parameters
    ----------
    score : numpy.ndarray of float, shape (n,)
        Scores of n calls.
    correct : numpy.ndarray of bool, shape (n,)
        Which of them are right.
    unit : numpy.ndarray of int, shape (n,)
        The unit that each belongs to.
    weights : numpy.ndarray of float32, shape (resamples, n_units)
        From :func:`draw_weights`.

    Returns
    -------
    low, high : float
        Ends of the interval; NaN where the area is never defined.
    """
    if not len(score):
        return float("nan"), float("nan")
    order = np.argsort(score, kind="stable")
    correct, unit = correct[order], unit[order]
    _, starts = np.unique(score[order], return_index=True)
    right_units, wrong_units = correct.astype(np.float32), (~correct).astype(np.float32)
    areas = np.empty(len(weights))
    step = max(1, _BLOCK // len(unit))
    for first in range(0, len(weights), step):
        of_calls = weights[first : first + step][:, unit]
        # Sums in double precision: single would round counts above 16 million pairs.
        right = np.add.reduceat(of_calls * right_units, starts, axis=1, dtype=np.float64)
        wrong = np.add.reduceat(of_calls * wrong_units, starts, axis=1, dtype=np.float64)
        wrong_below = np.cumsum(wrong, axis=1) - wrong
        pairs = right.sum(axis=1) * wrong.sum(axis=1)
        area = np.full(len(pairs), np.nan)
        np.divide((right * (wrong_below + wrong / 2)).sum(axis=1), pairs, out=area, where=pairs > 0)
        areas[first : first + step] = area
    low, high = _interval(areas[:, None])
    return float(low[0]), float(high[0])


def _interval(samples: Floats) -> tuple[Floats, Floats]:
    defined = ~np.isnan(samples).all(axis=0)
    low, high = np.full(samples.shape[1], np.nan), np.full(samples.shape[1], np.nan)
    if defined.any():
        outside = (1 - LEVEL) / 2
        low[defined], high[defined] = np.nanquantile(samples[:, defined], [outside, 1 - outside], axis=0)
    return low, high
