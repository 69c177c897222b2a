"""What an evaluation reports of many queries: areas under ROC curves, and intervals by drawing analytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from spectradb.evaluation.resampling import draw_weights, ratio_intervals
from spectradb.late_modules import load

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


def roc_auc(right: npt.NDArray[np.bool_], score: Floats) -> float:
    """Say how well scores tell right answers from wrong ones.

    Parameters
    ----------
    right : numpy.ndarray of shape (q,), bool
        Whether each answer is right.
    score : numpy.ndarray of shape (q,), float64
        Its score.

    Returns
    -------
    float
        Probability that a right answer scores above a wrong one, ties counting half (scikit-learn's ``roc_auc_score``); NaN
        where all are right or all wrong.
    """
    if right.all() or not right.any():
        return float("nan")
    return float(load("sklearn.metrics").roc_auc_score(right, score))


class AnalyteBootstrap:
    """Intervals of means over queries, by drawing analytes with replacement: queries of one analyte are alike.

    All values given to one object are resampled by the same draws, so that their differences are paired.

    Parameters
    ----------
    analyte : numpy.ndarray of shape (q,), int64
        Analyte of each query.
    n_draws : int
        Draws.
    seed : int
        Source of chance.
    """

    def __init__(self, analyte: Rows, *, n_draws: int = 2000, seed: int = 0) -> None:
        _, self._group, counts = np.unique(analyte, return_inverse=True, return_counts=True)
        self._counts = counts.astype(np.float64)
        self._n_draws = n_draws
        self._seed = seed

    @property
    def n_analytes(self) -> int:
        """Number of analytes."""
        return len(self._counts)

    def per_analyte(self, values: Floats) -> Floats:
        """Average the queries of each analyte.

        Parameters
        ----------
        values : numpy.ndarray of shape (q, k), float64
            k values per query.

        Returns
        -------
        numpy.ndarray of shape (n_analytes, k), float64
            Means.
        """
        return self._sums(values) / self._counts[:, None]

    def intervals(self, values: Floats) -> tuple[Floats, Floats]:
        """Find the intervals of means.

        Parameters
        ----------
        values : numpy.ndarray of shape (q, k), float64
            k values per query, such as whether each of k methods answered it.

        Returns
        -------
        over_queries, over_analytes : numpy.ndarray of shape (2, k), float64
            Lower and upper ends of 95 % of the draws: of the mean over queries, and of the mean over the analytes' means.
        """
        weights = draw_weights(self.n_analytes, resamples=self._n_draws, seed=self._seed)
        sums, counts = self._sums(values), np.broadcast_to(self._counts[:, None], (self.n_analytes, values.shape[1]))
        over_queries = ratio_intervals(sums, counts, weights)
        over_analytes = ratio_intervals(sums / counts, np.ones_like(sums), weights)
        return np.stack(over_queries), np.stack(over_analytes)

    def _sums(self, values: Floats) -> Floats:
        sums = [np.bincount(self._group, column, minlength=self.n_analytes) for column in values.T]
        return np.stack(sums, axis=1).astype(np.float64)
