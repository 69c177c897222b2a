"""The numerics of calibration: weights of queries, logistic regression, and the resolution of scores.

A first hit with terms ``x`` (see ``schemas/macros/identification/hit_terms.sql``) is right with probability
``1 / (1 + exp(-c . x))``. The coefficients ``c`` maximise the weighted likelihood less a ridge penalty: half the sum of
squares of the coefficients of standardised terms, the intercept's aside (scikit-learn's ``C=1``): next to nothing for a real
library, and what keeps the coefficients finite for a small one.

Two candidates whose scores differ by a gap ``g`` are told apart with odds ``exp(c sqrt(g))``: even where there is no gap (a
Bradley-Terry comparison), and by the root since scores close to each other differ by more than those far apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Doubles = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

_SOLVER = {"C": 1.0, "solver": "newton-cholesky", "tol": 1e-8, "max_iter": 200}
_CONSTANT = 1e-12


def query_weights(contributors: Sequence[str | None], analytes: Sequence[str]) -> Doubles:
    """Weigh queries so that neither an analyte measured often nor a large contributor dominates.

    The queries of one analyte by one contributor share the weight 1 / sqrt(number of analytes of that contributor): a
    contributor with a hundred times as many analytes counts ten times as much.

    Parameters
    ----------
    contributors, analytes : sequence of str, length n
        Of each query; a contributor may be None.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
        Weights with mean 1.
    """
    if len(analytes) == 0:
        return np.zeros(0)
    pairs: dict[tuple[str | None, str], int] = {}
    for pair in zip(contributors, analytes, strict=True):
        pairs[pair] = pairs.get(pair, 0) + 1
    n_analytes: dict[str | None, int] = {}
    for contributor, _ in pairs:
        n_analytes[contributor] = n_analytes.get(contributor, 0) + 1
    weights = np.array(
        [1 / pairs[c, a] / np.sqrt(n_analytes[c]) for c, a in zip(contributors, analytes, strict=True)], dtype=np.float64
    )
    scaled: Doubles = weights / weights.mean()
    return scaled


def fit_log_odds(terms: Doubles, right: Booleans, weights: Doubles) -> Doubles:
    """Fit the coefficients of a logistic regression.

    Parameters
    ----------
    terms : numpy.ndarray of float64, shape (n, t)
        Terms of each query, the first of them 1.
    right : numpy.ndarray of bool, shape (n,)
        What is to be predicted; both values must occur.
    weights : numpy.ndarray of float64, shape (n,)
        Weights of the queries.

    Returns
    -------
    numpy.ndarray of float64, shape (t,)
        Coefficients of the terms as given.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - takes long, and few commands fit anything

    varying = terms[:, 1:]
    centre = np.average(varying, axis=0, weights=weights)
    scale = np.sqrt(np.average((varying - centre) ** 2, axis=0, weights=weights))
    scale[scale < _CONSTANT] = np.inf  # a term that does not vary says nothing
    fitted = LogisticRegression(**_SOLVER).fit((varying - centre) / scale, right, sample_weight=weights)
    slopes = fitted.coef_[0] / scale
    coefficients: Doubles = np.concatenate([[fitted.intercept_[0] - (slopes * centre).sum()], slopes])
    return coefficients


def fit_gap_coefficient(gap: Doubles, first_right: Booleans, weights: Doubles) -> float:
    """Fit how fast the odds of the first candidate against the second rise with the score gap.

    Parameters
    ----------
    gap : numpy.ndarray of float64, shape (n,)
        Score gaps of queries whose first or second candidate is right.
    first_right : numpy.ndarray of bool, shape (n,)
        Whether it is the first.
    weights : numpy.ndarray of float64, shape (n,)
        Weights of the queries.

    Returns
    -------
    float
        c in ``odds = exp(c * sqrt(gap))``.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - takes long, and few commands fit anything

    root = np.sqrt(np.maximum(gap, 0))
    scale = np.sqrt(np.average(root**2, weights=weights)) or 1.0
    # Without an intercept a query says the same turned round; with both of them there always are two classes.
    both_ways = np.concatenate([root, -root])[:, None] / scale
    answers, shared = np.concatenate([first_right, ~first_right]), np.concatenate([weights, weights]) / 2
    fitted = LogisticRegression(**_SOLVER, fit_intercept=False).fit(both_ways, answers, sample_weight=shared)
    return float(fitted.coef_[0, 0] / scale)
