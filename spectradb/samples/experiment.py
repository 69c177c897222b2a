"""How to predict: the names of estimators and splits, and the settings of an experiment. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass

CLASSIFIERS = ("logistic", "forest", "svm", "nearest")
REGRESSIONS = ("ridge", "forest")
MAJORITY, MEAN = "majority", "mean"
DEFAULT_SEEDS = 5
SPLITS = ("stratified", "cv", "leave-group-out", "leave-one-out")


@dataclass(frozen=True)
class Experiment:
    """How to predict.

    Parameters
    ----------
    estimator : str
        Classifier or regression, as in :mod:`spectradb.samples.estimators`.
    splits : str
        One of ``SPLITS``, see :func:`spectradb.samples.splits.make_splits`.
    seeds : int
        Repeats of splits that a seed decides.
    regress : bool
        Predict numbers instead of classes.
    n_features : int or None
        Features to keep, chosen inside each fold; all when None.
    """

    estimator: str = "logistic"
    splits: str = "stratified"
    seeds: int = DEFAULT_SEEDS
    regress: bool = False
    n_features: int | None = None

    @property
    def task(self) -> str:
        """``classification`` or ``regression``."""
        return "regression" if self.regress else "classification"
