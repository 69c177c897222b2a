"""Exports: of answers those of the newest search of a study, identifiers as text."""

import csv
import json

import pyarrow.parquet
import pytest
import tiny_lab as made_up
from empty_lab import empty_lab

from spectradb import schemas
from spectradb.errors import BadParameter, NoCollection


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The lab of tests/made/tiny_lab.py with an older and newer search of its study, and one of its library against itself."""
    with made_up.build(tmp_path_factory.mktemp("exports")) as lab:
        lab.identify("kitchen", "reference", name="newest", method="cosine_greedy")
        lab.identify("reference", "reference", name="itself", left_out="copies", method="cosine_greedy")
        lab.identify("reference", "reference", name="copies", left_out="copies")
        yield lab


def read(file):
    with file.open(newline="") as text:
        return list(csv.DictReader(text))


@pytest.mark.parametrize("table", ["identifications", "latest_identifications", "hits"])
def test_answers_are_those_of_the_newest_search_of_the_study(lab, tmp_path, table):
    told = lab.export(table, tmp_path / "x.csv")
    rows = read(tmp_path / "x.csv")
    assert {row["search_id"] for row in rows} == {"newest"} == set(told.searches)
    n = {"hits": "hits WHERE search_id = 'newest'"}.get(table, "latest_identifications")
    assert [(told.rows,)] == [(len(rows),)] == lab.sql(f"SELECT count(*) FROM {n}").fetchall()
    # Others where they are asked for; of a library, that is one against itself.
    assert lab.export(table, tmp_path / "x.csv", search="first").searches == ("first",)
    assert {row["search_id"] for row in read(tmp_path / "x.csv")} == {"first"}
    by_itself = lab.export(table, tmp_path / "x.csv", study="reference")
    assert (by_itself.searches, by_itself.rows > 0) == (("copies",), True)
    assert {row["search_id"] for row in read(tmp_path / "x.csv")} == {"copies"}


@pytest.mark.covers("queries/lab/export_run_summary")
def test_runs_have_one_row_whatever_the_search(lab, tmp_path):
    for chosen in ({}, {"search": "first"}, {"study": "kitchen"}, {"search": "newest", "study": "kitchen"}):
        told = lab.export("sample_summary", tmp_path / "x.csv", **chosen)
        rows = read(tmp_path / "x.csv")
        assert [(row["run_id"], row["n_spectra"]) for row in sorted(rows, key=lambda row: row["run_id"])] == [
            ("kitchen/coffee_1", "4"),
            ("kitchen/lemon_1", "3"),
        ]
        assert {row["search_id"] for row in rows} == set(told.searches) == {chosen.get("search", "newest")}
    by_first = lab.sql(schemas.read("queries/lab/export_run_summary"), {"search": "first"})
    assert by_first.columns == lab.sql("FROM sample_summary").columns
    assert by_first.select("run_id", "search_id", "n_answered").fetchall() == [
        ("kitchen/coffee_1", "first", 4),
        ("kitchen/lemon_1", "first", 2),
    ]


@pytest.mark.covers("queries/lab/export_marker_answers")
def test_markers_by_a_named_search(lab, tmp_path):
    told = lab.export("marker_identifications", tmp_path / "x.csv", search="first")
    # This lab compared no groups.
    assert (told.rows, told.searches) == (0, ("first",))
    by_first = lab.sql(schemas.read("queries/lab/export_marker_answers"), {"search": "first"})
    assert by_first.columns == lab.sql("FROM marker_identifications").columns


@pytest.mark.covers("queries/lab/newest_searches", "queries/lab/studies_of_searches")
def test_newest_searches_and_studies_of_searches(lab):
    newest = {
        study: lab.sql(schemas.read("queries/lab/newest_searches"), {"study": study}).fetchall()
        for study in (None, "kitchen", "reference", "none")
    }
    assert newest == {None: [("newest",)], "kitchen": [("newest",)], "reference": [("copies",)], "none": []}
    assert lab.sql(schemas.read("queries/lab/studies_of_searches")).fetchall() == [
        ("copies", "reference"),
        ("itself", "reference"),
        ("newest", "kitchen"),
        ("first", "kitchen"),
    ]


def test_rows_of_one_study(lab, tmp_path):
    counts = {name: lab.export(name, tmp_path / "x.json", study="kitchen").rows for name in ("runs", "samples", "searches")}
    assert counts == {"runs": 2, "samples": 2, "searches": 2}
    assert lab.export("spectra", tmp_path / "x.parquet", study="reference").rows == 9
    assert lab.export("searches", tmp_path / "x.csv").rows == 4


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json", "parquet"])
def test_identifiers_are_text(lab, tmp_path, suffix):
    file = tmp_path / f"x.{suffix}"
    lab.export("identifications", file)
    if suffix == "parquet":
        rows = pyarrow.parquet.read_table(file).to_pylist()
    elif suffix == "json":
        rows = [json.loads(line) for line in file.read_text().splitlines()]
    else:
        with file.open(newline="") as text:
            rows = list(csv.DictReader(text, delimiter="\t" if suffix == "tsv" else ","))
    known = lab.sql("SELECT query_id::VARCHAR, library_spectrum_id::VARCHAR FROM latest_identifications").fetchall()
    assert sorted((row["query_id"], row["library_spectrum_id"]) for row in rows) == sorted(known)
    assert {type(row["n_candidate_analytes"]) for row in rows} == {str if suffix in ("csv", "tsv") else int}


def test_confident_answers_only(lab, tmp_path):
    assert lab.export("identifications", tmp_path / "x.csv", confident=True).rows == 0  # Nothing was calibrated.
    with pytest.raises(BadParameter, match="does not say which answers are confident"):
        lab.export("hits", tmp_path / "x.csv", confident=True)


@pytest.mark.parametrize(
    ("table", "chosen", "error", "told"),
    [
        ("identifications", {"search": "nope"}, BadParameter, "no search 'nope'; it has: copies, itself, newest, first"),
        ("identifications", {"study": "nope"}, NoCollection, "no study or library 'nope'; it has:"),
        ("hits", {"study": "reference", "search": "first"}, BadParameter, "search first is of kitchen, not of reference"),
        ("analytes", {"study": "kitchen"}, BadParameter, "analytes does not say which study"),
        ("analytes", {"search": "first"}, BadParameter, "analytes does not say which search"),
    ],
)
def test_what_cannot_be_chosen_is_said(lab, tmp_path, table, chosen, error, told):
    with pytest.raises(error, match=told):
        lab.export(table, tmp_path / "x.csv", **chosen)
    assert list(tmp_path.iterdir()) == []


def test_a_lab_that_only_searched_libraries_asks_which(tmp_path):
    made_up.write_files(tmp_path)
    with empty_lab(tmp_path / "lab") as lab:
        lab.import_library("reference", tmp_path / "reference.msp")
        lab.embed("binned")
        assert lab.export("identifications", tmp_path / "x.csv").rows == 0
        lab.identify("reference", "reference", name="itself", left_out="copies")
        with pytest.raises(BadParameter, match="against themselves only; name one: itself"):
            lab.export("identifications", tmp_path / "x.csv")
