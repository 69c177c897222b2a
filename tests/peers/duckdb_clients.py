"""Which DuckDB clients read a published lab, by one command: `python tests/peers/duckdb_clients.py [--record] [VERSION ...]`.

Each client is a `duckdb` package in an environment of its own, made below --environments (by default in a folder that is
removed again). The demo lab is published by this tree, and each client opens the file read-only and is asked: every table and
every view, whole; every example of the page of macros, so every macro; identify, similarity_join and top_k_accuracy with all
their rows; all comments. Its answers are compared with those of the version named first, numbers to five digits (engines add
single precision in orders of their own). `--record` writes the table down for the README beside this file.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "speed")]

import duckdb
import page_examples
from figures import record
from page_parts import markdown_table
from reference import PAGES

from spectradb.demo.run import run_demo
from spectradb.udfs.registry import FUNCTIONS, embed_functions

ROOT = Path(__file__).parents[2]
KINDS = ("table", "view", "macro", "whole", "comment")
COLUMNS = ("duckdb", "tables", "views", "examples of macros", "identify, similarity_join, top_k_accuracy", "comments")
NOTES = ["How many answers are those of the first version, row by row."]
COMMAND = "python tests/peers/duckdb_clients.py --record"
#: The first one is what the others are compared with: the one that published the file.
VERSIONS = ("1.5.6", "2.0.1", "1.4.5", "1.3.2", "1.2.2", "1.1.3")
#: The page of macros, whose examples ask what the examples of the pages before it made.
MACROS = "schemas/macros/README.md"

_OBJECTS = """
    SELECT
        kind || ' ' || CASE WHEN schema_name = 'vectors' THEN 'of vectors ' ELSE '' END || name,
        'FROM ' || schema_name || '.' || name
    FROM (
        SELECT 'table' AS kind, schema_name, table_name AS name FROM duckdb_tables() WHERE NOT internal
        UNION ALL
        SELECT 'view', schema_name, view_name FROM duckdb_views() WHERE NOT internal AND schema_name IN ('main', 'vectors')
    )
    ORDER BY ALL
"""
_OWN = "NOT internal AND schema_name IN ('main', 'vectors')"
_NAMED = {
    "whole identify": "FROM identify('simulated_study', 'simulated_library', ppm := 10, k := 3)",
    "whole similarity_join": (
        "FROM similarity_join('vectors.simulated_study__default', 'vectors.simulated_library__default', ppm := 10.0, k := 5)"
    ),
    "whole top_k_accuracy": "FROM top_k_accuracy('itself', at_k := 1) UNION ALL FROM top_k_accuracy('itself', at_k := 3)",
    "comment on tables": "SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal",
    "comment on views": f"SELECT view_name, comment FROM duckdb_views() WHERE {_OWN}",
    "comment on columns": f"SELECT table_name, column_name, comment FROM duckdb_columns() WHERE {_OWN}",
    "comment on macros": (
        "SELECT function_name, function_type, comment FROM duckdb_functions() "
        "WHERE function_type LIKE '%macro%' AND NOT internal"
    ),
}


def run_page(page, folder):
    """Run the examples of a page in the directory that the demo is in: other pages ask what they make."""
    runner = page_examples.Runner(folder)
    for example in page_examples.find((ROOT / page).read_text(encoding="utf-8")):
        runner.run(example)
    runner.close()


def search_itself(lab):
    """Make the search of known truth that a page makes otherwise."""
    library = "simulated_library"
    asked = ["--study", library, "--library", library, "--leave-out", "contributor", "--name", "itself"]
    command = [sys.executable, "-c", "from spectradb.cli import main; main()", "identify", lab, *asked]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def probes_of(published, *, examples=True):
    """Name and spell what the clients are asked of the published demo lab, also tables and examples, or not."""
    with duckdb.connect(published, read_only=True) as con:
        probes = dict(con.execute(_OBJECTS).fetchall())
    if examples:
        return probes | dict(macro_examples()) | _NAMED
    # Tables and vectors are long, and what the others read.
    views = {name: probe for name, probe in probes.items() if name.startswith("view ") and "of vectors" not in name}
    return views | _NAMED


def macro_examples():
    """Take the examples of the page of macros that need no function of Python's, each with the macro that it is of."""
    text = (ROOT / MACROS).read_text(encoding="utf-8")
    of_python = re.compile(rf"\b({'|'.join(function.name for function in (*FUNCTIONS, *embed_functions()))})\(")
    for number, example in enumerate(page_examples.find(text)):
        if example.kind == "sql" and not of_python.search(example.code):
            macro = re.findall(r"^## `(\w+)", text[: example.start], re.MULTILINE)[-1]
            yield f"macro {macro} ({number})", example.code


def environment(version, folder):
    """Make the environment of a client where it is missing; return its Python."""
    python = folder / version / "bin" / "python"
    if not (folder / version / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", folder / version], check=True)
        quiet = ["-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check", f"duckdb=={version}"]
        subprocess.run([python, *quiet], check=True)
        (folder / version / "ready").touch()
    return python


def ask(python, published, probes, folder):
    """Return the answers of a client by the names of the probes; where it cannot open the file, why."""
    asked = folder / "probes.json"
    asked.write_text(json.dumps(probes))
    probe = Path(__file__).with_name("duckdb_probe.py")
    done = subprocess.run(
        [python, probe, published, asked], capture_output=True, text=True, check=False, cwd=published.parents[1]
    )
    if done.returncode:
        return {"open": f"error: ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}"}
    return json.loads(done.stdout)


def verdicts(answers):
    """Count for each client and kind of probe how many answers are those of the first client, and list the others."""
    expected = next(iter(answers.values()))
    rows, others = [], {}
    for version, got in answers.items():
        if isinstance(got["open"], str):
            rows.append([version, *["refused"] * len(KINDS)])
            others[version] = {"open": got["open"]}
            continue
        others[version] = {name: got[name] for name in expected if not is_same(got[name], expected[name])}
        row = [version]
        for kind in KINDS:
            names = [name for name in expected if name.startswith(f"{kind} ")]
            n_same = sum(name not in others[version] for name in names)
            row.append("not asked" if not names else "all" if n_same == len(names) else f"{n_same} of {len(names)}")
        rows.append(row)
    return rows, others


def is_same(one, other):
    """Compare two answers: the same rows, in any order, whose numbers agree to five digits."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_close, sorted(one, key=_exact_first), sorted(other, key=_exact_first)))
    return one == other


def _exact_first(row):
    return json.dumps([cell for cell in row if not isinstance(cell, float)]), json.dumps(row)


def _is_close(one, other):
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-5, abs_tol=2e-6)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_close, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_is_close(one[key], other[key]) for key in one)
    return one == other


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("versions", nargs="*", default=VERSIONS, help="of the package duckdb")
    parser.add_argument("--environments", type=Path, help="where their environments are, and are made")
    parser.add_argument("--demo", type=Path, help="where `spectradb demo` and the examples of pages have been run")
    parser.add_argument(
        "--short", action="store_true", help="views, named macros and comments only; an answer that differs ends in an error"
    )
    parser.add_argument("--record", action="store_true", help="write the table to tests/speed/figures.json")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        demo = arguments.demo or work / "spectradb-demo"
        if arguments.demo is None:
            run_demo(demo, tell=lambda line: None)
            if arguments.short:
                search_itself(demo / "lab")
            for page in () if arguments.short else PAGES[: PAGES.index(MACROS)]:
                run_page(page, demo.parent)
        published = (demo / "lab" / "lab.duckdb").resolve()
        probes = probes_of(published, examples=not arguments.short)
        folder = (arguments.environments or work / "environments").resolve()
        answers = {}
        for version in arguments.versions:
            answers[version] = ask(environment(version, folder), published, probes, work)
            print(f"{version}: asked", file=sys.stderr)
    failed = [name for name, got in answers[arguments.versions[0]].items() if isinstance(got, str)]
    if failed:
        sys.exit(f"{arguments.versions[0]} itself does not answer: {', '.join(failed)}")
    rows, others = verdicts(answers)
    print(f"{len(probes)} probes\n{markdown_table(COLUMNS, rows)}")
    for version, names in others.items():
        for name, got in names.items():
            print(f"{version}, {name}: {got if isinstance(got, str) else 'other rows'}")
    if arguments.short and any(others.values()):
        sys.exit("these clients do not answer as the first one does")
    if arguments.record:
        title = f"{len(probes)} questions to the published demo lab, by the version of DuckDB that asks"
        record("clients", topic="clients", title=title, columns=COLUMNS, rows=rows, notes=NOTES, command=COMMAND)


if __name__ == "__main__":
    main()
