"""The page in a browser: a lab is opened, and clicks show what SQL says. Skipped without Chromium or the packages.

The page's policy holds here too: what would be evaluated in the page is asked by selectors.
"""

import csv
import os
import shutil
from pathlib import Path

import duckdb
import pytest
from range_server import serving

from spectradb.errors import MissingDependency
from spectradb.viewer import write

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 120
HOSTILE = "<img src=x onerror=\"document.title='taken'\">"


@pytest.fixture(scope="module")
def chromium():
    """A browser."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.skip("there is no Chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def viewer(tmp_path_factory, chromium):
    """The page, of packages in SPECTRADB_VIEWER_ASSETS or the user's own cache."""
    assets = [Path(place) for place in filter(None, [os.environ.get("SPECTRADB_VIEWER_ASSETS")])]
    with pytest.MonkeyPatch.context() as changed:
        changed.delenv("XDG_CACHE_HOME")
        changed.setattr(write, "_GZIP_LEVEL", 1)
        try:
            return Path(write.write_viewer(tmp_path_factory.mktemp("viewer"), assets=assets).path)
        except MissingDependency as error:
            pytest.skip(str(error))


@pytest.fixture
def page(chromium):
    """A page of the browser; what fails in it, and what it asks for beside itself, are in `failed` and `asked`."""
    opened = chromium.new_page(viewport={"width": 1200, "height": 900})
    opened.set_default_timeout(1000 * SECONDS)
    opened.failed, opened.asked = [], []
    opened.on("pageerror", lambda error: opened.failed.append(str(error)))
    opened.on("request", lambda request: opened.asked.append(request.url))
    yield opened
    opened.close()


def rows_of(page, place):
    return [row.split("\t") for row in page.inner_text(f"{place} tbody").splitlines()]


def overflow(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_a_lab_is_browsed_by_clicks_from_a_file(page, viewer, tiny_lab, tmp_path):
    page.goto(viewer.as_uri())
    assert "Drop a lab.duckdb here" in page.inner_text("main")
    (tmp_path / "notes.duckdb").write_text("no database" * 5000)
    page.set_input_files("#file", tmp_path / "notes.duckdb")
    page.wait_for_selector(".error")
    assert page.inner_text(".error").startswith("notes.duckdb cannot be opened: it is no DuckDB file.")
    page.set_input_files("#file", tiny_lab.path / "lab.duckdb")

    page.wait_for_selector("main[data-screen=overview]")
    assert rows_of(page, "[aria-label=searches]")[0][:6] == ["first", "kitchen", "reference", "embedding", "7", "6"]
    page.click("[aria-label=searches] tbody tr")
    page.wait_for_selector("main[data-screen=answers]")
    expected = "SELECT name, score FROM identifications WHERE search_id = 'first' ORDER BY score DESC"
    expected = [(name, f"{score:.3f}") for name, score in tiny_lab.sql(expected).fetchall()]
    assert [(row[0], row[4]) for row in rows_of(page, "[aria-label=answers]")] == expected
    assert page.inner_text("#how-many") == "6 answers, 1 to 6"

    page.fill("[name=text]", "leuc")
    page.wait_for_selector("#how-many:has-text('3 answers')")
    page.click("th >> text=score")
    page.click("th >> text=score")
    page.wait_for_selector("th[aria-sort=ascending]")
    assert [row[0] for row in rows_of(page, "[aria-label=answers]")] == ["L-Isoleucine", "L-Leucine", "D-Leucine"]
    with page.expect_download() as file:
        page.click("#answers >> text=CSV")
    found = list(csv.DictReader(Path(file.value.path()).read_text(encoding="utf-8").splitlines()))
    known = tiny_lab.sql(
        "SELECT query_id::VARCHAR, score FROM identifications WHERE name LIKE '%euc%' ORDER BY score"
    ).fetchall()
    assert [row["query_id"] for row in found] == [query for query, _ in known]
    assert [float(row["score"]) for row in found] == pytest.approx([score for _, score in known], rel=1e-6)

    page.click("[aria-label=answers] >> text=L-Leucine")
    page.wait_for_selector("#hit .structure svg")
    peaks = tiny_lab.plot_hit("coffee:1", search="first").peaks
    assert page.locator("#hit line.peak").count() == len(peaks)
    assert rows_of(page, "#hit [aria-label=candidates]")[0][:3] == ["1", "L-Leucine", "[M+H]+"]
    page.click("#hit [aria-label=candidates] >> text=L-Isoleucine")
    page.wait_for_selector("#hit h2:text-is('L-Isoleucine')")
    assert "CC[C@H](C)[C@H](N)C(=O)O" in page.inner_text("#hit .structure")
    page.keyboard.press("Escape")
    assert page.locator("#hit").is_hidden()

    page.click("nav >> text=Samples")
    page.wait_for_selector("main[data-screen=samples]")
    assert [row[0] for row in rows_of(page, "[aria-label=runs]")] == ["coffee_1", "lemon_1"]
    page.click("[aria-label=runs] >> text=lemon_1")
    page.wait_for_selector("main[data-screen=answers]")
    assert page.inner_text("#how-many") == "2 answers, 1 to 2"

    page.click("nav >> text=SQL")
    page.wait_for_selector("main[data-screen=sql]")
    page.fill("textarea", f"SELECT [1, 2] AS a, NULL AS b, '{HOSTILE.replace(chr(39), chr(39) * 2)}' AS c; ")
    page.press("textarea", "Control+Enter")
    page.wait_for_selector("#rows tbody")
    assert rows_of(page, "#rows") == [["[1, 2]", "NULL", HOSTILE]]
    refused = {"DELETE FROM hits": "read-only", "SELECT to_json(1)": "json extension", "FROM nothing": "nothing does not exist"}
    for statement, told in refused.items():
        page.fill("textarea", statement)
        page.click("text=Run")
        page.wait_for_selector(f"#rows .error:has-text('{told}')")
    assert page.title() == "spectradb viewer"
    assert page.failed == []
    assert [url for url in page.asked if not url.startswith(("blob:", "data:", viewer.as_uri()))] == []

    # The same lab on a phone.
    page.set_viewport_size({"width": 390, "height": 844})
    wide = {}
    for screen in ("Overview", "Samples", "SQL", "Answers"):
        page.click(f"nav >> text={screen}")
        page.wait_for_selector(f"main[data-screen={screen.lower()}]")
        wide[screen] = overflow(page)
    page.click("[aria-label=answers] tbody tr")
    page.wait_for_selector("#hit .structure svg")
    wide["hit"] = overflow(page) + page.evaluate("(hit => hit.scrollWidth - hit.clientWidth)(document.getElementById('hit'))")
    assert set(wide.values()) == {0}


def test_a_lab_on_a_server_is_read_in_parts(page, viewer, tiny_lab, tmp_path):
    # Of a small lab the database reads more than there is, since it reads ahead; this one has much that the page does not show.
    lab = tmp_path / "lab.duckdb"
    lab.write_bytes((tiny_lab.path / "lab.duckdb").read_bytes())
    with duckdb.connect(str(lab)) as con:
        con.execute("CREATE TABLE not_shown AS SELECT random() AS value FROM range(6_000_000)")
    with serving({"viewer.html": viewer, "lab.duckdb": lab}) as (url, given):
        page.goto(f"{url}/viewer.html?lab=lab.duckdb")
        page.wait_for_selector("main[data-screen=overview]")
        assert page.inner_text("#title") == "lab.duckdb"
        assert [name for name, _ in given][:2] == ["viewer.html", "lab.duckdb"]
        assert sum(n for name, n in given if name == "lab.duckdb") < lab.stat().st_size / 2
    assert {asked.partition("?")[0] for asked in page.asked if asked.startswith("http")} == {
        f"{url}/viewer.html",
        f"{url}/lab.duckdb",
    }


def test_labs_of_other_places_are_refused(page, viewer):
    page.goto(f"{viewer.as_uri()}?lab=https://example.org/lab.duckdb")
    page.wait_for_selector(".error")
    assert page.inner_text(".error").endswith("a page that is opened as a file reads labs that are dropped on it")
    with serving({"viewer.html": viewer}) as (url, _):
        page.goto(f"{url}/viewer.html?lab=https://example.org/lab.duckdb")
        page.wait_for_selector(".error")
        assert page.inner_text(".error").endswith(f"the page reads labs of its own server only, {url}")
    assert [asked for asked in page.asked if "example.org/lab.duckdb" in asked.partition("?")[0]] == []
