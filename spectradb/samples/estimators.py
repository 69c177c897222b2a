"""Classifiers and regressions over sample vectors, as pipelines: scaling, too, is learnt inside the fold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_selection import SelectKBest, VarianceThreshold, f_classif, f_regression
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import Normalizer, StandardScaler
from sklearn.svm import SVC

from spectradb.errors import BadParameter
from spectradb.samples.experiment import CLASSIFIERS, MAJORITY, MEAN, REGRESSIONS
from spectradb.samples.grouped_ridge import GroupedRidge

if TYPE_CHECKING:
    from collections.abc import Callable

_TREES = 300

Floats = npt.NDArray[np.float64]


def classifier(name: str, *, seed: int = 0, n_features: int | None = None) -> Pipeline:
    """Make a classifier.

    Parameters
    ----------
    name : str
        ``logistic``: logistic regression on standardised features; ``forest``: random forest; ``svm``: support vector machine
        with a linear kernel on standardised features (these three weigh classes by their rarity); ``nearest``: the class of the
        nearest neighbour by cosine; ``majority``: the commonest class, whatever the features.
    seed : int
        Seed of the forest.
    n_features : int, optional
        Keep so many features, those with the largest F value on the data learnt from.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Not fitted yet.

    Raises
    ------
    BadParameter
        If there is no such classifier.
    """
    makers: dict[str, Callable[[], list[Any]]] = {
        "logistic": lambda: [StandardScaler(), LogisticRegression(max_iter=5000, class_weight="balanced")],
        "forest": lambda: [RandomForestClassifier(_TREES, class_weight="balanced", random_state=seed)],
        "svm": lambda: [StandardScaler(), SVC(kernel="linear", class_weight="balanced", random_state=seed)],
        "nearest": lambda: [Normalizer(), KNeighborsClassifier(1, metric="cosine", algorithm="brute")],
        MAJORITY: lambda: [DummyClassifier(strategy="prior")],
    }
    if name not in makers:
        msg = f"classifier {name!r} must be one of {', '.join(CLASSIFIERS)}"
        raise BadParameter(msg)
    return _pipeline(makers[name](), n_features if name != MAJORITY else None, f_classif)


def regression(
    name: str, *, seed: int = 0, n_features: int | None = None, groups: npt.NDArray[np.str_] | None = None
) -> Pipeline:
    """Make a regression.

    Parameters
    ----------
    name : str
        ``ridge``: ridge regression on standardised features, its penalty chosen by cross-validation inside the data learnt
        from; ``forest``: random forest; ``mean``: the mean, whatever the features.
    seed : int
        Seed of the forest and of the inner folds.
    n_features : int, optional
        Keep so many features, those with the largest F value on the data learnt from.
    groups : numpy.ndarray of str, shape (n,), optional
        Groups of the data learnt from, which do not straddle the inner folds either.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Not fitted yet.

    Raises
    ------
    BadParameter
        If there is no such regression.
    """
    makers: dict[str, Callable[[], Any]] = {
        "ridge": lambda: GroupedRidge(groups, seed),
        "forest": lambda: RandomForestRegressor(_TREES, random_state=seed),
        MEAN: DummyRegressor,
    }
    if name not in makers:
        msg = f"regression {name!r} must be one of {', '.join(REGRESSIONS)}"
        raise BadParameter(msg)
    return _pipeline([makers[name]()], n_features if name != MEAN else None, f_regression)


def class_scores(fitted: Pipeline, vectors: Floats) -> Floats:
    """Score each class between 0 and 1.

    Parameters
    ----------
    fitted : sklearn.pipeline.Pipeline
        A fitted classifier.
    vectors : numpy.ndarray of float, shape (n, d)
        What to classify.

    Returns
    -------
    numpy.ndarray of float, shape (n, n_classes)
        Probabilities in the order of ``fitted.classes_``; of a support vector machine, which has none, the softmax of its
        decision values: of use for ranking only.
    """
    if hasattr(fitted, "predict_proba"):
        return np.asarray(fitted.predict_proba(vectors))
    decision = np.asarray(fitted.decision_function(vectors))
    if decision.ndim == 1:
        decision = np.column_stack([-decision, decision]) / 2
    powers = np.exp(decision - decision.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _pipeline(steps: list[Any], n_features: int | None, score: Callable[..., Any]) -> Pipeline:
    # Constant features have no F value.
    selection = [VarianceThreshold(), SelectKBest(score, k=n_features)] if n_features else []
    return Pipeline([(type(step).__name__.lower(), step) for step in [*selection, *steps]])
