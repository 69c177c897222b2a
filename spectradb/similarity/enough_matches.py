"""A score of peaks halved, and a half for pairs that share enough peaks: what shares few ranks behind what shares as many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectradb.similarity.pairs import PeakScore, Scorer, check_settings

if TYPE_CHECKING:
    from spectradb.similarity.pairs import Index, Scores, Spectra


@dataclass(frozen=True, kw_only=True)
class EnoughMatches(PeakScore):
    """Half of a score, and a half where enough peaks match.

    Parameters
    ----------
    score : PeakScore
        The score.
    least_matches : int
        Pairs of peaks that are enough.

    Raises
    ------
    BadParameter
        If the number is negative.
    """

    score: PeakScore
    least_matches: int = 4

    def __post_init__(self) -> None:
        """Refuse settings without meaning."""
        check_settings(self, not_negative=("least_matches",))

    def settings(self) -> dict[str, str | float | bool]:
        """Return the settings of the score, and the number of matches.

        Returns
        -------
        dict of str to value
            Values that JSON can hold.
        """
        return {**self.score.settings(), "least_matches": self.least_matches}

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
        return _Halved(self, left, right)


class _Halved(Scorer):
    def __init__(self, settings: EnoughMatches, left: Spectra, right: Spectra) -> None:
        super().__init__(left, right)
        self.whole = settings.score.prepare(left, right)
        self.least_matches = settings.least_matches

    def _fill(self, left_index: Index, right_index: Index, found: Scores) -> None:
        scored = self.whole.scores(left_index, right_index)
        found.score[:] = (scored.score + (scored.matches >= self.least_matches)) / 2
        found.matches[:] = scored.matches
