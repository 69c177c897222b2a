"""The demonstration: what it leaves, what it says, and that the SQL it prints is what runs."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from spectradb import schemas
from spectradb.cli import main
from spectradb.cli.text_table import text_table
from spectradb.demo.run import QUESTIONS, run_demo
from spectradb.errors import LabExists


@pytest.fixture(scope="module")
def report(demo_directory):
    """A second run in the directory of the first."""
    return run_demo(demo_directory, tell=lambda line: None)


@pytest.fixture(scope="module")
def printed(demo_directory):
    result = CliRunner().invoke(main, ["demo", str(demo_directory)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def _rows(report, i):
    return report.answers[i].result.to_pylist()


def test_every_question_is_asked():
    assert sorted(f"demo/{name}" for name in QUESTIONS) == list(schemas.names("demo"))


def test_second_run_changes_nothing(report, demo_directory):
    before = (demo_directory / "lab" / "lab.duckdb").stat()
    lines = []
    again = run_demo(demo_directory, tell=lines.append)
    after = (demo_directory / "lab" / "lab.duckdb").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert again.done == {}
    assert lines[1] == f"{demo_directory / 'lab'}: all was imported, embedded and identified before, nothing changed"
    assert [answer.result.to_pylist() for answer in again.answers] == [answer.result.to_pylist() for answer in report.answers]


def test_answers_are_those_of_the_simulation(report):
    identified, accuracy, groups, samples, imports = (_rows(report, i) for i in range(5))
    assert len(identified) == 10
    assert [row["retention_time_s"] for row in identified] == sorted(row["retention_time_s"] for row in identified)
    by_kind = {row["spectrum_of"]: row for row in accuracy}
    assert {kind: row["n_spectra"] for kind, row in by_kind.items()} == {
        "analyte in the library": 1573,
        "analyte not in the library": 296,
        "noise": 99,
    }
    assert by_kind["analyte in the library"]["share_right"] > 0.9
    assert by_kind["analyte not in the library"]["n_right"] == by_kind["noise"]["n_right"] == 0
    raised = {row["name"] for row in groups if row["log2_ratio"] > 0}
    assert {"serotonin", "5-hydroxytryptophan"} <= raised
    assert {"butyrylcarnitine", "decanoylcarnitine"} <= {row["name"] for row in groups} - raised
    assert [row["sample"] for row in samples] == [f"{group}_{i:02d}" for group in ("control", "treated") for i in range(1, 7)]
    assert {(row["collection"], row["n"]) for row in imports if row["outcome"] == "kept"} == {
        ("simulated_library", 900),
        ("simulated_study", 1968),
    }


def test_accuracy_agrees_with_a_count_in_python(report, demo_directory):
    con_rows = subprocess.run(
        [Path(sys.executable).with_name("duckdb"), "-readonly", "-json", "lab/lab.duckdb"],
        input="SELECT file_name, native_id, analyte_id FROM identifications JOIN runs USING (run_id) WHERE search_id = 'demo'",
        cwd=demo_directory,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    best = {(row["file_name"], row["native_id"]): row["analyte_id"] for row in json.loads(con_rows)}
    with (demo_directory / "study" / "truth.csv").open(newline="") as file:
        right = sum(best.get((row["file"], row["scan"])) == row["inchikey"][:14] for row in csv.DictReader(file))
    assert sum(row["n_right"] for row in _rows(report, 1)) == right > 1000


@pytest.mark.parametrize("i", range(len(QUESTIONS)), ids=QUESTIONS)
def test_printed_sql_gives_the_same_in_the_shell_as_told(report, printed, i):
    answer = report.answers[i]
    block = f"\n-- {answer.question}\n{answer.sql}\n{text_table(answer.result)}\n"
    assert block in printed
    with_duckdb, with_spectradb = report.shell_commands
    assert f"\n  {with_duckdb}\n  {with_spectradb}\n" in printed
    tools = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-c", f"export PATH={tools}:$PATH; {with_duckdb} -bail -json"],
        input=answer.sql,
        capture_output=True,
        text=True,
        check=True,
    )
    shown = json.loads(done.stdout)
    assert [list(row) for row in shown] == [answer.result.column_names] * answer.result.num_rows
    for row, expected in zip(shown, answer.result.to_pylist(), strict=True):
        assert row == {name: pytest.approx(v, abs=1e-6) if isinstance(v, float) else v for name, v in expected.items()}


def test_everything_says_that_it_is_simulated(printed, demo_directory):
    assert "all spectra are simulated by rule-based bond fragmentation, none was measured" in printed.splitlines()[0]
    assert "none was measured" in (demo_directory / "SIMULATED.txt").read_text()
    info = json.loads(CliRunner().invoke(main, ["info", str(demo_directory / "lab"), "--json"]).stdout)
    assert {row["origin"] for kind in ("libraries", "studies") for row in info[kind]} == {
        "simulated by rule-based bond fragmentation"
    }


def test_killed_demo_is_made_anew_and_json_tells_all(tmp_path, demo_directory, report):
    directory = tmp_path / "it's a demo"
    (directory / "lab" / "lance").mkdir(parents=True)
    (directory / "lab" / "left over").write_text("half")
    shutil.copy(demo_directory / "SIMULATED.txt", directory)
    result = CliRunner().invoke(main, ["demo", str(directory), "--json"], catch_exceptions=False)
    assert (result.exit_code, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert told["simulated"] is True
    assert {verb: told["done"][verb][key] for verb, key in (("import_library", "kept"), ("embed", "embedded"))} == {
        "import_library": 900,
        "embed": 2868,
    }
    assert told["done"]["identify"]["search_id"] == "demo"
    assert [answer["sql"] for answer in told["answers"]] == [answer.sql for answer in report.answers]
    assert told["answers"][3]["rows"] == [
        {name: pytest.approx(v, abs=1e-6) if isinstance(v, float) else v for name, v in row.items()} for row in _rows(report, 3)
    ]
    command = subprocess.run(
        ["bash", "-c", told["shell"].partition(" && ")[0] + " && ls lab/lab.duckdb"], capture_output=True, text=True, check=True
    )
    assert command.stdout == "lab/lab.duckdb\n"


@pytest.mark.parametrize("what", ["a file", "other files", "another version"])
def test_refuses_what_is_not_its_own(tmp_path, what):
    directory = tmp_path / "d"
    if what == "a file":
        directory.write_text("mine")
    else:
        directory.mkdir()
        (directory / ("SIMULATED.txt" if what == "another version" else "thesis.txt")).write_text("Made by spectradb 0.0.1")
    with pytest.raises(LabExists, match=r"new directory") as error:
        run_demo(directory, tell=lambda line: None)
    assert str(directory) in str(error.value)
    assert [path.name for path in tmp_path.rglob("*")].count("lab") == 0
