"""The pages of documentation are true: their examples do what they show, and their reference is what the program has."""

import importlib.util
import itertools
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import page_examples
import pytest
import reference
from page_parts import with_parts

from spectradb import schemas
from spectradb.cli import main
from spectradb.cli.main import VERBS
from spectradb.facade.lab import connect
from spectradb.ingest.fields.drop_reasons import REASONS
from spectradb.ingest.readers.formats import READERS
from spectradb.udfs.registry import FUNCTIONS, embed_functions

ROOT = Path(__file__).parents[1]
TEXTS = {page: (ROOT / page).read_text(encoding="utf-8") for page in reference.PAGES}
EXAMPLES = [(page, example) for page, text in TEXTS.items() for example in page_examples.find(text)]
SHELL_BLOCKS = [
    block for text in TEXTS.values() for block in re.findall(r"^```sh\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
]
FUNCTION_NAMES = [function.name for function in (*FUNCTIONS, *embed_functions())]
MACROS = {name.rpartition("/")[2] for name in schemas.names("macros") if "/deprecated/" not in name}
RENEW = "run `python tests/reference.py --write`"
LINES_OF_README = 220


@pytest.fixture(scope="module")
def folder(demo_directory, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(demo_directory, folder / "spectradb-demo")
    return folder


class Outputs:
    """What each example prints, run page by page in their order as far as somebody asks; an error instead where one failed."""

    def __init__(self, folder):
        self.folder = folder
        self.pages = iter(TEXTS)
        self.printed = []

    def __getitem__(self, i):
        while len(self.printed) <= i:
            self._run(next(self.pages))
        return self.printed[i]

    def _run(self, page):
        runner = page_examples.Runner(self.folder)
        for _, example in (one for one in EXAMPLES if one[0] == page):
            try:
                self.printed.append(runner.run(example))
            except Exception as error:  # noqa: BLE001 - the test of that example reports it
                self.printed.append(error)
        runner.close()


@pytest.fixture(scope="module")
def outputs(folder):
    return Outputs(folder)


def _examples():
    for i, (page, example) in enumerate(EXAMPLES):
        marks = [] if page == "README.md" else [pytest.mark.long]
        yield pytest.param(i, id=f"{page}, {example}", marks=marks)


@pytest.mark.parametrize("i", _examples())
def test_example_prints_what_the_page_shows(outputs, i):
    printed = outputs[i]
    if isinstance(printed, Exception):
        raise printed
    assert page_examples.matches(EXAMPLES[i][1], printed), f"{RENEW}; it prints\n{printed}"


def test_examples_of_every_kind_were_found():
    assert {example.kind for _, example in EXAMPLES} == {"sql", "python", "console"}
    shown = [example for _, example in EXAMPLES if example.kind == "sql" and example.want]
    assert len(shown) >= len(FUNCTION_NAMES) + len(MACROS)


def test_no_block_is_passed_over():
    for page, text in TEXTS.items():
        kinds = re.findall(r"^```(\w*)$", text, re.MULTILINE)
        assert set(kinds) <= {"", "sql", "text", "python", "console", "sh"}, page
        of_page = [example for there, example in EXAMPLES if there == page]
        assert kinds.count("text") == sum(example.want is not None for example in of_page if example.kind != "console"), page


@pytest.mark.long
def test_sql_runs_in_the_plain_shell_too(folder, outputs):
    assert outputs[len(EXAMPLES) - 1] is not None
    plain = [e for _, e in EXAMPLES if e.kind == "sql" and not re.search(rf"\b({'|'.join(FUNCTION_NAMES)})\(", e.code)]
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
        parts = reference.sections(lab.connection())
    for page, text in TEXTS.items():
        renewed = with_parts(text, parts, page)
        assert _without_outputs(renewed).splitlines() == _without_outputs(text).splitlines(), f"{page}: {RENEW}"
    generated = [name for text in TEXTS.values() for name in re.findall(r"^<!-- generated: (.*) -->$", text, re.MULTILINE)]
    assert sorted(generated) == sorted(parts)


def _without_outputs(text):
    return re.sub(r"^```text\n.*?^```$", "```text\n```", text, flags=re.MULTILINE | re.DOTALL)


def test_every_part_is_documented(demo_directory):
    with connect(demo_directory / "lab") as lab:
        con = lab.connection()
        relations = con.sql(
            "SELECT table_name FROM information_schema.tables WHERE table_catalog = 'lab' AND table_schema = 'main'"
        ).fetchall()
        undescribed = [(name, column) for (name,) in relations for column, _, text in reference.columns(con, name) if not text]
    whole = "\n".join(TEXTS.values())
    headings = set(re.findall(r"^## `(?:spectradb )?([\w-]+)", whole, re.MULTILINE))
    assert {name for (name,) in relations} | set(VERBS) | MACROS | set(FUNCTION_NAMES) <= headings
    assert {reason for reason in REASONS if f"| `{reason}` |" not in whole} == set()
    assert {name for name in READERS if f"| {name} |" not in whole} == set()
    assert undescribed == []


def test_every_page_is_listed_and_found_from_the_first():
    folders = ("spectradb", "udfs", "schemas", "examples", "tests")
    there = {"README.md", *(str(p.relative_to(ROOT)) for top in folders for p in (ROOT / top).rglob("README.md"))}
    assert there == set(reference.PAGES)
    assert {page for page in reference.PAGES[1:] if f"]({page})" not in TEXTS["README.md"]} == set()


def test_the_first_page_is_a_page():
    assert TEXTS["README.md"].count("\n") <= LINES_OF_README


def _anchors(text):
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


def test_links_within_the_repository_lead_somewhere():
    broken, n_links = [], 0
    for page, text in TEXTS.items():
        prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)]+)\)", prose):
            if target.startswith("https://"):
                continue
            n_links += 1
            file, _, anchor = target.partition("#")
            path = (ROOT / page).parent / file if file else ROOT / page
            if not path.exists() or (anchor and anchor not in _anchors(path.read_text(encoding="utf-8"))):
                broken.append((page, target))
    assert n_links
    assert broken == []


def test_every_example_file_is_mentioned():
    files = {path.name for path in (ROOT / "examples").iterdir() if path.is_file()} - {"README.md"}
    assert {name for name in files if f"({name})" not in TEXTS["examples/README.md"]} == set()


def test_modules_and_scripts_that_pages_name_are_there():
    whole = "\n".join(TEXTS.values())
    modules = set(re.findall(r"python -m (spectradb[\w.]+)", whole))
    scripts = set(re.findall(r"python (tests/[\w/]+\.py)", whole))
    assert modules
    assert scripts
    assert {name for name in modules if importlib.util.find_spec(name) is None} == set()
    assert {name for name in scripts if not (ROOT / name).is_file()} == set()


def test_no_measured_figure_is_typed_by_hand():
    typed = {}
    for page, text in TEXTS.items():
        prose = re.sub(r"^<!-- generated: (.*) -->$.*?^<!-- end of \1 -->$", "", text, flags=re.MULTILINE | re.DOTALL)
        prose = re.sub(r"^```.*?^```$", "", prose, flags=re.MULTILINE | re.DOTALL)
        typed[page] = re.findall(r"\b\d[\d.,]* ?(?:[GM]B|spectra/s|a second|ms|s|minutes|seconds|times)\b", prose)
    assert {page: found for page, found in typed.items() if found} == {}


def test_every_folder_of_sql_is_described():
    folders = {path.name for path in (ROOT / "schemas").iterdir() if path.is_dir() and not path.name.startswith("_")}
    described = re.findall(r"^\| \[?(\w+)\]?", TEXTS["schemas/README.md"], re.MULTILINE)
    assert folders == set(described) - {"folder"}


def test_continuous_integration_runs_the_commands_of_the_page():
    blocks = re.findall(r"^```sh\n(.*?)\n```$", TEXTS["README.md"], re.MULTILINE | re.DOTALL)
    assert blocks == [
        "pip install . && spectradb demo",
        "pip install -e '.[test]' && python -m pytest",
    ]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    steps = itertools.chain.from_iterable(command.split(" && ") for command in blocks)
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
    (example,) = page_examples.find(page)
    assert (example.kind, example.code, example.line, example.want) == ("sql", "SELECT 1 AS one;\n", 2, "old\n")
    assert page[example.start : example.end] == "old\n"


def test_commands_of_a_console_block_are_found_with_their_outputs():
    page = "```console\n$ spectradb info \\\n    x\none\n...\n$ spectradb init y\n```\n"
    first, second = page_examples.find(page)
    assert (first.code, first.want) == ("spectradb info \\\n    x\n", "one\n...\n")
    assert (second.code, second.want) == ("spectradb init y\n", "")
    assert page_examples.matches(first, "one\nwhatever\n")
    assert not page_examples.matches(first, "two\nwhatever\n")
    assert not page_examples.matches(second, "something\n")
