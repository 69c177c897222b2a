"""What every SQL file owes its reader: a header, and a test that states its literal result."""

import ast
import re
from functools import cache
from pathlib import Path

import duckdb
import pytest

from spectradb import schemas
from spectradb.errors import BadParameter

FILES = schemas.names(".")
TESTS = Path(__file__).parents[1]
# The tables' declarations are stated column by column in test_tables.py, which fails for a missing one itself; the queries that
# the demonstration shows run on a simulation, in tests/demo.
STATED_ELSEWHERE = {*schemas.tables().values(), *schemas.names("demo")}
OWED = sorted({name.removeprefix("./") for name in FILES} - STATED_ELSEWHERE)


def header(text):
    lines = text.splitlines()
    end = next((i for i, line in enumerate(lines) if not line.startswith("--")), len(lines))
    return "\n".join(lines[:end])


@pytest.mark.parametrize("name", FILES)
def test_header_states_inputs_parameters_and_columns(name):
    text = header(schemas.read(name))
    missing = [word for word in ("Inputs:", "Parameters:", "Columns:") if word not in text]
    assert missing == [], f"{name}.sql must open with a comment that states {missing}"


def test_header_ends_at_the_first_line_that_is_no_comment():
    assert header("-- a\n-- b\nSELECT 1;\n-- Inputs:\n") == "-- a\n-- b"
    assert header("SELECT 1;") == ""


@cache
def covering_tests():
    """Tests by the SQL file that their mark ``covers`` names, with the texts they mention and whether they compare anything."""
    found = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.FunctionDef) and node.name.startswith("test_")):
                continue
            marks = [mark for mark in node.decorator_list if is_covers(mark)]
            others = [mark for mark in node.decorator_list if not is_covers(mark)]
            inside = [part for statement in [*node.body, *others] for part in ast.walk(statement)]
            mentioned = " ".join(
                part.value for part in inside if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )
            compares = any(isinstance(part, ast.Assert) and isinstance(part.test, ast.Compare) for part in inside)
            for name in (ast.literal_eval(argument) for mark in marks for argument in mark.args):
                found.setdefault(name, []).append((f"{path.name}::{node.name}", mentioned, compares))
    return found


def is_covers(mark):
    return isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.covers"


@pytest.mark.parametrize("name", OWED)
def test_a_test_states_the_literal_result_of_each_file(name):
    tests = covering_tests().get(name, [])
    assert tests != [], f"no test is marked @pytest.mark.covers({name!r}): write one that states the rows {name}.sql gives"
    created = re.compile(rf"\b{name.rpartition('/')[2].removesuffix('.fill')}\b")
    idle = [test for test, mentioned, compares in tests if not (compares and created.search(mentioned))]
    assert idle == [], f"marked for {name}, but without naming it and comparing its rows"


def test_every_mark_names_a_file_that_exists():
    assert sorted(set(covering_tests()) - set(OWED)) == []


# Where DuckDB takes no parameter: the first words of statements that may have slots.
SLOTTED = ("ATTACH", "COPY", "SET", "CREATE", "ALTER", "COMMENT", "DROP", "INSERT INTO {table_name}")
# What users write for --select names their file by a slot, and so do the SELECTs that come with the package.
TEMPLATES = "./selects/"


def slotted_statements():
    for name in FILES:
        statements = (statement.strip() for statement in schemas.statements_only(name).split(";"))
        yield from ((name, statement) for statement in statements if re.search(r"\{[a-z_]+\}", statement))


def test_only_statements_without_parameters_have_slots():
    found = [(name, statement) for name, statement in slotted_statements() if not name.startswith(TEMPLATES)]
    assert {name.removeprefix("./") for name, _ in found} == {
        "publish/add_embedding_column",
        "publish/attach_previous",
        "publish/begin",
        "publish/continue",
        "publish/change/drop_embedding_column",
        "publish/change/fill_embedding_column",
        "publish/copy",
        "publish/default_view",
        "publish/drop",
        "publish/embedded_view",
        "publish/objects/drop_macro",
        "publish/objects/drop_table_macro",
        "publish/objects/drop_view",
        "queries/lab/export",
        "queries/lab/export_tsv",
        "queries/lab/open_lab",
        "queries/lab/use_threads",
        "queries/serving/lock",
    }
    assert [(name, statement) for name, statement in found if not statement.startswith(SLOTTED)] == []


def test_lines_are_short():
    """The linter of the checks says more; the SELECTs that users copy are left as imports have recorded them."""
    lines = [(name, line) for name in FILES if not name.startswith(TEMPLATES) for line in schemas.read(name).splitlines()]
    assert len(lines) > 1000
    assert [(name, line) for name, line in lines if len(line) > 120] == []


def test_a_path_is_quoted_and_an_identifier_checked(tmp_path):
    lab = tmp_path / "it's.duckdb"
    duckdb.connect(str(lab)).close()
    con = duckdb.connect()
    con.execute(schemas.fill("queries/lab/open_lab", path=lab))
    assert con.execute("SELECT current_database()").fetchall() == [("lab",)]
    with pytest.raises(BadParameter, match="table"):
        schemas.fill("queries/lab/export", table="it's", path=lab)
