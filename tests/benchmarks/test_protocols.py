"""The verb benchmark on a lab that is known by heart: its numbers, its tables, and what it refuses."""

import json

import numpy as np
import pytest
import tiny_lab as made_up
from click.testing import CliRunner
from made_spectra import family_table

from spectradb.arrays.annotated_spectra import training_data
from spectradb.benchmarks.analogues import _scoring
from spectradb.cli import main
from spectradb.errors import BadParameter, NoCollection, NoSpectra
from spectradb.evaluation.analogues import K, analogue_task
from spectradb.models.registry import OPEN_EMBEDDER
from spectradb.search.open_search import SHORTLIST
from spectradb.similarity.methods import peak_score

METHODS = ("binned", "entropy_similarity")
RETRIEVAL = {"study": "kitchen", "library": "reference", "methods": METHODS, "resamples": 20}


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory):
    with made_up.build(tmp_path_factory.mktemp("benchmarks")) as lab:
        lab.benchmark("retrieval", **RETRIEVAL)
        yield lab


def values(lab, benchmark, method, subset="all"):
    rows = lab.sql(
        "SELECT metric, round(value, 4), n FROM benchmark_results WHERE benchmark = $b AND method = $m AND subset = $s",
        {"b": benchmark, "m": method, "s": subset},
    ).fetchall()
    return {metric: (value, n) for metric, value, n in rows}


def test_retrieval_counts_every_query(kitchen):
    found = values(kitchen, "retrieval-kitchen-reference", "binned")
    # Of six known spectra, norleucine and palmitic acid are not in the library; isoleucine is taken for leucine. Each is of
    # another analyte.
    for averaged in ("spectrum", "analyte"):
        assert {metric: found[f"{metric}_per_{averaged}"] for metric in ("top_1", "top_5", "top_10", "best_possible")} == {
            "top_1": (0.5, 6),
            "top_5": (0.6667, 6),
            "top_10": (0.6667, 6),
            "best_possible": (0.6667, 6),
        }
        assert found[f"share_of_possible_per_{averaged}"] == (0.75, 6)
    # Palmitic acid has no candidate, and so no score.
    assert found["roc_auc"][1] == 5


def test_parts_of_the_data(kitchen):
    name = "retrieval-kitchen-reference"
    subsets = kitchen.sql(f"SELECT DISTINCT subset FROM benchmark_results WHERE benchmark = '{name}' ORDER BY ALL").fetchall()
    assert [subset for (subset,) in subsets] == ["1 candidate", "2+ candidates", "all", "negative", "no candidate", "positive"]
    assert values(kitchen, name, "binned", "negative")["top_1_per_spectrum"] == (0.5, 2)


def test_intervals_hold_the_value(kitchen):
    (outside,) = kitchen.sql(
        "SELECT count(*) FROM benchmark_results WHERE low > high OR low IS NULL <> (high IS NULL)"
    ).fetchall()[0]
    (inside,) = kitchen.sql("SELECT count(*) FROM benchmark_results WHERE value BETWEEN low - 1e-9 AND high + 1e-9").fetchall()[
        0
    ]
    assert (outside, inside > 20) == (0, True)


def test_what_was_compared_is_recorded(kitchen):
    ((protocol, parameters),) = kitchen.sql("SELECT protocol, parameters FROM benchmarks").fetchall()
    known = json.loads(parameters)
    assert protocol == "retrieval"
    assert {k: known[k] for k in ("study", "library", "left_out", "methods", "ppm", "resamples", "seed")} == {
        "study": "kitchen",
        "library": "reference",
        "left_out": "copies",
        "methods": ["binned", "entropy_similarity"],
        "ppm": 10.0,
        "resamples": 20,
        "seed": 0,
    }
    searches = dict(kitchen.sql("SELECT search_id, left_out FROM searches WHERE search_id <> 'first'").fetchall())
    assert searches == dict.fromkeys(known["searches"].values(), "copies")


def test_another_one_of_the_same_name_takes_its_place(kitchen):
    before = kitchen.sql("SELECT * EXCLUDE value FROM benchmark_results WHERE metric LIKE 'top%' ORDER BY ALL").fetchall()
    searches = kitchen.sql("SELECT search_id FROM searches ORDER BY ALL").fetchall()
    report = kitchen.benchmark("retrieval", **RETRIEVAL)
    assert kitchen.sql("SELECT name FROM benchmarks").fetchall() == [(report.name,)]
    after = kitchen.sql("SELECT * EXCLUDE value FROM benchmark_results WHERE metric LIKE 'top%' ORDER BY ALL").fetchall()
    assert after == before
    assert kitchen.sql("SELECT search_id FROM searches ORDER BY ALL").fetchall() == searches


def test_mces_distances_are_computed_when_asked_for(kitchen):
    kitchen.benchmark("retrieval", **RETRIEVAL, mces=True, name="distances")
    found = values(kitchen, "distances", "binned")
    # Isoleucine was taken for leucine, and norleucine, which is not in the library, for isoleucine: 2 each, of 5 answers. The
    # second answer to isoleucine is right.
    assert (found["mces_1_per_spectrum"], found["mces_k_per_spectrum"]) == ((0.8, 5), (0.4, 5))


def test_analogues(kitchen):
    report = kitchen.benchmark(
        "analogues", library="reference", methods=METHODS, molecules=2, resamples=20, distances=1, name="alike"
    )
    assert report.lines()[0].startswith("benchmark alike (analogues): 2 methods, ")
    ((n_queries, mode),) = kitchen.sql(
        "SELECT max(n), min(subset) FROM benchmark_results WHERE benchmark = 'alike' AND metric = 'first_morgan'"
    ).fetchall()
    assert n_queries <= 2
    best = values(kitchen, "alike", "(best possible)", mode)["first_morgan"][0]
    random = values(kitchen, "alike", "(random)", mode)["first_morgan"][0]
    for method in METHODS:
        found = values(kitchen, "alike", method, mode)
        assert found["first_morgan"][0] <= found["best_morgan"][0] <= best + 1e-6
    assert random <= best
    # One of the two scores without training is the best one, and gains nothing over itself.
    gains = kitchen.sql(
        "SELECT DISTINCT method FROM benchmark_results WHERE benchmark = 'alike' AND metric = 'first_morgan_gain'"
    )
    assert len(gains.fetchall()) <= 2
    ((distance,),) = kitchen.sql(
        "SELECT count(*) > 0 FROM benchmark_results WHERE benchmark = 'alike' AND metric = 'first_mces' AND value > 0"
    ).fetchall()
    assert distance
    for change, message in (
        ({"study": "kitchen"}, "takes its queries out of the library: leave out the study"),
        ({"molecules": 0}, "molecules 0 and spectra per molecule 3 must be 1 or more"),
        ({"half": "third"}, "there is no half 'third' of the molecules"),
        ({"methods": ["bined"]}, "there is no method 'bined' to compare.*binned"),
        ({"contributors": ["nobody"]}, "no spectra of contributor 'nobody'"),
    ):
        with pytest.raises(BadParameter, match=message):
            kitchen.benchmark("analogues", **{"library": "reference", "methods": METHODS, **change})


def test_the_method_analogue_is_judged_as_it_searches(kitchen):
    data = training_data(family_table(lengths=range(1, 4)))
    task = analogue_task(data, np.ones(len(data), dtype=bool), n_molecules=2, spectra_per_molecule=1)
    queries = task.queries[:1]
    library = task.library[np.argsort(task.molecule[task.library], kind="stable")]
    found = _scoring(kitchen.files, task, "analogue", 0.02)(queries, library)[0]
    vectors = _scoring(kitchen.files, task, OPEN_EMBEDDER, 0.02)(queries, library)[0]
    cosine = peak_score("modified_cosine", {"tolerance_da": 0.02})
    peaks = cosine.scores(data.peaks, data.peaks, np.repeat(queries, len(library)), library)
    mixed = 0.8 * vectors + 0.2 * (peaks.score + (peaks.matches >= 4)) / 2
    # The nearest spectrum of each molecule by vectors is listed. The first thirty have a say by their scores, on all.
    molecules = task.molecule[library]
    nearest = [max(np.flatnonzero(molecules == one), key=lambda row: vectors[row]) for one in np.unique(molecules)]
    listed = sorted(nearest, key=lambda row: -mixed[row])
    places = kitchen.files.embedders.embedder(OPEN_EMBEDDER).embed_structures(task.molecules.bits)[molecules[listed]]
    say = np.exp((mixed[listed[:30]] - mixed[listed[0]]) / 0.1)
    agreed = places @ ((say / say.sum()) @ places[:30])
    assert 30 < len(listed) <= K * SHORTLIST
    assert found[listed] == pytest.approx((mixed[listed] + 0.2 * agreed) / 1.2, abs=1e-6)
    assert found.argmax() in listed


def test_isomers(kitchen):
    report = kitchen.benchmark("isomers", study="kitchen", library="reference", methods=METHODS, min_spectra=1, name="isomers")
    assert values(kitchen, "isomers", "binned", "C6H13NO2: L-Isoleucine")["accuracy"] == (0.0, 1)
    found = values(kitchen, "isomers", "binned")
    assert {name: found[name] for name in ("mean_accuracy", "worst_member", "spread")} == {
        "mean_accuracy": (0.5, 2),
        "worst_member": (0.0, 1),
        "spread": (1.0, 1),
    }
    assert any("1 groups of 2 analytes" in line for line in report.lines())
    with pytest.raises(NoSpectra, match="no formula has 2 analytes with 3 answerable queries"):
        kitchen.benchmark("isomers", study="kitchen", library="reference", methods=METHODS)


def test_dilution_against_a_file(kitchen, tmp_path):
    truth = tmp_path / "truth.csv"
    truth.write_text(
        f"inchikey,name\n{made_up.CAFFEINE}-UHFFFAOYSA-N,caffeine\n{made_up.CITRIC_ACID}-UHFFFAOYSA-N,citric acid\n"
    )
    report = kitchen.benchmark(
        "dilution", study="kitchen", library="reference", methods=METHODS, truth=truth, baseline="entropy_similarity", name="d"
    )
    found = values(kitchen, "d", "binned")
    assert {name: found[name][0] for name in ("true_positives", "recall")} == {
        "true_positives": 2.0,
        "recall": 1.0,
    }
    assert values(kitchen, "d", "binned", "dilution 4")["true_positives"] == (1.0, 2)
    assert values(kitchen, "d", "binned", "dilution 10")["found_undiluted_too"] == (0.0, 1)
    assert values(kitchen, "d", "binned against entropy_similarity")["found_by_both"] == (2.0, 2)
    assert json.loads(kitchen.sql("SELECT parameters FROM benchmarks WHERE name = 'd'").fetchall()[0][0])["undiluted"] == "4"
    assert "note: dilution: 4 (1 runs), 10 (1 runs); undiluted is 4" in report.lines()


def test_dilution_against_what_all_methods_find_undiluted(kitchen):
    options = {"study": "kitchen", "library": "reference", "methods": METHODS, "baseline": "binned", "name": "agreed"}
    report = kitchen.benchmark("dilution", **options, column="cups", reference_runs=1, reference_peaks=2, reference_score=0.6)
    known = json.loads(kitchen.sql("SELECT parameters FROM benchmarks WHERE name = 'agreed'").fetchall()[0][0])
    # Of proportions the highest number is undiluted: two cups, the coffee.
    assert known["undiluted"] == "2"
    assert made_up.CAFFEINE in known["reference"]
    assert made_up.CITRIC_ACID not in known["reference"]
    assert any("cannot show that an identification is right" in line for line in report.lines())
    with pytest.raises(NoSpectra, match="agree on no analyte"):
        kitchen.benchmark("dilution", **options, reference_peaks=50)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"methods": ("nothing",)}, "there is no method 'nothing' to compare"),
        ({"methods": ("binned", "binned")}, "a method is named twice"),
        ({"resamples": 0}, "must be 1 or more"),
        ({"min_analytes": 1}, "must be 2 or more"),
        ({"name": "no spaces"}, "must be letters, digits"),
        ({"contributors": ("nobody",)}, "no spectra of contributor 'nobody'"),
    ],
)
def test_what_means_nothing_is_refused(kitchen, changed, message):
    with pytest.raises(BadParameter, match=message):
        kitchen.benchmark("retrieval", **{**RETRIEVAL, **changed})


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"baseline": "cosine_greedy"}, "the baseline cosine_greedy is not among the methods"),
        ({"baseline": "binned", "column": "roast"}, "has no numbers in a column 'roast'"),
        ({"baseline": "binned", "undiluted": "7"}, "no sample has dilution '7'; values are: 4, 10"),
        ({"baseline": "binned", "truth": "missing.csv"}, "missing.csv is no file"),
        ({"baseline": "binned", "truth": "nothing.csv"}, "names no analyte"),
        ({"baseline": "binned", "truth": "names.csv"}, "names.csv: 'caffeine' is neither an InChIKey nor an analyte_id"),
    ],
)
def test_a_dilution_that_means_nothing_is_refused(kitchen, changed, message, tmp_path, monkeypatch):
    (tmp_path / "nothing.csv").write_text("name\nwater\n")
    (tmp_path / "names.csv").write_text("analyte_id\ncaffeine\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadParameter, match=message):
        kitchen.benchmark("dilution", study="kitchen", library="reference", methods=METHODS, **changed)


def test_unknown_protocols_and_collections_are_refused(kitchen):
    with pytest.raises(BadParameter, match="there is no protocol 'speed'"):
        kitchen.benchmark("speed", library="reference")
    with pytest.raises(NoCollection, match="no library or study 'nothing'"):
        kitchen.benchmark("retrieval", library="nothing")


def test_the_command_prints_tables_like_the_papers(kitchen):
    command = [
        "benchmark",
        str(kitchen.path),
        "retrieval",
        "--study",
        "kitchen",
        "--library",
        "reference",
        "--method",
        "binned",
    ]
    done = CliRunner().invoke(main, [*command, "--resamples", "5", "--name", "printed"])
    assert (done.exit_code, done.output.splitlines()[2]) == (0, "per spectrum (best possible 0.667, n = 6)")
    told = json.loads(CliRunner().invoke(main, [*command, "--resamples", "5", "--name", "printed", "--json"]).output)
    assert (told["benchmark"], list(told["searches"])) == ("printed", ["binned"])
