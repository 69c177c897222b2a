"""What a search finds above score thresholds: counts, the best threshold, parts of a study, two searches side by side."""

import pytest
from metric_lab import bare, filled, rounded

COLUMNS = [
    *("part", "threshold", "true_positives", "false_positives", "n_true"),
    *("false_negatives", "precision", "recall", "f1"),
]


@pytest.fixture
def con():
    return filled()


@pytest.mark.covers("macros/metrics/thresholds/precision_recall")
def test_precision_recall():
    con = bare()
    rows = con.sql("SELECT unnest(precision_recall(1, 3, 2))")
    assert rows.columns == ["false_negatives", "precision", "recall", "f1"]
    assert rows.fetchall() == [(1, 0.25, 0.5, 2 / 6)]
    assert con.sql("SELECT unnest(precision_recall(0, 0, 2))").fetchall() == [(2, None, 0.0, 0.0)]
    assert con.sql("SELECT unnest(precision_recall(0, 0, 0))").fetchall() == [(0, None, None, None)]


@pytest.mark.covers("macros/metrics/thresholds/threshold_sweep")
def test_threshold_sweep(con):
    found = con.sql("FROM threshold_sweep('s', unit := 'query', step := 0.5)")
    assert found.columns == COLUMNS
    assert rounded(found.fetchall()) == [
        ("all", 0.0, 3, 3, 4, 1, 0.5, 0.75, 0.6),
        ("all", 0.5, 3, 2, 4, 1, 0.6, 0.75, round(6 / 9, 6)),
        ("all", 1.0, 0, 0, 4, 4, None, 0.0, 0.0),
    ]
    rows = con.sql("FROM threshold_sweep('s', per := 'run', step := 0.5)").fetchall()
    assert rounded(rows) == [
        ("r1", 0.0, 1, 0, 3, 2, 1.0, round(1 / 3, 6), 0.5),
        ("r1", 0.5, 1, 0, 3, 2, 1.0, round(1 / 3, 6), 0.5),
        ("r1", 1.0, 0, 0, 3, 3, None, 0.0, 0.0),
        ("r2", 0.0, 2, 1, 2, 0, round(2 / 3, 6), 1.0, 0.8),
        ("r2", 0.5, 2, 1, 2, 0, round(2 / 3, 6), 1.0, 0.8),
        ("r2", 1.0, 0, 0, 2, 2, None, 0.0, 0.0),
    ]


@pytest.mark.parametrize(("step", "n", "last"), [(0.01, 101, 1.0), (0.1, 11, 1.0), (0.3, 4, 0.9), (0.05, 21, 1.0)])
def test_thresholds_lie_between_0_and_1(con, step, n, last):
    rows = con.execute("SELECT count(*), max(threshold) FROM threshold_sweep('s', step := ?)", [step]).fetchall()
    assert rows == [(n, last)]


def test_a_score_equal_to_the_threshold_counts(con):
    """Although neither .9 in single nor .9 in double precision is nine tenths."""
    rows = con.sql(
        "SELECT threshold, true_positives FROM threshold_sweep('s', unit := 'query') WHERE threshold BETWEEN 0.895 AND 0.955"
    )
    assert rows.fetchall() == [(0.9, 2), (0.91, 1), (0.92, 1), (0.93, 1), (0.94, 1), (0.95, 1)]


@pytest.mark.covers("macros/metrics/thresholds/best_threshold")
def test_best_threshold_is_the_highest_of_the_best(con):
    found = con.sql("FROM best_threshold('s', per := 'run')")
    assert found.columns == COLUMNS
    assert rounded(found.fetchall()) == [
        ("r1", 0.9, 1, 0, 3, 2, 1.0, round(1 / 3, 6), 0.5),
        ("r2", 0.6, 2, 1, 2, 0, round(2 / 3, 6), 1.0, 0.8),
    ]
    rows = con.sql(
        "SELECT part, threshold, true_positives, false_positives, f1 FROM best_threshold('s', unit := 'query')"
    ).fetchall()
    # above .8 the two right ones of four are left: 2 / 3, as much as all three right beside two wrong ones at .6
    assert rounded(rows) == [("all", 0.9, 2, 0, round(2 / 3, 6))]


@pytest.mark.covers("macros/metrics/thresholds/per_file", "macros/metrics/thresholds/per_dilution")
def test_per_file_and_per_dilution(con):
    rows = [("r1", 0.9, 1, 0, 3, 2, 1.0, round(1 / 3, 6), 0.5), ("r2", 0.6, 2, 1, 2, 0, round(2 / 3, 6), 1.0, 0.8)]
    assert rounded(con.sql("FROM per_file('s')").fetchall()) == rows
    diluted = [(part, *row[1:]) for part, row in zip(["10", "20"], rows, strict=True)]
    assert rounded(con.sql("FROM per_dilution('s')").fetchall()) == diluted


def test_dilutions_are_in_the_order_of_numbers(con):
    con.execute("UPDATE samples SET dilution = 120 WHERE sample_id = 'one'")
    assert con.sql("SELECT part FROM per_dilution('s')").fetchall() == [("20",), ("120",)]


def test_queries_of_no_part_are_left_out(con):
    assert con.sql("SELECT part, n_true FROM best_threshold('s', per := 'roast')").fetchall() == [("dark", 3)]


@pytest.mark.covers("macros/metrics/thresholds/head_to_head")
def test_head_to_head(con):
    found = con.sql("FROM head_to_head('s', 't')")
    assert found.columns == ["metric", "n_parts", "wins_a", "wins_b", "ties", "mean_a", "mean_b", "mean_change"]
    # t at its best thresholds: r1 A and B of three (.8), r2 A and D of two beside B (.3)
    assert rounded(found.fetchall()) == [
        ("true_positives", 2, 0, 1, 1, 1.5, 2.0, 0.5),
        ("false_positives", 2, 0, 0, 2, 0.5, 0.5, 0.0),
        ("precision", 2, 0, 0, 2, round(5 / 6, 6), round(5 / 6, 6), 0.0),
        ("recall", 2, 0, 1, 1, round(2 / 3, 6), round(5 / 6, 6), 0.5),
        ("f1", 2, 0, 1, 1, 0.65, 0.8, 0.3),
    ]
    swapped = con.sql("SELECT metric, wins_a, wins_b FROM head_to_head('t', 's')").fetchall()
    assert ("f1", 1, 0) in swapped


def test_fewer_spurious_hits_win(con):
    con.execute("DELETE FROM hits WHERE search_id = 's' AND query_id = 6")
    rows = con.sql("SELECT metric, wins_a, wins_b, ties FROM head_to_head('s', 't')").fetchall()
    assert ("false_positives", 1, 0, 1) in rows


@pytest.mark.covers("macros/metrics/thresholds/overlap")
def test_overlap(con):
    found = con.sql("FROM overlap('s', 't')")
    assert found.columns == ["in_a", "in_b", "in_c", "n"]
    assert found.fetchall() == [(True, True, False, 2), (True, False, False, 1), (False, True, False, 1)]
    above = con.sql("FROM overlap('s', 't', threshold_a := 0.9, threshold_b := 0.6)").fetchall()
    assert above == [(True, True, False, 1), (True, False, False, 1), (False, True, False, 1)]
    analytes = con.sql("FROM overlap('s', 't', unit := 'analyte')").fetchall()
    assert analytes == [(True, True, False, 3)]
    three = con.sql("FROM overlap('s', 't', search_c := 's', threshold_c := 0.9)").fetchall()
    assert three == [(True, True, True, 2), (True, False, False, 1), (False, True, False, 1)]


@pytest.mark.covers("macros/metrics/thresholds/dilution_consistency")
def test_dilution_consistency(con):
    found = con.sql("FROM dilution_consistency('s')")
    assert found.columns == [
        *("part", "threshold", "n_found", "n_in_reference", "n_only_here", "share_in_reference", "n_reference"),
    ]
    assert found.fetchall() == [("10", 0.9, 1, 1, 0, 1.0, 1), ("20", 0.6, 2, 1, 1, 0.5, 1)]
    rows = con.sql("FROM dilution_consistency('s', reference := 20, threshold := 0.9)").fetchall()
    assert rows == [("10", 0.9, 1, 0, 1, 0.0, 1), ("20", 0.9, 1, 1, 0, 1.0, 1)]
