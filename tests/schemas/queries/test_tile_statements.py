"""The statements of the dashboard's tiles over the hand-made study of tests/made/dashboard_lab.py."""

from datetime import datetime

import dashboard_lab
import pytest
from dashboard_lab import GROUP, HOSTILE
from table_rows import put, whole_lab

from spectradb import schemas
from spectradb.dashboard.tiles import TILES


@pytest.fixture(scope="module")
def con():
    return dashboard_lab.filled()


def rows(con, tile, *names):
    found = con.sql(schemas.read(f"queries/dashboard/{tile}"))
    return found.select(*names).fetchall() if names else found.fetchall()


def test_every_tile_has_a_statement_and_every_statement_a_tile():
    assert sorted(f"queries/dashboard/{tile}" for tile in TILES) == list(schemas.names("queries/dashboard"))


@pytest.mark.covers("queries/dashboard/identifications")
def test_identifications_of_runs_are_parts_of_their_spectra(con):
    assert rows(con, "identifications") == [
        ("st", "st/qc", "qc", "QC", "pool", 1, 1, 0, 0, 0, 1),
        ("st", "st/blank", "blank", "blank", "not stated", 1, 1, 0, 0, 0, 1),
        ("st", "st/tea", HOSTILE, "sample", GROUP, 3, 1, 1, 1, 0, 1),
    ]


def test_without_a_search_spectra_are_not_searched_and_without_a_probability_no_answer_is_confident():
    con = whole_lab()
    put(con, "studies", {"name": "st", "n_spectra": 2})
    put(con, "runs", {"run_id": "st/a", "collection": "st", "n_spectra": 2})
    put(con, "spectra", {"spectrum_id": 1, "collection": "st", "run_id": "st/a"}, {"spectrum_id": 2, "run_id": "st/a"})
    parts = ("n_confident", "n_other_answers", "n_unanswered", "n_not_searched", "n_analytes")
    assert rows(con, "identifications", "sample", *parts) == [("st/a", 0, 0, 0, 2, None)]
    put(con, "searches", {"search_id": "s", "study": "st", "library": "lib", "finished": "2026-01-01"})
    put(con, "hits", {"search_id": "s", "query_id": 1, "rank": 1, "score": 0.97, "library_spectrum_id": 9})
    put(con, "spectra", {"spectrum_id": 9, "collection": "lib"})
    assert rows(con, "identifications", *parts) == [(0, 1, 1, 0, None)]
    told = rows(con, "confidence", "measure", "low", "high", "confident", "n")
    assert told == [("score", 0.95, 1.0, "cannot be told", 1)]


@pytest.mark.covers("queries/dashboard/confidence")
def test_confidence_in_bins(con):
    assert rows(con, "confidence") == [
        ("st", "s", "st, search s, probability", "probability", 0.5, 0.55, "no", 1),
        ("st", "s", "st, search s, probability", "probability", 0.9, 0.95, "yes", 2),
        ("st", "s", "st, search s, probability", "probability", 0.95, 1.0, "yes", 1),
    ]


@pytest.mark.covers("queries/dashboard/coverage")
def test_coverage(con):
    assert rows(con, "coverage") == [
        ("lib", "library", "positive", "LC-ESI-QTOF", 1, 1, 0),
        ("lib", "library", "positive", "not stated", 1, 1, 0),
        ("st", "study", "positive", "not stated", 5, 0, 0),
    ]


@pytest.mark.covers("queries/dashboard/blanks_and_qc")
def test_blanks_and_qc_beside_the_median_of_runs_that_are_no_blanks(con):
    # That of 900 and 500; the blank does not count.
    assert rows(con, "blanks_and_qc") == [
        ("st", "st/qc", "qc", "QC", "pool", 1, 500.0, 500 / 700, 2.0, 1),
        ("st", "st/blank", "blank", "blank", "not stated", 1, 100.0, 100 / 700, 2.0, 1),
        ("st", "st/tea", HOSTILE, "sample", GROUP, 3, 900.0, 900 / 700, 2.0, 1),
    ]


@pytest.mark.covers("queries/dashboard/markers")
def test_markers_that_are_commoner_in_the_group(con):
    of = ("st", "sample_group", "pool", "run", "words", "st: sample_group, by run, clusters words")
    assert rows(con, "markers") == [
        (*of, 7, 2.0, 1.0, 0.01, 2.0, 200.0, "alpha", 3),
        (*of, 9, 1.0, 0.5, 0.1, 1.0, None, "not named", 3),
    ]


@pytest.mark.covers("queries/dashboard/projection")
def test_projection(con):
    of = ("st", "st: pca, runs, mean, toy", "run", "pca")
    assert rows(con, "projection") == [
        (*of, "st/blank", "blank", "blank", "not stated", -1.0, 2.0),
        (*of, "st/qc", "qc", "QC", "pool", 0.25, 2.0),
        (*of, "st/tea", HOSTILE, "sample", GROUP, 0.5, 2.0),
    ]


@pytest.mark.covers("queries/dashboard/import_health")
def test_import_health(con):
    assert rows(con, "import_health") == [
        ("lib", "dropped", "no_peaks", 1, 1, 1 / 3, None),
        ("lib", "kept", "kept", 2, 1, 2 / 3, None),
        ("lib", "read", "read", 3, 1, 1.0, None),
        ("st", "failed", "unreadable", 1, 1, None, None),
        ("st", "read", "read", 5, 1, 1.0, None),
    ]


@pytest.mark.covers("queries/dashboard/benchmark")
def test_benchmark_on_all_data(con):
    assert rows(con, "benchmark") == [
        ("b", "retrieval", "b: top 1", "m", "top_1", 0.5, 0.375, None, 8, datetime.fromisoformat("2026-01-02 00:00")),
        ("b", "retrieval", "b: top 1", "n", "top_1", 0.75, 0.625, None, 8, datetime.fromisoformat("2026-01-02 00:00")),
    ]


@pytest.mark.covers("queries/dashboard/drift")
def test_drift_from_injection_to_injection(con):
    # Analyte A elutes at 60, 62 and 67 s; B in one run only, and not confidently.
    assert rows(con, "drift", "quantity", "sample", "injection", "value") == [
        ("precursor error, ppm", "blank", 1, -1.0),
        ("precursor error, ppm", HOSTILE, 2, 1.0),
        ("precursor error, ppm", "qc", 3, 2.0),
        ("retention time shift, s", "blank", 1, -2.0),
        ("retention time shift, s", HOSTILE, 2, 0.0),
        ("retention time shift, s", "qc", 3, 5.0),
        ("total intensity, log10", "blank", 1, 2.0),
        ("total intensity, log10", HOSTILE, 2, pytest.approx(2.954243)),
        ("total intensity, log10", "qc", 3, pytest.approx(2.69897)),
    ]
    first = rows(con, "drift")[0]
    named = ("st", "st: precursor error, ppm", "st/blank", "blank", "blank", 1)
    assert first == (*named, datetime.fromisoformat("2026-01-01 08:00"), "precursor error, ppm", -1.0)


@pytest.mark.covers("queries/dashboard/state")
def test_state(con):
    assert rows(con, "state") == [
        (1, "libraries", "1", None),
        (2, "library spectra", "2", None),
        (3, "studies", "1", None),
        (4, "study spectra", "5", None),
        (5, "models", "1", None),
        (6, "default model", "toy", None),
        (7, "finished searches", "1", None),
        (8, "last search, UTC", "2026-01-02 11:00", None),
        (9, "studies never searched", "0", None),
        (10, "newest searches out of date", "0", None),
        (11, "published, UTC", "2026-01-02 12:30", None),
    ]
    empty = whole_lab()
    put(empty, "studies", {"name": "never", "n_spectra": 1})
    assert [(fact, value, remedy) for _, fact, value, remedy in rows(empty, "state") if remedy] == [
        ("library spectra", "0", "spectradb import-library"),
        ("models", "0", "spectradb embed"),
        ("studies never searched", "1", "spectradb identify"),
    ]
