"""The numerics of calibration: weights, logistic regression, the spread between laboratories, and the resolution of scores.

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
# What is believed of the spread before any laboratory is seen: its logarithm is normal about this middle, with this deviation.
_USUAL_SPREAD, _SPREAD_DEVIATION = 0.75, 0.5
_NODES = 15


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


def fit_laboratory_spread(
    log_odds: Doubles, right: Booleans, weights: Doubles, study: npt.NDArray[np.int64], study_weight: float = 1.0
) -> float:
    """Fit how far the log odds of hits differ between laboratories: the deviation of a random effect of the laboratory.

    The likelihood of each study's hits is integrated over its effect (Gauss-Hermite). A few laboratories tell little, so
    that the spread starts from a usual one.

    Parameters
    ----------
    log_odds : numpy.ndarray of float64, shape (n,)
        Of hits, by coefficients of other laboratories.
    right : numpy.ndarray of bool, shape (n,)
        Which are right.
    weights : numpy.ndarray of float64, shape (n,)
        How much of an independent observation each hit is: the spectra of one molecule are one together.
    study : numpy.ndarray of int64, shape (n,)
        Number of the study that they are of, from 0.
    study_weight : float
        How much of an independent study each is: where one laboratory is taken as three, a third.

    Returns
    -------
    float
        The deviation, in log odds.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - takes long, and few commands fit anything

    nodes, masses = np.polynomial.hermite_e.hermegauss(_NODES)
    masses = masses / masses.sum()
    n_studies = int(study.max()) + 1
    sign = np.where(right, 1.0, -1.0)

    def loss(parameters: Doubles) -> float:
        shift, log_spread = parameters
        of_nodes = np.empty((n_studies, _NODES))
        for place, node in enumerate(nodes):
            of_hits = -weights * np.logaddexp(0, -sign * (log_odds + shift + np.exp(log_spread) * node))
            of_nodes[:, place] = np.bincount(study, of_hits, n_studies)
        highest = of_nodes.max(axis=1)
        likelihood = (highest + np.log(np.exp(of_nodes - highest[:, None]) @ masses)).sum()
        return float(((log_spread - np.log(_USUAL_SPREAD)) / _SPREAD_DEVIATION) ** 2 / 2 - study_weight * likelihood)

    found = minimize(loss, np.array([0.0, np.log(_USUAL_SPREAD)]), method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-3})
    return float(np.exp(found.x[1]))


def fit_chance(neighbour_analytes: Doubles, has_other: Booleans, weights: Doubles) -> Doubles:
    """Fit how often a spectrum has a candidate beside its own molecule, as the SQL macro chance_of_candidate says it.

    Parameters
    ----------
    neighbour_analytes : numpy.ndarray of float64, shape (n,)
        Analytes beside the precursors of known queries.
    has_other : numpy.ndarray of bool, shape (n,)
        Whether they have another candidate.
    weights : numpy.ndarray of float64, shape (n,)
        Weights of the queries.

    Returns
    -------
    numpy.ndarray of float64, shape (2,)
        Intercept and slope with the logarithm of one more than the number of analytes.
    """
    terms = np.column_stack([np.ones(len(has_other)), np.log1p(neighbour_analytes)])
    # One query more that says the contrary: there always are two classes, and nothing is certain.
    weights = weights / weights.sum() * len(weights)
    contrary = weights / len(weights)
    return fit_log_odds(np.tile(terms, (2, 1)), np.concatenate([has_other, ~has_other]), np.concatenate([weights, contrary]))


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
