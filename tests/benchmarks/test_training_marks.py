"""A benchmark tells what the models that it compares were trained on, and judges seen and unseen apart."""

import json

import pyarrow as pa
import pytest
import tiny_lab as made_up
from tiny_lab import CAFFEINE, LEUCINE

from spectradb.models.seen_in_training import analyte_marks
from spectradb.search.training_overlap import TrainingOverlap

KITCHEN = {"study": "kitchen", "library": "reference", "methods": ("binned", "entropy_similarity"), "resamples": 5}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A lab whose model says that it was trained on caffeine and leucine, by spectra of a contributor without a name."""
    with made_up.build(tmp_path_factory.mktemp("marks")) as lab:
        data = {"contributors": {"": {}}, "analyte_marks": analyte_marks([CAFFEINE, LEUCINE])}
        card = json.dumps({"data": data, "training": {"split": {"licenses": ["CC0"]}}})
        lab.record.update("models", "name", pa.table({"name": ["binned"], "training_data": [card]}))
        lab.publish()
        yield lab


def test_a_benchmark_marks_models_and_judges_apart(lab):
    report = lab.benchmark("retrieval", **KITCHEN)
    found = {(r["method"], r["subset"], r["metric"]): (r["value"], r["n"]) for r in report.as_dict()["results"]}
    # Of six known spectra one is of caffeine and one of leucine; none states the licence that was taken.
    assert found["binned", "all", "trained_on_spectra"] == (0.0, 6)
    assert found["binned", "all", "trained_on_analytes"] == (pytest.approx(2 / 6), 6)
    assert ("entropy_similarity", "all", "trained_on_analytes") not in found
    for method in KITCHEN["methods"]:
        assert found[method, "seen analytes", "top_1_per_spectrum"][1] == 2
        assert found[method, "unseen analytes", "top_1_per_spectrum"][1] == 4
    lines = report.lines()
    assert lines[-1] == (
        "note: binned was trained on 0 of 6 queries and on the analytes of 2: its figures over all queries flatter"
    )
    (first,) = [line for line in lines[:8] if line.strip().startswith("binned")]
    assert first.endswith("0% of queries, 33% by analyte")
    subsets = lab.sql("SELECT DISTINCT subset FROM benchmark_results WHERE subset LIKE '%seen%' ORDER BY ALL").fetchall()
    assert subsets == [("seen analytes",), ("unseen analytes",)]


def test_other_protocols_mark_too(lab, tmp_path):
    isomers = lab.benchmark("isomers", **KITCHEN, min_spectra=1)
    assert isomers.lines()[-1].startswith("note: binned was trained on 0 of 6 queries and on the analytes of 2")
    truth = tmp_path / "truth.csv"
    truth.write_text(f"inchikey\n{CAFFEINE}-UHFFFAOYSA-N\n{made_up.CITRIC_ACID}-UHFFFAOYSA-N\n")
    dilution = lab.benchmark("dilution", **KITCHEN, truth=truth, baseline="entropy_similarity")
    assert dilution.lines()[-1] == "note: binned was trained on 1 of the 2 analytes of the truth: its figures flatter"


def test_the_report_marks_what_it_shows(lab, tmp_path):
    lab.benchmark("retrieval", **KITCHEN)
    ((search,),) = lab.sql("SELECT search_id FROM searches WHERE model = 'binned' LIMIT 1").fetchall()
    lab.report(tmp_path / "report.html", searches=[search])
    page = (tmp_path / "report.html").read_text()
    note = "<p>Note: binned was trained on 0 of 6 queries and on the analytes of 2: its figures over all queries flatter.</p>"
    of_search, of_benchmarks = page.split('id="benchmarks"')
    assert of_search.count(note) == 1
    assert of_benchmarks.count(note) >= 1


def overlap(**changes):
    plain = {"model": "m", "told": True, "n_queries": 200, "n_spectra_seen": 0, "n_analytes_seen": 0, "n_untold": 0}
    return TrainingOverlap(**{**plain, "unseen_contributors": (), **changes})


@pytest.mark.parametrize(
    ("changes", "mark", "note"),
    [
        ({"unseen_contributors": ("A",)}, "0% of queries, 0% by analyte", None),
        ({"told": False, "n_untold": 200}, "not told", "the card of m does not say which spectra it was trained on: its"),
        (
            {"n_spectra_seen": 110, "n_analytes_seen": 186, "unseen_contributors": ("A", "B")},
            "55% of queries, 93% by analyte",
            "m was trained on 110 of 200 queries and on the analytes of 186: its figures over all queries flatter; it was",
        ),
        (
            {"n_untold": 20, "unseen_contributors": tuple("ABCDEFGH")},
            "0% of queries, analytes not told",
            "m was trained on 0 of 200 queries and on the analytes of 0 or more (of 20 its card does not tell): its",
        ),
    ],
)
def test_marks_and_notes(changes, mark, note):
    found = overlap(**changes)
    assert found.mark() == mark
    assert (found.note() or "").startswith(note or "")
    assert (found.note() is None) == (note is None)


def test_a_note_names_whom_the_model_has_not_seen():
    assert (
        overlap(n_untold=20, unseen_contributors=tuple("ABCDEFGH"))
        .note()
        .endswith("over all queries may flatter; it was not trained on spectra of A, B, C, D, E, F and 2 more contributors")
    )
