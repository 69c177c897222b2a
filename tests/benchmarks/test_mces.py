"""Filling the table of MCES distances for a lab: right values, each pair once, resumed after a kill, bad structures aside."""

import json
import shutil
import subprocess

import pytest
import tiny_lab as made_up
from tiny_lab import CAFFEINE, ISOLEUCINE, LEUCINE, NORLEUCINE

from spectradb.benchmarks import mces
from spectradb.benchmarks.mces import fill_mces
from spectradb.benchmarks.mces_distance import mces_distance
from spectradb.errors import BadParameter
from spectradb.facade.lab import connect
from spectradb.python_process import python_command, python_environment

SMILES = {"leucine": "CC(C)CC(N)C(=O)O", "isoleucine": "CCC(C)C(N)C(=O)O", "citric acid": "OC(=O)CC(O)(CC(=O)O)C(=O)O"}
CAFFEINE_SMILES = "Cn1cnc2c1c(=O)n(C)c(=O)n2C"


@pytest.mark.parametrize(
    ("a", "b", "threshold", "expected"),
    [
        (SMILES["leucine"], SMILES["leucine"], 15, (0.0, 1)),
        (SMILES["leucine"], SMILES["isoleucine"], 15, (2.0, 1)),  # one bond broken, one made
        ("CC", "C=C", 15, (1.0, 1)),  # one bond order
        ("c1ccccc1O", "c1ccccc1", 15, (1.0, 1)),
        (SMILES["citric acid"], CAFFEINE_SMILES, 15, (25.0, 4)),  # a bound above the threshold
    ],
)
def test_distances(a, b, threshold, expected):
    distance, mode, seconds = mces_distance(a, b, threshold=threshold, seconds=60)
    assert (distance, mode) == expected
    assert seconds > 0


def test_what_is_not_solved_in_time_is_a_bound():
    exact, _, _ = mces_distance(SMILES["leucine"], SMILES["isoleucine"], threshold=15, seconds=60)
    bound, mode, _ = mces_distance(SMILES["leucine"], SMILES["isoleucine"], threshold=15, seconds=1e-6)
    assert mode == 6
    assert 0 <= bound <= exact


def test_the_program_answers_line_by_line():
    requests = [
        [SMILES["leucine"], SMILES["isoleucine"], 15, 60, "PULP_CBC_CMD"],
        ["no structure", "C", 15, 60, "PULP_CBC_CMD"],
    ]
    done = subprocess.run(
        python_command("spectradb.benchmarks.mces_distance"),
        env=python_environment(),
        input="".join(json.dumps(request) + "\n" for request in [*requests, requests[0]]),
        capture_output=True,
        text=True,
        check=True,
    )
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert first[:2] == third[:2] == [2.0, 1]
    assert "Error" in second


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    directory = tmp_path_factory.mktemp("template")
    made_up.build(directory).close()
    return directory / "lab"


@pytest.fixture
def lab(template, tmp_path):
    """A copy of the tiny lab for one test."""
    shutil.copytree(template, tmp_path / "lab")
    with connect(tmp_path / "lab") as lab:
        yield lab


def stored(lab):
    columns = ("analyte_a", "analyte_b", "distance", "mode", "threshold", "solver")
    return sorted(tuple(row[c] for c in columns) for row in lab.record.read("mces").to_pylist())


PAIRS = [(ISOLEUCINE, NORLEUCINE, 2.0), (ISOLEUCINE, LEUCINE, 2.0)]


def test_a_lab_fills_what_its_search_confuses(lab):
    report = lab.mces("first", workers=1)
    assert (report.n_pairs, report.n_computed, report.n_present, report.n_failed) == (2, 2, 0, 0)
    assert stored(lab) == [(a, b, distance, 1, 15.0, "PULP_CBC_CMD") for a, b, distance in PAIRS]
    rows = lab.sql(
        "SELECT n_queries, n_answered, n_missing, mean_distance_of_wrong, mean_distance FROM mces_at_k('first')"
    ).fetchall()
    assert rows == [(6, 5, 0, 2.0, 0.8)]
    again = lab.mces("first", workers=1)
    assert (again.n_pairs, again.n_computed, again.n_present) == (2, 0, 2)
    assert len(stored(lab)) == 2


def test_another_threshold_is_another_distance(lab):
    lab.mces("first", workers=1)
    report = lab.mces("first", workers=2, threshold=1)
    assert report.n_computed == 2
    assert [row[2] for row in stored(lab) if row[4] == 1.0] == [1.0, 1.0]


@pytest.mark.parametrize("rows_per_commit", [1, 500])
def test_what_was_computed_before_an_interruption_stays(lab, monkeypatch, rows_per_commit):
    monkeypatch.setattr(mces, "_ROWS_PER_COMMIT", rows_per_commit)
    answer = mces.DistanceWorkers._ask

    def fail_at_leucine(self, pair, threshold, seconds):
        if LEUCINE in pair:
            raise KeyboardInterrupt
        return answer(self, pair, threshold, seconds)

    monkeypatch.setattr(mces.DistanceWorkers, "_ask", fail_at_leucine)
    with pytest.raises(KeyboardInterrupt):
        fill_mces(lab.record, lab.connection(), ["first"], workers=1)
    assert len(stored(lab)) == 1
    monkeypatch.setattr(mces.DistanceWorkers, "_ask", answer)
    assert fill_mces(lab.record, lab.connection(), ["first"], workers=1).n_computed == 1
    assert [row[:3] for row in stored(lab)] == PAIRS


def test_a_structure_that_cannot_be_read_costs_its_own_pairs_only(lab, monkeypatch):
    pairs = [("A", "B", "CC", "C=C"), ("A", "C", "CC", "no structure"), ("A", "D", "CC", None), ("A", "E", "CC", "CCC")]
    monkeypatch.setattr(mces, "_confused_pairs", lambda con, searches, at_k: pairs)
    report = fill_mces(lab.record, lab.connection(), ["first"], workers=2)
    assert (report.n_pairs, report.n_computed, report.n_without_structure, report.n_failed) == (4, 2, 1, 1)
    assert report.example.startswith("A and C: ")
    assert [row[:3] for row in stored(lab)] == [("A", "B", 1.0), ("A", "E", 1.0)]
    text = "\n".join(report.lines())
    assert "4 confused pairs: 2 distances" in text
    assert "A and C" in text
    assert report.as_dict()["n_failed"] == 1


def test_a_worker_that_dies_costs_one_pair(lab, monkeypatch):
    pairs = [("A", "B", "CC", "C=C"), ("A", "C", "CC", "CCC"), ("A", "D", "CC", "CCCC")]
    monkeypatch.setattr(mces, "_confused_pairs", lambda con, searches, at_k: pairs)
    answer = mces.DistanceWorkers._ask

    def kill_before_c(self, pair, threshold, seconds):
        if pair[1] == "C":
            self.own.process.kill()
        return answer(self, pair, threshold, seconds)

    monkeypatch.setattr(mces.DistanceWorkers, "_ask", kill_before_c)
    report = fill_mces(lab.record, lab.connection(), ["first"], workers=1)
    assert report.n_computed + report.n_failed == 3
    assert {("A", "B", 1.0), ("A", "D", 2.0)} <= {row[:3] for row in stored(lab)}


@pytest.mark.parametrize("wrong", [{"at_k": 0}, {"threshold": 0}, {"seconds_per_pair": 0}, {"workers": -1}])
def test_parameters_are_checked(lab, wrong):
    with pytest.raises(BadParameter, match="must be positive"):
        fill_mces(lab.record, lab.connection(), ["first"], **wrong)


@pytest.mark.parametrize(
    ("searches", "message"), [(["never"], r"no search 'never'; it has: first"), ([], "name a search; the lab has: first")]
)
def test_searches_must_be_there(lab, searches, message):
    with pytest.raises(BadParameter, match=message):
        fill_mces(lab.record, lab.connection(), searches)


def test_caffeine_is_never_confused(lab):
    lab.mces("first", workers=1)
    assert all(CAFFEINE not in row for row in stored(lab))
