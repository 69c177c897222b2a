"""What an evaluation reports of many queries: areas under ROC curves, and intervals by drawing analytes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
DRAWN_AT_ONCE = 2**22  # numbers, so that memory stays bounded


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
        Probability that a right answer scores above a wrong one, ties counting half (the Mann-Whitney statistic, Hanley and
        McNeil 1982, doi 10.1148/radiology.143.1.7063747); NaN where all are right or all wrong.
    """
    n_right = int(right.sum())
    n_wrong = len(right) - n_right
    if not n_right or not n_wrong:
        return float("nan")
    _, group, counts = np.unique(score, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts - 1) / 2.0
    above = mean_rank[group][right].sum() - n_right * (n_right + 1) / 2.0
    return float(above / (n_right * n_wrong))


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
    level : float
        Share of draws inside an interval.
    """

    def __init__(self, analyte: Rows, *, n_draws: int = 2000, seed: int = 0, level: float = 0.95) -> None:
        _, self._group, counts = np.unique(analyte, return_inverse=True, return_counts=True)
        self._counts = counts.astype(np.float64)
        self._n_draws = n_draws
        self._seed = seed
        self._tails = ((1.0 - level) / 2.0, (1.0 + level) / 2.0)

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
            Lower and upper ends: of the mean over queries, and of the mean over the analytes' means.
        """
        n = self.n_analytes
        columns = np.concatenate([self._sums(values), self.per_analyte(values), self._counts[:, None]], axis=1)
        chance = np.random.default_rng(self._seed)
        drawn = np.empty((self._n_draws, columns.shape[1]))
        block = max(DRAWN_AT_ONCE // n, 1)
        for start in range(0, self._n_draws, block):
            size = min(block, self._n_draws - start)
            picked = chance.integers(0, n, (size, n)) + n * np.arange(size)[:, None]
            times = np.bincount(picked.ravel(), minlength=size * n).reshape(size, n)
            drawn[start : start + size] = times @ columns
        k = values.shape[1]
        over_queries, over_analytes = drawn[:, :k] / drawn[:, -1:], drawn[:, k : 2 * k] / n
        return np.quantile(over_queries, self._tails, axis=0), np.quantile(over_analytes, self._tails, axis=0)

    def _sums(self, values: Floats) -> Floats:
        sums = [np.bincount(self._group, column, minlength=self.n_analytes) for column in values.T]
        return np.stack(sums, axis=1).astype(np.float64)
