"""calibrate and what identify makes of it, in a made-up lab of four laboratories."""

import json
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from empty_lab import empty_lab

from spectradb.cli.main import main
from spectradb.errors import BadParameter, NoSpectra
from spectradb.facade.lab import connect
from spectradb.search.calibration.terms import TERMS
from spectradb.search.methods.fused import WEIGHTS

LABORATORIES = ("Aa", "Bb", "Cc", "Dd")
N_PAIRS = 15


def made():
    """Spectra of pairs of isomers by all laboratories, much alike, and of another isomer that each has alone."""
    random = np.random.default_rng(11)
    rows = []
    for pair in range(N_PAIRS):
        length = pair + 9
        shared = random.uniform(50, 190, size=3)
        isomers = ["C" * (place - 1) + "C(O)" + "C" * (length - place) for place in range(1, 6)]
        isomers.append("CC(C)(O)" + "C" * (length - 3))
        for number, smiles in enumerate(isomers):
            own = random.uniform(50, 190, size=1)
            for laboratory in LABORATORIES if number < 2 else LABORATORIES[number - 2 : number - 1]:
                # Every third spectrum lacks the peak that tells its isomer.
                mz = np.concatenate([shared, own if random.uniform() < 2 / 3 else random.uniform(50, 190, size=1)])
                heights = np.concatenate([random.uniform(0.2, 1, size=3), random.uniform(0.01, 0.3, size=1)])
                order = np.argsort(mz)
                rows.append(
                    {
                        "native_id": f"{laboratory}-{pair}-{number}",
                        "contributor": laboratory,
                        "smiles": smiles,
                        "precursor_mz": 200.0 + pair + random.uniform(-3e-4, 3e-4),
                        "ion_mode": "positive",
                        "mz": mz[order].tolist(),
                        "intensity": heights[order].tolist(),
                    }
                )
    return pa.Table.from_pylist(rows)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The lab, with everything calibrated and searched once; tests that follow only read or add."""
    folder = tmp_path_factory.mktemp("calibration")
    table = made()
    by = np.array(table["contributor"].to_pylist())
    pq.write_table(table.filter(pa.array(by != "Dd")), folder / "library.parquet")
    pq.write_table(table.filter(pa.array(by == "Dd")), folder / "study.parquet")
    with empty_lab(folder / "lab") as lab:
        lab.import_library("known", folder / "library.parquet", select="SELECT * FROM '{file}'")
        lab.import_study("asked", folder / "study.parquet", select="SELECT * FROM '{file}'")
        lab.embed("binned")
        lab.identify("asked", "known", name="before")
        yield lab


@pytest.fixture(scope="module")
def calibrated(lab):
    return lab.calibrate("known")


def row_of(lab, table, **key):
    ((name, value),) = key.items()
    cursor = lab.sql(f"SELECT * FROM {table} WHERE {name} = $value", {"value": value})
    ((*values,),) = cursor.fetchall()
    return dict(zip(cursor.columns, values, strict=True))


def test_before_a_calibration_nothing_is_said_of_how_sure_an_answer_is(lab):
    assert row_of(lab, "searches", search_id="before")["calibration_id"] is None
    told = "probability", "q_value", "neighbour_score", "query_explained", "library_explained", "library_spectra"
    counts = ", ".join(f"count({name})" for name in told)
    assert lab.sql(f"SELECT count(*) > 0, {counts} FROM hits WHERE search_id = 'before'").fetchall() == [(True, *[0] * 6)]


def test_what_is_recorded(lab, calibrated):
    row = row_of(lab, "calibrations", calibration_id="known-binned")
    assert calibrated.calibration_id == "known-binned"
    assert (row["library"], row["method"], row["model"], row["settings"]) == ("known", "embedding", "binned", None)
    assert row["model_fingerprint"] == row_of(lab, "models", name="binned")["fingerprint"]
    assert row["contributors"] == ["Aa", "Bb", "Cc"]
    assert row["terms"] == list(TERMS)
    assert dict(zip(row["terms"], row["coefficients"], strict=True)) == calibrated.coefficients
    search = row_of(lab, "searches", search_id=row["search_id"])
    assert (search["study"], search["library"], search["left_out"]) == ("known", "known", "contributor")
    # Each of three laboratories measured both isomers of all pairs and one of its own, and all three weigh alike.
    assert row["n_queries"] == 3 * 3 * N_PAIRS
    assert (row["answerable"], row["answerable_found"]) == (None, pytest.approx(2 / 3))
    assert 0 < row["ambiguous_gap"] == pytest.approx((np.log(3) / row["gap_coefficient"]) ** 2)


def test_identify_then_gives_probabilities(lab, calibrated):
    report = lab.identify("asked", "known", name="after")
    assert row_of(lab, "searches", search_id="after")["calibration_id"] == "known-binned"
    rows = lab.sql("SELECT query_id, rank, probability, q_value FROM hits WHERE search_id = 'after'").fetchall()
    assert all((rank == 1) == (probability is not None) == (q is not None) for _, rank, probability, q in rows)
    by_hand = lab.sql(
        "WITH mine AS (FROM hits WHERE search_id = 'after') "
        "SELECT query_id, probability FROM hit_probability('mine', 'known-binned')"
    ).fetchall()
    assert dict(by_hand) == {query: probability for query, rank, probability, _ in rows if rank == 1}
    assert len(by_hand) == report.n_answered == 3 * N_PAIRS
    first = sorted(((-probability, q) for _, rank, probability, q in rows if rank == 1))
    assert [q for _, q in first] == sorted(q for _, q in first)
    gap = calibrated.ambiguous_gap
    found = lab.sql("SELECT score_gap, ambiguous FROM identifications WHERE search_id = 'after'").fetchall()
    assert [ambiguous for _, ambiguous in found] == [value is not None and value < gap for value, _ in found]
    assert lab.sql("SELECT n FROM calibration_error('after')").fetchall()[0] == (3 * N_PAIRS,)


def test_other_searches_are_not_judged_by_it(lab, calibrated):
    for name, changed in {
        "wide": {"ppm": 20.0},
        "peaks": {"method": "cosine_greedy"},
        "loose": {"fragment_tolerance_da": 0.1},
    }.items():
        lab.identify("asked", "known", name=name, **changed)
        assert row_of(lab, "searches", search_id=name)["calibration_id"] is None


def test_one_recorded_under_the_earlier_name_of_its_method_is_used(lab, calibrated, tmp_path):
    shutil.copytree(lab.path, tmp_path / "lab")
    with connect(tmp_path / "lab") as other:
        for table, key in (("calibrations", "calibration_id"), ("searches", "search_id")):
            old = other.record.read(table, columns=[key, "method"])
            earlier = [{"embedding": "similarity_join"}.get(method, method) for method in old["method"].to_pylist()]
            other.record.update(table, key, old.set_column(1, "method", pa.array(earlier)))
        other.publish()
        assert other.sql("SELECT DISTINCT method FROM calibrations").fetchall() == [("embedding",)]
        assert other.calibrate("known").search_id == calibrated.search_id
        other.identify("asked", "known", name="judged")
        ((used,),) = other.sql("SELECT calibration_id FROM searches WHERE search_id = 'judged'").fetchall()
        assert used in other.sql("SELECT list(calibration_id) FROM calibrations").fetchall()[0][0]


def test_the_search_is_done_once(lab, calibrated):
    again = lab.calibrate("known", answerable=0.2)
    assert (again.calibration_id, again.search_id) == ("known-binned-answerable-0.2", calibrated.search_id)
    assert (again.answerable, again.answerable_found) == (0.2, calibrated.answerable_found)
    # Fewer answers to be had: the same hits are less probable; the latest calibration counts.
    lab.identify("asked", "known", name="sceptical")
    less = lab.sql(
        "SELECT count(*), count(*) FILTER (before.probability > after.probability) FROM hits AS before JOIN hits AS after "
        "USING (query_id, rank) WHERE before.search_id = 'after' AND after.search_id = 'sceptical' AND rank = 1"
    ).fetchall()
    assert less == [(3 * N_PAIRS, 3 * N_PAIRS)]
    used = lab.sql("SELECT search_id, calibration_id FROM searches WHERE search_id IN ('after', 'sceptical') ORDER BY ALL")
    assert used.fetchall() == [("after", "known-binned"), ("sceptical", "known-binned-answerable-0.2")]


def test_the_same_calibration_is_found_again_and_counts_as_the_latest(lab, calibrated):
    lab.calibrate("known", ambiguous_odds=4)
    before = lab.sql("SELECT calibration_id FROM calibrations ORDER BY ALL").fetchall()
    assert ("known-binned-odds-4",) in before
    assert lab.calibrate("known").calibration_id == calibrated.calibration_id
    assert lab.sql("SELECT calibration_id FROM calibrations ORDER BY ALL").fetchall() == before
    latest = lab.sql("SELECT calibration_id FROM calibrations WHERE method = 'embedding' ORDER BY created DESC LIMIT 1")
    assert latest.fetchall() == [("known-binned",)]


def test_contributors_to_fit_on(lab):
    report = lab.calibrate("known", method="cosine_greedy", contributors=["Bb", "Cc"])
    assert row_of(lab, "calibrations", calibration_id="known-cosine_greedy")["contributors"] == ["Bb", "Cc"]
    settings = json.loads(row_of(lab, "searches", search_id=report.search_id)["settings"])
    assert settings["contributors"] == ["Bb", "Cc"]
    lab.identify("asked", "known", method="cosine_greedy", name="cosine")
    assert row_of(lab, "searches", search_id="cosine")["calibration_id"] == "known-cosine_greedy"


def test_fused(lab):
    with pytest.raises(BadParameter, match=r"no calibration of known by binned .* pass --setting weight=0\.3"):
        lab.identify("asked", "known", method="fused", name="fused-untold")
    lab.identify("asked", "known", method="fused", settings={"weight": 0.3}, name="fused-told")
    used = json.loads(row_of(lab, "searches", search_id="fused-told")["settings"])
    assert (used["weight"], used["peak_method"], used["tolerance_da"]) == (0.3, "entropy_similarity", 0.01)
    report = lab.calibrate("known", method="fused")
    assert list(report.weight_accuracy) == list(WEIGHTS)
    assert report.weight_accuracy[report.weight] >= report.weight_accuracy[0.0]
    lab.identify("asked", "known", method="fused", name="fused")
    row = row_of(lab, "searches", search_id="fused")
    assert (json.loads(row["settings"])["weight"], row["calibration_id"], row["model"]) == (
        report.weight,
        "known-fused",
        "binned",
    )
    # All on one side is that side alone.
    for weight, other in ((0, {}), (1, {"method": "entropy_similarity"})):
        lab.identify("asked", "known", method="fused", settings={"weight": weight}, name=f"fused-{weight}")
        lab.identify("asked", "known", **other, name=f"alone-{weight}")
        ranked = "SELECT query_id, rank, analyte_id, round(score, 5) FROM hits WHERE search_id = $s ORDER BY ALL"
        assert lab.sql(ranked, {"s": f"fused-{weight}"}).fetchall() == lab.sql(ranked, {"s": f"alone-{weight}"}).fetchall()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"answerable": 1.0}, "answerable is 1.0; give a share between 0 and 1"),
        ({"ambiguous_odds": 1.0}, "ambiguous odds are 1.0; give a number above 1"),
        ({"method": "fused", "settings": {"weight": 2}}, "weight is 2.0; give a number from 0"),
        ({"method": "fused", "settings": {"weight": "much"}}, "weight is 'much'; give a number"),
        ({"method": "fused", "settings": {"peak_method": "x"}}, "there is no peak_method 'x'"),
        ({"method": "guess"}, "there is no method 'guess'"),
        ({"method": "merged", "settings": {"spectra": 0}}, "merged: spectra is 0; give a whole number from 1 to 64"),
        ({"method": "merged", "settings": {"spectra": "2.5"}}, r"merged: spectra is '2\.5'; give a whole number"),
        ({"method": "merged", "settings": {"weight": 1}}, "the method merged has no setting 'weight'; it has: spectra"),
    ],
)
def test_what_means_nothing(lab, options, message):
    before = lab.record.version("calibrations")
    with pytest.raises(BadParameter, match=message):
        lab.calibrate("known", **options)
    assert lab.record.version("calibrations") == before


@pytest.mark.parametrize("method", ["fused", "merged"])
def test_what_is_for_searches_that_are_recorded(lab, method):
    with pytest.raises(BadParameter, match=f"the method {method} is for searches that are recorded: use identify"):
        lab.search([60.0], [1.0], 200.0, library="known", method=method)


def test_merged(lab):
    lab.identify("asked", "known", method="merged", name="merged")
    row = row_of(lab, "searches", search_id="merged")
    assert (row["method"], json.loads(row["settings"]), row["model"]) == ("merged", {"spectra": 8}, "binned")
    assert lab.calibrate("known", method="merged").method == "merged"
    lab.identify("asked", "known", method="merged", name="calibrated")
    assert row_of(lab, "searches", search_id="calibrated")["calibration_id"] == "known-merged"
    # One spectrum is none merged.
    lab.identify("asked", "known", method="merged", settings={"spectra": "1"}, name="one")
    lab.identify("asked", "known", name="best")
    ranked = "SELECT query_id, rank, analyte_id, library_spectrum_id, score FROM hits WHERE search_id = $s ORDER BY ALL"
    assert lab.sql(ranked, {"s": "one"}).fetchall() == lab.sql(ranked, {"s": "best"}).fetchall()
    # Merging lowers no score.
    risen = lab.sql(
        "SELECT min(m.score - b.score) >= -1e-6, max(m.score - b.score) > 0.01 FROM hits AS m JOIN hits AS b "
        "USING (query_id, analyte_id) WHERE m.search_id = 'merged' AND b.search_id = 'best'"
    ).fetchall()
    assert risen == [(True, True)]


def test_too_few_queries(lab):
    with pytest.raises(NoSpectra, match=r"right and [\d,]+ wrong first hits; a calibration needs 20 of each"):
        lab.calibrate("known", contributors=["Aa"], method="cosine_hungarian")


def test_the_command_line(lab, calibrated):
    done = CliRunner().invoke(main, ["calibrate", str(lab.path), "--library", "known", "--answerable", "0.5", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["answerable"], told["search_id"], told["method"]) == (0.5, calibrated.search_id, "embedding")
    lines = CliRunner().invoke(main, ["calibrate", str(lab.path), "--library", "known"]).stdout.splitlines()
    assert lines[0].startswith("calibration known-binned: embedding of binned on known")
    assert "in reach" in lines[1]
    failed = CliRunner().invoke(main, ["calibrate", str(lab.path), "--library", "unknown"])
    assert (failed.exit_code, "no library or study 'unknown'" in failed.stderr) == (1, True)


def test_a_model_that_was_trained_on_the_queries_is_told(lab, tmp_path):
    shutil.copytree(lab.path, tmp_path / "lab")
    with connect(tmp_path / "lab") as other:
        card = json.dumps({"data": {"contributors": {"Aa": {}, "Bb": {}}}, "training": {"split": {}}})
        other.record.update("models", "name", pa.table({"name": ["binned"], "training_data": [card]}))
        other.publish()
        report = other.calibrate("known")
        # Aa and Bb measured both isomers of each pair, and one isomer more each; of what Cc alone has measured nobody knows.
        assert report.training_note.startswith(f"binned was trained on {2 * 3 * N_PAIRS} of {3 * 3 * N_PAIRS} queries")
        assert report.training_note.endswith("figures over all queries flatter; it was not trained on spectra of Cc")
        note = f"  note: {report.training_note}. Fit on laboratories that it has not seen, with --contributor."
        assert note in report.lines()


@pytest.mark.parametrize("method", ["embedding", "fused"])
def test_copies_alone_left_out(lab, method):
    """What a library of one laboratory allows; the report says what such probabilities are worth."""
    report = lab.calibrate("known", method=method, left_out="copies")
    assert report.search_id.startswith("calibrate-copies-known-")
    searched = lab.sql(f"SELECT left_out FROM searches WHERE search_id = '{report.search_id}'").fetchall()
    assert (report.left_out, searched) == ("copies", [("copies",)])
    assert report.lines()[-1].endswith("so these probabilities are too high for them")
    assert lab.calibrate("known", method=method, left_out="copies").search_id == report.search_id


@pytest.mark.parametrize("method", ["embedding", "fused"])
def test_what_was_fitted_on_copies_alone_serves_where_there_is_no_other(lab, tmp_path, method):
    """Its probabilities are too high for other laboratories: one by contributors goes before it, however old."""
    shutil.copytree(lab.path, tmp_path / "lab")
    with connect(tmp_path / "lab") as other:
        other.record.delete("calibrations", "true")
        other.publish()

        def used(name):
            report = other.identify("asked", "known", method=method, name=name)
            (row,) = other.sql("SELECT calibration_id FROM searches WHERE search_id = $name", {"name": name}).fetchall()
            return row[0], any("of the same laboratories" in note for note in report.notes)

        by_copies = other.calibrate("known", method=method, left_out="copies").calibration_id
        assert used("first") == (by_copies, True)
        by_contributor = other.calibrate("known", method=method).calibration_id
        other.calibrate("known", method=method, left_out="copies")
        assert used("second") == (by_contributor, False)
