"""How well scores tell right from wrong first hits: ROC curves and distributions."""

import math

import pytest
from metric_lab import filled, rounded


@pytest.fixture
def con():
    con = filled()
    con.execute(
        "CREATE TABLE calls AS "
        "FROM (VALUES (0.5, true), (0.5, false), (0.9, true), (0.1, false), (NULL, true)) AS t (score, correct)"
    )
    return con


@pytest.mark.covers("macros/metrics/scores/roc_points")
def test_roc_points_have_one_row_per_distinct_score(con):
    found = con.sql("FROM roc_points('calls')")
    assert found.columns == ["threshold", "true_positives", "false_positives", "tpr", "fpr"]
    assert found.fetchall() == [
        (math.inf, 0, 0, 0.0, 0.0),
        (0.9, 1, 0, 0.5, 0.0),
        (0.5, 2, 1, 1.0, 0.5),
        (0.1, 2, 2, 1.0, 1.0),
    ]


@pytest.mark.covers("macros/metrics/scores/roc_area")
def test_roc_area_counts_ties_half(con):
    # of four pairs of a right and a wrong call three are in order and one is a tie
    assert con.sql("FROM roc_area('calls')").fetchall() == [(2, 2, 3.5 / 4)]
    con.execute("CREATE TABLE right_ones AS FROM calls WHERE correct")
    assert con.sql("FROM roc_area('right_ones')").fetchall() == [(2, 0, None)]
    con.execute("CREATE TABLE none AS FROM calls WHERE false")
    assert con.sql("FROM roc_area('none')").fetchall() == [(0, 0, None)]


@pytest.mark.covers("macros/metrics/scores/roc_curve")
def test_roc_curve_counts_unanswerable_queries_as_false_positives(con):
    rows = con.sql("FROM roc_curve('s')").fetchall()
    third = round(1 / 3, 6)
    assert rounded(rows) == [
        (math.inf, 0, 0, 0.0, 0.0),
        (0.95, 1, 0, third, 0.0),
        (0.9, 2, 0, round(2 / 3, 6), 0.0),
        (0.8, 2, 1, round(2 / 3, 6), third),
        (0.7, 2, 2, round(2 / 3, 6), round(2 / 3, 6)),
        (0.6, 3, 2, 1.0, round(2 / 3, 6)),
        (0.4, 3, 3, 1.0, 1.0),
    ]


@pytest.mark.covers("macros/metrics/scores/roc_auc")
def test_roc_auc(con):
    # of the right ones .95 and .9 are above all three wrong ones, .6 is above one
    assert con.sql("FROM roc_auc('s')").fetchall() == [("s", 3, 3, 7 / 9)]


@pytest.mark.covers("macros/metrics/scores/score_distribution")
def test_score_distribution(con):
    found = con.sql("FROM score_distribution('s', bins := 5)")
    assert found.columns == ["from_score", "to_score", "n_true", "n_false", "share_of_true", "share_of_false"]
    third = round(1 / 3, 6)
    assert rounded(found.fetchall()) == [
        (0.0, 0.2, 0, 0, 0.0, 0.0),
        (0.2, 0.4, 0, 0, 0.0, 0.0),
        (0.4, 0.6, 0, 1, 0.0, third),
        (0.6, 0.8, 1, 1, third, third),
        (0.8, 1.0, 2, 1, round(2 / 3, 6), third),
    ]


def test_scores_at_and_beyond_the_ends_are_in_the_end_bins(con):
    con.execute("UPDATE hits SET score = 1 WHERE search_id = 's' AND query_id = 1 AND rank = 1")
    con.execute("UPDATE hits SET score = -0.2 WHERE search_id = 's' AND query_id = 2 AND rank = 1")
    con.execute("UPDATE hits SET score = 1.5 WHERE search_id = 's' AND query_id = 4 AND rank = 1")
    rows = con.sql("SELECT n_true, n_false FROM score_distribution('s', bins := 2)").fetchall()
    assert rows == [(0, 2), (3, 1)]


@pytest.mark.covers("macros/metrics/scores/score_quartiles")
def test_score_quartiles(con):
    found = con.sql("FROM score_quartiles('s')")
    assert found.columns == ["correct", "n", "lowest", "q1", "median", "q3", "highest", "mean", "share_above_090"]
    assert rounded(found.fetchall()) == [
        (True, 3, 0.6, 0.75, 0.9, 0.925, 0.95, round(2.45 / 3, 6), round(1 / 3, 6)),
        (False, 3, 0.4, 0.55, 0.7, 0.75, 0.8, round(1.9 / 3, 6), 0.0),
    ]
