"""MZmine's weighted cosine over the union of aligned signals."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from spectradb.errors import BadParameter
from spectradb.similarity.matching import Side, greedy, side
from spectradb.similarity.pairs import Index, PeakScore, Scorer, Scores, Spectra, check_settings

#: Exponents of intensity and m/z by the names that MZmine gives them.
WEIGHTS = MappingProxyType(
    {"NONE": (1.0, 0.0), "SQRT": (0.5, 0.0), "MASSBANK": (0.5, 2.0), "NIST11-LC": (0.53, 1.3), "NIST-GC": (0.6, 3.0)}
)


@dataclass(frozen=True, kw_only=True)
class WeightedCosine(PeakScore):
    """Weighted cosine of a query (left) and a library spectrum (right), as MZmine scores library matches.

    The signals are aligned first: library signals, from the most to the least intense, each take the most intense query signal
    that is still free and within the tolerance, ``max(tolerance_da, tolerance_ppm * 1e-6 * mz)`` with the library signal's m/z.
    Of equally intense signals the one of lower m/z goes first. Over the union of the signals, aligned or not, each spectrum is
    a vector with entries ``intensity ** a * mz ** b``, 0 where it has no signal; the score is the cosine of the two vectors,
    and 0 if fewer than ``minimum_matches`` signals are aligned. Signals near the precursor take part.

    Parameters
    ----------
    weights : {"NONE", "SQRT", "MASSBANK", "NIST11-LC", "NIST-GC"}
        Names (a, b): (1, 0), (0.5, 0), (0.5, 2), (0.53, 1.3) and (0.6, 3).
    tolerance_ppm : float
        Relative part of the tolerance, in ppm.
    tolerance_da : float
        Absolute part of the tolerance, in Da.
    minimum_matches : int
        Least number of aligned signals.

    Raises
    ------
    BadParameter
        If a setting means nothing.
    """

    weights: str = "SQRT"
    tolerance_ppm: float = 10.0
    tolerance_da: float = 0.0
    minimum_matches: int = 1

    def __post_init__(self) -> None:
        """Refuse settings without meaning."""
        check_settings(self, not_negative=("tolerance_ppm", "tolerance_da", "minimum_matches"))
        if self.weights not in WEIGHTS:
            raise BadParameter(f"WeightedCosine: weights is {self.weights!r}; give one of {', '.join(WEIGHTS)}")
        if self.tolerance_ppm + self.tolerance_da == 0 or self.tolerance_ppm >= 1e6:
            raise BadParameter("WeightedCosine: give a positive tolerance_ppm (below 1,000,000) or tolerance_da")

    def prepare(self, left: Spectra, right: Spectra) -> Scorer:
        """Make spectra ready for scoring.

        Parameters
        ----------
        left, right : Spectra
            Queries and library.

        Returns
        -------
        Scorer
            Scores pairs of them.
        """
        return _WeightedScorer(self, left, right)


class _WeightedScorer(Scorer):
    def __init__(self, settings: WeightedCosine, left: Spectra, right: Spectra) -> None:
        super().__init__(left, right)
        self.minimum_matches = settings.minimum_matches
        intensity_power, mz_power = WEIGHTS[settings.weights]

        def ready(spectra: Spectra) -> Side:
            return side(
                spectra,
                tolerance_da=settings.tolerance_da,
                tolerance_ppm=settings.tolerance_ppm,
                mz_power=mz_power,
                intensity_power=intensity_power,
                ranked=True,
            )

        self.queries = ready(left)
        self.library = self.queries if right is left else ready(right)

    def _fill(self, left_index: Index, right_index: Index, found: Scores) -> None:
        tangled = np.empty(len(left_index), dtype=bool)
        # The library spectrum goes first: the windows are around its signals, and they choose.
        greedy(self.library, self.queries, right_index, left_index, np.empty(0), True, *found, tangled)  # noqa: FBT003
        found.score[found.matches < self.minimum_matches] = 0
