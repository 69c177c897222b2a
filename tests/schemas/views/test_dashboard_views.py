"""Views that dashboards read: how runs went, points of a projection, the state of the lab."""

from datetime import datetime

import pytest
from table_rows import put, whole_lab

START = datetime.fromisoformat("2026-03-01 08:00:00")


@pytest.fixture
def con():
    """A study of three runs, searched once, beside one that never was."""
    con = whole_lab()
    put(con, "libraries", {"name": "lib", "n_spectra": 1})
    put(con, "studies", {"name": "k", "n_spectra": 4}, {"name": "never", "n_spectra": 5})
    put(con, "samples", {"sample_id": "k/one", "study": "k", "name": "one", "sample_type": "sample", "sample_group": "g"})
    for name, started, sample in (("a", START.replace(hour=9), "k/one"), ("b", START, None), ("c", None, None)):
        run = {"run_id": f"k/{name}", "collection": "k", "name": name, "started": started, "sample_id": sample, "n_spectra": 2}
        put(con, "runs", run)
    put(con, "spectra", {"spectrum_id": 9, "collection": "lib", "tic": 1.0, "analyte_id": "A"})
    for number, run, tic, peaks in ((1, "k/a", 10.0, 3), (2, "k/a", 5.0, 6), (3, "k/b", 7.0, 4)):
        put(con, "spectra", {"spectrum_id": number, "collection": "k", "run_id": run, "tic": tic, "n_peaks": peaks})
    put(con, "searches", {"search_id": "s", "study": "k", "library": "lib", "finished": START})
    for query, probability, error in ((1, 0.95, -2.0), (2, 0.2, 9.0), (3, 0.91, 1.0)):
        hit = {"search_id": "s", "query_id": query, "rank": 1, "analyte_id": "A", "library_spectrum_id": 9}
        put(con, "hits", hit | {"probability": probability, "ppm_error": error})
    return con


@pytest.mark.covers("views/samples/run_quality")
def test_run_quality(con):
    found = con.sql(
        "SELECT * EXCLUDE (study, sample, sample_type, sample_group) FROM run_quality WHERE study = 'k' ORDER BY run_id"
    )
    assert found.columns == [
        *("run_id", "started", "injection", "n_spectra", "total_intensity", "median_peaks"),
        *("search_id", "n_answered", "n_confident", "median_ppm_error"),
    ]
    assert found.fetchall() == [
        ("k/a", START.replace(hour=9), 2, 2, 15.0, 4.5, "s", 2, 1, -2.0),
        ("k/b", START, 1, 2, 7.0, 4.0, "s", 1, 1, 1.0),
        ("k/c", None, None, 2, None, None, "s", 0, 0, None),
    ]


@pytest.mark.covers("views/samples/projection_points")
def test_projection_points(con):
    for level, unit in (("run", "k/a"), ("run", "k/c"), ("sample", "k/one")):
        row = {
            "study": "k",
            "level": level,
            "projection": "pca",
            "method": "mean",
            "model": "m",
            "unit_id": unit,
            "x": 1.0,
            "y": 2.0,
        }
        put(con, "sample_projection", row | {"blanks_subtracted": False})
    found = con.execute(
        "SELECT level, unit_id, name, sample_type, sample_group, x, y FROM projection_points ORDER BY ALL"
    ).fetchall()
    assert found == [
        ("run", "k/a", "one", "sample", "g", 1.0, 2.0),
        ("run", "k/c", "c", None, None, 1.0, 2.0),
        ("sample", "k/one", "one", "sample", "g", 1.0, 2.0),
    ]


@pytest.mark.covers("views/lab/lab_status")
def test_lab_status(con):
    put(con, "properties", {"name": "default_model", "value": "binned"})
    put(
        con,
        "publications",
        {"table_name": "hits", "published": START},
        {"table_name": "runs", "published": START.replace(hour=7)},
    )
    assert con.execute("FROM lab_status").fetchall() == [(1, 1, 2, 9, 0, "binned", 1, START, 1, 0, START)]
    put(con, "collection_states", {"collection": "k", "state": "1"}, {"collection": "lib", "state": "2"})
    con.execute("UPDATE searches SET study_state = '1', library_state = '3'")
    assert con.execute("SELECT n_stale_searches FROM lab_status").fetchall() == [(1,)]
