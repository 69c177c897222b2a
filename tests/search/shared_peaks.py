"""A method of scoring as somebody adds one, in one module: twice the shared peaks by all peaks of two spectra (Dice)."""

from dataclasses import dataclass

import numpy as np

from spectradb.search.methods.peaks import PeakMethod
from spectradb.search.methods.protocol import MethodKind
from spectradb.similarity.pairs import PeakScore, Scorer, check_settings

SHARED_PEAKS = "shared_peaks"


@dataclass(frozen=True, kw_only=True)
class SharedPeaks(PeakScore):
    """The score, with its setting."""

    tolerance_da: float = 0.01

    def __post_init__(self):
        check_settings(self, positive=("tolerance_da",))

    def prepare(self, left, right):
        return _SharedPeaksScorer(self, left, right)


class _SharedPeaksScorer(Scorer):
    def __init__(self, settings, left, right):
        super().__init__(left, right)
        self.settings, self.left, self.right = settings, left, right

    def _fill(self, left_index, right_index, found):
        for pair, (i, j) in enumerate(zip(left_index, right_index, strict=True)):
            left, right = (side.mz[side.offsets[k] : side.offsets[k + 1]] for side, k in ((self.left, i), (self.right, j)))
            near = np.abs(left[:, None] - right[None, :]) <= self.settings.tolerance_da
            found.matches[pair] = min(near.any(axis=0).sum(), near.any(axis=1).sum())
            found.score[pair] = 2 * found.matches[pair] / (len(left) + len(right))


KIND = MethodKind(name=SHARED_PEAKS, resolve=lambda asked: PeakMethod(SHARED_PEAKS, SharedPeaks(**asked.settings)))
