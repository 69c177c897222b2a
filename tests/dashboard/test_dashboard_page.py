"""The page of the dashboard: its rows are those of the statements, names are text, and it fetches nothing."""

import json
import re
import sys

import dashboard_lab
import pytest
from dashboard_lab import GROUP, HOSTILE

from spectradb import schemas
from spectradb.dashboard import tiles
from spectradb.dashboard.tiles import TILES, read_tile
from spectradb.dashboard.write import dashboard_page, write_dashboard
from spectradb.errors import BadParameter, MissingDependency
from spectradb.late_modules import late


@pytest.fixture(scope="module")
def con():
    return dashboard_lab.filled()


@pytest.fixture(scope="module")
def page(con):
    return dashboard_page(f"Dashboard of {HOSTILE}", [read_tile(con, name) for name in TILES], library="// </script")


def data(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*)</script>', page)[1])


@pytest.mark.parametrize("name", TILES)
def test_the_rows_of_a_tile_are_those_of_its_statement(con, page, name):
    found = con.sql(schemas.read(f"queries/dashboard/{name}"))
    plain = [[str(value) if type(value).__name__ == "datetime" else value for value in row] for row in found.fetchall()]
    assert plain
    assert (data(page)[name]["columns"], data(page)[name]["rows"]) == (found.columns, plain)


def test_every_drawing_names_columns_that_there_are(con):
    for name in TILES:
        tile = read_tile(con, name)
        made = {"answer", "part", "place", "spectra", "from", "to"}
        fields = set(re.findall(r'"field": "(\w+)"', json.dumps(tile.chart)))
        more = {tile.chart[key] for key in ("choose",) if key in tile.chart} | set(tile.chart.get("show", []))
        assert (fields | more) - set(tile.columns) - made == set(), name


def test_names_are_text_wherever_they_stand(page):
    assert HOSTILE not in page
    assert GROUP not in page
    assert "<img" not in page.replace("&lt;img", "")
    # Those of the page itself, and none from a name or from the library.
    assert page.count("</script") == page.count("<script") == 3
    assert "<h1>Dashboard of &lt;img src=x" in page


def test_nothing_is_fetched(page):
    assert re.findall(r'(?:src|href)="(?!#)', page) == []
    assert "default-src 'none'" in page


def test_statements_are_shown_as_they_are(page):
    for name in TILES:
        first = schemas.read(f"queries/dashboard/{name}").splitlines()[0]
        assert first.replace('"', "&quot;").replace("'", "&#x27;") in page


def test_a_lab_without_anything_says_what_fills_each_tile(fresh_lab, tmp_path):
    written = fresh_lab.dashboard(tmp_path / "d.html")
    assert (written.n_rows["state"], sum(written.n_rows.values())) == (11, 11)
    assert len(written.empty) == 9
    assert written.empty["Benchmarks"] == "spectradb benchmark compares methods by a protocol."
    assert "Nothing yet. <code>spectradb benchmark</code> compares" in (tmp_path / "d.html").read_text()
    assert written.lines()[0].startswith(f"dashboard: {tmp_path / 'd.html'}: 1 of 10 tiles filled, ")
    assert json.loads(json.dumps(written.as_dict()))["n_bytes"] == (tmp_path / "d.html").stat().st_size


def test_a_page_that_cannot_be_written_is_said(con, tmp_path, monkeypatch):
    monkeypatch.setattr("spectradb.dashboard.write.vl_convert", type("V", (), {"javascript_bundle": staticmethod(str)}))
    (tmp_path / "file").touch()
    with pytest.raises(BadParameter, match=r"cannot write the dashboard: .* Choose another place with --out"):
        write_dashboard(con, name="x", out=tmp_path / "file" / "d.html")


def test_without_the_extra_it_is_named(con, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    monkeypatch.setattr("spectradb.dashboard.write.vl_convert", late("vl_convert", extra="dashboard"))
    with pytest.raises(MissingDependency, match=r"pip install 'spectradb\[dashboard\]'"):
        write_dashboard(con, name="x", out=tmp_path / "d.html")


def test_numbers_that_a_browser_would_round_are_text():
    values = (2**53, 2**53 + 1, 0.5, float("nan"), float("-inf"), None, True)
    assert [tiles._plain(value) for value in values] == [2**53, str(2**53 + 1), 0.5, "nan", "-inf", None, True]
