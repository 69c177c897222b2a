import numpy as np
import pytest

from spectradb.evaluation.statistics import AnalyteBootstrap, roc_auc


def test_area_by_hand():
    # Of the four pairs of a right and a wrong answer three are in order and one is tied.
    assert roc_auc(np.array([True, True, False, False]), np.array([0.9, 0.5, 0.5, 0.1])) == 3.5 / 4
    assert roc_auc(np.array([False, True]), np.array([0.9, 0.1])) == 0.0
    assert np.isnan(roc_auc(np.array([True, True]), np.array([0.9, 0.1])))
    assert np.isnan(roc_auc(np.array([False]), np.array([0.9])))


def interval_by_loops(values, groups, *, n_draws, seed):
    """Draw groups one by one and take the spread of the mean over their values."""
    _, group = np.unique(groups, return_inverse=True)
    sums, counts = np.bincount(group, values), np.bincount(group)
    chance = np.random.default_rng(seed)
    means = []
    for _ in range(n_draws):
        chosen = chance.integers(0, len(sums), len(sums))
        means.append(sums[chosen].sum() / counts[chosen].sum())
    return np.quantile(means, [0.025, 0.975])


def test_intervals_are_those_of_single_draws():
    chance = np.random.default_rng(3)
    analyte = chance.integers(0, 12, 80)
    values = chance.random((80, 2))
    bootstrap = AnalyteBootstrap(analyte, n_draws=300, seed=5)
    over_queries, over_analytes = bootstrap.intervals(values)
    for column in (0, 1):
        expected = interval_by_loops(values[:, column], analyte, n_draws=300, seed=5)
        assert over_queries[:, column] == pytest.approx(expected, abs=1e-12)
    means = bootstrap.per_analyte(values)
    expected = interval_by_loops(means[:, 0], np.arange(len(means)), n_draws=300, seed=5)
    assert over_analytes[:, 0] == pytest.approx(expected, abs=1e-12)


def test_analytes_weigh_alike_however_often_they_are_asked():
    bootstrap = AnalyteBootstrap(np.array([7, 7, 7, 2]))
    assert bootstrap.n_analytes == 2
    assert bootstrap.per_analyte(np.array([[1.0], [0.0], [0.0], [1.0]])).tolist() == [[1.0], [1 / 3]]


def test_one_analyte_has_no_spread():
    over_queries, over_analytes = AnalyteBootstrap(np.array([4, 4])).intervals(np.array([[1.0], [0.0]]))
    assert over_queries.tolist() == over_analytes.tolist() == [[0.5], [0.5]]


def test_analytes_are_drawn_with_all_their_queries():
    values = np.repeat([[0.0], [1.0]], 500, axis=0)
    over_queries, _ = AnalyteBootstrap(np.repeat([0, 1], 500)).intervals(values)
    assert over_queries.ravel().tolist() == [0.0, 1.0]
    over_queries, _ = AnalyteBootstrap(np.arange(1000)).intervals(values)
    assert over_queries.ravel() == pytest.approx([0.5 - 1.96 * 0.0158, 0.5 + 1.96 * 0.0158], abs=0.005)
