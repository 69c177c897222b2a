"""Vectors and peaks mixed: the weight that is right most often, and the answers by it."""

import metric_lab
import pytest
from table_rows import put, tables

from spectradb import schemas

VECTORS = {1: ("Aa", "A", [1.0, 0.0]), 2: ("Bb", "A", [0.6, 0.8]), 3: ("Cc", "B", [0.8, 0.6]), 4: ("Dd", None, [1.0, 0.0])}


@pytest.fixture
def mixing():
    """A library of four spectra: by vectors 1 is like 3, which is wrong; by peaks it is like 2."""
    con = tables("spectra")
    con.execute("ALTER TABLE spectra ADD COLUMN embedding_flat FLOAT[2]")
    con.execute("CREATE SCHEMA vectors")
    for spectrum_id, (contributor, analyte, vector) in VECTORS.items():
        row = metric_lab.spectrum("lib", spectrum_id, analyte, 200.0, contributor=contributor, mz=[50.0])
        put(con, "spectra", row | {"embedding_flat": vector})
    con.execute(schemas.fill("publish/embedded_view", collection="lib", model="flat"))
    for name in schemas.creation_order("macros/similarity", "macros/identification"):
        con.execute(schemas.read(name))
    con.execute(
        "CREATE MACRO peak_score(scorer, a, b) AS "
        "CASE WHEN least(a, b) = 1 AND greatest(a, b) = 2 THEN scorer ELSE 0 END::FLOAT"
    )
    return con


@pytest.mark.covers("queries/calibration/fusion_accuracy")
def test_fusion_accuracy(mixing):
    statement = schemas.read("queries/calibration/fusion_accuracy")
    values = {
        "library": "lib",
        "model": "flat",
        "scorer": 1,
        "weights": [0.0, 0.5],
        "ppm": 10.0,
        "contributors": None,
        "left_out": "contributor",
    }
    # Query 1: .6 against .8 for the wrong one, mixed .8 against .4. Query 2: .6 against .96,
    # mixed .8 against .48. There is no other B.
    expected = [("Aa", "A", 0.0, 0.0), ("Aa", "A", 0.5, 1.0), ("Bb", "A", 0.0, 0.0), ("Bb", "A", 0.5, 1.0)]
    assert mixing.execute(statement, values).fetchall() == expected
    assert mixing.execute(statement, values | {"contributors": ["Bb"]}).fetchall() == expected[2:]


@pytest.mark.covers("queries/identify/identify_fused")
def test_identify_fused(mixing):
    statement = schemas.read("queries/identify/identify_fused")
    values = {
        "study": "lib",
        "library": "lib",
        "model": "flat",
        "search_id": "x",
        "ppm": 10.0,
        "k": 5,
        "fragment_tolerance_da": 0.01,
    }
    values |= {
        "left_out": "contributor",
        "contributors": ["Aa"],
        "query_range": None,
        "query_ids": None,
        "weight": 0.25,
        "scorer": 1,
    }
    found = mixing.execute(statement, values)
    assert [column[0] for column in found.description][-1] == "score_gap"
    rows = [tuple(round(v, 6) if isinstance(v, float) else v for v in row) for row in found.fetchall()]
    assert rows == [
        ("x", 1, 1, "A", 2, 0.7, 1, 0.0, 2, 0.1),
        ("x", 1, 2, "B", 3, 0.6, 1, 0.0, 2, None),
    ]
