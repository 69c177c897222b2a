"""The methods that score peaks, one for each score of :mod:`spectradb.similarity.methods`."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.search.methods.peak_scorers import peak_scorer
from spectradb.search.methods.protocol import Asked, Method, MethodKind, SearchJob, Statement
from spectradb.similarity.methods import PEAK_SCORES, Setting, peak_score

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    import duckdb

    from spectradb.search.methods.spectrum_peaks import PeakSides
    from spectradb.similarity.pairs import PeakScore

# A score whose own tolerance is in ppm; the others take the tolerance by which matched peaks are counted.
_OWN_TOLERANCE = "weighted_cosine"


@dataclass(frozen=True)
class PeakMethod(Method):
    """A score of peaks.

    Parameters
    ----------
    score_name : str
        Its name.
    score : PeakScore
        The score with its settings.
    """

    score_name: str
    score: PeakScore

    @property
    def name(self) -> str:
        """The name of the score."""
        return self.score_name

    def settings(self) -> dict[str, Setting]:
        """Return the settings of the score."""
        return self.score.settings()

    def prepare(
        self, con: duckdb.DuckDBPyConnection, peaks: Callable[[], PeakSides]
    ) -> AbstractContextManager[Mapping[str, object]]:
        """Make the peaks ready, and yield the number of their scorer."""
        return prepared_scorer(con, self.score, peaks)

    def statement(self, job: SearchJob) -> Statement:
        """Return what finds the hits."""
        return job.statement("queries/identify/identify_by_peaks", "study", "library")

    def neighbours(self, job: SearchJob) -> Statement:
        """Return what compares the queries with what they cannot be."""
        return job.statement("queries/identify/neighbours/neighbours_by_peaks", "study", "library")

    def at_hand(self, job: SearchJob) -> Statement:
        """Return what searches spectra at hand."""
        name = "open_search_by_peaks" if job.ppm is None else "search_by_peaks"
        return job.statement(f"queries/adhoc/{name}", "library")

    def shortlist(self) -> Statement:
        """Return what scores the analytes nearest by embedding."""
        return Statement(schemas.read("queries/identify/score_shortlist"), {})


@contextmanager
def prepared_scorer(
    con: duckdb.DuckDBPyConnection, score: PeakScore, peaks: Callable[[], PeakSides]
) -> Iterator[Mapping[str, object]]:
    """Have a scorer of peaks for the length of a block.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab, which is taught ``peak_score``.
    score : PeakScore
        The score.
    peaks : callable
        Reads the peaks of both sides.

    Yields
    ------
    mapping
        ``scorer``, its number.
    """
    with peak_scorer(con, score, *peaks()) as scorer:
        yield {"scorer": scorer}


def resolve_score(method: str, settings: Mapping[str, Setting], *, fragment_tolerance_da: float) -> PeakScore:
    """Return a score of peaks whose tolerance is that of the search unless its settings say otherwise.

    Parameters
    ----------
    method : str
        One of :data:`spectradb.similarity.methods.PEAK_SCORES`.
    settings : mapping of str to value
        Its settings that differ from the defaults.
    fragment_tolerance_da : float
        The tolerance in Da.

    Returns
    -------
    PeakScore
        The score.

    Raises
    ------
    BadParameter
        If there is no such setting, or a value means nothing.
    """
    given = dict(settings)
    if method != _OWN_TOLERANCE:
        given.setdefault("tolerance_da", fragment_tolerance_da)
    return peak_score(method, given)


def _kind(name: str) -> MethodKind:
    def resolve(asked: Asked) -> PeakMethod:
        return PeakMethod(name, resolve_score(name, asked.settings, fragment_tolerance_da=asked.fragment_tolerance_da))

    return MethodKind(name=name, resolve=resolve)


KINDS = tuple(_kind(name) for name in PEAK_SCORES)
