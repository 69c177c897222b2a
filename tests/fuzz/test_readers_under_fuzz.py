"""Whatever a file holds, its reader reads it or says why not."""

import time

import pytest
from fuzz_reading import check
from mutants import mutants
from seed_files import SEEDS

MUTANTS = 2_000

OF_TABLES = 60  # most of which the engine refuses, at 20 ms each


def _share(name):
    return OF_TABLES if name == "a.csv" else -(-(MUTANTS - OF_TABLES) // (len(SEEDS) - 1))


@pytest.mark.parametrize("name", SEEDS)
def test_mutants_are_read_or_refused(tmp_path, name):
    started = time.monotonic()
    counts, faults = check(tmp_path, name, _share(name), "suite")
    assert [text for _, text in faults] == []
    assert counts["read"] > 0, "mutants of which none can be read show nothing"
    assert counts.total() > counts["read"] or name == "a.csv"
    assert time.monotonic() - started < 10 * counts.total()


def test_the_same_mutants_each_time():
    assert list(mutants(SEEDS["a.mgf"], [SEEDS["a.msp"]], 50, 1)) == list(mutants(SEEDS["a.mgf"], [SEEDS["a.msp"]], 50, 1))
    assert len(set(mutants(SEEDS["a.mgf"], [SEEDS["a.msp"]], 50, 1))) > 40
