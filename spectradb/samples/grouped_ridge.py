"""Ridge regression whose penalty is chosen by cross-validation over groups: all penalties from one decomposition a fold."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import GroupKFold, KFold

Floats = npt.NDArray[np.float64]

PENALTIES = tuple(10.0**power for power in range(-1, 6))
_MOST_FOLDS = 5


class GroupedRidge(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """Ridge regression on standardised features.

    The penalty with the least squared error in (at most) five inner folds is taken; groups do not straddle them, else copies of
    one mixture would argue for hardly any penalty. With fewer than four groups it is 1. The solution is that of
    Hoerl and Kennard (Technometrics 12, 1970) through one decomposition into eigenvalues, which serves all penalties at once.

    Parameters
    ----------
    groups : numpy.ndarray, shape (n,), optional
        Groups of the data that it will be fitted on; each row is its own when None.
    seed : int
        Seed of the inner folds.
    """

    def __init__(self, groups: npt.NDArray[Any] | None = None, seed: int = 0) -> None:
        self.groups = groups
        self.seed = seed

    def fit(self, X: Floats, y: Floats) -> Self:  # noqa: N803 - scikit-learn's name
        """Choose the penalty and fit.

        Parameters
        ----------
        X : numpy.ndarray of float, shape (n, d)
            Features.
        y : numpy.ndarray of float, shape (n,)
            Numbers.

        Returns
        -------
        GroupedRidge
            Itself, with ``alpha_``, the penalty.
        """
        members = len(X) if self.groups is None else len(set(self.groups))
        errors = np.zeros(len(PENALTIES))
        if members >= 4:
            kind = KFold if self.groups is None else GroupKFold
            folds = kind(min(_MOST_FOLDS, members), shuffle=True, random_state=self.seed)
            for learnt, judged in folds.split(X, groups=self.groups):
                paths = _predictions(X[learnt], y[learnt], X[judged], PENALTIES)
                errors += ((paths - y[judged]) ** 2).sum(axis=1)
            self.alpha_ = PENALTIES[int(errors.argmin())]
        else:
            self.alpha_ = 1.0
        self._learnt = (np.asarray(X), np.asarray(y))
        return self

    def predict(self, X: Floats) -> Floats:  # noqa: N803 - scikit-learn's name
        """Predict numbers.

        Parameters
        ----------
        X : numpy.ndarray of float, shape (n, d)
            Features.

        Returns
        -------
        numpy.ndarray of float, shape (n,)
            Predictions.
        """
        predicted: Floats = _predictions(*self._learnt, X, (self.alpha_,))[0]
        return predicted


def _predictions(learnt: Floats, numbers: Floats, judged: Floats, penalties: tuple[float, ...]) -> Floats:
    """Predict by each penalty. Returns an array of shape (n_penalties, n_judged)."""
    centre, scale = learnt.mean(axis=0), learnt.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    learnt, judged = (learnt - centre) / scale, (judged - centre) / scale
    mean = numbers.mean()
    centred = numbers - mean
    # Both are the same solution; with thousands of features to a few dozen samples the second has by far the smaller matrix.
    if learnt.shape[1] <= len(learnt):
        values, directions = np.linalg.eigh(learnt.T @ learnt)
        along, across = directions.T @ (learnt.T @ centred), judged @ directions
    else:
        values, directions = np.linalg.eigh(learnt @ learnt.T)
        along, across = directions.T @ centred, judged @ learnt.T @ directions
    return np.stack([across @ (along / (values + penalty)) + mean for penalty in penalties])
