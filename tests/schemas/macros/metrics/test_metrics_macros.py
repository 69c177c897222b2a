"""Metrics over hand-made searches."""

import pytest
from metric_lab import bare
from table_rows import put


@pytest.fixture
def con():
    """A search whose study has a spectrum of every kind that top_k_accuracy tells apart."""
    con = bare()
    put(
        con,
        "searches",
        {"search_id": "s", "study": "study", "library": "library", "ppm": 10.0},
        {"search_id": "other", "study": "study", "library": "library", "ppm": 10.0},
    )
    library = [
        (101, "A", 200.0, "positive"),
        (102, "B", 200.0, "positive"),
        (103, "C", 300.0, "negative"),
        (104, "D", 400.0, "positive"),
    ]
    put(con, "spectra", *(spectrum("library", *row) for row in library))
    queries = [
        (1, "A", 200.001, "positive"),  # right at rank 1 of 2
        (2, "B", 200.0, "positive"),  # right at rank 2 of 2
        (3, "C", 300.0, "positive"),  # its analyte is there in the other ion mode only: unanswerable
        (4, "D", 400.1, "positive"),  # its analyte is there outside the window only: unanswerable, no candidate
        (5, "Z", 200.0, "positive"),  # its analyte is not in the library: unanswerable, yet with candidates
        (6, None, 200.0, "positive"),  # unknown: no query of the metric
        (7, "D", 400.0, "positive"),  # right at rank 1, the only candidate
    ]
    put(con, "spectra", *(spectrum("study", *row) for row in queries))
    hits = [
        (1, 1, "A", 2),
        (1, 2, "B", 2),
        (2, 1, "A", 2),
        (2, 2, "B", 2),
        (5, 1, "A", 2),
        (5, 2, "B", 2),
        (6, 1, "A", 2),
        (7, 1, "D", 1),
    ]
    put(con, "hits", *(hit("s", *row) for row in hits), hit("other", 1, 1, "B", 2))
    return con


def spectrum(collection, spectrum_id, analyte_id, precursor_mz, ion_mode):
    return {
        "spectrum_id": spectrum_id,
        "collection": collection,
        "analyte_id": analyte_id,
        "precursor_mz": precursor_mz,
        "ion_mode": ion_mode,
    }


def hit(search_id, query_id, rank, analyte_id, n):
    return {"search_id": search_id, "query_id": query_id, "rank": rank, "analyte_id": analyte_id, "n_candidate_analytes": n}


@pytest.mark.covers("macros/metrics/accuracy/top_k_accuracy")
def test_top_k_accuracy(con):
    found = con.sql("FROM top_k_accuracy('s')")
    assert found.columns == [
        *("search_id", "at_k", "min_candidates", "n_queries", "n_answerable", "n_correct"),
        *("accuracy", "accuracy_of_all", "best_possible"),
    ]
    assert found.fetchall() == [("s", 1, 0, 6, 3, 2, 2 / 3, 2 / 6, 3 / 6)]
    assert con.sql("FROM top_k_accuracy('s', at_k := 2)").fetchall() == [("s", 2, 0, 6, 3, 3, 1.0, 3 / 6, 3 / 6)]
    # Only queries 1, 2 and 5 had two candidates; the last has no right answer.
    hard = con.sql("FROM top_k_accuracy('s', min_candidates := 2)").fetchall()
    assert hard == [("s", 1, 2, 3, 2, 1, 1 / 2, 1 / 3, 2 / 3)]
    assert con.sql("FROM top_k_accuracy('s', at_k := 2, min_candidates := 1)").fetchall() == [
        ("s", 2, 1, 4, 3, 3, 1.0, 3 / 4, 3 / 4)
    ]


def test_another_search_of_the_same_study_is_judged_by_its_own_hits(con):
    assert con.sql("FROM top_k_accuracy('other')").fetchall() == [("other", 1, 0, 6, 3, 0, 0.0, 0.0, 0.5)]


def test_without_queries_shares_are_null(con):
    assert con.sql("FROM top_k_accuracy('s', min_candidates := 3)").fetchall() == [("s", 1, 3, 0, 0, 0, None, None, None)]


def test_the_search_of_the_tiny_lab(tiny_lab):
    rows = tiny_lab.sql(
        "FROM top_k_accuracy('first') UNION ALL FROM top_k_accuracy('first', at_k := 2) "
        "UNION ALL FROM top_k_accuracy('first', min_candidates := 2)"
    ).fetchall()
    assert rows == [
        ("first", 1, 0, 6, 4, 3, 3 / 4, 3 / 6, 4 / 6),
        ("first", 2, 0, 6, 4, 4, 1.0, 4 / 6, 4 / 6),
        ("first", 1, 2, 3, 2, 1, 1 / 2, 1 / 3, 2 / 3),
    ]
