"""The files of examples/ run, and print what they are meant to show."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from spectradb import schemas
from spectradb.dashboard.tiles import TILES

EXAMPLES = Path(__file__).parents[1] / "examples"
TESTED = {"sql_session.sql", "metrics.sql", "python_session.py", "bi_dashboard.py", "own_tables.py", "notebook.py"}


def _run(*command, cwd, file=None):
    text = file.read_text(encoding="utf-8") if file else None
    done = subprocess.run([*map(str, command)], cwd=cwd, input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_all_examples_are_tested():
    # README.md is a page; its examples run as those of all pages do.
    assert {path.name for path in EXAMPLES.iterdir() if path.is_file()} - {"README.md"} == TESTED


def test_sql_session(demo_directory):
    shell = Path(sys.executable).with_name("duckdb")
    text = _run(shell, "-readonly", "-bail", "-csv", "lab/lab.duckdb", cwd=demo_directory, file=EXAMPLES / "sql_session.sql")
    lines = text.splitlines()
    assert lines[:4] == [
        "collection,ion_mode,n_spectra,n_analytes",
        "simulated_library,negative,429,143",
        "simulated_library,positive,471,157",
        "simulated_study,positive,1968,0",
    ]
    assert any(line.startswith("isoleucine,leucine,C6H13NO2,") for line in lines)
    # 5-hydroxyindoleacetic acid, which the library lacks, and an indole with CH2 in place of the hydroxyl's oxygen
    assert any(line.startswith("192.06") and ",indole-3-propionic acid," in line and ",-1.97" in line for line in lines)
    headers = ["search_id,", "name,formula,", "one,other,", "ppm,n_answered,", "precursor_mz,name,"]
    assert [header for header in headers if not any(line.startswith(header) for line in lines)] == []


def test_metrics(demo_directory):
    shell = Path(sys.executable).with_name("duckdb")
    text = _run(shell, "-readonly", "-bail", "-csv", "lab/lab.duckdb", cwd=demo_directory, file=EXAMPLES / "metrics.sql")
    lines = text.splitlines()
    assert lines[:4] == [
        "at_k,min_candidates,n_queries,n_answerable,n_correct,accuracy,best",
        "1,0,1869,1573,1489,0.797,0.842",
        "1,2,725,623,539,0.743,0.859",
        "5,0,1869,1573,1573,0.842,0.842",
    ]
    assert "C6H5NO2,picolinic acid,12,0.0,0.0,0.9" in lines
    # The other wrong answers: the analyte is not in the library, or an ion of another formula looks alike.
    assert "isomer,true,83,0.291,82,0.016" in lines
    assert sum(line.startswith(("n_true,", "threshold,", "kind,")) for line in lines) == 3


def test_python_session(demo_directory):
    text = _run(sys.executable, EXAMPLES / "python_session.py", cwd=demo_directory.parent)
    assert "1 serotonin [M+H]+" in text
    assert " analytes in 12 samples; those with most spectra:" in text


def test_bi_dashboard(demo_directory):
    text = _run(sys.executable, EXAMPLES / "bi_dashboard.py", "spectradb-demo/lab/lab.duckdb", cwd=demo_directory.parent)
    assert "  sample_group control, runs 6, spectra 983, answered 925, confident 717\n" in text
    assert "  collection simulated_library, ion_mode negative, n_spectra 429, n_analytes 143\n" in text


def test_own_tables(tmp_path):
    text = _run(sys.executable, EXAMPLES / "own_tables.py", cwd=tmp_path)
    assert [line.partition(", score")[0] for line in text.splitlines()] == [
        "spectrum 101, rank 1: theobromine",
        "spectrum 101, rank 2: theophylline",
        "spectrum 102, rank 1: caffeine",
    ]
    assert list(tmp_path.iterdir()) == []


def test_notebook_runs_as_a_script(demo_directory):
    lines = _run(sys.executable, EXAMPLES / "notebook.py", cwd=demo_directory.parent).splitlines()
    assert lines[:2] == [
        "        name adduct  score  ppm_error",
        "theophylline [M+H]+  0.927     -0.497",
    ]
    assert "     control      983        717" in lines
    assert any(line.startswith("\u2502 creatine ") and " 53 " in line for line in lines)
    assert lines[-1] == "30 (demo), candidate 1 of 5: theophylline [M+H]+, library spectrum SIM000806"


def test_superset_dashboard_has_the_tiles(demo_directory, tmp_path):
    out = tmp_path / "s.zip"
    _run(sys.executable, EXAMPLES / "superset" / "make_dashboard.py", "lab", out, cwd=demo_directory)
    with zipfile.ZipFile(out) as packed:
        files = {name.removeprefix("spectradb/"): json.loads(packed.read(name)) for name in packed.namelist()}
    assert files["databases/spectradb.yaml"]["extra"]["engine_params"] == {"connect_args": {"read_only": True}}
    assert files["databases/spectradb.yaml"]["sqlalchemy_uri"] == f"duckdb:///{(demo_directory / 'lab/lab.duckdb').resolve()}"
    assert {name.partition("/")[2].removesuffix(".yaml") for name in files if name.startswith("charts/")} == set(TILES)
    for tile in TILES:
        described, chart = files[f"datasets/spectradb/{tile}.yaml"], files[f"charts/{tile}.yaml"]
        assert described["sql"] + ";\n" == schemas.read(f"queries/dashboard/{tile}")
        assert described["uuid"] == chart["dataset_uuid"]
        drawn = json.dumps(chart["params"])
        asked = re.findall(r'"(?:column_name|entity|series|x_axis|subject)": "(\w+)"', drawn)
        asked += chart["params"].get("groupby", []) + chart["params"].get("all_columns", [])
        assert set(asked) - {column["column_name"] for column in described["columns"]} == set(), tile
    placed = [
        part["meta"]["uuid"] for part in files["dashboards/spectradb.yaml"]["position"].values() if "CHART" in str(part)[:16]
    ]
    assert sorted(placed) == sorted(files[f"charts/{tile}.yaml"]["uuid"] for tile in TILES)
