"""The page of the dashboard in Chromium: what is drawn, filters, legends, tooltips and tables, and that nothing is fetched."""

from pathlib import Path

import dashboard_lab
import pytest
from dashboard_lab import GROUP, HOSTILE

from spectradb.dashboard.tiles import TILES
from spectradb.dashboard.write import write_dashboard

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
WIDTHS = (1200, 390)
MARK = "[aria-label]:is([aria-roledescription=bar], [aria-roledescription=point])"


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip("there is no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("dashboard") / "dashboard.html"
    return write_dashboard(dashboard_lab.filled(), name="lab", out=path).path


@pytest.fixture
def page(browser, written):
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    show(opened, written)
    yield opened
    assert (opened.said, opened.asked, opened.evaluate("window.hit")) == ([], [f"file://{written}"], None)
    opened.close()


def show(page, written):
    page.set_default_timeout(10_000)
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(f"file://{written}")
    page.wait_for_selector("body[data-drawn=yes]")


def marks(page, tile):
    """What the marks of a tile say of themselves, as screen readers hear it."""
    return page.eval_on_selector_all(f"#tile-{tile} svg {MARK}", "found => found.map(one => one.getAttribute('aria-label'))")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_tile_is_drawn_and_fits_the_screen(browser, written, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    show(page, written)
    assert page.said == []
    assert page.locator(".plot > svg, .plot table").count() == len(TILES)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    wider = "found => found.filter(one => one.getBoundingClientRect().right > innerWidth).length"
    assert page.eval_on_selector_all(".tile, svg, select, pre, .scroll", wider) == 0
    # Words of legends and axes too: what lies outside its drawing is cut off.
    cut = """found => found.filter(one => {
        const [word, drawing] = [one.getBoundingClientRect(), one.closest('svg').getBoundingClientRect()];
        return word.right > drawing.right + 1 || word.left < drawing.left - 1;
    }).map(one => one.textContent)"""
    assert page.eval_on_selector_all("svg text", cut) == []
    page.close()


def test_what_is_drawn_are_the_rows(page):
    drawn = marks(page, "identifications")
    assert [mark.partition("; study")[0] for mark in drawn if "run_id: st/tea" in mark] == [
        f"spectra: 1; run_id: st/tea; answer: {answer}; place: {place}"
        for place, answer in enumerate(("confident", "other answers", "unanswered"))
    ]
    assert len(drawn) == 5
    assert len(marks(page, "projection")) == 3
    assert len(marks(page, "import_health")) == 2


def test_a_filter_applies_to_every_tile_that_has_the_column(page):
    assert page.locator("#filters label").all_inner_texts()[0].startswith("Group")
    page.locator("#filters label", has_text="Sample type").locator("select").select_option(label="QC")
    page.wait_for_function("document.querySelector('#tile-identifications .count').textContent === '1'")
    assert len(marks(page, "projection")) == 1
    assert len(marks(page, "blanks_and_qc")) == 1
    assert page.locator("#tile-coverage .count").inner_text() == "3"
    page.locator("#filters label", has_text="Group").locator("select").select_option(label=GROUP)
    page.wait_for_function("document.querySelector('#tile-identifications .count').textContent === '0'")
    assert page.locator("#tile-projection .nothing").inner_text() == "No rows by these filters."


def test_a_tile_of_several_drawings_shows_the_one_that_is_chosen(page):
    assert page.locator("#tile-drift .count").inner_text() == "3"
    assert any("value: -1" in mark or "value: \u22121" in mark for mark in marks(page, "drift"))
    page.locator("#tile-drift select").select_option(label="st: retention time shift, s")
    page.wait_for_selector("#tile-drift svg [aria-roledescription=point][aria-label*='value: 5']")
    page.locator("#tile-import_health select").select_option(label="lib")
    page.wait_for_function(f"document.querySelectorAll('#tile-import_health svg {MARK}').length === 1")


def test_a_tooltip_shows_names_as_text(page):
    page.locator("#tile-projection svg [aria-roledescription=point][aria-label*='img']").hover()
    tooltip = page.locator("#vg-tooltip-element.visible")
    tooltip.wait_for()
    assert HOSTILE in tooltip.inner_text()
    assert tooltip.locator("img, b").count() == 0


def test_a_word_of_the_legend_picks_out_its_marks(page):
    page.locator("#tile-identifications svg .role-legend-label text", has_text="unanswered").click()
    faint = "found => found.filter(one => Number(one.getAttribute('opacity')) < 0.5).length"
    page.wait_for_function(f"({faint})([...document.querySelectorAll('#tile-identifications svg {MARK}')]) === 4")
    assert len(marks(page, "identifications")) == 5


def test_rows_are_listed_sorted_and_saved(page, tmp_path):
    tile = page.locator("#tile-blanks_and_qc")
    tile.locator("details.rows summary").click()
    tile.locator("th", has_text="total_intensity").click()
    order = "found => found.map(one => one.textContent)"
    assert tile.locator("tbody td:nth-child(7)").evaluate_all(order) == ["100", "500", "900"]
    tile.locator("th", has_text="total_intensity").click()
    assert tile.locator("tbody td:nth-child(7)").evaluate_all(order) == ["900", "500", "100"]
    assert tile.locator("tbody tr >> nth=0").locator("td >> nth=2").inner_text() == HOSTILE
    with page.expect_download() as saved:
        tile.get_by_role("button", name="Save as CSV").click()
    saved.value.save_as(tmp_path / "rows.csv")
    lines = (tmp_path / "rows.csv").read_text().splitlines()
    assert lines[0].startswith("study,run_id,sample,")
    assert lines[1] == f"st,st/qc,qc,QC,pool,1,500,{500 / 700},2,1"
    doubled = HOSTILE.replace('"', '""')
    assert f'st,st/tea,"{doubled}",sample,{GROUP},3,900,' in lines[3]
