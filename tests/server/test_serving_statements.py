"""The statements of the server, each with the rows that it gives of the small lab."""

import json

import pytest
from empty_lab import empty_lab
from tiny_lab import LIBRARY_MSP

from spectradb import schemas
from spectradb.workspace.connection import open_published


@pytest.fixture(scope="module")
def con(tiny_lab):
    con = open_published(tiny_lab.published)
    yield con
    con.close()


@pytest.mark.covers("queries/serving/status")
def test_the_statement_of_the_status(con):
    found = con.execute(schemas.read("queries/serving/status"))
    ((*row,),) = found.fetchall()
    told = dict(zip((column for column, *_ in found.description), row, strict=True))
    assert told.pop("last_search") <= told.pop("published")
    assert told == {
        "n_libraries": 1,
        "n_library_spectra": 9,
        "n_studies": 1,
        "n_study_spectra": 7,
        "n_models": 1,
        "default_model": "binned",
        "n_searches": 1,
        "n_studies_never_searched": 0,
        "n_stale_searches": 0,
    }


@pytest.mark.covers("queries/serving/tables")
def test_the_statement_of_tables(con):
    rows = con.execute(schemas.read("queries/serving/tables")).fetchall()
    described = {row[0]: row[1:] for row in rows}
    assert described["libraries"][:2] == ("table", "One library: a named collection of spectra")
    assert described["lab_status"][0] == "view"
    assert described["hits"][2][0] == {"name": "search_id", "type": "VARCHAR", "comment": "The search"}


@pytest.mark.covers("queries/serving/searches")
def test_the_statement_of_searches(con):
    rows = con.execute(schemas.read("queries/serving/searches")).fetchall()
    assert [row[0] for row in rows] == ["first"]


@pytest.mark.covers("queries/serving/libraries")
def test_the_statement_of_libraries(con):
    assert con.execute(schemas.read("queries/serving/libraries")).fetchall() == [("reference",)]


@pytest.mark.covers("queries/serving/identifications")
def test_the_statement_of_identifications(con):
    def rows(search, sample):
        values = {"search": search, "sample": sample}
        found = con.execute(schemas.read("queries/serving/identifications"), values).fetchall()
        return sorted((row[0], row[6]) for row in found)

    assert rows(None, "lemon") == rows("first", "kitchen/lemon") == [("first", "lemon:1"), ("first", "lemon:2")]
    assert rows("first", "tea") == []


@pytest.mark.covers("queries/serving/library_facts")
def test_the_statement_of_facts(con):
    rows = con.execute(schemas.read("queries/serving/library_facts"), {"library": "reference"}).fetchall()
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert [row[1:] for row in rows if row[2] == [65.0397, 93.0346]] == [("YGSDEFSMJLZEOE-UHFFFAOYSA-N", [65.0397, 93.0346])]


@pytest.mark.covers("queries/serving/functions")
def test_the_statement_of_functions(con):
    names = {name for (name,) in con.execute(schemas.read("queries/serving/functions")).fetchall()}
    asked = {"read_csv", "enable_logging", "sleep_ms", "arrow_scan", "abs", "sum", "list_transform", "identify"}
    assert names & asked == {"read_csv", "enable_logging", "sleep_ms", "arrow_scan"}


@pytest.mark.covers("queries/serving/parsed")
def test_the_statement_that_parses(con):
    parsed = schemas.read("queries/serving/parsed")
    ((one,),) = con.execute(parsed, {"statement": "SELECT 1"}).fetchall()
    ((other,),) = con.execute(parsed, {"statement": "DROP TABLE x"}).fetchall()
    assert [json.loads(text)["error"] for text in (one, other)] == [False, True]


@pytest.mark.covers("queries/serving/lock")
def test_the_statements_that_lock(tiny_lab):
    con = open_published(tiny_lab.published)
    con.execute(schemas.fill("queries/serving/lock", megabytes=100, threads=1))
    settings = "SELECT current_setting('enable_external_access'), current_setting('threads'), current_setting('temp_directory')"
    assert con.sql(settings).fetchall() == [(False, 1, "")]
    with pytest.raises(Exception, match="the configuration has been locked"):
        con.execute("SET threads = 2")
    con.close()


@pytest.mark.covers("queries/serving/library_digest")
def test_the_statement_of_a_digest(tmp_path):
    lab = empty_lab(tmp_path / "lab")
    (tmp_path / "library.msp").write_text(LIBRARY_MSP)
    (tmp_path / "one.msp").write_text(LIBRARY_MSP.partition("\n\n")[0])
    asked = {"library": "reference", "model": "binned"}

    def digest():
        with lab.cursor() as con:
            return con.execute(schemas.read("queries/serving/library_digest"), asked).fetchall()

    lab.import_library("reference", tmp_path / "library.msp", origin="made up", licence="CC0")
    lab.embed("binned")
    first = digest()
    assert first[0][0].startswith("{'n': 9, 'spectra': ")
    lab.import_library("other", tmp_path / "one.msp", origin="made up", licence="CC0")
    assert digest() == first
    (tmp_path / "more.msp").write_text(
        (tmp_path / "one.msp").read_text().replace("R1", "R11").replace("43.0542 20", "43.0542 500")
    )
    lab.import_library("reference", tmp_path / "more.msp", origin="made up", licence="CC0")
    assert digest() != first
    lab.close()
