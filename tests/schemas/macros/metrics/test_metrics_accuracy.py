"""Accuracies of searches: per spectrum, per analyte, against what the library allows, by number of candidates."""

import pytest
from metric_lab import filled, rounded
from table_rows import put_names


@pytest.fixture
def con():
    return filled()


@pytest.mark.covers("macros/metrics/accuracy/per_analyte")
def test_per_analyte(con):
    found = con.sql("FROM per_analyte('s') ORDER BY analyte_id")
    assert found.columns == [
        *("analyte_id", "name", "formula", "n_queries", "n_answerable", "n_correct"),
        *("accuracy", "accuracy_of_all", "best_possible"),
    ]
    assert found.fetchall() == [
        ("A", "alpha", "F1", 2, 2, 2, 1.0, 1.0, 1.0),
        ("B", "beta", "F1", 1, 1, 0, 0.0, 0.0, 1.0),
        ("C", "gamma", "F2", 1, 0, 0, None, 0.0, 0.0),
        ("D", "delta", "F3", 1, 1, 1, 1.0, 1.0, 1.0),
        ("Z", "zeta", "F1", 2, 0, 0, None, 0.0, 0.0),
    ]
    hard = con.sql("SELECT analyte_id, n_queries, n_correct FROM per_analyte('s', at_k := 2, min_candidates := 2) ORDER BY ALL")
    assert hard.fetchall() == [("A", 2, 2), ("B", 1, 1), ("Z", 2, 0)]


def test_per_analyte_names_analytes_as_the_library_that_was_searched(con):
    put_names(con, "lib", {"A": "alpha of lib"})
    put_names(con, "other", {"A": "alpha of other", "B": "beta of other"})
    found = con.sql("SELECT name FROM per_analyte('s') ORDER BY analyte_id").fetchall()
    assert found == [("alpha of lib",), ("beta",), ("gamma",), ("delta",), ("zeta",)]


@pytest.mark.covers("macros/metrics/accuracy/top_k_accuracy_by_analyte")
def test_top_k_accuracy_by_analyte(con):
    found = con.sql("FROM top_k_accuracy_by_analyte('t')")
    assert found.columns == [
        *("search_id", "at_k", "min_candidates", "n_analytes", "n_answerable"),
        *("accuracy", "accuracy_of_all", "best_possible"),
    ]
    # A is right in one of two queries, B and D in their only one, C and Z cannot be.
    assert rounded(found.fetchall()) == [("t", 1, 0, 5, 3, round(2.5 / 3, 6), 0.5, 0.6)]
    rows = con.sql("FROM top_k_accuracy_by_analyte('s') UNION ALL FROM top_k_accuracy_by_analyte('s', at_k := 2)").fetchall()
    assert rounded(rows) == [("s", 1, 0, 5, 3, round(2 / 3, 6), 0.4, 0.6), ("s", 2, 0, 5, 3, 1.0, 0.6, 0.6)]


@pytest.mark.covers("macros/metrics/accuracy/answerable_share")
def test_maximum_accuracy(con):
    found = con.sql("FROM answerable_share('s')")
    assert found.columns == [
        *("search_id", "n_queries", "n_answerable", "per_spectrum", "n_analytes", "n_answerable_analytes", "per_analyte"),
    ]
    assert rounded(found.fetchall()) == [("s", 7, 4, round(4 / 7, 6), 5, 3, 0.6)]


@pytest.mark.covers("macros/metrics/accuracy/share_closed", "macros/metrics/accuracy/relative_change")
def test_share_closed_and_relative_change(con):
    assert con.sql(
        "SELECT share_closed(0.75, 0.5, 1.0), share_closed(0.25, 0.5, 1.0), share_closed(1.0, 1.0, 1.0)"
    ).fetchall() == [(0.5, -0.5, None)]
    assert con.sql("SELECT relative_change(3, 2), relative_change(1, 2), relative_change(1, 0)").fetchall() == [
        (0.5, -0.5, None)
    ]


@pytest.mark.covers("macros/metrics/accuracy/gap_closed")
def test_share_of_remaining_closed(con):
    found = con.sql("FROM gap_closed('t', 's')")
    assert found.columns == [
        *(
            "averaged_over",
            "accuracy",
            "baseline_accuracy",
            "best_possible",
            "share_of_possible",
            "relative_gain",
            "share_closed",
        ),
    ]
    assert rounded(found.fetchall()) == [
        ("spectra", round(3 / 7, 6), round(3 / 7, 6), round(4 / 7, 6), 0.75, 0.0, 0.0),
        ("analytes", 0.5, 0.4, 0.6, round(0.5 / 0.6, 6), 0.25, 0.5),
    ]


@pytest.mark.covers("macros/metrics/accuracy/accuracy_by_candidates")
def test_accuracy_by_candidates(con):
    found = con.sql("FROM accuracy_by_candidates('s')")
    assert found.columns == [
        *("candidates", "from_candidates", "to_candidates", "n_queries", "n_answerable", "n_correct"),
        *("accuracy", "accuracy_of_all", "best_possible", "chance"),
    ]
    assert found.fetchall() == [
        ("0", 0, 0, 1, 0, 0, None, 0.0, 0.0, None),
        ("1", 1, 1, 1, 1, 1, 1.0, 1.0, 1.0, 1.0),
        ("2", 2, 2, 5, 3, 2, 2 / 3, 2 / 5, 3 / 5, 0.5),
    ]
    two = con.sql("SELECT candidates, n_correct, chance FROM accuracy_by_candidates('s', at_k := 2)").fetchall()
    assert two == [("0", 0, None), ("1", 1, 1.0), ("2", 3, 1.0)]


@pytest.mark.parametrize(
    ("n", "label"), [(3, "3-5"), (5, "3-5"), (6, "6-10"), (11, "11-20"), (50, "21-50"), (51, "51+"), (900, "51+")]
)
def test_classes_of_candidates_have_no_gaps(con, n, label):
    con.execute("UPDATE hits SET n_candidate_analytes = ? WHERE query_id = 1", [n])
    assert (label, 1) in con.sql("SELECT candidates, n_correct FROM accuracy_by_candidates('s')").fetchall()


@pytest.mark.covers("macros/metrics/accuracy/candidate_classes")
def test_candidate_classes(con):
    found = con.sql("SELECT from_candidates, to_candidates, candidates FROM candidate_classes() ORDER BY 1").fetchall()
    assert found[:2] + found[-2:] == [(0, 0, "0"), (1, 1, "1"), (21, 50, "21-50"), (51, None, "51+")]
    assert [start for start, _, _ in found[1:]] == [end + 1 for _, end, _ in found[:-1]]
