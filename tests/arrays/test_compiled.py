"""Kernels that are compiled when they are first called."""

import os
import subprocess
import sys

import numpy as np
import pytest

from spectradb.similarity.matching import greedy, peak_weights

KERNELS = """
from spectradb.arrays.compiled import compiled

SCALE = 3.0

@compiled()
def total(values):
    result = 0.0
    for value in values:
        result += scaled(value)
    return result

@compiled()
def scaled(value):
    return SCALE * value
"""


@pytest.fixture
def kernels(tmp_path):
    """A module with two kernels, the first of which calls the second."""
    (tmp_path / "kernels_of_test.py").write_text(KERNELS)
    return tmp_path


def run(folder, code, **environment):
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); {code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | environment)
    return done.stdout.splitlines()


def test_kernels_that_call_each_other_are_compiled_with_the_first_call_and_kept(kernels):
    call = "import numpy; from kernels_of_test import total; before = 'numba' in sys.modules; "
    call += "print(before, total(numpy.array([1.0, 2.0]))); d = total.dispatcher; "
    call += "print(sum(d.stats.cache_hits.values()), sum(d.stats.cache_misses.values()))"
    assert run(kernels, call) == ["False 9.0", "0 1"]
    assert run(kernels, call) == ["False 9.0", "1 0"]


def test_kernels_work_where_nothing_can_be_kept(kernels):
    code = "import numba, numpy; numba.core.caching.CacheImpl._locator_classes = []; "
    code += "from kernels_of_test import total; print(total(numpy.array([1.0])))"
    assert run(kernels, code) == ["3.0"]


def test_a_kernel_looks_like_its_function():
    assert greedy.__name__ == "greedy"
    assert peak_weights.__doc__
    assert np.isfinite(peak_weights(np.array([100.0]), np.array([4.0]), 0.0, 0.5)).all()
