"""What to expect of an open search's answers, in SQL."""

import json

import duckdb
import pytest

from spectradb import schemas

CURVE = {
    "first": {"score": [0.4, 0.5, 0.7], "tanimoto": [0.2, 0.4, 0.5]},
    "later": {"score": [0.4, 0.6], "tanimoto": [0.1, 0.3]},
}
METRICS = {"expected_similarity": {"curves": {"positive": CURVE}}}


@pytest.fixture
def con():
    con = duckdb.connect()
    con.execute("CREATE TABLE models AS SELECT 'alike' AS name, ?::VARCHAR AS metrics", [json.dumps(METRICS)])
    con.execute("INSERT INTO models VALUES ('binned', NULL)")
    for name in ("expected_curves", "expected_tanimoto"):
        con.execute(schemas.read(f"macros/analogues/{name}"))
    return con


@pytest.mark.covers("macros/analogues/expected_curves")
def test_curves_are_pieces(con):
    infinite = float("inf")
    assert con.sql("FROM expected_curves() WHERE NOT is_first").fetchall() == [
        ("alike", "positive", False, -infinite, 0.4, 0.1, 0.1),
        ("alike", "positive", False, 0.4, 0.6, 0.1, 0.3),
        ("alike", "positive", False, 0.6, infinite, 0.3, 0.3),
    ]


@pytest.mark.covers("macros/analogues/expected_tanimoto")
def test_it_is_straight_between_points_and_level_beyond(con):
    read = "SELECT expected_tanimoto('alike', 'positive', 1, x) FROM (SELECT unnest(?) AS x)"
    rows = con.execute(read, [[0.1, 0.4, 0.45, 0.5, 0.6, 0.7, 0.9]]).fetchall()
    assert [row[0] for row in rows] == pytest.approx([0.2, 0.2, 0.3, 0.4, 0.45, 0.5, 0.5])


@pytest.mark.covers("macros/analogues/expected_tanimoto")
def test_what_to_expect_depends_on_model_mode_rank_and_score(con):
    rows = con.sql(
        "SELECT round(expected_tanimoto(m, mode, rank, score), 4) FROM (VALUES ('alike', 'positive', 1, 0.45), "
        "('alike', 'positive', 2, 0.45), ('alike', 'negative', 1, 0.45), ('binned', 'positive', 1, 0.45), "
        "('none', 'positive', 1, 0.45)) AS t(m, mode, rank, score)"
    ).fetchall()
    assert rows == [(0.3,), (0.15,), (None,), (None,), (None,)]


@pytest.mark.covers("macros/analogues/analogues")
def test_answers_of_open_searches_have_it(con):
    con.execute(
        "CREATE TABLE searches AS FROM (VALUES ('open', 'embedding', 'alike', NULL::DOUBLE), "
        "('peaks', 'modified_cosine', 'alike', NULL), ('near', 'embedding', 'alike', 10.0)) AS t(search_id, method, model, ppm)"
    )
    con.execute(
        "CREATE TABLE hits AS SELECT search_id, 1 AS query_id, rank, 'A' AS analyte_id, 7 AS library_spectrum_id, "
        "0.45::FLOAT AS score, 3 AS matched_peaks, 100.0 AS ppm_error FROM searches, (SELECT unnest([1, 2]) AS rank)"
    )
    con.execute(
        "CREATE TABLE spectra AS SELECT 1 AS spectrum_id, 250.0 AS precursor_mz, 200.0 AS precursor_mz_stated, "
        "'positive' AS ion_mode"
    )
    con.execute("CREATE TABLE annotations AS SELECT 7 AS spectrum_id, 'ethanol' AS name, 'C2H6O' AS formula, 'CCO' AS smiles")
    con.execute(schemas.read("macros/metrics/truth/known_search"))
    con.execute(schemas.read("macros/analogues/analogues"))
    found = con.sql("FROM analogues('open')").fetchall()
    assert [tuple(round(x, 4) if isinstance(x, float) else x for x in row) for row in found] == [
        (1, 1, "A", "ethanol", "C2H6O", "CCO", 0.45, 0.3, 0.02, 3, 7),
        (1, 2, "A", "ethanol", "C2H6O", "CCO", 0.45, 0.15, 0.02, 3, 7),
    ]
    assert con.sql("SELECT rank, expected_tanimoto FROM analogues('peaks')").fetchall() == [(1, None), (2, None)]
    assert con.sql("FROM analogues('near')").fetchall() == []
