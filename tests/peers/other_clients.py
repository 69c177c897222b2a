"""Which other programs read a published lab, by one command: `python tests/peers/other_clients.py [--record] [NAME ...]`.

Each client is installed from its registry (PyPI or npm) into a folder of its own below --environments (by default one that is
removed again), opens the demo's lab.duckdb, and answers the questions below; its rows are compared with DuckDB's own. Programs
that attach the file beside a database of theirs get the macros as `spectradb macros` writes them. `--record` writes the table
down for the README beside this file. Clients of npm need node.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "speed")]

import duckdb
from figures import record
from page_parts import markdown_table

from spectradb.demo.run import run_demo
from spectradb.workspace.attached_macros import attached_macros

QUESTIONS = {
    "a table": "SELECT collection, count(*) AS n, avg(precursor_mz) AS mz FROM {lab}spectra GROUP BY ALL ORDER BY ALL",
    "a view": "SELECT native_id, name, score FROM {lab}identifications ORDER BY ALL LIMIT 20",
    "identify": "SELECT count(*) AS n, sum(score) AS score FROM identify('simulated_study', 'simulated_library', k := 2)",
    "similarity_join": (
        "SELECT count(*) AS n, sum(score) AS score FROM similarity_join('{lab}vectors.simulated_study__default', "
        "'{lab}vectors.simulated_library__default', ppm := 10.0, k := 1)"
    ),
}
COLUMNS = ("client", "version", "how", *QUESTIONS)
TITLE = "Other programs that read the published demo lab"
NOTES = [
    "Rows compared with those of DuckDB 1.5.6.",
    "Not tried: R (`duckdb` of CRAN) and JDBC (`org.duckdb:duckdb_jdbc` of Maven).",
    "duckdb-wasm is that of the browser, run by node; 1.29 has DuckDB 1.1.1, whose `query_table` takes no table of a schema.",
]
COMMAND = "python tests/peers/other_clients.py --record"

_PYTHON = """
import json, sys
lab, asked = sys.argv[1], json.load(open(sys.argv[2]))
{open}
answers = []
for query in asked:
    try:
        answers.append([[str(value) for value in row] for row in {ask}])
    except Exception as error:
        answers.append(f"{{type(error).__name__}}: {{error}}"[:300])
print(json.dumps(answers))
"""
_NODE_API = """
import fs from 'fs'; import {DuckDBInstance} from '@duckdb/node-api';
const asked = JSON.parse(fs.readFileSync(process.argv[3]));
const con = await (await DuckDBInstance.create(process.argv[2], {access_mode: 'READ_ONLY'})).connect();
const answers = [];
for (const query of asked) {
  try { answers.push((await con.runAndReadAll(query)).getRows().map(row => row.map(String))); }
  catch (error) { answers.push(String(error).slice(0, 300)); }
}
console.log(JSON.stringify(answers));
"""
# The database of the browser, run by node with the same compiled file; it gets the lab as bytes, as by a drop on a page.
_WASM = """
const fs = require('fs'), path = require('path');
const duckdb = require('@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs');
const dist = path.dirname(require.resolve('@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs'));
const bundle = kind => ({mainModule: `${dist}/duckdb-${kind}.wasm`, mainWorker: `${dist}/duckdb-node-${kind}.worker.cjs`});
(async () => {
  const asked = JSON.parse(fs.readFileSync(process.argv[3]));
  const db = await duckdb.createDuckDB({mvp: bundle('mvp'), eh: bundle('eh')}, new duckdb.VoidLogger(), duckdb.NODE_RUNTIME);
  await db.instantiate(() => {});
  db.registerFileBuffer('lab.duckdb', new Uint8Array(fs.readFileSync(process.argv[2])));
  db.open({path: ':memory:'});
  const con = db.connect();
  con.query("ATTACH 'lab.duckdb' AS lab (READ_ONLY)"); con.query('USE lab');
  const answers = [];
  for (const query of asked) {
    try { answers.push(con.query(query).toArray().map(row => Object.values(row.toJSON()).map(String))); }
    catch (error) { answers.push(String(error).slice(0, 300)); }
  }
  console.log(JSON.stringify(answers));
  process.exit(0);
})();
"""
_DBT_PROFILE = """
lab:
  target: dev
  outputs:
    dev: {{type: duckdb, path: own.duckdb, threads: 1, attach: [{{path: '{lab}', alias: lab, read_only: true}}]}}
"""
_DBT_PROJECT = """
name: lab
version: '1.0'
profile: lab
flags: {send_anonymous_usage_stats: false}
models: {lab: {+pre-hook: "{{ macros_of_lab() }}", +materialized: table}}
"""


@dataclass(frozen=True)
class Client:
    """A program that reads a lab.

    Parameters
    ----------
    how : str
        How it opens the file.
    packages : tuple of str
        What is installed, the program itself first; those of npm begin with ``npm:``.
    program : str
        What asks the questions: code for Python or node, or "dbt".
    attached : bool
        Whether the lab is attached beside its own database.
    """

    how: str
    packages: tuple[str, ...]
    program: str
    attached: bool = field(default=False)


CLIENTS = {
    "polars": Client(
        "`duckdb.sql(...).pl()`",
        ("polars", "duckdb==1.5.6", "pyarrow"),
        _PYTHON.format(open="import duckdb; con = duckdb.connect(lab, read_only=True)", ask="con.sql(query).pl().rows()"),
    ),
    "ibis": Client(
        "`ibis.duckdb.connect(..., read_only=True)`",
        ("ibis-framework[duckdb]", "duckdb==1.5.6"),
        _PYTHON.format(open="import ibis; con = ibis.duckdb.connect(lab, read_only=True)", ask="con.raw_sql(query).fetchall()"),
    ),
    "SQLAlchemy": Client(
        "`create_engine('duckdb:///lab.duckdb', ...)`",
        ("duckdb-engine", "duckdb==1.5.6", "sqlalchemy<3"),
        _PYTHON.format(
            open=(
                "import sqlalchemy; con = sqlalchemy.create_engine(f'duckdb:///{lab}', "
                "connect_args={'read_only': True}).connect()"
            ),
            ask="con.exec_driver_sql(query).fetchall()",
        ),
    ),
    "jupysql": Client(
        "`%sql con`, a connection opened read-only",
        ("jupysql", "ipython", "duckdb==1.5.6"),
        _PYTHON.format(
            open=(
                "import duckdb; from IPython.core.interactiveshell import InteractiveShell; ip = InteractiveShell.instance()\n"
                "ip.run_line_magic('load_ext', 'sql'); ip.user_ns['con'] = duckdb.connect(lab, read_only=True)\n"
                "for said in ('displaycon = False', 'feedback = 0'): ip.run_line_magic('config', 'SqlMagic.' + said)\n"
                "ip.run_line_magic('sql', 'con')"
            ),
            ask="ip.run_cell_magic('sql', '', query)",
        ),
    ),
    "harlequin": Client(
        "`harlequin -r lab.duckdb`",
        ("harlequin", "duckdb==1.5.6"),
        _PYTHON.format(
            open="from harlequin_duckdb import DuckDbAdapter; con = DuckDbAdapter((lab,), read_only=True).connect()",
            ask="zip(*con.execute(query).fetchall().to_pydict().values())",
        ),
    ),
    "Perspective": Client(
        "`client.table(con.sql(...).to_arrow_table())`",
        ("perspective-python", "duckdb==1.5.6", "pyarrow"),
        _PYTHON.format(
            open=(
                "import duckdb, perspective; con = duckdb.connect(lab, read_only=True)\n"
                "client = perspective.Server().new_local_client()"
            ),
            ask="map(dict.values, client.table(con.sql(query).to_arrow_table()).view().to_records())",
        ),
    ),
    "SQLMesh": Client(
        "`catalogs:` of the connection, macros by `engine_adapter`",
        ("sqlmesh", "duckdb==1.5.6"),
        _PYTHON.format(
            open=(
                "from sqlmesh import Context; from sqlmesh.core.config import Config, GatewayConfig, ModelDefaultsConfig\n"
                "from sqlmesh.core.config.connection import DuckDBAttachOptions, DuckDBConnectionConfig\n"
                "attached = DuckDBAttachOptions(type='duckdb', path=lab, read_only=True)\n"
                "own = DuckDBConnectionConfig(catalogs={'own': 'own.duckdb', 'lab': attached})\n"
                "defaults = ModelDefaultsConfig(dialect='duckdb'); gateways = {'': GatewayConfig(connection=own)}\n"
                "config = Config(default_gateway='', gateways=gateways, model_defaults=defaults)\n"
                "con = Context(paths=['.'], config=config).engine_adapter.cursor\n"
                "con.execute(open('macros.sql').read())"
            ),
            ask="con.execute(query).fetchall()",
        ),
        attached=True,
    ),
    "dbt-duckdb": Client(
        "`attach:` in the profile, macros by a pre-hook",
        ("dbt-duckdb<1.11", "dbt-core<1.11", "duckdb==1.5.6"),
        "dbt",
        attached=True,
    ),
    "node-api": Client("`DuckDBInstance.create(path)`", ("npm:@duckdb/node-api",), _NODE_API),
    "duckdb-wasm": Client("`registerFileBuffer`, ATTACH, USE", ("npm:@duckdb/duckdb-wasm",), _WASM),
    "duckdb-wasm 1.29": Client("`registerFileBuffer`, ATTACH, USE", ("npm:@duckdb/duckdb-wasm@1.29.0",), _WASM),
}


def questions(client):
    """List the questions as a client asks them."""
    return [query.format(lab="lab." if client.attached else "") for query in QUESTIONS.values()]


def answers(name, client, lab, folder):
    """Install a client and let it answer; return its version and its answers, or what went wrong instead."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = folder / "asked.json"
    asked.write_text(json.dumps(questions(client)))
    if client.packages[0].startswith("npm:"):
        packages = [package.removeprefix("npm:") for package in client.packages]
        (folder / "package.json").write_text('{"private": true}')
        _run(["npm", "install", "--no-audit", "--no-fund", "--silent", *packages], folder)
        installed = packages[0].rpartition("@")[0] or packages[0]
        version = json.loads((folder / "node_modules" / installed / "package.json").read_text())["version"]
        script = folder / ("ask.mjs" if client.program is _NODE_API else "ask.cjs")
        script.write_text(client.program)
        return version, json.loads(_run(["node", script, lab, asked], folder).splitlines()[-1])
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *client.packages], folder)
    said = f"import importlib.metadata as m; print(m.version({re.match('[a-z-]+', client.packages[0])[0]!r}))"
    version = _run([python, "-c", said], folder).strip()
    if client.program == "dbt":
        return version, _dbt(python, client, lab, folder)
    (folder / "ask.py").write_text(client.program)
    if client.attached:
        (folder / "macros.sql").write_text(attached_macros("lab"))
    # The last line that is an answer: some programs say goodbye.
    said = [line for line in _run([python, "ask.py", lab, asked], folder).splitlines() if line.startswith("[")]
    return version, json.loads(said[-1])


def _dbt(python, client, lab, folder):
    """Make a model of each question, as a project would, and read the tables that come of it."""
    (folder / "profiles.yml").write_text(_DBT_PROFILE.format(lab=lab))
    (folder / "dbt_project.yml").write_text(_DBT_PROJECT)
    for place in ("models", "macros"):
        (folder / place).mkdir(exist_ok=True)
    of_lab = attached_macros("lab")
    (folder / "macros" / "macros_of_lab.sql").write_text(
        "{% macro macros_of_lab() %}{% raw %}" + of_lab + "{% endraw %}{% endmacro %}"
    )
    for number, query in enumerate(questions(client)):
        (folder / "models" / f"answer_{number}.sql").write_text(query)
    environment = {**os.environ, "DBT_PROFILES_DIR": str(folder)}
    done = subprocess.run(
        [python.with_name("dbt"), "run"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    found = []
    with duckdb.connect(str(folder / "own.duckdb"), read_only=True) as con:
        for number in range(len(QUESTIONS)):
            try:
                found.append([[str(value) for value in row] for row in con.execute(f"FROM answer_{number}").fetchall()])
            except duckdb.Error:
                found.append(done.stdout[-300:])
    return found


def _run(command, folder):
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False, timeout=900)
    if done.returncode:
        raise RuntimeError(f"{command[0]} {command[1]}: {(done.stderr or done.stdout)[-300:]}")
    return done.stdout


def same(found, expected):
    """Tell whether rows are the same, numbers to five digits."""
    if isinstance(found, str) or len(found) != len(expected):
        return False
    return all(_equal(a, b) for row, want in zip(found, expected, strict=True) for a, b in zip(row, want, strict=True))


def _equal(a, b):
    try:
        return math.isclose(float(a), float(b), rel_tol=1e-5)
    except ValueError:
        return a == b or {a, b} <= {"None", "null", "NULL"}


def main():
    """Ask every client and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clients", nargs="*", default=list(CLIENTS))
    parser.add_argument("--environments", type=Path)
    parser.add_argument("--record", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        run_demo(folder / "demo", tell=lambda line: None)
        lab = folder / "demo" / "lab" / "lab.duckdb"
        with duckdb.connect(str(lab), read_only=True) as con:
            expected = [[[str(v) for v in row] for row in con.execute(q.format(lab="")).fetchall()] for q in QUESTIONS.values()]
        rows = []
        for name in asked.clients:
            client = CLIENTS[name]
            place = (asked.environments or folder) / name.replace(" ", "_")
            try:
                version, found = answers(name, client, lab, place)
                verdicts = ["the same rows" if same(a, b) else "no" for a, b in zip(found, expected, strict=True)]
                for verdict, answer in zip(verdicts, found, strict=True):
                    if verdict == "no":
                        print(name, str(answer)[:400], file=sys.stderr)
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                print(name, error, file=sys.stderr)
                version, verdicts = "?", ["not asked"] * len(QUESTIONS)
            rows.append((name, version, client.how, *verdicts))
            print(*rows[-1], sep=" | ", flush=True)
    table = markdown_table(COLUMNS, rows)
    print(table)
    if asked.record:
        record("other clients", topic="clients", title=TITLE, columns=COLUMNS, rows=rows, notes=NOTES, command=COMMAND)


if __name__ == "__main__":
    main()
