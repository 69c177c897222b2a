"""What to expect of an open search's answers, in SQL."""

import json

import duckdb
import pytest

from spectradb import schemas
from spectradb.search.methods.analogue import analogue_method

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
    for name in ("analogue_points", "expected_curves", "expected_tanimoto"):
        con.execute(schemas.read(f"macros/analogues/{name}"))
    return con


@pytest.mark.covers("macros/analogues/expected_curves")
def test_curves_are_pieces(con):
    infinite = float("inf")
    assert con.sql("FROM expected_curves() WHERE NOT is_first AND method = 'embedding'").fetchall() == [
        ("embedding", "alike", "positive", False, -infinite, 0.4, 0.1, 0.1),
        ("embedding", "alike", "positive", False, 0.4, 0.6, 0.1, 0.3),
        ("embedding", "alike", "positive", False, 0.6, infinite, 0.3, 0.3),
    ]
    of_method = con.sql(
        "SELECT model, ion_mode, is_first, count(*) FROM expected_curves() WHERE method = 'analogue' GROUP BY ALL"
    )
    curves = [("spectradb_analogue", mode, first, 9) for mode in ("negative", "positive") for first in (True, False)]
    assert sorted(of_method.fetchall()) == sorted(curves)


@pytest.mark.covers("macros/analogues/analogue_points")
def test_points_of_the_method_analogue(con):
    found = con.sql("FROM analogue_points() WHERE ion_mode = 'positive' AND is_first ORDER BY score")
    assert found.columns == ["method", "model", "ion_mode", "is_first", "score", "tanimoto"]
    assert [row[4:] for row in found.fetchall()] == [
        (0.41847, 0.1644), (0.48931, 0.1994), (0.53493, 0.2825), (0.57403, 0.2880),
        (0.61147, 0.4217), (0.65344, 0.4217), (0.71261, 0.4780), (0.84893, 0.4846),
    ]  # fmt: skip
    falling = con.sql(
        "SELECT * FROM (SELECT tanimoto < lag(tanimoto) OVER (PARTITION BY ion_mode, is_first ORDER BY score) AS falls "
        "FROM analogue_points()) WHERE falls"
    )
    assert falling.fetchall() == []
    # Half way between the fourth and the fifth point.
    told = con.sql("SELECT expected_tanimoto('spectradb_analogue', 'positive', 1, 0.59275, by_method := 'analogue')").fetchall()
    assert told == [(pytest.approx((0.2880 + 0.4217) / 2),)]


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
        "CREATE TABLE searches AS FROM (VALUES ('open', 'embedding', 'alike', NULL::DOUBLE, NULL::VARCHAR), "
        "('peaks', 'modified_cosine', 'alike', NULL, NULL), ('near', 'embedding', 'alike', 10.0, NULL), "
        "('mixed', 'analogue', 'spectradb_analogue', NULL, $usual), ('mixed_alike', 'analogue', 'alike', NULL, $usual), "
        "('mixed_otherwise', 'analogue', 'spectradb_analogue', NULL, $other)) AS t(search_id, method, model, ppm, settings)",
        {
            "usual": json.dumps({**analogue_method({}, fragment_tolerance_da=0.01).settings(), "shortlist": 100}),
            "other": json.dumps(analogue_method({"weight": 0.5}, fragment_tolerance_da=0.01).settings()),
        },
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
    # By the method analogue where model and settings are those that its curves were fitted with: between two points of first
    # answers, .1644 + .035 * .03153 / .07084, and of later ones, .1728 + .0315 * .00308 / .03341.
    for search, expected in (("mixed", [0.18, 0.1757]), ("mixed_alike", [None] * 2), ("mixed_otherwise", [None] * 2)):
        told = con.sql(f"SELECT expected_tanimoto FROM analogues('{search}')").fetchall()
        assert [value if value is None else round(value, 4) for (value,) in told] == expected, search


@pytest.mark.covers("macros/analogues/structure_hints")
def test_hints_are_the_structures_nearest_to_the_learned_part():
    con = duckdb.connect()
    con.execute(schemas.read("macros/analogues/structure_hints"))
    con.execute("CREATE MACRO place_at(i, x) AS list_transform(range(1, 257), lambda n: if(n = i, x, 0)::FLOAT)")
    con.execute(
        "CREATE TABLE asked AS SELECT id, list_concat(list_transform(range(512), lambda n: 0.03), learned)::FLOAT[768] AS "
        "embedding FROM (VALUES (1, place_at(1, 0.7)), (2, place_at(2, -0.7)), (3, place_at(1, 0))) AS t(id, learned)"
    )
    con.execute("INSERT INTO asked VALUES (4, NULL)")
    con.execute(
        "CREATE TABLE analytes AS SELECT analyte_id, place::FLOAT[256] AS structure_embedding_analogue FROM (VALUES "
        "('B', place_at(1, 1)), ('A', place_at(1, 1)), ('C', place_at(2, 1)), ('D', NULL)) AS t(analyte_id, place)"
    )
    con.execute("CREATE VIEW one AS FROM analytes WHERE analyte_id = 'C'")
    rows = con.sql("SELECT query_id, rank, analyte_id, round(hint, 4) FROM structure_hints('asked', k := 2)").fetchall()
    assert rows == [(1, 1, "A", 1.0), (1, 2, "B", 1.0), (2, 1, "A", 0.0), (2, 2, "B", 0.0)]
    some = con.sql("FROM structure_hints('asked', candidates := 'one')").fetchall()
    assert some == [(1, 1, "C", 0.0), (2, 1, "C", pytest.approx(-1.0))]
