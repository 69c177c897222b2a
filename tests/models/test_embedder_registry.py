"""Embedders by name, and what every one of them promises."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from spectradb.arrays.half_precision import unit_rows
from spectradb.embedders.embedder import EMBEDDER_NAME, fingerprint
from spectradb.errors import NoModel
from spectradb.models.registry import FACTORIES, embedder, embedder_names


def test_names():
    assert "binned" in embedder_names()
    assert embedder_names() == sorted(FACTORIES)


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(NoModel, match=r"no embedder is named 'dreams2'; known are: .*binned.*Pass one of these"):
        embedder("dreams2")


@pytest.mark.parametrize("name", embedder_names())
def test_every_embedder_says_what_it_is(name):
    found = embedder(name)
    assert found.name == name
    assert EMBEDDER_NAME.fullmatch(found.name)
    assert found.dimension > 0
    assert found.kind.isidentifier()
    assert json.loads(json.dumps(found.preprocessing, allow_nan=False)) == found.preprocessing
    assert found.fingerprint == embedder(name).fingerprint


def test_a_factory_added_to_the_dict_is_found(monkeypatch):
    made = object()
    monkeypatch.setitem(FACTORIES, "another", lambda: made)
    assert embedder("another") is made
    assert embedder_names()[0] == "another"


def test_the_registry_and_the_cpu_path_do_not_import_torch():
    program = """
import sys
import numpy as np
from spectradb.arrays.peak_batch import PeakBatch
from spectradb.models.registry import embedder
one = PeakBatch(offsets=np.array([0, 1]), mz=np.array([90.0]), intensity=np.ones(1, np.float32),
                precursor_mz=np.array([100.0]), ion_mode=np.zeros(1, np.int8))
assert embedder("binned").embed(one).any()
print(sorted({"torch", "duckdb", "lance"} & set(sys.modules)))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_fingerprint_follows_kind_settings_and_weights_but_not_the_order_of_settings():
    first = fingerprint(kind="hash", preprocessing={"a": 1, "b": 0.5})
    assert first == "3596db098052d44dd0e30de0ba0cdafe86e9e307eac27ccee7e5bae676460aa0"
    assert first == fingerprint(kind="hash", preprocessing={"b": 0.5, "a": 1})
    others = [
        fingerprint(kind="transformer", preprocessing={"a": 1, "b": 0.5}),
        fingerprint(kind="hash", preprocessing={"a": 1, "b": 0.25}),
        fingerprint(kind="hash", preprocessing={"a": 1, "b": 0.5}, weights=b"w"),
    ]
    assert len({first, *others}) == 4


def test_unit_rows():
    rows = unit_rows(np.array([[3.0, -4.0], [0.0, 0.0]]))
    np.testing.assert_array_equal(rows, np.array([[0.6, -0.8], [0.0, 0.0]], np.float32), strict=True)
