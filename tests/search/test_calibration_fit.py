"""The numerics of calibration against hand-worked values and other programs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from spectradb.search.calibration.fit import (
    fit_chance,
    fit_gap_coefficient,
    fit_laboratory_spread,
    fit_log_odds,
    query_weights,
)


def test_weights_of_queries():
    # Aa measured x twice and y once, Bb only x; of nobody, z.
    weights = query_weights(["Aa", "Aa", "Aa", "Bb", None], ["x", "x", "y", "x", "z"])
    raw = np.array([0.5, 0.5, 1.0, np.sqrt(2), np.sqrt(2)]) / np.sqrt(2)
    np.testing.assert_allclose(weights, raw / raw.mean())
    assert query_weights([], []).shape == (0,)


def made(n=600, seed=5):
    random = np.random.default_rng(seed)
    terms = np.column_stack([np.ones(n), random.uniform(size=n), random.normal(5, 3, size=n), np.zeros(n)])
    right = random.uniform(size=n) < 1 / (1 + np.exp(-(terms @ [-3, 4, 0.3, 0])))
    return terms, right, random.uniform(0.2, 2, size=n)


def test_log_odds_are_those_of_another_program():
    terms, right, weights = made()
    found = fit_log_odds(terms, right, weights)
    centre = np.average(terms[:, 1:3], axis=0, weights=weights)
    scale = np.sqrt(np.average((terms[:, 1:3] - centre) ** 2, axis=0, weights=weights))
    other = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000)
    other.fit((terms[:, 1:3] - centre) / scale, right, sample_weight=weights)
    expected = other.coef_[0] / scale
    np.testing.assert_allclose(found[1:3], expected, rtol=1e-5)
    np.testing.assert_allclose(found[0], other.intercept_[0] - (expected * centre).sum(), rtol=1e-5)
    assert found[3] == 0  # a term that does not vary


def test_log_odds_of_separable_queries_are_finite():
    terms = np.column_stack([np.ones(6), np.arange(6.0)])
    found = fit_log_odds(terms, np.arange(6) >= 3, np.ones(6))
    assert np.isfinite(found).all()
    assert ((terms @ found > 0) == (np.arange(6) >= 3)).all()


@given(seed=st.integers(0, 100))
def test_mean_probability_is_the_share_of_right_ones(seed):
    terms, right, weights = made(200, seed)
    probability = 1 / (1 + np.exp(-(terms @ fit_log_odds(terms, right, weights))))
    assert np.average(probability, weights=weights) == pytest.approx(np.average(right, weights=weights), abs=1e-6)


def test_the_gap_coefficient_of_known_odds():
    random = np.random.default_rng(1)
    gap = random.uniform(0, 0.5, size=20_000)
    first = random.uniform(size=gap.size) < 1 / (1 + np.exp(-4.0 * np.sqrt(gap)))
    assert fit_gap_coefficient(gap, first, np.ones(gap.size)) == pytest.approx(4.0, abs=0.15)
    # Half of the queries with a gap of .25 right: no odds at all.
    assert fit_gap_coefficient(np.full(4, 0.25), np.array([1, 0, 1, 0], bool), np.ones(4)) == pytest.approx(0.0, abs=1e-9)
    assert fit_gap_coefficient(np.zeros(3), np.array([1, 1, 0], bool), np.ones(3)) == 0.0
    # All first ones right: as sure as the penalty lets it be.
    assert 0 < fit_gap_coefficient(np.full(9, 0.25), np.ones(9, bool), np.ones(9)) < 10


@pytest.mark.parametrize("spread", [0.3, 1.5])
def test_the_spread_of_many_laboratories_is_found(spread):
    random = np.random.default_rng(2)
    laboratory = np.repeat(np.arange(150), 60)
    log_odds = random.normal(0, 1.5, size=laboratory.size)
    right = random.uniform(size=laboratory.size) < 1 / (1 + np.exp(-log_odds - random.normal(0, spread, size=150)[laboratory]))
    assert fit_laboratory_spread(log_odds, right, np.ones(laboratory.size), laboratory) == pytest.approx(spread, rel=0.15)


def test_the_spread_of_one_laboratory_is_the_usual_one():
    random = np.random.default_rng(2)
    right = random.uniform(size=300) < 0.5
    assert fit_laboratory_spread(np.zeros(300), right, np.ones(300), np.zeros(300, int)) == pytest.approx(0.75, abs=0.2)


def test_chance_rises_with_what_lies_beside():
    random = np.random.default_rng(2)
    beside = random.integers(0, 12, size=20_000).astype(float)
    has_other = random.uniform(size=beside.size) < 1 / (1 + np.exp(2 - 1.5 * np.log1p(beside)))
    assert fit_chance(beside, has_other, np.ones(beside.size)) == pytest.approx([-2, 1.5], abs=0.1)
    # Where all have another the chance is high, and finite.
    found = fit_chance(np.zeros(50), np.ones(50, bool), np.ones(50))
    assert 2 < found[0] < 6
