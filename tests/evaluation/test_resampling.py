"""Confidence intervals: samples of units, ratios of sums, areas under ROC curves, against plain loops and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from spectradb.evaluation.resampling import auc_interval, draw_weights, ratio_intervals


def test_every_sample_has_as_many_units_as_there_are():
    weights = draw_weights(7, resamples=50, seed=1)
    assert weights.shape == (50, 7)
    assert weights.sum(axis=1).tolist() == [7.0] * 50
    assert np.array_equal(weights, draw_weights(7, resamples=50, seed=1))
    assert not np.array_equal(weights, draw_weights(7, resamples=50, seed=2))


def test_a_ratio_that_never_changes_has_no_width():
    weights = draw_weights(20, resamples=100, seed=0)
    low, high = ratio_intervals(np.full((20, 1), 3.0), np.full((20, 1), 4.0), weights)
    assert (low.tolist(), high.tolist()) == ([0.75], [0.75])


def test_a_ratio_to_nothing_has_no_interval():
    low, high = ratio_intervals(np.ones((5, 1)), np.zeros((5, 1)), draw_weights(5, resamples=10, seed=0))
    assert np.isnan([low, high]).all()


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution():
    values = np.random.default_rng(0).normal(size=(2000, 1))
    low, high = ratio_intervals(values, np.ones((2000, 1)), draw_weights(2000, resamples=2000, seed=0))
    width = 1.96 * values.std() / np.sqrt(2000)
    assert low[0] == pytest.approx(values.mean() - width, abs=0.1 * width)
    assert high[0] == pytest.approx(values.mean() + width, abs=0.1 * width)


@given(
    st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), min_size=1, max_size=40),
    st.integers(0, 1000),
)
def test_the_area_is_that_of_the_calls_repeated(calls, seed):
    score = np.array([call[0] for call in calls], dtype=float)
    correct = np.array([call[1] for call in calls])
    unit = np.array([call[2] for call in calls])
    weights = draw_weights(4, resamples=1, seed=seed)
    low, high = auc_interval(score, correct, unit, weights)
    repeats = weights[0][unit].astype(int)
    drawn = np.repeat(correct, repeats)
    if drawn.all() or not drawn.any():
        assert np.isnan([low, high]).all()
    else:
        assert low == high == pytest.approx(roc_auc_score(drawn, np.repeat(score, repeats)))


def test_no_calls_have_no_area():
    none = np.zeros(0)
    assert np.isnan(auc_interval(none, none.astype(bool), none.astype(int), draw_weights(3, resamples=4, seed=0))).all()


def test_blocks_do_not_change_the_interval(monkeypatch):
    generator = np.random.default_rng(3)
    score, correct, unit = generator.normal(size=300), generator.random(300) < 0.5, generator.integers(9, size=300)
    weights = draw_weights(9, resamples=40, seed=0)
    whole = auc_interval(score, correct, unit, weights)
    monkeypatch.setattr("spectradb.evaluation.resampling._BLOCK", 700)
    assert auc_interval(score, correct, unit, weights) == whole
