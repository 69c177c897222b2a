"""The page: what it holds for small labs, what it leaves out, and that no text of a lab becomes markup."""

import json
import re
from html.parser import HTMLParser

import matplotlib.image
import pytest
import sample_lab
import tiny_lab as tiny_lab_module
from click.testing import CliRunner
from table_rows import put, tables

from spectradb.cli import main
from spectradb.errors import BadParameter, NoCollection, NoSpectra
from spectradb.report.benchmark_section import benchmark_section
from spectradb.report.page import Section, page
from spectradb.report.tables import Column, as_count, as_mz, as_number, as_share, html_table

NASTY = '<script>alert("1")</script> & $x_1$'
LIBRARY = f"""\
Name: {NASTY}
DB#: <i>1</i>
PrecursorMZ: 200.1
Precursor_type: [M+H]+
Ion_mode: positive
InChIKey: ROHFNLRQFUQHCH-YFKPBYRVSA-N
Num Peaks: 3
60.05 20
90.1 100
130.2 30

Name: common
DB#: 2
PrecursorMZ: 150.0
Precursor_type: [M+H]+
Ion_mode: positive
InChIKey: RYYVLZVUVIJVGH-UHFFFAOYSA-N
Num Peaks: 2
50.01 100
77.04 40
"""
VOID = {"meta", "br", "link", "img", "hr", "input"}


class Reader(HTMLParser):
    """Collects the text of each element, and fails where tags do not close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.texts, self.ids, self.links, self.used = [], [], [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        named = dict(attributes)
        self.ids += [named["id"]] if "id" in named else []
        found = [value for key, value in attributes if key in ("href", "src", "xlink:href", "action", "srcset")]
        self.links += found if tag == "a" else []
        self.used += [] if tag == "a" else found
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and data.strip():
            self.texts.append((self.open[-1], data.strip()))


def read(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def of(reader, tag):
    return [text for where, text in reader.texts if where == tag]


@pytest.fixture(scope="module")
def tiny(tiny_lab, tmp_path_factory):
    """The report of the lab of tests/made/tiny_lab.py, read."""
    out = tmp_path_factory.mktemp("report") / "tiny.html"
    written = tiny_lab.report(out)
    return written, out.read_text(encoding="utf-8"), read(out.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ward(tmp_path_factory):
    """The lab of tests/made/sample_lab.py with a library whose names are markup, everything about samples, and its report."""
    folder = tmp_path_factory.mktemp("ward")
    (folder / "library.msp").write_text(LIBRARY)
    with sample_lab.build(folder) as lab:
        lab.import_library("evil", folder / "library.msp")
        lab.embed("binned")
        lab.identify("ward", "evil", name="named")
        lab.project("ward", projections=("pca",))
        lab.classify("ward", "sample_group", splits="leave-one-out", name="groups")
        lab.classify("ward", "dose", regress=True, splits="leave-one-out", name="doses")
        lab.markers("ward", "sample_group")
        written = lab.report(folder / "ward.html", figures=folder / "figures")
        yield lab, written, read((folder / "ward.html").read_text(encoding="utf-8"))


def test_sections_of_a_lab_with_one_search(tiny):
    written, _, reader = tiny
    titles = ["The lab", "Imports", "Identification", "Samples of kitchen"]
    assert of(reader, "h2") == titles == list(written.sections)
    assert of(reader, "a") == titles
    assert reader.links == ["#lab", "#imports", "#searches", "#samples-kitchen"]
    assert set(reader.links) <= {f"#{name}" for name in reader.ids}


def test_numbers_of_a_lab_with_one_search(tiny):
    _, _, reader = tiny
    facts = dict(zip(of(reader, "dt"), of(reader, "dd"), strict=True))
    known = {
        "confident, of answered": "not known",
        "spectra in libraries": "9",
        "spectra in studies": "7",
        "runs of studies": "2",
        "queries": "7",
        "answered": "6 (85.7%)",
    }
    known |= {
        "queries of known analyte": "6",
        "right, of known and answered": "3 (60.0%)",
        "known whose analyte is in reach": "4",
        "right first, of those in reach": "75.0%",
        "right in first five, of those in reach": "100.0%",
    }
    assert {name: facts[name] for name in known} == known
    cells = of(reader, "td")
    assert cells[cells.index("reference") :][:6] == ["reference", "9", "5", "1", "-", "-"]
    assert "dropped: no_structure" in cells
    assert "first" in cells


def number(text):
    return float(text.split()[0].replace(",", "").rstrip("%"))


FACTS = {
    "spectra in libraries": "SELECT count(*) FROM spectra SEMI JOIN libraries ON libraries.name = collection",
    "spectra in studies": "SELECT count(*) FROM spectra SEMI JOIN studies ON studies.name = collection",
    "runs of studies": "SELECT count(DISTINCT run_id) FROM spectra SEMI JOIN studies ON studies.name = collection",
    "samples": "SELECT count(*) FROM samples",
    "queries": "SELECT count(*) FROM spectra WHERE collection = 'kitchen'",
    "answered": "SELECT count(DISTINCT query_id) FROM hits WHERE search_id = $search",
    "confident, of answered": "SELECT count(*) FROM hits WHERE search_id = $search AND rank = 1 AND score >= 0.9",
    "analytes among answers": "SELECT count(DISTINCT analyte_id) FROM hits WHERE search_id = $search AND rank = 1",
    "analytes among confident answers": """SELECT count(DISTINCT analyte_id) FROM hits
        WHERE search_id = $search AND rank = 1 AND score >= 0.9""",
    "median score": "SELECT median(score) FROM hits WHERE search_id = $search AND rank = 1",
    "ambiguous answers": "SELECT count(*) FROM hits WHERE search_id = $search AND rank = 1 AND score_gap < 0.01",
    "queries of known analyte": "SELECT count(analyte_id) FROM spectra WHERE collection = 'kitchen'",
    "right, of known and answered": """SELECT count(*) FROM hits JOIN spectra ON spectrum_id = query_id
        WHERE search_id = $search AND rank = 1 AND hits.analyte_id = spectra.analyte_id""",
    "right, of known and confident": """SELECT count(*) FROM hits JOIN spectra ON spectrum_id = query_id
        WHERE search_id = $search AND rank = 1 AND score >= 0.9 AND hits.analyte_id = spectra.analyte_id""",
    "known whose analyte is in reach": "SELECT n_answerable FROM top_k_accuracy($search)",
    "right first, of those in reach": "SELECT round(100 * accuracy, 1) FROM top_k_accuracy($search)",
    "right in first five, of those in reach": "SELECT round(100 * accuracy, 1) FROM top_k_accuracy($search, at_k := 5)",
    "area under the ROC curve": "SELECT round(auc, 3) FROM roc_auc($search)",
}


def test_every_number_that_stands_out_is_what_plain_sql_counts(tmp_path):
    with tiny_lab_module.build(tmp_path) as lab:
        lab.confident("score >= 0.9")
        out = lab.report(tmp_path / "r.html").path.read_text(encoding="utf-8")
        reader = read(out)
        facts = dict(zip(of(reader, "dt"), of(reader, "dd"), strict=True))
        facts = {name: text for name, text in facts.items() if name in FACTS or name != "no_structure"}
        asked = {name: {"search": "first"} if "$search" in query else None for name, query in FACTS.items()}
        counted = {name: lab.sql(query, asked[name]).fetchall()[0][0] for name, query in FACTS.items()}
        # Every fact of the page is checked but what needs q-values.
        assert set(facts) - {"answers at q ≤ 0.05"} == set(FACTS)
        assert {name: number(facts[name]) for name in FACTS} == {
            name: pytest.approx(value, abs=5e-4) for name, value in counted.items()
        }
        # The shares beside counts, and the labels of the bars, are of the queries that they are beside.
        truth = "SELECT count(*) FILTER (correct), count(*) FROM search_truth('first') SEMI JOIN hits USING (query_id)"
        ((n_right, n_known),) = lab.sql(truth).fetchall()
        assert facts["right, of known and answered"] == f"{n_right} ({n_right / n_known:.1%})"
        # Three queries have one candidate: one is not known, two are right. Three, all known, have two: one is right.
        bars = """SELECT n_candidate_analytes, count(*), count(*) FILTER (correct) FROM search_truth('first')
            WHERE n_candidate_analytes > 0 GROUP BY 1 ORDER BY 1"""
        assert lab.sql(bars).fetchall() == [(1, 2, 2), (2, 3, 1)]
        assert ("3 · 100% of 2 known right" in out, "3 · 33% right" in out) == (True, True)


def test_a_library_against_itself_is_described_only_when_named(tmp_path):
    with tiny_lab_module.build(tmp_path) as lab:
        lab.identify("reference", "reference", name="itself", left_out="copies")
        lab.identify("kitchen", "reference", name="older-method", method="cosine_greedy")
        lab.identify("kitchen", "reference", name="newest")
        headings = of(read(lab.report(tmp_path / "r.html").path.read_text(encoding="utf-8")), "h3")
        assert headings == ["newest: kitchen against reference"]
        named = lab.report(tmp_path / "r.html", searches=["itself"]).path.read_text(encoding="utf-8")
        assert of(read(named), "h3") == ["itself: reference against reference"]


def test_a_report_on_one_study_says_nothing_of_others(tmp_path):
    with tiny_lab_module.build(tmp_path) as lab:
        lab.import_study("secret", tmp_path / "coffee_1.mgf")
        lab.import_library("secret_library", tmp_path / "reference.msp")
        lab.embed("binned")
        lab.benchmark("retrieval", study="secret", library="secret_library", methods=["binned"], seed=1)
        out = lab.report(tmp_path / "r.html").path.read_text(encoding="utf-8")
        assert ("secret" in out, "Benchmarks" in out) == (True, True)
        one = lab.report(tmp_path / "r.html", studies=["kitchen"]).path.read_text(encoding="utf-8")
        assert "secret" not in one
        assert "reference" in one
        other = lab.report(tmp_path / "r.html", studies=["secret"])
        assert "Benchmarks" in other.sections
        assert "kitchen" not in other.path.read_text(encoding="utf-8")


def test_a_search_is_drawn(tiny):
    written, text, reader = tiny
    titles = of(reader, "strong")
    assert titles[:3] == ["ROC curve.", "Scores of the first hits.", "Candidates to choose from."]
    # The best ones are no news; the doubtful ones would be drawn.
    assert [title for title in titles if "Caffeine" in title] == []
    assert "No answer is ambiguous, contradicted by adducts, or near what the rule asks for." in text
    assert written.n_figures == len(titles) == reader.tags.count("svg") == reader.tags.count("figure")
    # Nothing was calibrated, classified, compared or measured against other methods.
    assert [word for word in ("Reliability", "Benchmarks", "Markers", "Confusion", "Projection") if word in text] == []


def test_the_page_needs_nothing_else(tiny, ward):
    for text in (tiny[1], ward[1].path.read_text(encoding="utf-8")):
        assert re.findall(r"https?:|//[a-z]|url\((?!#)|@import", text) == []
        reader = read(text)
        assert {"script", "link", "iframe", "object", "img"} & set(reader.tags) == set()
        assert [link for link in reader.links if not link.startswith("#")] == []
        # Matrices are pictures inside the drawing.
        assert [link for link in reader.used if not link.startswith(("#", "data:image/png;base64,"))] == []
        assert len(reader.ids) == len(set(reader.ids))


def test_text_of_the_lab_is_no_markup(ward):
    _, written, reader = ward
    assert "script" not in reader.tags
    assert NASTY in of(reader, "td")
    assert [title for title in of(reader, "strong") if title.endswith(f": {NASTY}, [M+H]+, m/z 200.1000.")] != []
    text = written.path.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; $x_1$" in text


def test_sections_about_samples(ward):
    _, written, reader = ward
    assert written.sections[-2:] == ("Samples of ward", "Markers in ward")
    headings = of(reader, "h3")
    assert headings[1:] == ["Classification of sample_group", "Regression of dose", "sample_group: sick", "sample_group: well"]
    titles = of(reader, "strong")
    assert "PCA of runs." in titles
    assert "Confusion matrix of sample_group by mean and logistic." in titles
    assert "dose by mean and ridge." in titles
    assert next(title for title in titles if title.startswith("Cluster ")).endswith(", [M+H]+, m/z 200.1000.")
    cells = of(reader, "td")
    place = cells.index("leave-one-out") if "leave-one-out" in cells else cells.index("logistic")
    # All eight runs are told right: one repeat, accuracy, balanced accuracy, macro F1, AUC.
    assert cells[place + 1 : place + 6] == ["1", "1.00", "1.00", "1.00", "1.00"]


def test_figures_as_files(ward):
    _, written, _ = ward
    assert len(written.figures) == 2 * written.n_figures
    assert len({file.name for file in written.figures}) == len(written.figures)
    pictures = {file.name: matplotlib.image.imread(file).shape for file in written.figures if file.suffix == ".png"}
    assert pictures["projection_ward_pca_mean_binned_run.png"] == (780, 960, 4)
    assert all(file.read_text(encoding="utf-8").startswith("<?xml") for file in written.figures if file.suffix == ".svg")


def test_one_study_one_search_one_column(ward, tmp_path):
    lab = ward[0]
    written = lab.report(tmp_path / "new" / "one.html", studies=["ward"], searches=["named"], group="chromatography")
    text = written.path.read_text(encoding="utf-8")
    assert "Colour: chromatography." in text
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["one.html"]


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"studies": ["no"]}, NoCollection, "no study 'no'; it has: ward"),
        ({"searches": ["no"]}, BadParameter, "no search 'no'; it has: named"),
        ({"group": "no"}, BadParameter, "no column 'no'; they have: chromatography, dose"),
    ],
)
def test_what_is_not_there_is_said(ward, tmp_path, asked, error, told):
    with pytest.raises(error, match=told):
        ward[0].report(tmp_path / "never.html", **asked)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(tiny_lab, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(BadParameter, match="Choose another place with --out"):
        tiny_lab.report(tmp_path / "taken" / "report.html")


def test_an_empty_lab_has_nothing_to_report(fresh_lab, tmp_path):
    with pytest.raises(NoSpectra, match="Import a library or a study first"):
        fresh_lab.report(tmp_path / "report.html")


def test_the_command(tiny_lab, tmp_path):
    out, figures = tmp_path / "r.html", tmp_path / "figures"
    arguments = ["report", str(tiny_lab.path), "--out", str(out), "--figures", str(figures), "--json"]
    called = CliRunner().invoke(main, arguments, catch_exceptions=False)
    told = json.loads(called.output)
    assert told["path"] == str(out)
    assert told["n_bytes"] == out.stat().st_size
    assert sorted(told["figures"]) == sorted(str(file) for file in figures.iterdir())


def test_an_own_page():
    section = Section("a&b", "A <title>")
    section.say("1 < 2")
    section.facts([("what", "<5")])
    section.words([("word", "meaning")])
    section.words([])
    section.draw()
    reader = read(page("T&T", "sub", [section], footer="end"))
    assert of(reader, "title") == of(reader, "h1") == ["T&T"]
    assert of(reader, "h2") == ["A <title>"]
    assert (of(reader, "dt"), of(reader, "dd")) == (["what", "word"], ["<5", "meaning"])
    assert "1 < 2" in of(reader, "p")
    assert reader.ids == ["a&b"]


def test_a_table_leaves_out_columns_without_values():
    columns = [Column("a", "A"), Column("b", "B", as_count), Column("c", "C", is_long=True)]
    text = html_table(columns, [{"a": "x<y", "b": 1234, "c": None}, {"a": None, "b": None, "c": None}], caption="of & on")
    assert text.startswith('<p class="caption">of &amp; on</p>\n<div class="table" tabindex="0">')
    assert re.findall(r"<t[hd] .*?</t[hd]>", text) == [
        '<th scope="col" class="t">A</th>',
        '<th scope="col" class="n">B</th>',
        '<td class="t" data-label="A">x&lt;y</td>',
        '<td class="n" data-label="B">1,234</td>',
        '<td class="t" data-label="A">-</td>',
        '<td class="n" data-label="B">-</td>',
    ]


def test_numbers_as_people_read_them():
    assert [as_count(value) for value in (0, 1234, 12.5, None)] == ["0", "1,234", "12.5", "-"]
    assert [as_share(value) for value in (0.5, None, float("nan"))] == ["50.0%", "-", "-"]
    assert [as_mz(value) for value in (195.0877, None)] == ["195.0877", "-"]
    numbers = [as_number(value) for value in (0, 0.0012, -0.9344, 3.1515, 12345.6, 1e-12, None, float("nan"))]
    assert numbers == ["0.000", "0.001", "-0.934", "3.15", "12,346", "1.0e-12", "-", "-"]


def test_benchmarks_set_methods_beside_each_other():
    con = tables("benchmarks", "benchmark_results")
    assert benchmark_section(con) is None
    put(con, "benchmarks", {"name": "b<1>", "protocol": "retrieval"})
    for method, value in (("toy", 0.5), ("cosine", 0.25)):
        row = {"benchmark": "b<1>", "method": method, "metric": "top_1_per_spectrum", "n": 8}
        put(con, "benchmark_results", row | {"subset": "all", "value": value, "low": 0.125, "high": 0.75})
        put(con, "benchmark_results", row | {"subset": "isomers", "value": value / 2})
    put(con, "benchmark_results", row | {"subset": "all", "method": "toy", "metric": "seconds", "value": 3.0})
    put(con, "benchmark_results", row | {"subset": "all", "method": "toy against cosine", "metric": "won", "value": 4.0})
    section = benchmark_section(con)
    reader = read(section.html())
    assert of(reader, "h3") == ["b<1> (protocol retrieval)"]
    heads = ["metric", "toy", "cosine", "metric", "toy against cosine", "part of the data", "metric", "cosine", "toy"]
    assert of(reader, "th") == heads
    assert of(reader, "td") == [
        *("seconds", "3.00", "-"),
        *("top 1 per spectrum", "0.500", "0.250"),
        *("won", "4.00"),
        *("isomers", "top 1 per spectrum", "0.125", "0.250"),
    ]
    assert [drawing.name for drawing in section.drawings] == ["benchmark_b_1_top_1_per_spectrum"]
