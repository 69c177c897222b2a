"""How repeated spectra are clustered. The defaults stand here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spectradb.errors import BadParameter
from spectradb.search.checks import check_fragment_tolerance, check_window
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.spelling import known_names

#: How pairs can be scored: by vectors, or by a cosine of their peaks.
METHODS = (EMBEDDING, "cosine_greedy", "cosine_hungarian")
#: What can stand for a cluster: its members' peaks merged, or those of the member of the highest total ion current.
CONSENSUS, BEST = "consensus", "best"
SPECTRA = (CONSENSUS, BEST)

#: The least of which 98 % of the clustered spectra of one half of a library's analytes were with their own analyte.
DEFAULT_MIN_SCORE = 0.8
DEFAULT_PPM = 10.0
DEFAULT_RT_WINDOW_S = 30.0
DEFAULT_MIN_SHARE = 0.5


@dataclass(frozen=True, kw_only=True)
class ClusterSettings:
    """How repeated spectra are clustered.

    Parameters
    ----------
    method : str
        One of :data:`METHODS`.
    model : str or None
        Whose vectors are compared; None for cosines of peaks.
    min_score : float
        Least score of every two members, above 0 and at most 1.
    ppm : float
        Largest difference of the precursors of every two, in ppm of the smaller.
    rt_window_s : float or None
        Largest difference of the retention times of every two that have one, in seconds; None: any.
    fragment_tolerance_da : float
        How far peaks may be from the one that they are merged with, and for cosines to match, in Da.
    min_share : float
        Share of the members that must have a peak for the consensus to have it.
    spectrum : {"consensus", "best"}
        What stands for a cluster.

    Raises
    ------
    BadParameter
        If a value means nothing.
    """

    method: str = EMBEDDING
    model: str | None = None
    min_score: float = DEFAULT_MIN_SCORE
    ppm: float = DEFAULT_PPM
    rt_window_s: float | None = DEFAULT_RT_WINDOW_S
    fragment_tolerance_da: float = 0.01
    min_share: float = DEFAULT_MIN_SHARE
    spectrum: str = CONSENSUS

    def __post_init__(self) -> None:
        """Refuse settings without meaning."""
        if self.method not in METHODS:
            raise BadParameter(f"spectra are not clustered by {self.method!r}, but by: {known_names(self.method, METHODS)}")
        if self.spectrum not in SPECTRA:
            what = known_names(self.spectrum, SPECTRA)
            raise BadParameter(f"{self.spectrum!r} cannot stand for a cluster; what can: {what}")
        if not 0 < self.min_score <= 1:
            raise BadParameter(f"min_score is {self.min_score:g}: give a score above 0 and at most 1, such as 0.8")
        if not 0 <= self.min_share <= 1:
            raise BadParameter(f"min_share is {self.min_share:g}: give a share from 0 to 1, such as 0.5")
        if self.rt_window_s is not None and not self.rt_window_s >= 0:
            raise BadParameter(f"rt_window_s is {self.rt_window_s:g}: give seconds from 0 upwards, or None for any")
        check_window(self.ppm, can_be_open=False)
        check_fragment_tolerance(self.fragment_tolerance_da)

    def columns(self) -> dict[str, Any]:
        """Return the settings as the table ``clusterings`` has them.

        Returns
        -------
        dict of str to object
            A value for each setting.
        """
        return dict(self.__dict__)
