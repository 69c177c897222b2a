"""Examples in docstrings do what they show; what is private is told in one line, and why in comments."""

import ast
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


def _private_of_more_lines(source):
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    private = [node for node in nodes if node.name.startswith("_") and not node.name.startswith("__")]
    return [node.name for node in private if "\n" in (ast.get_docstring(node) or "")]


def test_what_is_private_has_one_line():
    found = {name: _private_of_more_lines(inspect.getsource(importlib.import_module(name))) for name in NAMES}
    assert {name: functions for name, functions in found.items() if functions} == {}
    assert _private_of_more_lines('def _f():\n    """One.\n\n    Two.\n    """\n') == ["_f"]
