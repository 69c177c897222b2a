"""README.md is true: its examples do what it shows, and its reference is what the program has."""

import itertools
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import readme_blocks
import reference

from spectradb import schemas
from spectradb.cli import main
from spectradb.cli.main import VERBS
from spectradb.facade.lab import connect
from spectradb.ingest.readers.formats import READERS
from spectradb.ingest.reasons import REASONS
from spectradb.udfs.registry import FUNCTIONS, embed_functions

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = readme_blocks.find(TEXT)
SHELL_BLOCKS = re.findall(r"^```sh\n(.*?)\n```$", TEXT, re.MULTILINE | re.DOTALL)
FUNCTION_NAMES = [function.name for function in (*FUNCTIONS, *embed_functions())]
RENEW = "run `python tests/reference.py --write`"


@pytest.fixture(scope="module")
def folder(demo_directory, tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(demo_directory, folder / "spectradb-demo")
    return folder


@pytest.fixture(scope="module")
def outputs(folder):
    """What each example prints, all run in the order of the page; an error instead where one failed."""
    runner = readme_blocks.Runner(folder)
    printed = []
    for example in EXAMPLES:
        try:
            printed.append(runner.run(example))
        except Exception as error:  # noqa: BLE001 - the test of that example reports it
            printed.append(error)
    runner.close()
    return printed


@pytest.mark.parametrize("i", range(len(EXAMPLES)), ids=map(str, EXAMPLES))
def test_example_prints_what_the_page_shows(outputs, i):
    if isinstance(outputs[i], Exception):
        raise outputs[i]
    assert readme_blocks.matches(EXAMPLES[i], outputs[i]), f"{RENEW}; it prints\n{outputs[i]}"


def test_examples_of_every_kind_were_found():
    assert {example.kind for example in EXAMPLES} == {"sql", "python", "console"}
    shown = [example for example in EXAMPLES if example.kind == "sql" and example.want]
    assert len(shown) >= len(FUNCTION_NAMES) + len(schemas.names("macros"))


def test_no_block_is_passed_over():
    kinds = re.findall(r"^```(\w*)$", TEXT, re.MULTILINE)[::1]
    assert set(kinds) <= {"", "sql", "text", "python", "console", "sh"}
    texts_behind_code = sum(example.want is not None for example in EXAMPLES if example.kind != "console")
    assert kinds.count("text") == texts_behind_code


def test_sql_runs_in_the_plain_shell_too(folder, outputs):
    plain = [e for e in EXAMPLES if e.kind == "sql" and not re.search(rf"\b({'|'.join(FUNCTION_NAMES)})\(", e.code)]
    assert len(plain) > 10
    done = subprocess.run(
        [Path(sys.executable).with_name("duckdb"), "-readonly", "-bail", "lab/lab.duckdb"],
        input="\n".join(example.code for example in plain),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder / "spectradb-demo",
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_generated_parts_are_current(demo_directory):
    with connect(demo_directory / "lab") as lab:
        renewed = reference.with_sections(TEXT, lab.connection())
    assert _without_outputs(renewed).splitlines() == _without_outputs(TEXT).splitlines(), RENEW


def _without_outputs(text):
    return re.sub(r"^```text\n.*?^```$", "```text\n```", text, flags=re.MULTILINE | re.DOTALL)


def test_every_part_is_documented(demo_directory):
    with connect(demo_directory / "lab") as lab:
        con = lab.connection()
        relations = con.sql(
            "SELECT table_name FROM information_schema.tables WHERE table_catalog = 'lab' AND table_schema = 'main'"
        ).fetchall()
        undescribed = [(name, column) for (name,) in relations for column, _, text in reference.columns(con, name) if not text]
    headings = set(re.findall(r"^#### `(?:spectradb )?([\w-]+)", TEXT, re.MULTILINE))
    macros = {name.rpartition("/")[2] for name in schemas.names("macros")}
    assert {name for (name,) in relations} | set(VERBS) | macros | set(FUNCTION_NAMES) <= headings
    assert {reason for reason in REASONS if f"| `{reason}` |" not in TEXT} == set()
    assert {name for name in READERS if f"| {name} |" not in TEXT} == set()
    assert undescribed == []


def test_links_within_the_repository_lead_somewhere():
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)]+)\)", prose)
    anchors = {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }
    broken = [
        target
        for target in targets
        if not target.startswith("https://")
        and not (target[1:] in anchors if target.startswith("#") else (ROOT / target).exists())
    ]
    assert targets
    assert broken == []


def test_every_example_file_is_mentioned():
    files = {path.name for path in (ROOT / "examples").iterdir() if path.is_file()}
    assert {name for name in files if f"(examples/{name})" not in TEXT} == set()


def test_continuous_integration_runs_the_commands_of_the_page():
    commands = [command for command in SHELL_BLOCKS if not re.search("s3://|--ray", command)]
    assert commands == [
        "pip install . && spectradb demo",
        "cd spectradb-demo && duckdb -readonly lab/lab.duckdb",
        "pip install -e '.[test]' && python -m pytest",
    ]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    steps = itertools.chain.from_iterable(command.split(" && ") for command in (commands[0], commands[2]))
    assert [step for step in steps if step not in script and step != "pip install ."] == []


def test_examples_on_other_machines_are_commands_that_there_are(tmp_path, monkeypatch):
    # What they do is tested in tests/store and tests/distributed, where there are machines.
    (tmp_path / "lab").mkdir()
    monkeypatch.chdir(tmp_path)
    lines = "\n".join(block for block in SHELL_BLOCKS if "--ray" in block).splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    assert {name for name, *_ in words} == {"spectradb"}
    given = {verb: main.get_command(None, verb).make_context(verb, list(rest)).params for _, verb, *rest in words}
    assert given["embed"]["ray"] == given["identify"]["ray"] == "192.0.2.1:6379"


def test_renewing_changes_only_what_is_shown(tmp_path):
    page = "a\n```sql\nSELECT 1 AS one;\n```\n\n```text\nold\n```\nb\n"
    (example,) = readme_blocks.find(page)
    assert (example.kind, example.code, example.line, example.want) == ("sql", "SELECT 1 AS one;\n", 2, "old\n")
    assert page[example.start : example.end] == "old\n"


def test_commands_of_a_console_block_are_found_with_their_outputs():
    page = "```console\n$ spectradb info \\\n    x\none\n...\n$ spectradb init y\n```\n"
    first, second = readme_blocks.find(page)
    assert (first.code, first.want) == ("spectradb info \\\n    x\n", "one\n...\n")
    assert (second.code, second.want) == ("spectradb init y\n", "")
    assert readme_blocks.matches(first, "one\nwhatever\n")
    assert not readme_blocks.matches(first, "two\nwhatever\n")
    assert not readme_blocks.matches(second, "something\n")
