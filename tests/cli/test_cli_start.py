"""The command starts at once: what a verb does not need is not imported for it."""

import json
import subprocess
import sys

import click
import pytest

from spectradb.cli import main
from spectradb.cli.main import VERBS

HEAVY = {
    "duckdb",
    "lance",
    "lancedb",
    "lxml",
    "matchms",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "pyteomics",
    "rdkit",
    "scipy",
    "sklearn",
    "torch",
    "umap",
}
#: What a question to a lab that was opened before waits for.
FOR_ASKING = {"duckdb"}


def imported_by(*arguments):
    """Which modules a process of the command has imported at its end."""
    code = f"""
import json, sys
from spectradb.cli import main
main({[str(argument) for argument in arguments]!r}, standalone_mode=False)
print(json.dumps(list(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_list_of_verbs_needs_nothing_but_click():
    imported = imported_by("--help")
    assert "click" in imported
    assert imported & HEAVY == set()


def test_a_question_needs_the_database_alone(tiny_lab):
    imported_by("sql", tiny_lab.path, "SELECT 1")  # which checks the lab
    assert imported_by("sql", tiny_lab.path, "SELECT name FROM libraries") & HEAVY == FOR_ASKING


def test_a_question_that_calls_a_function_loads_what_the_function_needs(tiny_lab):
    imported_by("sql", tiny_lab.path, "SELECT 1")
    imported = imported_by("sql", tiny_lab.path, "SELECT Adduct_MZ(100.0, '[M+H]+')")
    assert {"rdkit", "pyarrow"} <= imported
    assert imported & {"lance", "lxml", "matplotlib", "matchms", "sklearn", "torch", "umap"} == set()


def test_the_list_of_models_loads_none(tiny_lab):
    imported_by("sql", tiny_lab.path, "SELECT 1")
    imported = imported_by("model", "list", tiny_lab.path)
    assert imported & HEAVY <= FOR_ASKING | {"numpy"}


def test_the_program_does_without_pandas_unless_asked(tiny_lab):
    code = f"""
import sys
from spectradb.cli.program import program
sys.argv = ["spectradb", "publish", {str(tiny_lab.path)!r}]
try:
    program()
except SystemExit as ended:
    print(ended.code)
import pyarrow
table = pyarrow.table({{"a": [1.5, 2.5]}})
print("lance" in sys.modules, "pandas" in sys.modules)
print(table.to_pandas()["a"].sum(), "pandas" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-3:] == ["0", "True False", "4.0 True"]


@pytest.mark.parametrize("name", VERBS)
def test_summary_is_how_the_help_begins(name):
    command = main.get_command(click.Context(main), name)
    assert command.name == name
    assert command.help.startswith(VERBS[name].summary)
    assert command in sys.modules[f"spectradb.cli.verbs.{VERBS[name].module}"].COMMANDS


def test_every_verb_of_a_module_is_listed():
    modules = {verb.module for verb in VERBS.values()}
    made = {command.name for module in modules for command in sys.modules[f"spectradb.cli.verbs.{module}"].COMMANDS}
    assert made == set(VERBS)
