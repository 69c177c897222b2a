"""Cosine scores of pairs of spectra: greedy and optimal, plain and modified.

Two peaks may match when their m/z differ by at most a tolerance, each peak at most once. The score is the sum of the products
of the matched peaks' weights, ``mz ** mz_power * intensity ** intensity_power``, over the product of the lengths of the two
vectors of weights. The greedy scores take conflicting matches in order of their products, the "hungarian" ones choose those
with the greatest sum. In a modified cosine (Watrous et al., PNAS 109, E1743, 2012) peaks also match when they differ by the
difference of the precursors, unless that is within the tolerance itself.

Scores and numbers of matches equal those of ``CosineGreedy``, ``CosineHungarian``, ``ModifiedCosineGreedy`` and
``ModifiedCosineHungarian`` of matchms 0.33 (left: its reference, right: its query) up to rounding, but for one thing: its
CosineHungarian does not count matches whose product of weights is below 1e-16, as of intensities far below 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from spectradb.errors import BadParameter
from spectradb.similarity.assignment import best_modified_matches, best_plain_matches, solve_groups
from spectradb.similarity.matching import Side, greedy, side
from spectradb.similarity.pairs import Doubles, Index, PeakScore, Scorer, Scores, Spectra, check_settings

_NO_SHIFTS = np.empty(0)


@dataclass(frozen=True, kw_only=True)
class CosineGreedy(PeakScore):
    """Cosine of matched peaks, conflicts solved greedily.

    Parameters
    ----------
    tolerance_da : float
        Peaks may match up to this difference of their m/z, in Da.
    mz_power, intensity_power : float
        Exponents of a peak's weight.

    Raises
    ------
    BadParameter
        If the tolerance is not positive or an exponent is negative.
    """

    tolerance_da: float = 0.01
    mz_power: float = 0.0
    intensity_power: float = 0.5

    modified: ClassVar[bool] = False
    optimal: ClassVar[bool] = False

    def __post_init__(self) -> None:
        """Refuse settings without meaning."""
        check_settings(self, positive=("tolerance_da",), not_negative=("mz_power", "intensity_power"))

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

        Raises
        ------
        BadParameter
            If the score is a modified one and a precursor m/z is unknown.
        """
        return _CosineScorer(self, left, right)


class CosineHungarian(CosineGreedy):
    """Cosine of the matches with the greatest sum; settings as for :class:`CosineGreedy`."""

    optimal = True


class ModifiedCosine(CosineGreedy):
    """Modified cosine, conflicts solved greedily; settings as for :class:`CosineGreedy`."""

    modified = True


class ModifiedCosineHungarian(CosineGreedy):
    """Modified cosine of the matches with the greatest sum; settings as for :class:`CosineGreedy`."""

    modified = True
    optimal = True


class _CosineScorer(Scorer):
    def __init__(self, settings: CosineGreedy, left: Spectra, right: Spectra) -> None:
        super().__init__(left, right)
        self.settings = settings
        self.precursors = (left.precursor_mz, right.precursor_mz)
        if settings.modified and not all(np.isfinite(precursor).all() for precursor in self.precursors):
            raise BadParameter("a modified cosine needs the precursor m/z of every spectrum; leave out those without")

        def ready(spectra: Spectra) -> Side:
            powers = settings.mz_power, settings.intensity_power
            return side(spectra, tolerance_da=settings.tolerance_da, mz_power=powers[0], intensity_power=powers[1])

        self.left = ready(left)
        self.right = self.left if right is left else ready(right)

    def _fill(self, left_index: Index, right_index: Index, found: Scores) -> None:
        shifts = self._shifts(left_index, right_index)
        tangled = np.zeros(len(left_index), dtype=bool)
        greedy(self.left, self.right, left_index, right_index, shifts, False, *found, tangled)  # noqa: FBT003
        if not self.settings.optimal:
            return
        solve_groups(self.left, self.right, left_index, right_index, shifts, *found, tangled)
        for p in np.flatnonzero(tangled):
            i, j = int(left_index[p]), int(right_index[p])
            if len(shifts) and shifts[p] != 0:
                total, found.matches[p] = best_modified_matches(self.left, i, self.right, j, float(shifts[p]))
            else:
                total, found.matches[p] = best_plain_matches(self.left, i, self.right, j)
            found.score[p] = total / (self.left.norm[i] * self.right.norm[j])

    def _shifts(self, left_index: Index, right_index: Index) -> Doubles:
        if not self.settings.modified:
            return _NO_SHIFTS
        shifts = self.precursors[0][left_index] - self.precursors[1][right_index]
        return np.where(np.abs(shifts) <= self.settings.tolerance_da, 0.0, shifts)
