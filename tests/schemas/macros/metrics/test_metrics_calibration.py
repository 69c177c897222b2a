"""How well probabilities and q-values hold, worked out by hand."""

import math

import metric_lab
import numpy as np
import pytest
from metric_lab import filled_with_probabilities, rounded
from sklearn.metrics import brier_score_loss, log_loss
from table_rows import put, tables

from spectradb import schemas


@pytest.fixture
def con():
    return filled_with_probabilities()


@pytest.mark.covers("macros/metrics/scores/calibration_curve")
def test_reliability(con):
    found = con.sql("FROM calibration_curve('s')")
    assert found.columns == [
        *("bin", "from_probability", "to_probability", "n", "n_right"),
        *("mean_probability", "share_right", "share_right_low", "share_right_high"),
    ]
    assert rounded([row[:7] for row in found.fetchall()]) == [
        (1, 0.0, 0.1, 1, 0, 0.05, 0.0),
        (4, 0.3, 0.4, 2, 1, 0.325, 0.5),
        (9, 0.8, 0.9, 1, 0, 0.85, 0.0),
        (10, 0.9, 1.0, 2, 2, 0.925, 1.0),
    ]
    # Wilson's interval of 1 of 2, from its formula.
    of_bin = "SELECT share_right_low, share_right_high FROM calibration_curve('s') WHERE bin = 4"
    assert rounded(con.sql(of_bin).fetchall(), 4) == [(0.0945, 0.9055)]
    con.execute("UPDATE hits SET probability = 1 WHERE search_id = 's' AND query_id = 1 AND rank = 1")
    assert con.sql("SELECT bin, n FROM calibration_curve('s', bins := 2)").fetchall() == [(1, 3), (2, 3)]
    assert con.sql("FROM calibration_curve('t')").fetchall() == []


@pytest.mark.covers("macros/metrics/scores/calibration_error")
def test_calibration_error(con):
    found = con.sql("FROM calibration_error('s')")
    assert found.columns == [
        *(
            "n",
            "mean_probability",
            "share_right",
            "expected_calibration_error",
            "maximum_calibration_error",
            "brier",
            "log_loss",
        )
    ]
    logs = -math.log(0.95 * 0.15 * 0.65 * 0.9 * 0.3 * 0.95) / 6
    assert rounded(found.fetchall()) == rounded([(6, 3.4 / 6, 0.5, 1.4 / 6, 0.85, 0.225, logs)])
    assert con.sql("FROM calibration_error('t')").fetchall() == [(0, None, None, None, None, None, None)]


def test_calibration_error_is_that_of_other_programs(con):
    random = np.random.default_rng(3)
    probability = random.uniform(size=500)
    right = random.uniform(size=500) < probability**1.5
    put(con, "searches", metric_lab.search("big", study="many"))
    put(con, "spectra", *(metric_lab.spectrum("many", 1000 + i, "A", 200.0) for i in range(500)))
    rows = [metric_lab.hits("big", 1000 + i, ("A" if right[i] else "B", 0.5))[0] for i in range(500)]
    put(con, "hits", *(row | {"probability": float(probability[i])} for i, row in enumerate(rows)))
    bins = np.clip((probability * 15).astype(int), 0, 14)
    errors = [abs(probability[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    found = con.sql("SELECT expected_calibration_error, brier, log_loss FROM calibration_error('big', bins := 15)").fetchall()[
        0
    ]
    assert found == pytest.approx((sum(errors), brier_score_loss(right, probability), log_loss(right, probability)), abs=1e-12)


@pytest.mark.covers("macros/metrics/thresholds/false_discovery")
def test_false_discovery(con):
    found = con.sql("FROM false_discovery('s', levels := [0.2, 0.25], least_decoys := 3)")
    assert found.columns == ["estimator", "level", "n", "n_known", "n_wrong", "observed", "found"]
    assert rounded(found.fetchall()) == [
        ("recorded", 0.2, 2, 2, 0, 0.0, 0.5),
        ("recorded", 0.25, 2, 2, 0, 0.0, 0.5),
        # At .7, five of seven first hits and none of six second ones: 1/6 * 7/5.
        ("decoys", 0.2, 0, 0, 0, None, 0.0),
        ("decoys", 0.25, 5, 4, 2, 0.5, 0.5),
        ("probabilities", 0.2, 4, 3, 1, 0.333333, 0.5),
        ("probabilities", 0.25, 5, 4, 2, 0.5, 0.5),
    ]
    assert con.sql("SELECT DISTINCT estimator FROM false_discovery('t', least_decoys := 3)").fetchall() == [("decoys",)]
    assert con.sql("FROM false_discovery('t')").fetchall() == []


@pytest.mark.covers("macros/metrics/thresholds/decoy_q_values")
def test_decoy_q_values():
    con = tables()
    con.execute(schemas.read("macros/metrics/thresholds/decoy_q_values"))
    rows = [(1, 1, 0.9), (1, 2, 0.8), (2, 1, 0.8), (2, 2, 0.3), (3, 1, 0.7), (4, 1, 0.2), (4, 2, 0.1), (4, 3, 0.05)]
    con.execute("CREATE TABLE found (query_id INTEGER, rank INTEGER, score FLOAT)")
    con.executemany("INSERT INTO found VALUES (?, ?, ?)", rows)
    few = "SELECT query_id, fdr, q_value FROM decoy_q_values('found', least_decoys := 3) ORDER BY query_id"
    found = con.execute(few).fetchall()
    # Four first hits, three second: at .9 no second and one first are reached, at .8 one and two, at .7 one and three, at .2
    # two and four; one more second is added, as it might have been there.
    expected = [(1, 1, 2 / 3 * 4 / 3), (2, 1, 2 / 3 * 4 / 3), (3, 2 / 3 * 4 / 3, 2 / 3 * 4 / 3), (4, 1, 1)]
    assert rounded(found, 12) == rounded(expected, 12)
    # A hundred second hits are asked for, and one at least.
    assert con.execute("SELECT DISTINCT fdr, q_value FROM decoy_q_values('found')").fetchall() == [(None, None)]
    con.execute("DELETE FROM found WHERE rank > 1")
    few = "SELECT DISTINCT fdr, q_value FROM decoy_q_values('found', least_decoys := 0)"
    assert con.execute(few).fetchall() == [(None, None)]


@pytest.mark.covers("macros/metrics/thresholds/probability_q_values")
def test_probability_q_values():
    con = tables()
    con.execute(schemas.read("macros/metrics/thresholds/probability_q_values"))
    con.execute(
        "CREATE TABLE found AS FROM (VALUES (1, 0.5), (2, 1.0), (3, 0.5), (4, 0.25), (5, NULL)) AS t (query_id, probability)"
    )
    found = con.execute("SELECT query_id, q_value FROM probability_q_values('found') ORDER BY query_id").fetchall()
    assert found == [(1, pytest.approx(1 / 3)), (2, 0.0), (3, pytest.approx(1 / 3)), (4, 1.75 / 4)]
