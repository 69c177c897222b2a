"""The files of examples/ run, and print what they are meant to show."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"
TESTED = {"sql_session.sql", "metrics.sql", "python_session.py", "bi_dashboard.py", "own_tables.py"}


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
