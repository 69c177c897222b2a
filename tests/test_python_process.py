"""Processes that spectradb starts import what their parent did, wherever they are started, and their end is told."""

import compileall
import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from made_files import numbered

import spectradb
from spectradb.errors import SpectraDBError
from spectradb.ingest.files import file_workers
from spectradb.ingest.files.file_reading import FileJob
from spectradb.ingest.files.file_workers import reading
from spectradb.ingest.spectra.peaks import PeakRecipe
from spectradb.python_process import import_path, last_error, python_command, python_environment

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parent.parent
# What a parent must not import either: the tests' own current folder is left out by -P.
CLI = [sys.executable, "-P", "-c", "from spectradb.cli import main; main()"]
WELL_KNOWN = (
    "json",
    "pickle",
    "queue",
    "struct",
    "threading",
    "logging",
    "random",
    "numpy",
    "pyarrow",
    "lxml",
    "rdkit",
    "duckdb",
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the package as an installation that is not editable lays it out."""
    target = tmp_path_factory.mktemp("installed")
    skipped = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "spectradb", target / "spectradb", ignore=skipped)
    for part in ("schemas", "udfs"):
        shutil.copytree(ROOT / part, target / "spectradb" / part, ignore=skipped)
    compileall.compile_dir(target, quiet=1)  # as pip does
    return target


@pytest.fixture
def littered(tmp_path):
    """A folder with modules of well-known names, which tell when they are imported, and half a spectradb."""
    folder = tmp_path / "littered"
    (folder / "spectradb").mkdir(parents=True)
    telling = f"open({str(tmp_path / 'imported')!r}, 'a').write(__name__ + '\\n')\n"
    (folder / "spectradb" / "__init__.py").write_text(telling)
    for name in WELL_KNOWN:
        (folder / f"{name}.py").write_text(telling)
    return folder


def ran(command, *, cwd, path=None):
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONSAFEPATH"}}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def study_of_two(tmp_path):
    return [numbered(tmp_path / f"{name}.mgf", 3, first=10 * i) for i, name in enumerate("ab")]


@pytest.mark.parametrize("where", ["root", "littered"])
def test_files_are_read_by_processes_of_the_installed_package(tmp_path, installed, littered, where):
    command = [*CLI, "import-study", tmp_path / "lab", "s", *study_of_two(tmp_path), "--processes", 2, "--json"]
    assert ran([*CLI, "init", tmp_path / "lab"], cwd=tmp_path, path=installed).returncode == 0
    done = ran(command, cwd=ROOT if where == "root" else littered, path=installed)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["kept"] == 6
    assert not (tmp_path / "imported").exists()


@pytest.mark.parametrize("path", ["", ".", "{0}"])
def test_no_way_of_naming_the_current_folder_leads_into_it(tmp_path, installed, littered, path):
    """Also where the parent has it on its own import path, and has imported what it needs before."""
    script = textwrap.dedent(f"""
        import sys
        sys.path.remove({str(littered)!r}) if {str(littered)!r} in sys.path else None
        from spectradb.ingest.files import file_worker, file_workers
        from spectradb.facade.lab import connect
        sys.path.insert(0, {path.format(littered)!r})
        with connect(sys.argv[1], create=True) as lab:
            print(lab.import_study("s", sys.argv[2:], processes=2).n_kept)
    """)
    done = ran([sys.executable, "-P", "-c", script, tmp_path / "lab", *study_of_two(tmp_path)], cwd=littered, path=installed)
    assert (done.stderr, done.stdout) == ("", "6\n")
    assert not (tmp_path / "imported").exists()


def test_distances_are_computed_by_a_process_of_the_installed_package(tmp_path, installed, littered):
    script = textwrap.dedent("""
        from spectradb.benchmarks.mces import DistanceWorkers
        with DistanceWorkers(1) as workers:
            for _, answer in workers.distances([("a", "b", "CC", "C=C")], 15.0, 60.0):
                print(answer[0])
    """)
    done = ran([sys.executable, "-P", "-c", script], cwd=littered, path=installed)
    assert (done.stderr, done.stdout) == ("", "1.0\n")
    assert not (tmp_path / "imported").exists()


def test_workers_of_a_cluster_do_not_look_in_the_current_folder(tmp_path, installed, littered):
    pytest.importorskip("ray", reason="ray is not installed: pip install 'spectradb[ray]'")
    script = textwrap.dedent("""
        from spectradb.distributed.cluster import connected
        from spectradb.distributed.working_place import place
        with connected("local", workers=1) as cluster:
            places = list(cluster.map(place, (), [()]))
        print(*places)
    """)
    (installed / "spectradb" / "distributed" / "working_place.py").write_text("def place():\n    return lambda: __file__\n")
    done = ran([sys.executable, "-P", "-c", script], cwd=littered, path=installed)
    assert done.stdout == f"{installed / 'spectradb' / 'distributed' / 'working_place.py'}\n", done.stderr
    assert not (tmp_path / "imported").exists()


def test_the_packages_are_those_of_this_process(tmp_path):
    done = ran([*python_command("spectradb.told_places")[:3], "x", "{}"], cwd=tmp_path)
    assert "KeyError: 'path'" in done.stderr  # what a command without places ends with
    *_, told = python_command("any")
    assert json.loads(told)["places"]["spectradb"][0] == spectradb.__file__
    assert set(json.loads(told)["places"]) == {"spectradb", "spectradb.schemas", "spectradb.udfs"}


def test_the_import_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "with:colon").mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    entries = ["", ".", str(tmp_path), str(tmp_path / "link"), "with:colon", str(tmp_path / "missing.zip")]
    monkeypatch.setattr(sys, "path", entries)
    assert import_path() == [str(tmp_path / "with:colon"), str(tmp_path / "missing.zip")]
    assert python_environment()["PYTHONPATH"] == str(tmp_path / "missing.zip")


def test_dependencies_in_the_current_folder_are_found_there(monkeypatch):
    folder = Path(np.__file__).parent.parent
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", ["", "/lib"])
    assert import_path() == ["/lib", str(folder)]


def job(file):
    return FileJob(file=file, run=None, collection="lib", kind="library", recipe=PeakRecipe())


def test_a_process_that_does_not_start_says_why(tmp_path, monkeypatch):
    def broken(module):
        return [sys.executable, "-c", "import no_such_one"]

    monkeypatch.setattr(file_workers, "python_command", broken)
    with (
        pytest.raises(SpectraDBError, match="does not start: ModuleNotFoundError: No module named 'no_such_one'") as error,
        reading([job(numbered(tmp_path / "a.mgf", 3))], tmp_path / "spool", processes=1) as found,
    ):
        list(found)
    assert "memory" not in str(error.value)
    assert "--processes 1" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("dying", "told"),
    [
        ("raise SystemExit(3)", "it ended with status 3 and said nothing"),
        ("import ctypes; ctypes.string_at(0)", "Fatal Python error: Segmentation fault ("),
        ("import threading; os._exit(5)", "it ended with status 5 and said nothing"),
        ("raise GeneratorExit('far\\nfetched')", "GeneratorExit: far (<string>, line 8)"),
    ],
)
def test_a_process_that_ends_in_the_middle_says_why(tmp_path, monkeypatch, dying, told):
    code = textwrap.dedent("""
        import faulthandler, os, pickle, sys
        faulthandler.enable()
        sys.stdout.buffer.write(pickle.dumps("ready"))
        sys.stdout.buffer.flush()
        sys.stdin.buffer.read(1)
        def die():
            {}
        die()
    """).format(dying)
    monkeypatch.setattr(file_workers, "python_command", lambda module: [sys.executable, "-c", code])
    with reading([job(numbered(tmp_path / "a.mgf", 3))], tmp_path / "spool", processes=1) as found:
        (findings,) = list(found)
    assert findings.failure.startswith(f"{tmp_path / 'a.mgf'}: the process that read it ended in the middle: ")
    assert told in findings.failure
    assert "memory" not in findings.failure


def test_what_a_process_says_besides_is_passed_on(tmp_path, capfd, monkeypatch):
    written = "import sys; sys.stderr.write('a parser mutters\\n'); from spectradb.ingest.files.file_worker import main; main()"
    monkeypatch.setattr(file_workers, "python_command", lambda module: [sys.executable, "-P", "-c", written])
    with reading([job(numbered(tmp_path / "a.mgf", 3))], tmp_path / "spool", processes=1) as found:
        (findings,) = list(found)
    assert findings.failure is None
    assert capfd.readouterr().err == "a parser mutters\n"


TRACE = """a warning
Traceback (most recent call last):
  File "<string>", line 1, in <module>
  File "/a/json.py", line 7, in dumps
    raise KeyError("x")
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/a/b.py", line 3, in main
    import c
    ^^^^^^^^
ImportError: cannot import name 'd' from 'c' (/a/c.py).
"""

CRASH = """Fatal Python error: Segmentation fault

Thread 0x1 (most recent call first):
  File "/q.py", line 2 in get

Current thread 0x2 (most recent call first):
  File "/x.py", line 5 in parse
  File "/y.py", line 9 in read
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TRACE, "ImportError: cannot import name 'd' from 'c' (/a/c.py) (/a/b.py, line 3)"),
        ("Traceback (most recent call last):\nMemoryError\n", "MemoryError"),
        ("only words\n", None),
        ("", None),
        (
            CRASH,
            "Fatal Python error: Segmentation fault (/x.py, line 5)",
        ),
    ],
)
def test_the_last_error(text, expected):
    assert last_error(text) == expected
