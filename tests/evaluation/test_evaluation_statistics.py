import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from spectradb.evaluation.statistics import AnalyteBootstrap, roc_auc
from spectradb.evaluation.window_search import bootstrap_interval


def test_area_by_hand():
    # Of the four pairs of a right and a wrong answer three are in order and one is tied.
    assert roc_auc(np.array([True, True, False, False]), np.array([0.9, 0.5, 0.5, 0.1])) == 3.5 / 4
    assert roc_auc(np.array([False, True]), np.array([0.9, 0.1])) == 0.0
    assert np.isnan(roc_auc(np.array([True, True]), np.array([0.9, 0.1])))
    assert np.isnan(roc_auc(np.array([False]), np.array([0.9])))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=2, max_size=60))
def test_area_is_that_of_scikit_learn(answers):
    right, score = np.array([r for r, _ in answers]), np.array([s / 8 for _, s in answers])
    if right.all() or not right.any():
        assert np.isnan(roc_auc(right, score))
    else:
        assert roc_auc(right, score) == pytest.approx(roc_auc_score(right, score), abs=1e-12)


def test_intervals_are_those_of_single_draws():
    chance = np.random.default_rng(3)
    analyte = chance.integers(0, 12, 80)
    values = chance.random((80, 2))
    bootstrap = AnalyteBootstrap(analyte, n_draws=300, seed=5)
    over_queries, over_analytes = bootstrap.intervals(values)
    for column in (0, 1):
        expected = bootstrap_interval(values[:, column], analyte, n_draws=300, seed=5)
        assert over_queries[:, column] == pytest.approx(expected, abs=1e-12)
    means = bootstrap.per_analyte(values)
    expected = bootstrap_interval(means[:, 0], np.arange(len(means)), n_draws=300, seed=5)
    assert over_analytes[:, 0] == pytest.approx(expected, abs=1e-12)


def test_analytes_weigh_alike_however_often_they_are_asked():
    bootstrap = AnalyteBootstrap(np.array([7, 7, 7, 2]))
    assert bootstrap.n_analytes == 2
    assert bootstrap.per_analyte(np.array([[1.0], [0.0], [0.0], [1.0]])).tolist() == [[1.0], [1 / 3]]


def test_one_analyte_has_no_spread():
    over_queries, over_analytes = AnalyteBootstrap(np.array([4, 4])).intervals(np.array([[1.0], [0.0]]))
    assert over_queries.tolist() == over_analytes.tolist() == [[0.5], [0.5]]


def test_draws_in_blocks_are_the_same_draws(monkeypatch):
    values, analyte = np.random.default_rng(0).random((50, 1)), np.arange(50) // 2
    whole = AnalyteBootstrap(analyte, n_draws=100).intervals(values)
    monkeypatch.setattr("spectradb.evaluation.statistics.DRAWN_AT_ONCE", 60)
    for part, expected in zip(AnalyteBootstrap(analyte, n_draws=100).intervals(values), whole, strict=True):
        np.testing.assert_allclose(part, expected, rtol=1e-12)
