"""Examples in docstrings do what they show."""

import doctest
import importlib
import inspect
import pkgutil

import pytest

import spectradb
import spectradb.schemas
import spectradb.udfs

PACKAGES = (spectradb, spectradb.schemas, spectradb.udfs)
NAMES = sorted(
    {package.__name__ for package in PACKAGES}
    | {found.name for package in PACKAGES for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")}
)


def _has_example(name):
    return ">>>" in inspect.getsource(importlib.import_module(name))


@pytest.mark.parametrize("name", [name for name in NAMES if _has_example(name)])
def test_docstring_examples(name):
    results = doctest.testmod(importlib.import_module(name))
    assert results.attempted > 0
    assert results.failed == 0


def test_modules_of_all_packages_were_found():
    assert {"spectradb.facade.lab", "spectradb.cli.main", "spectradb.udfs.registry", "spectradb.schemas"} <= set(NAMES)
