"""Damaged and hostile models are taken or refused; those that are tried in a process of their own, ``fuzz_models.py`` tries."""

import pytest
from fuzz_models import check


@pytest.mark.parametrize("name", ["a.safetensors", "a.ckpt"])
def test_mutants_of_models_are_taken_or_refused(tmp_path, name):
    counts, faults = check(tmp_path, name, 40, "suite")
    assert faults == []
    assert counts.total() == 40
    assert counts["BadModel"] > 0
