"""A method of scoring is added by a module of its own and a line of registration, and is then known wherever methods are."""

import json
import math
from dataclasses import replace

import angle
import pytest
import shared_peaks
from click.testing import CliRunner
from tiny_lab import build

from spectradb.cli import main
from spectradb.errors import BadParameter
from spectradb.search.methods import registry
from spectradb.search.methods.protocol import SearchJob

HITS = (
    "SELECT q.native_id, l.native_id, score, matched_peaks, q.n_peaks, l.n_peaks FROM hits "
    "JOIN spectra AS q ON q.spectrum_id = query_id JOIN spectra AS l ON l.spectrum_id = library_spectrum_id "
    "WHERE search_id = $search ORDER BY q.native_id, rank"
)


@pytest.fixture
def kitchen(tmp_path):
    with build(tmp_path) as lab:
        yield lab


@pytest.fixture(autouse=True)
def _two_more_methods():
    registry.register(shared_peaks.KIND)
    registry.register(angle.KIND)
    yield
    registry.unregister("shared_peaks")
    registry.unregister("angle")


def test_a_study_is_identified_by_it(kitchen):
    report = kitchen.identify("kitchen", "reference", method="shared_peaks")
    assert (report.search_id, report.method, report.model) == ("kitchen-reference-shared_peaks", "shared_peaks", None)
    assert (report.n_queries, report.n_answered, report.n_hits) == (7, 6, 9)
    rows = kitchen.sql(HITS, {"search": report.search_id}).fetchall()
    # All four peaks of coffee:1 are R2's, one is R3's.
    assert [row[:3] for row in rows[:2]] == [("coffee:1", "R2", 1.0), ("coffee:1", "R3", 0.25)]
    for _, _, score, matched, n_query, n_library in rows:
        assert score == pytest.approx(2 * matched / (n_query + n_library))
    wide = kitchen.identify("kitchen", "reference", method="shared_peaks", settings={"tolerance_da": 0.5}, name="wide")
    assert json.loads(kitchen.sql("SELECT settings FROM searches WHERE search_id = 'wide'").fetchall()[0][0]) == {
        "tolerance_da": 0.5
    }
    assert wide.n_hits == 9


def test_it_searches_spectra_at_hand(kitchen):
    peaks = ([30.0338, 86.0964], [60.0, 1000.0])
    hits = kitchen.search(*peaks, 132.1019, library="reference", method="shared_peaks").to_pylist()
    assert [(row["library_native_id"], round(row["score"], 4)) for row in hits] == [("R2", 0.6667), ("R3", 0.3333)]
    everywhere = kitchen.search(*peaks, 400.0, library="reference", method="shared_peaks", ppm=None, k=1).to_pylist()
    assert [(row["library_native_id"], round(row["score"], 4)) for row in everywhere] == [("R2", 0.6667)]


def test_an_open_search_ranks_a_shortlist_by_it(kitchen):
    report = kitchen.identify("kitchen", "reference", method="shared_peaks", ppm=None, k=2)
    ((settings,),) = kitchen.sql("SELECT settings FROM searches WHERE search_id = $s", {"s": report.search_id}).fetchall()
    assert json.loads(settings) == {"tolerance_da": 0.01, "shortlist": 20}
    assert kitchen.sql(HITS, {"search": report.search_id}).fetchall()[0][:3] == ("coffee:1", "R2", 1.0)


def test_a_benchmark_compares_it(kitchen):
    methods = ("binned", "shared_peaks", "angle")
    report = kitchen.benchmark("retrieval", study="kitchen", library="reference", methods=methods, resamples=5)
    assert set(report.searches) == set(methods)
    compared = kitchen.sql("SELECT DISTINCT method FROM benchmark_results WHERE method NOT LIKE '% against %' ORDER BY 1")
    assert compared.fetchall() == [("angle",), ("binned",), ("shared_peaks",)]
    with pytest.raises(BadParameter, match=r"no method 'shared' to compare; there are: .*shared_peaks"):
        kitchen.benchmark("retrieval", study="kitchen", library="reference", methods=("shared",))


def test_a_method_of_vectors_in_sql_alone(kitchen):
    report = kitchen.identify("kitchen", "reference", method="angle", settings={"factor": "0.5"})
    assert (report.search_id, report.model, report.n_hits) == ("kitchen-reference-angle-factor-0.5", "binned", 9)
    scores = "SELECT score FROM hits WHERE search_id = $s ORDER BY query_id, library_spectrum_id"
    angles, cosines = ([score for (score,) in kitchen.sql(scores, {"s": s}).fetchall()] for s in (report.search_id, "first"))
    assert angles == [pytest.approx(0.5 * (1 - math.acos(min(cosine, 1)) / math.pi), abs=1e-4) for cosine in cosines]


def test_some_queries_are_searched_alone_though_its_statement_takes_all(kitchen):
    job = SearchJob(study="kitchen", library="reference", model="binned", ppm=10.0, k=2, fragment_tolerance_da=0.01)
    everything = angle.Angle().hits(kitchen.connection(), job, {}).table
    some = everything["query_id"].unique().to_pylist()[:2]
    found = angle.Angle().hits(kitchen.connection(), replace(job, query_ids=some), {}).table
    assert found.to_pylist() == [row for row in everything.to_pylist() if row["query_id"] in some]
    assert 2 <= found.num_rows < everything.num_rows


def test_what_it_does_not_do_is_said(kitchen):
    peaks = ([86.0964], [1.0], 132.1019)
    with pytest.raises(BadParameter, match="the method angle is for searches that are recorded: use identify"):
        kitchen.search(*peaks, library="reference", method="angle")
    with pytest.raises(BadParameter, match="without a precursor filter does not search by angle: give --ppm"):
        kitchen.identify("kitchen", "reference", method="angle", ppm=None)
    with pytest.raises(BadParameter, match="the engine native does not search by angle: search with --engine sql"):
        kitchen.identify("kitchen", "reference", method="angle", engine="native")


def test_messages_and_the_command_line_know_it(kitchen):
    with pytest.raises(BadParameter, match=r"there is no method 'angel'; there are: .*angle"):
        kitchen.identify("kitchen", "reference", method="angel")
    call = ["identify", str(kitchen.path), "--study", "kitchen", "--library", "reference", "--method", "shared_peaks", "--json"]
    told = CliRunner().invoke(main, call, catch_exceptions=False)
    assert json.loads(told.stdout)["method"] == "shared_peaks"
