"""The SQL of the page that opens a lab: what each of its statements gives, and how their parameters become numbers."""

import re

import duckdb
import pytest

from spectradb import schemas
from spectradb.viewer.statements import STATEMENTS, numbered

ALL = {
    "search": "first",
    "run": None,
    "text": None,
    "confident": None,
    "least_score": None,
    "least_probability": None,
    "sort": "best",
}
ALL |= {"direction": -1, "limit": None, "offset": 0}


@pytest.fixture(scope="module")
def con(tiny_lab):
    with duckdb.connect() as opened:
        with pytest.MonkeyPatch.context() as place:
            place.chdir(tiny_lab.path)
            opened.execute(schemas.read("queries/viewer/attach"))
        yield opened


def rows(con, name, columns=None, /, **values):
    found = con.execute(schemas.read(f"queries/viewer/{name}"), values or None)
    names = [column[0] for column in found.description]
    wanted = [names.index(name) for name in (columns or "*").split()] if columns else range(len(names))
    return [tuple(row[i] for i in wanted) for row in found.fetchall()]


@pytest.mark.covers("queries/viewer/attach")
def test_attach_opens_the_lab_and_loads_nothing_else(tiny_lab, monkeypatch):
    monkeypatch.chdir(tiny_lab.path)
    con = duckdb.connect()
    con.execute(schemas.read("queries/viewer/attach"))
    assert con.execute("SELECT current_database(), count(*) FROM spectra").fetchall() == [("lab", 16)]
    setting = "SELECT value FROM duckdb_settings() WHERE name IN ('autoload_known_extensions', 'autoinstall_known_extensions')"
    assert con.execute(setting).fetchall() == [("false",), ("false",)]
    with pytest.raises(duckdb.Error, match="read-only"):
        con.execute("DELETE FROM lab.hits")
    con.close()


@pytest.mark.covers("queries/viewer/status")
def test_status_says_what_the_lab_holds_and_its_rule(con):
    shown = "n_libraries n_library_spectra n_study_spectra n_searches confident_rule spectradb_version"
    assert rows(con, "status", shown) == [(1, 9, 7, 1, "probability >= 0.9", "0.1.0")]


@pytest.mark.covers("queries/viewer/answers")
def test_answers_are_all_there_the_best_first(con):
    assert rows(con, "answers", "native_id run name adduct matched_peaks n_all", **ALL) == [
        ("coffee:3", "coffee_1", "Caffeine", "[M+H]+", 3, 6),
        ("lemon:1", "lemon_1", "Citric acid", "[M-H]-", 3, 6),
        ("coffee:2", "coffee_1", "D-Leucine", "[M+H]+", 4, 6),
        ("coffee:1", "coffee_1", "L-Leucine", "[M+H]+", 4, 6),
        ("coffee:4", "coffee_1", "L-Isoleucine", "[M+H]+", 2, 6),
        ("lemon:2", "lemon_1", "Salicylic acid", "[M-H]-", 1, 6),
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"sort": "name", "direction": 1}, "coffee:3 lemon:1 coffee:2 coffee:4 coffee:1 lemon:2"),
        ({"sort": "name", "direction": -1}, "lemon:2 coffee:1 coffee:4 coffee:2 lemon:1 coffee:3"),
        ({"sort": "precursor_mz", "direction": 1}, "coffee:2 coffee:1 coffee:4 lemon:2 lemon:1 coffee:3"),
        ({"sort": "matched_peaks", "direction": 1, "limit": 2}, "lemon:2 coffee:4"),
        ({"text": "LEUC"}, "coffee:2 coffee:1 coffee:4"),
        ({"text": "[m-h]"}, "lemon:1 lemon:2"),
        ({"text": "%"}, ""),
        ({"least_score": 0.9}, "coffee:3 lemon:1 coffee:2 coffee:1 coffee:4"),
        ({"least_probability": 0.1}, ""),
        ({"confident": True}, ""),
        ({"run": "kitchen/lemon_1"}, "lemon:1 lemon:2"),
        ({"limit": 2, "offset": 1}, "lemon:1 coffee:2"),
    ],
)
def test_answers_are_filtered_sorted_and_turned_over(con, asked, found):
    assert [row[0] for row in rows(con, "answers", "native_id", **(ALL | asked))] == found.split()


@pytest.mark.covers("queries/viewer/candidates")
def test_candidates_of_a_query(con):
    (query,) = next(row for row in rows(con, "answers", "query_id", **(ALL | {"text": "coffee:1"})))
    shown = "rank name library_native_id library_energy library_mz query_mz retention_time_s query_smiles fragment_tolerance_da"
    assert rows(con, "candidates", shown, search="first", query=query) == [
        (1, "L-Leucine", "R2", "20 eV", 132.1019, 132.102, 60.0, "CC(C)C[C@H](N)C(=O)O", 0.01),
        (2, "L-Isoleucine", "R3", None, 132.1019, 132.102, 60.0, "CC(C)C[C@H](N)C(=O)O", 0.01),
    ]


@pytest.mark.covers("queries/viewer/run_names", "queries/viewer/runs")
def test_run_names_and_runs_of_the_study_of_a_search(con):
    assert rows(con, "run_names", search="first") == [("kitchen/coffee_1", "coffee_1"), ("kitchen/lemon_1", "lemon_1")]
    assert rows(con, "runs", "run sample_group n_spectra n_answered n_confident", search="first") == [
        ("coffee_1", "drink", 4, 4, None),
        ("lemon_1", "fruit", 3, 2, None),
    ]


@pytest.mark.covers("queries/viewer/points")
def test_points_of_a_study():
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE projection_points AS FROM (VALUES ('s', 'run', 'pca', 'mean', 's/b', 'b', NULL, 'old', 1.0, 2.0), "
            "('s', 'run', 'pca', 'mean', 's/a', 'a', 'blank', NULL, 3.0, 4.0), "
            "('t', 'run', 'pca', 'mean', 't/a', 'a', '', '', 0, 0)"
            ") AS v(study, level, projection, method, unit_id, name, sample_type, sample_group, x, y)"
        )
        assert rows(con, "points", study="s") == [
            ("run", "pca", "mean", "s/a", "a", "blank", None, 3.0, 4.0),
            ("run", "pca", "mean", "s/b", "b", None, "old", 1.0, 2.0),
        ]


@pytest.mark.covers("queries/viewer/relations")
def test_relations_with_what_they_and_their_columns_say(con):
    found = rows(con, "relations", "relation kind comment column_name data_type")
    comment = "The lab in one row: what it holds, what was never searched, and when it was published"
    assert ("lab_status", "view", comment, "n_searches", "BIGINT") in found
    assert found[-1][0].startswith("vectors.")
    assert {kind for _, kind, *_ in found} == {"table", "view"}


@pytest.mark.covers("queries/viewer/as_text")
def test_as_text_writes_each_value_as_duckdb_does(con):
    asked = "SELECT [1, 2] AS a, DATE '2026-11-30' AS b, NULL AS c -- said at the end"
    assert rows(con, "as_text", query=asked, limit=None) == [("[1, 2]", "2026-11-30", None)]
    assert rows(con, "as_text", query="SELECT range AS n FROM range(5)", limit=2) == [("0",), ("1",)]


@pytest.mark.covers("queries/viewer/first_question")
def test_first_question_counts_confident_answers():
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE latest_identifications AS FROM (VALUES ('a', 'CH4', 0.5, true), ('b', 'C2H6', 0.9, true), "
            "('b', 'C2H6', 0.8, true), ('c', 'C', 1.0, false), ('d', 'C', 1.0, NULL)) AS v(name, formula, score, confident)"
        )
        found = [(*row[:3], float(row[3])) for row in rows(con, "first_question")]
        assert found == [("b", "C2H6", 2, 0.9), ("a", "CH4", 1, 0.5)]


def test_parameters_become_numbers_in_the_order_of_their_first_use():
    assert numbered("queries/figures/mirror")["parameters"] == ["query", "library", "tolerance"]
    assert "spectrum_id = $1" in numbered("queries/figures/mirror")["statements"][0]
    assert len(numbered("queries/viewer/attach")["statements"]) == 4


@pytest.mark.parametrize("called", STATEMENTS)
def test_every_statement_runs_with_numbered_parameters_that_are_texts(con, called):
    stated = numbered(STATEMENTS[called])
    values = {"search": "first", "query": "1", "library": "2", "tolerance": "0.01", "study": "kitchen"} | dict.fromkeys(ALL)
    values |= {"search": "first", "sort": "best", "direction": 1, "offset": 0}
    if called == "as_text":
        values["query"] = "SELECT 1"
    if called != "attach":
        con.execute(stated["statements"][0], [values[name] for name in stated["parameters"]] or None)
    assert re.findall(r"\$[a-z]", "".join(stated["statements"])) == []
