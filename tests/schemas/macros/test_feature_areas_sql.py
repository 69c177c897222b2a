"""SQL about areas of features, over rows small enough to be counted by hand."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control, ttest_ind
from table_rows import put, record, tables

from spectradb import schemas

QUANT = "row ID,row m/z,row retention time,coffee.mzML Peak area,x/lemon.raw Peak area\n12,195.0877,3.0,1000.5,0\n"
ALIGNED = """\
\t\t\tInjection order\t1\tNA
Alignment ID\tAverage Rt(min)\tAverage Mz\tMetabolite name\tcoffee\tAverage
0\t3.0\t195.0877\tCaffeine\t1000.5\t1
"""


@pytest.fixture
def con():
    con = tables("spectra", "runs", "feature_areas")
    for name in ("mzmine_features", "msdial_features"):
        con.execute(schemas.read(f"macros/features/{name}"))
    run = {"collection": "s", "name": "coffee", "run_id": "s/coffee"}
    put(con, "runs", run, run | {"collection": "t", "run_id": "t/coffee"}, run | {"name": "a", "run_id": "s/a"})
    spectrum = {"collection": "s", "feature_id": "12"}
    put(
        con,
        "spectra",
        spectrum | {"spectrum_id": 1},
        spectrum | {"spectrum_id": 2},
        spectrum | {"spectrum_id": 3, "feature_id": "7"},
        spectrum | {"spectrum_id": 4, "feature_id": None},
        spectrum | {"spectrum_id": 5, "collection": "t", "feature_id": "1"},
    )
    feature = {"study": "s", "feature_id": "12", "precursor_mz": 195.0877, "retention_time_s": 180.0}
    put(
        con,
        "feature_areas",
        feature | {"run": "coffee", "column_name": "coffee.mzML", "area": 1000.5},
        feature | {"run": "lemon", "column_name": "lemon.mzML", "area": 0.0},
        feature | {"feature_id": "7", "run": "lemon", "column_name": "lemon.mzML", "area": 5.0},
        feature | {"study": "t", "feature_id": "1", "run": "lemon", "column_name": "lemon.mzML", "area": 6.0},
    )
    return con


def rows(con, name, **values):
    return con.execute(schemas.read(f"queries/features/{name}"), values or None).fetchall()


@pytest.mark.covers("queries/features/mzmine_areas")
def test_mzmine_areas_have_their_runs(con, tmp_path):
    (tmp_path / "quant.csv").write_text(QUANT)
    assert rows(con, "mzmine_areas", file=str(tmp_path / "quant.csv"), study="s") == [
        ("12", "coffee", "s/coffee", "coffee.mzML", 1000.5, 195.0877, 180.0, None, None),
        ("12", "lemon", None, "x/lemon.raw", 0.0, 195.0877, 180.0, None, None),
    ]


@pytest.mark.covers("queries/features/msdial_areas")
def test_msdial_areas_have_their_runs(con, tmp_path):
    (tmp_path / "table.txt").write_text(ALIGNED)
    found = rows(con, "msdial_areas", file=str(tmp_path / "table.txt"), study="s")
    assert found == [("0", "coffee", "s/coffee", "coffee", 1000.5, 195.0877, 180.0, None, None)]


@pytest.mark.covers("queries/features/feature_spectra", "queries/features/study_runs", "queries/features/studies_with_areas")
def test_feature_spectra_study_runs_and_studies_with_areas(con):
    assert rows(con, "feature_spectra", study="s") == [("12", 2), ("7", 1)]
    assert rows(con, "study_runs", study="s") == [("a",), ("coffee",)]
    assert rows(con, "studies_with_areas") == [("s",), ("t",)]


@pytest.mark.covers("queries/features/quant_table")
def test_quant_table_lists_features_by_number(con):
    assert rows(con, "quant_table", study="s") == [
        ("7", 195.0877, 3.0, "lemon.mzML", 5.0),
        ("12", 195.0877, 3.0, "coffee.mzML", 1000.5),
        ("12", 195.0877, 3.0, "lemon.mzML", 0.0),
    ]


@pytest.mark.covers("macros/features/feature_summary")
def test_feature_summary_joins_areas_and_the_best_answer(con):
    con.execute("CREATE TABLE latest_searches AS SELECT 'new' AS search_id")
    con.execute(
        "CREATE TABLE identifications AS FROM (VALUES ('new', 1, 'A', 'a', 0.5, NULL::DOUBLE, true), "
        "('new', 2, 'B', 'b', 0.9, 0.7, false), ('old', 1, 'C', 'c', 1.0, NULL, NULL)) "
        "AS t (search_id, query_id, analyte_id, name, score, probability, confident)"
    )
    con.execute(schemas.read("macros/features/feature_summary"))
    found = (
        "SELECT feature_id, n_runs, total_area, largest_run, n_spectra, analyte_id, name, confident FROM feature_summary({})"
    )
    assert con.sql(found.format("'s'") + " ORDER BY feature_id").fetchall() == [
        ("12", 1, 1000.5, "coffee", 2, "B", "b", False),
        ("7", 1, 5.0, "lemon", 1, None, None, None),
    ]
    old = con.sql(found.format("'s', search := 'old'") + " WHERE feature_id = '12'").fetchall()
    assert old == [("12", 1, 1000.5, "coffee", 2, "C", "c", None)]


@pytest.fixture
def study(con):
    """Three samples of tea and three of coffee (one injected twice), a blank, and areas of four features."""
    names = ("t1", "t2", "t3", "c1", "c2", "c3", "blank")
    con.execute("DELETE FROM runs; DELETE FROM feature_areas")
    put(con, "runs", *({"collection": "s", "name": name, "run_id": name, "sample_id": name} for name in names))
    put(con, "runs", {"collection": "s", "name": "again", "run_id": "again", "sample_id": "c3"})
    con.execute("CREATE TABLE sample_labels (study TEXT, level TEXT, unit_id TEXT, name TEXT, value TEXT, is_control BOOLEAN)")
    for name in names:
        drink = {"t": "tea", "c": "coffee"}.get(name[0], "none")
        con.execute("INSERT INTO sample_labels VALUES ('s', 'sample', $1, 'drink', $2, $1 = 'blank')", [name, drink])
    areas = {
        "1": {"t1": 8.0, "t2": 16.0, "t3": 32.0, "c1": 1.0, "c2": 2.0, "c3": 3.0, "again": 5.0, "blank": 4096.0},
        "2": {"t1": 8.0, "t2": 9.0, "t3": 10.0, "c1": 0.0, "c2": 0.0, "c3": 0.0, "again": 0.0, "blank": 0.0},
        "3": {"t1": 8.0, "t2": 8.0, "t3": 8.0, "c1": 8.0, "c2": 8.0, "c3": 8.0, "again": 8.0, "blank": 0.0},
        "4": {"t1": 5.0, "t2": 9.0, "t3": 4.0, "c1": 6.0, "c2": 4.0, "c3": 8.0, "again": 8.0, "blank": 0.0},
    }
    feature = {"study": "s", "precursor_mz": 195.0877, "retention_time_s": 180.0}
    for number, of_runs in areas.items():
        for run, area in of_runs.items():
            put(con, "feature_areas", feature | {"feature_id": number, "run": run, "run_id": run, "area": area})
    con.execute("CREATE TABLE latest_searches AS SELECT 'new' AS search_id")
    con.execute(
        "CREATE TABLE identifications (search_id TEXT, query_id BIGINT, analyte_id TEXT, name TEXT, score FLOAT, "
        "probability DOUBLE, confident BOOLEAN)"
    )
    for name in ("statistics/regularised_incomplete_beta", "statistics/student_t_p_one_sided", "statistics/welch_t"):
        con.execute(schemas.read(f"macros/metrics/{name}"))
    con.execute(schemas.read("macros/features/feature_summary"))
    con.execute(schemas.read("macros/features/feature_markers"))
    return con


@pytest.mark.covers("macros/features/feature_markers")
def test_feature_markers_compare_groups_of_samples(study):
    told = "feature_id, n_group, n_others, n_with, mean_area, mean_area_others, round(log2_fold, 6), p_value IS NULL, name"
    rows_of_tea = study.sql(f"SELECT {told} FROM feature_markers('s', 'drink') WHERE group_value = 'tea' ORDER BY 1").fetchall()
    assert rows_of_tea == [
        ("1", 3, 3, 3, 56 / 3, 7 / 3, 3.0, False, None),
        ("2", 3, 3, 3, 9.0, 0.0, round(np.log2(720) / 3 - np.log2(8 / 5), 6), False, None),
        ("3", 3, 3, 3, 8.0, 8.0, 0.0, True, None),
        ("4", 3, 3, 3, 6.0, 6.0, round((np.log2(180) - np.log2(192)) / 3, 6), False, None),
    ]
    assert study.sql("SELECT DISTINCT group_value FROM feature_markers('s', 'drink') ORDER BY 1").fetchall() == [
        ("coffee",),
        ("tea",),
    ]


def test_feature_markers_test_as_scipy_does(study):
    told = study.sql(
        "SELECT t, p_value, q_value FROM feature_markers('s', 'drink') WHERE group_value = 'tea' AND feature_id <> '3' "
        "ORDER BY feature_id"
    ).fetchnumpy()
    tea = np.log2([[8, 16, 32], [8, 9, 10], [5, 9, 4]])
    coffee = np.log2([[1, 2, 4], [1.6, 1.6, 1.6], [6, 4, 8]])
    expected = ttest_ind(tea, coffee, axis=1, equal_var=False)
    np.testing.assert_allclose(told["t"], expected.statistic, rtol=1e-12)
    np.testing.assert_allclose(told["p_value"], expected.pvalue, rtol=1e-9)
    np.testing.assert_allclose(told["q_value"], false_discovery_control(expected.pvalue), rtol=1e-9)


@pytest.mark.covers("tables/features/feature_areas.fill")
def test_feature_areas_are_those_imported_last(con):
    con.execute("DELETE FROM feature_areas")
    record(con, "feature_areas")
    old, new = {"study": "s", "created": "2026-01-01"}, {"study": "s", "created": "2026-01-02"}
    put(
        con,
        "record_feature_areas",
        old | {"feature_id": "1", "run": "a", "area": 1.0},
        new | {"feature_id": "2", "run": "b", "area": 2.0},
        new | {"feature_id": "2", "run": "a", "area": 3.0},
        old | {"study": "t", "feature_id": "9", "run": "a", "area": 4.0},
    )
    con.execute(schemas.read("tables/features/feature_areas.fill"))
    found = con.sql("SELECT study, feature_id, run, area FROM feature_areas").fetchall()
    assert found == [("s", "2", "a", 3.0), ("s", "2", "b", 2.0), ("t", "9", "a", 4.0)]


@pytest.mark.covers("queries/mztab/abundances")
def test_abundances_are_those_of_runs_and_answered_features(con):
    con.execute("CREATE TABLE searches AS FROM (VALUES ('x', 's'), ('y', 't')) AS t (search_id, study)")
    hits = "('x', 1, 1), ('x', 1, 2), ('x', 3, 1), ('x', 4, 1), ('y', 5, 1)"
    con.execute(f"CREATE TABLE hits AS FROM (VALUES {hits}) AS t (search_id, query_id, rank)")
    con.execute("UPDATE feature_areas SET run_id = 's/' || run WHERE run = 'coffee' OR feature_id = '7'")
    found = con.execute(schemas.read("queries/mztab/abundances"), {"search": "x"}).fetchall()
    assert found == [(1, "12", "s/coffee", 1000.5), (3, "7", "s/lemon", 5.0)], "abundances"
