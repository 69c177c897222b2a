"""Groups of isomers: found in the data, judged member by member, compared between methods."""

import pytest
from metric_lab import filled
from table_rows import put_names


@pytest.fixture
def con():
    return filled()


@pytest.mark.covers("macros/metrics/isomers/isomer_groups")
def test_isomer_groups(con):
    found = con.sql("FROM isomer_groups()")
    assert found.columns == ["formula", "n_analytes", "analyte_id", "name", "n_spectra"]
    assert found.fetchall() == [("F1", 3, "A", "alpha", 3), ("F1", 3, "B", "beta", 2), ("F1", 3, "Z", "zeta", 2)]
    assert con.sql("FROM isomer_groups(min_spectra := 3)").fetchall() == []
    assert con.sql("FROM isomer_groups(min_analytes := 3)").fetchall() != []
    assert con.sql("FROM isomer_groups(min_analytes := 4)").fetchall() == []
    assert con.sql("SELECT analyte_id, n_spectra FROM isomer_groups(in_collection := 'lib')").fetchall() == [("A", 1), ("B", 1)]
    alone = con.sql("SELECT analyte_id FROM isomer_groups(min_analytes := 1, in_collection := 'lib')").fetchall()
    assert alone == [("A",), ("B",), ("C",), ("D",)]
    put_names(con, "lib", {"A": "alpha of lib"})
    put_names(con, "other", {"A": "alpha of other", "B": "beta of other"})
    assert con.sql("SELECT name FROM isomer_groups(in_collection := 'lib')").fetchall() == [("alpha of lib",), ("beta",)]
    assert con.sql("SELECT name FROM isomer_groups()").fetchall() == [("alpha",), ("beta",), ("zeta",)]


@pytest.mark.covers("macros/metrics/isomers/isomer_accuracy")
def test_isomer_accuracy(con):
    found = con.sql("FROM isomer_accuracy('s')")
    assert found.columns == [
        *("formula", "n_analytes", "analyte_id", "name", "n_queries", "n_answerable", "n_correct"),
        *("accuracy", "group_accuracy", "group_worst", "group_spread"),
    ]
    # Z is an isomer too, but out of reach.
    assert found.fetchall() == [
        ("F1", 2, "A", "alpha", 2, 2, 2, 1.0, 0.5, 0.0, 1.0),
        ("F1", 2, "B", "beta", 1, 1, 0, 0.0, 0.5, 0.0, 1.0),
    ]
    assert con.sql("SELECT accuracy FROM isomer_accuracy('s', at_k := 2)").fetchall() == [(1.0,), (1.0,)]
    assert con.sql("FROM isomer_accuracy('s', min_spectra := 2)").fetchall() == []


@pytest.mark.covers("macros/metrics/isomers/isomer_scores")
def test_isomer_scores():
    con = filled()
    con.execute(
        "CREATE TABLE given AS FROM (VALUES "
        "('m', 'g1', 'a', 0.5), ('m', 'g1', 'b', 0.3), ('m', 'g2', 'c', 1.0), "
        "('n', 'g1', 'a', 0.5), ('n', 'g1', 'b', 0.7), ('n', 'g2', 'c', 0.9), "
        "('o', 'g1', 'a', 0.9), ('o', 'g1', 'b', 0.3), ('o', 'g2', 'c', 0.1)"
        ") AS t (method, isomer_group, analyte, accuracy)"
    )
    found = con.sql(
        "SELECT * REPLACE (round(mean_accuracy, 6) AS mean_accuracy, round(mean_spread, 6) AS mean_spread) "
        "FROM isomer_scores('given')"
    )
    assert found.columns == [
        *("method", "n_analytes", "points", "wins", "ties", "mean_accuracy"),
        *(
            "n_groups",
            "group_points",
            "group_wins",
            "mean_group_accuracy",
            "median_group_accuracy",
            "mean_worst",
            "mean_spread",
        ),
    ]
    # groups: g1 m .4, n .6, o .6; g2 m 1, n .9, o .1
    assert found.fetchall() == [
        ("m", 3, 1, 1, 0, 0.6, 2, 1, 1, 0.7, 0.7, 0.65, 0.1),
        ("n", 3, 1, 1, 0, 0.7, 2, 1, 0, 0.75, 0.75, 0.7, 0.1),
        ("o", 3, 1, 1, 0, round(1.3 / 3, 6), 2, 1, 0, 0.35, 0.35, 0.2, 0.3),
    ]
    con.execute("UPDATE given SET accuracy = 0.7 WHERE method <> 'm' AND analyte = 'b'")
    rows = con.sql("SELECT method, points, wins, ties FROM isomer_scores('given')").fetchall()
    assert rows == [("o", 2, 1, 1), ("m", 1, 1, 0), ("n", 1, 0, 1)]


@pytest.mark.covers("macros/metrics/isomers/isomer_wins")
def test_isomer_wins(con):
    # A: 2 of 2 against 1 of 2; B: 0 of 1 against 1 of 1
    assert con.sql("FROM isomer_wins('s', 't')").fetchall() == [
        ("s", 2, 1, 1, 0, 0.5, 1, 0, 0, 0.5, 0.5, 0.0, 1.0),
        ("t", 2, 1, 1, 0, 0.75, 1, 1, 1, 0.75, 0.75, 0.5, 0.5),
    ]
    # With two ranks both find both: ties all over.
    rows = con.sql(
        "SELECT method, points, wins, ties, group_points, group_wins FROM isomer_wins('s', 't', at_k := 2)"
    ).fetchall()
    assert rows == [("s", 2, 0, 2, 1, 0), ("t", 2, 0, 2, 1, 0)]
