"""The numerics of calibration: weights of queries, logistic regression, and the resolution of scores.

A first hit with terms ``x`` (see ``schemas/macros/identification/hit_terms.sql``) is right with probability
``1 / (1 + exp(-c . x))``. The coefficients ``c`` maximise the weighted likelihood less a ridge penalty: half the sum of squares
of the coefficients of standardised terms, the intercept's aside: next to nothing for a real library, and what keeps the
coefficients finite for a small one.

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

_RIDGE = 1.0
_STEPS = 100
_CONVERGED = 1e-10


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


def with_answerable_share(weights: Doubles, answerable: Booleans, share: float) -> Doubles:
    """Change weights so that answerable queries have a given share of the whole.

    Parameters
    ----------
    weights : numpy.ndarray of float64, shape (n,)
        Weights of queries.
    answerable : numpy.ndarray of bool, shape (n,)
        Whether the right analyte was within reach; there must be queries of both kinds.
    share : float
        The share of the answerable ones, between 0 and 1.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
        Weights with mean 1.
    """
    total = weights[answerable].sum(), weights[~answerable].sum()
    changed: Doubles = np.where(answerable, weights * share / total[0], weights * (1 - share) / total[1]) * len(weights)
    return changed


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
    centre = np.average(terms, axis=0, weights=weights)
    scale = np.sqrt(np.average((terms - centre) ** 2, axis=0, weights=weights))
    centre[0], scale[0] = 0.0, 1.0
    scale[scale < 1e-12] = 1.0  # a term that does not vary says nothing
    penalty = np.full(terms.shape[1], _RIDGE)
    penalty[0] = 0.0
    coefficients = _maximise((terms - centre) / scale, right, weights, penalty) / scale
    coefficients[0] -= (coefficients[1:] * centre[1:]).sum()
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
    root = np.sqrt(np.maximum(gap, 0))
    scale = np.sqrt(np.average(root**2, weights=weights)) or 1.0
    return float(_maximise((root / scale)[:, None], first_right, weights, np.array([_RIDGE]))[0] / scale)


def _maximise(terms: Doubles, right: Booleans, weights: Doubles, penalty: Doubles) -> Doubles:
    """Newton's method on the penalised likelihood, with steps halved until they do not make it worse."""
    coefficients = np.zeros(terms.shape[1])
    signs = np.where(right, 1.0, -1.0)

    def loss(at: Doubles) -> float:
        return float((weights * np.logaddexp(0, -signs * (terms @ at))).sum() + 0.5 * (penalty * at**2).sum())

    before = loss(coefficients)
    for _ in range(_STEPS):
        probability = 1 / (1 + np.exp(-np.clip(terms @ coefficients, -500, 500)))
        gradient = terms.T @ (weights * (probability - right)) + penalty * coefficients
        curvature = (terms * (weights * probability * (1 - probability))[:, None]).T @ terms + np.diag(penalty)
        step = np.linalg.lstsq(curvature, gradient, rcond=None)[0]
        size = 1.0
        while size > 1e-6 and loss(coefficients - size * step) > before:
            size /= 2
        coefficients = coefficients - size * step
        after = loss(coefficients)
        if before - after <= _CONVERGED * max(1.0, abs(before)):
            break
        before = after
    return coefficients
