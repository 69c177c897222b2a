"""Spectral entropy similarity of pairs of spectra (Li et al., Nature Methods 18, 1524, 2021).

A spectrum's intensities are scaled to sum to 1. Where its entropy ``S = -sum(I ln I)`` is below 3, they are raised to the power
``0.25 + 0.25 S`` and scaled again. The similarity of two such spectra is the sum over matched peaks of
``(f(I_a + I_b) - f(I_a) - f(I_b)) / 2`` with ``f(x) = x log2 x``: 0 without a match, 1 for equal spectra.

Peaks are matched in one pass by rising m/z: the two lowest peaks that are left match if their m/z differ by at most the
tolerance, otherwise the lower of them is passed by. That is meant for spectra whose peaks lie further apart than twice the
tolerance; cleaning (:mod:`spectradb.similarity.entropy_cleaning`) sees to that.

Values equal ``calculate_entropy_similarity`` of ms_entropy 1.5 up to single-precision rounding. Like it, this compares m/z in
single precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from spectradb.arrays.compiled import compiled
from spectradb.errors import BadParameter
from spectradb.similarity.entropy_cleaning import clean
from spectradb.similarity.pairs import Doubles, Index, PeakScore, Scorer, Scores, Spectra, check_settings

_ENTROPY_OF_FULL_WEIGHT = 3.0


@dataclass(frozen=True, kw_only=True)
class EntropySimilarity(PeakScore):
    """Spectral entropy similarity, from 0 to 1.

    Parameters
    ----------
    tolerance_da : float
        Peaks match up to this difference of their m/z, in Da.
    clean_spectra : bool
        Clean the spectra first: merge peaks within twice the tolerance, drop noise, scale. Without, spectra must have been
        cleaned before; they are scaled in any case.
    noise_threshold : float
        Cleaning drops peaks below this fraction of the base peak.

    Raises
    ------
    BadParameter
        If a setting means nothing.
    """

    tolerance_da: float = 0.01
    clean_spectra: bool = True
    noise_threshold: float = 0.01

    def __post_init__(self) -> None:
        """Refuse settings without meaning."""
        check_settings(self, positive=("tolerance_da",), not_negative=("noise_threshold",))
        if not isinstance(self.clean_spectra, bool):
            raise BadParameter(f"EntropySimilarity: clean_spectra is {self.clean_spectra!r}; give true or false")

    def prepare(self, left: Spectra, right: Spectra) -> Scorer:
        """Make spectra ready for scoring.

        Parameters
        ----------
        left, right : Spectra
            The two sides.

        Returns
        -------
        Scorer
            Scores pairs of them.
        """
        return _EntropyScorer(self, left, right)


class _Side(NamedTuple):
    """Cleaned, weighted spectra: bounds, m/z and intensity of the peaks, and f of the intensities."""

    offsets: npt.NDArray[np.int64]
    mz: npt.NDArray[np.float32]
    intensity: Doubles
    f: Doubles


class _EntropyScorer(Scorer):
    def __init__(self, settings: EntropySimilarity, left: Spectra, right: Spectra) -> None:
        super().__init__(left, right)
        self.tolerance = np.float32(settings.tolerance_da)
        self.left = _side(settings, left)
        self.right = self.left if right is left else _side(settings, right)

    def _fill(self, left_index: Index, right_index: Index, found: Scores) -> None:
        _score(self.left, self.right, left_index, right_index, self.tolerance, *found)


def _side(settings: EntropySimilarity, spectra: Spectra) -> _Side:
    offsets, mz, intensity = spectra.offsets, spectra.mz.astype(np.float32), spectra.intensity
    if settings.clean_spectra:
        offsets, mz, intensity = clean(
            offsets, mz, intensity, min_distance=2 * settings.tolerance_da, noise_threshold=settings.noise_threshold
        )
    weighted, f = _weigh(np.ascontiguousarray(offsets), np.asarray(intensity, dtype=np.float64))
    return _Side(np.ascontiguousarray(offsets), np.ascontiguousarray(mz), weighted, f)


@compiled()
def _weigh(offsets: npt.NDArray[np.int64], intensity: Doubles) -> tuple[Doubles, Doubles]:
    """Scale and weigh the intensities of each spectrum; returns them and f of them."""
    weighted, f = np.empty(len(intensity)), np.empty(len(intensity))
    for i in range(len(offsets) - 1):
        start, stop = offsets[i], offsets[i + 1]
        total = 0.0
        for peak in range(start, stop):
            total += intensity[peak]
        entropy = 0.0
        for peak in range(start, stop):
            weighted[peak] = intensity[peak] / total
            if weighted[peak] > 0:
                entropy -= weighted[peak] * np.log(weighted[peak])
        if entropy < _ENTROPY_OF_FULL_WEIGHT:
            power = 0.25 + 0.25 * entropy
            total = 0.0
            for peak in range(start, stop):
                weighted[peak] **= power
                total += weighted[peak]
            for peak in range(start, stop):
                weighted[peak] /= total
        for peak in range(start, stop):
            f[peak] = weighted[peak] * np.log2(weighted[peak]) if weighted[peak] > 0 else 0.0
    return weighted, f


@compiled()
def _score(
    left: _Side,
    right: _Side,
    left_index: npt.NDArray[np.int64],
    right_index: npt.NDArray[np.int64],
    tolerance: np.float32,
    score: Doubles,
    matches: npt.NDArray[np.int32],
) -> None:
    for p in range(len(left_index)):
        a, a_stop = left.offsets[left_index[p]], left.offsets[left_index[p] + 1]
        b, b_stop = right.offsets[right_index[p]], right.offsets[right_index[p] + 1]
        total, n = 0.0, 0
        while a < a_stop and b < b_stop:
            difference = left.mz[a] - right.mz[b]
            if difference < -tolerance:
                a += 1
            elif difference > tolerance:
                b += 1
            else:
                both = left.intensity[a] + right.intensity[b]
                total += both * np.log2(both) - left.f[a] - right.f[b]
                n += 1
                a += 1
                b += 1
        score[p] = total / 2
        matches[p] = n
