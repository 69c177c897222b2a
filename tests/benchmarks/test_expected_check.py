"""The check of what to expect of analogues: how it tells, and when it refuses."""

import pyarrow as pa
import pytest

from spectradb.benchmarks import expected_check
from spectradb.errors import NoSpectra


def found(n_molecules, score):
    """First and second answers to some molecules, as alike as they score."""
    rows = [
        {
            "ion_mode": "positive",
            "query_analyte_id": f"A{n}",
            "rank": rank,
            "score": score(n),
            "tanimoto_morgan": score(n) / rank,
        }
        for n in range(n_molecules)
        for rank in (1, 2)
    ]
    return pa.Table.from_pylist(rows)


def test_curves_are_of_one_half_and_checked_by_the_other(monkeypatch):
    halves = {"choosing": found(40, lambda n: n / 40), "judging": found(50, lambda _: 0.5)}
    monkeypatch.setattr(expected_check, "answers_to", lambda _files, settings, *_more: halves[settings.half])
    checked = expected_check.check(None, "lib")
    # Eight groups of five molecules: 0 to 4 of 40, 5 to 9, and so on.
    means = [0.05, 0.175, 0.3, 0.425, 0.55, 0.675, 0.8, 0.925]
    assert checked["curves"]["positive"]["first"] == {"score": means, "tanimoto": means}
    assert checked["curves"]["positive"]["later"]["tanimoto"] == pytest.approx([mean / 2 for mean in means], abs=1e-4)
    assert checked["reliability"] == [{"ion_mode": "positive", "expected": 0.5, "observed": 0.5, "n": 10}] * 5
    assert expected_check.lines(checked)[1] == "positive  0.500  0.500  10"


def test_few_molecules_tell_nothing(monkeypatch):
    monkeypatch.setattr(expected_check, "answers_to", lambda *_: found(20, lambda n: n / 20))
    with pytest.raises(NoSpectra, match="fewer than 30 molecules of lib are new to the model"):
        expected_check.check(None, "lib")


def test_a_lab_that_is_not_there(tmp_path):
    with pytest.raises(SystemExit, match="Error: "):
        expected_check.main([str(tmp_path / "nowhere"), "lib"])
