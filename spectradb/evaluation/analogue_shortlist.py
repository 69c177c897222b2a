"""The shortlist of a search for analogues as the method ``analogue`` ranks it: vectors, peaks, and what is agreed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.evaluation.analogues import AnalogueTask, Rows, Scoring, Singles
    from spectradb.similarity.pairs import PeakScore

    Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """How what is on a shortlist is scored, as by :mod:`spectradb.search.methods.analogue`.

    Parameters
    ----------
    weight : float
        Weight of the score of peaks, 0 to 1; that of vectors is what is left.
    consensus : float
        Weight of the consensus, beside 1 for the rest.
    voters : int
        How many of the first have a say.
    spread : float
        Difference of scores by which a say falls to 1/e.
    """

    weight: float
    consensus: float
    voters: int
    spread: float

    def scores(self, alike: Singles, of_peaks: Singles | Doubles, places: Singles) -> Doubles:
        """Score shortlists.

        Parameters
        ----------
        alike, of_peaks : numpy.ndarray of shape (q, n), float32
            Scores of vectors and of peaks.
        places : numpy.ndarray of shape (q, n, d), float32
            Places of structures; zeros where there is none.

        Returns
        -------
        numpy.ndarray of shape (q, n), float64
            Scores.
        """
        mixed = (1 - self.weight) * alike.astype(np.float64) + self.weight * of_peaks
        if not self.consensus:
            return mixed
        voters = np.argsort(-mixed, axis=1, kind="stable")[:, : self.voters]
        of_voters = np.take_along_axis(mixed, voters, axis=1)
        say = np.exp((of_voters - of_voters[:, :1]) / self.spread)
        say /= say.sum(axis=1, keepdims=True)
        centre = np.einsum("qv,qvd->qd", say, np.take_along_axis(places, voters[:, :, None], axis=1))
        agreed = np.einsum("qnd,qd->qn", places, centre)
        found: Doubles = (mixed + self.consensus * agreed) / (1 + self.consensus)
        return found


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Shortlists:
    """The molecules nearest by vectors to each of q queries, each by its nearest spectrum.

    Parameters
    ----------
    column : numpy.ndarray of shape (q, n), int64
        Places of these spectra among those of the library that was searched.
    alike, of_peaks : numpy.ndarray of shape (q, n), float32
        Scores of vectors and of peaks.
    """

    column: npt.NDArray[np.int64]
    alike: Singles
    of_peaks: Doubles


def shortlists(
    task: AnalogueTask, vectors: Scoring, kind: PeakScore, queries: Rows, library: Rows, *, n_listed: int
) -> tuple[Shortlists, Singles]:
    """List the molecules nearest by vectors.

    Parameters
    ----------
    task : AnalogueTask
        Whose spectra to compare.
    vectors : Scoring
        The score of vectors.
    kind : PeakScore
        The score of peaks.
    queries, library : numpy.ndarray of int64
        Rows of the data; the library's in the order of molecules.
    n_listed : int
        Molecules on the shortlist of a query.

    Returns
    -------
    shortlists : Shortlists
        What is listed.
    alike : numpy.ndarray of shape (q, l), float32
        The scores of vectors of all pairs.
    """
    alike = vectors(queries, library)
    _, starts = np.unique(task.molecule[library], return_index=True)
    stops = np.append(starts[1:], len(library))
    best = np.maximum.reduceat(alike, starts, axis=1)
    n = min(n_listed, len(starts))
    listed = np.argpartition(-best, n - 1, axis=1)[:, :n]
    column = np.array([[starts[m] + alike[q, starts[m] : stops[m]].argmax() for m in row] for q, row in enumerate(listed)])
    column = column.reshape(len(queries), n).astype(np.int64)
    peaks = task.data.peaks
    of_peaks = kind.prepare(peaks, peaks).scores(np.repeat(queries, n), library[column.reshape(-1)]).score.reshape(-1, n)
    return Shortlists(column=column, alike=np.take_along_axis(alike, column, axis=1), of_peaks=of_peaks), alike


def by_shortlist(
    task: AnalogueTask, vectors: Scoring, kind: PeakScore, *, mixture: Mixture, places: Singles, n_listed: int
) -> Scoring:
    """Score the nearest spectrum of the molecules nearest by vectors by a mixture, as a search by the method ``analogue`` does.

    Parameters
    ----------
    task : AnalogueTask
        Whose spectra to compare.
    vectors : Scoring
        The score of vectors, from -1 to 1.
    kind : PeakScore
        The score of peaks; from 0 to 1.
    mixture : Mixture
        How what is listed is scored.
    places : numpy.ndarray of shape (m, d), float32
        Places of the task's molecules.
    n_listed : int
        Molecules on the shortlist of a query.

    Returns
    -------
    Scoring
        Scores pairs; what is not on the shortlist lies below all that is.
    """

    def score(queries: Rows, library: Rows) -> Singles:
        listed, alike = shortlists(task, vectors, kind, queries, library, n_listed=n_listed)
        mixed = mixture.scores(listed.alike, listed.of_peaks, places[task.molecule[library[listed.column]]])
        alike -= 5  # vectors are alike by 1 at most, and what is mixed by -1 at least
        np.put_along_axis(alike, listed.column, mixed.astype(np.float32), axis=1)
        return alike

    return score
