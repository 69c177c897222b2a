"""How alike analogues are: three queries of two molecules, counted by hand."""

import duckdb
import pytest

from spectradb import schemas

# method, query, molecule, rank, Tanimoto by Morgan and by paths, MCES
ANSWERS = [
    ("a", 1, "A", 1, 0.6, 0.8, 2.0),
    ("a", 1, "A", 2, 0.9, 0.7, 1.0),
    ("a", 1, "A", 3, 1.0, 1.0, 0.0),
    ("a", 2, "A", 1, 0.2, 0.4, None),
    ("a", 3, "B", 1, 0.5, 0.5, 4.0),
    ("b", 1, "A", 1, 0.5, 0.9, None),
    ("b", 2, "A", 1, 0.1, 0.1, None),
    ("b", 3, "B", 1, 0.6, 0.5, None),
    ("c", 1, "A", 1, 0.0, 0.2, None),
    ("c", 3, "B", 1, 0.4, 0.4, None),
]


@pytest.fixture
def con():
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE analogue_answers (method VARCHAR, query_id BIGINT, query_analyte_id VARCHAR, rank INTEGER, "
        "tanimoto_morgan DOUBLE, tanimoto_rdkit DOUBLE, mces DOUBLE, ion_mode VARCHAR DEFAULT 'positive')"
    )
    con.executemany("INSERT INTO analogue_answers VALUES (?, ?, ?, ?, ?, ?, ?, 'positive')", ANSWERS)
    for name in ("analogue_terms", "analogue_accuracy"):
        con.execute(schemas.read(f"macros/analogues/{name}"))
    return con


@pytest.mark.covers("macros/analogues/analogue_terms")
def test_a_molecule_counts_by_the_mean_of_its_queries(con):
    rows = con.sql("FROM analogue_terms('analogue_answers', at_k := 2) WHERE method = 'a'").fetchall()
    assert [tuple(round(x, 4) if isinstance(x, float) else x for x in row) for row in rows] == [
        ("a", "positive", "A", 2, 0.4, 0.6, 0.55, 0.6, 0.5, 0.5, 2.0, 1.0),
        ("a", "positive", "B", 1, 0.5, 0.5, 0.5, 0.5, 1.0, 0.0, 4.0, 4.0),
    ]


@pytest.mark.covers("macros/analogues/analogue_accuracy")
def test_every_molecule_counts_once(con):
    rows = con.sql(
        "SELECT method, n_analytes, n_queries, round(first_morgan, 4), round(best_morgan, 4), share_half, share_six, "
        "first_mces FROM analogue_accuracy('analogue_answers')"
    ).fetchall()
    assert rows == [
        ("a", 2, 3, 0.45, 0.55, 0.75, 0.25, 3.0),
        ("b", 2, 3, 0.45, 0.45, 0.75, 0.5, None),
        ("c", 2, 2, 0.2, 0.2, 0.0, 0.0, None),
    ]


@pytest.mark.covers("queries/analogues/terms")
def test_gains_are_from_the_best_baseline_molecule_by_molecule(con):
    rows = con.execute(schemas.read("queries/analogues/terms"), {"baselines": ["b", "c"]}).fetchall()
    gains = [(row[0], row[2], row[3], round(row[4], 4), row[7]) for row in rows if row[2].startswith("first_morgan")]
    assert gains == [
        ("a", "first_morgan", "A", 0.4, None),
        ("a", "first_morgan", "B", 0.5, None),
        ("a", "first_morgan_gain", "A", 0.1, "b"),
        ("a", "first_morgan_gain", "B", -0.1, "b"),
        ("b", "first_morgan", "A", 0.3, None),
        ("b", "first_morgan", "B", 0.6, None),
        ("c", "first_morgan", "A", 0.0, None),
        ("c", "first_morgan", "B", 0.4, None),
        ("c", "first_morgan_gain", "A", -0.3, "b"),
        ("c", "first_morgan_gain", "B", -0.2, "b"),
    ]


@pytest.mark.covers("queries/analogues/limits")
def test_what_is_possible_is_the_mean_over_queries(con):
    con.execute(
        "CREATE TABLE analogues_possible AS FROM (VALUES (1, 'A', 'positive', 0.8, 0.9, 0.1, 0.2), "
        "(2, 'A', 'positive', 0.6, 0.7, 0.3, 0.2)) AS t(query_id, query_analyte_id, ion_mode, highest_morgan, "
        "highest_rdkit, mean_morgan, mean_rdkit)"
    )
    rows = con.execute(schemas.read("queries/analogues/limits")).fetchall()
    assert [(row[0], row[1], row[2], row[3], round(row[4], 4), row[5], row[6]) for row in rows] == [
        ("(best possible)", "positive", "first_morgan", "A", 0.7, 1.0, 1),
        ("(best possible)", "positive", "first_rdkit", "A", 0.8, 1.0, 1),
        ("(random)", "positive", "first_morgan", "A", 0.2, 1.0, 1),
        ("(random)", "positive", "first_rdkit", "A", 0.2, 1.0, 1),
    ]
