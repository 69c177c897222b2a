"""Searches whose queries nobody knows cannot be judged: that is said, in Python and on the command line."""

import pytest
from click.testing import CliRunner
from made_files import entry, write_mgf

from spectradb.cli import main
from spectradb.errors import BadParameter

MESSAGE = "what the queries of search 'first' are is not told by known_analytes"


def test_verbs_that_judge_say_that_nothing_is_known(fresh_lab, tmp_path):
    caffeine = entry("L", seed=1, precursor_mz=195.0877, smiles="Cn1cnc2c1c(=O)n(C)c(=O)n2C")
    fresh_lab.import_library("reference", write_mgf(tmp_path / "a.mgf", caffeine))
    fresh_lab.import_study("unknown", write_mgf(tmp_path / "b.mgf", entry("Q", seed=2, precursor_mz=195.0877, smiles=None)))
    fresh_lab.embed("binned")
    fresh_lab.identify("unknown", "reference", name="first")
    for judge in (fresh_lab.mces, fresh_lab.tautomers):
        with pytest.raises(BadParameter, match=MESSAGE):
            judge("first")
    with pytest.raises(BadParameter, match="known_analytes"):
        fresh_lab.benchmark("retrieval", library="reference", study="unknown", methods=["binned"])
    result = CliRunner().invoke(main, ["tautomers", str(fresh_lab.path), "first"])
    assert (result.exit_code, result.stderr.startswith(f"Error: {MESSAGE}"), result.stderr.count("\n")) == (1, True, 1)
