"""The published file is guarded: what somebody else wrote to it, or put in its place, is found out and never copied from."""

import logging
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from empty_lab import empty_lab
from made_files import numbered, one, published_rows

from spectradb.cli import main
from spectradb.errors import PublishedFileChanged
from spectradb.facade.lab import connect
from spectradb.store.publishing.file_copy import copy_file
from spectradb.store.publishing.published_state import PublishedState
from spectradb.workspace.connection import open_published

SHELL = Path(sys.executable).with_name("duckdb")


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("guarded")
    with empty_lab(folder / "lab") as lab:
        lab.import_library("lib", numbered(folder / "lib.mgf", 6))
    return folder / "lab"


@pytest.fixture
def lab(template, tmp_path):
    with connect(shutil.copytree(template, tmp_path / "lab")) as lab:
        yield lab


@pytest.fixture
def shell():
    program = str(SHELL) if SHELL.exists() else shutil.which("duckdb")
    if program is None:
        pytest.skip("the DuckDB shell is not installed")

    def run(path, statement, *options):
        done = subprocess.run([program, *options, "-csv", str(path), statement], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()[1:]

    return run


def writable(path):
    """Give oneself the right to write that publishing takes away, as somebody who insists would."""
    path.chmod(0o644)
    return path


def test_the_file_is_published_for_reading_only_every_time(lab, tmp_path):
    for _ in range(2):
        assert stat.S_IMODE(lab.published.stat().st_mode) & 0o222 == 0
        lab.import_library("more", numbered(tmp_path / "m.mgf", 2))  # another file, renamed over the one for reading only
    assert one(lab, "SELECT count(*) FROM spectra") == [8]
    assert stat.S_IMODE(lab.publish(rebuild=True).path.stat().st_mode) & 0o222 == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="an administrator may write to every file")
def test_a_shell_that_forgets_readonly_cannot_write(lab, shell):
    with pytest.raises(subprocess.CalledProcessError):
        shell(lab.published, "DELETE FROM spectra")


CHANGES = {
    "rows": "DELETE FROM spectra",
    "one value": "UPDATE structures SET name = 'theirs'",
    "a table": "CREATE TABLE mine AS SELECT 42 AS answer",
    "a view": "CREATE OR REPLACE VIEW identifications AS SELECT 42 AS answer",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_shell_writes_is_taken_back_before_anything_is_read(lab, shell, caplog, change):
    path, before = lab.published, published_rows(lab.published)
    lab.close()
    shell(writable(path), CHANGES[change])
    assert one(lab, "SELECT count(*) FROM spectra") == [6]
    assert published_rows(path) == before
    assert [record.message for record in caplog.records] == [
        f"note: {path} was changed after it was published; it is built anew from the record"
    ]
    assert one(lab, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'mine'") == [0]


def test_what_a_shell_writes_is_never_copied_into_the_next_file(lab, shell, tmp_path):
    path = lab.published
    lab.close()
    shell(writable(path), "DELETE FROM spectra; UPDATE structures SET name = 'theirs'")
    lab.import_library("more", numbered(tmp_path / "m.mgf", 2, prefix="T"))
    assert one(lab, "SELECT count(*) FROM spectra") == [8]
    assert one(lab, "SELECT count(*) FROM structures WHERE name = 'theirs'") == [0]


def test_a_shell_that_only_reads_changes_nothing(lab, shell, caplog):
    path = lab.published
    lab.close()
    assert shell(writable(path), "SELECT count(*) FROM spectra") == ["6"]
    assert shell(path, "SELECT count(*) FROM spectra", "-readonly") == ["6"]
    assert lab.publish().filled == ()
    assert caplog.records == []


@pytest.mark.parametrize("content", ["empty", "no database", "a stranger's", "an older one's", "cut"])
def test_another_file_in_its_place_is_replaced(lab, template, tmp_path, caplog, content):
    path, before = lab.published, published_rows(lab.published)
    lab.close()
    other = tmp_path / "other"
    if content == "empty":
        other.touch()
    elif content == "no database":
        other.write_text("not a database" * 1000)
    elif content == "a stranger's":
        with duckdb.connect(str(other)) as con:
            con.execute("CREATE TABLE spectra AS SELECT 42 AS spectrum_id")
    elif content == "an older one's":
        shutil.copyfile(path, other)
        lab.import_library("more", numbered(tmp_path / "m.mgf", 2, prefix="T"))
        before = published_rows(lab.published)
    else:
        other.write_bytes(path.read_bytes()[:100_000])
    other.replace(path)
    assert published_rows(lab.published) == before
    assert len(caplog.records) == 1


def test_a_log_beside_the_file_is_not_read(lab, shell, caplog):
    path = lab.published
    lab.close()
    path.with_name("lab.duckdb.wal").write_text("of somebody who was killed")
    assert one(lab, "SELECT count(*) FROM spectra") == [6]
    assert shell(path, "SELECT count(*) FROM spectra", "-readonly") == ["6"]
    assert "has a log of changes beside it that somebody made" in caplog.text


WRITER = """
import duckdb, sys
con = duckdb.connect(sys.argv[1])
con.execute(sys.argv[2])
print("open", flush=True)
sys.stdin.readline()
con.execute(sys.argv[2])
con.close()
"""


@pytest.mark.parametrize("statement", ["SELECT count(*) FROM spectra", "DELETE FROM spectra"])
@pytest.mark.parametrize("verb", ["sql", "import", "publish"])
def test_a_program_that_has_the_file_open_for_writing_keeps_nobody_waiting(lab, tmp_path, verb, statement):
    path = writable(lab.published)
    lab.close()
    command = [sys.executable, "-c", WRITER, str(path), statement]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "open\n"
        if verb == "sql":
            run = CliRunner().invoke(main, ["sql", str(lab.path), "SELECT count(*) AS n FROM spectra", "--csv"])
            assert (run.exit_code, run.stdout) == (0, "n\n6\n")
        elif verb == "import":
            lab.import_library("more", numbered(tmp_path / "m.mgf", 2, prefix="T"))
            assert one(lab, "SELECT count(*) FROM spectra") == [8]
        else:
            lab.publish()
        writer.stdin.write("go on\n")
        writer.stdin.close()
        assert writer.wait(60) == 0
    lab.close()
    assert one(lab, "SELECT count(*) FROM spectra") == [8 if verb == "import" else 6]
    assert lab.publish().filled == ()


def test_who_opens_the_bare_file_is_told_what_keeps_it_closed(lab):
    path = writable(lab.published)
    lab.close()
    command = [sys.executable, "-c", WRITER, str(path), "SELECT 1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "open\n"
        with pytest.raises(PublishedFileChanged, match=rf"cannot be opened \(.*PID {writer.pid}\)\)\. Run `spectradb publish "):
            open_published(path)
        writer.kill()


def test_a_lab_that_one_may_not_write_to_is_not_shown_changed(lab, shell, monkeypatch):
    path = lab.published
    lab.close()
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    assert one(lab, "SELECT count(*) FROM spectra") == [6]
    lab.close()
    shell(writable(path), "DELETE FROM spectra")
    with pytest.raises(PublishedFileChanged, match=r"was changed after it was published\. Ask who may write to the lab to run"):
        lab.sql("FROM spectra")


def test_a_copy_of_a_lab_with_other_times_is_read_as_it_is_and_published_from_the_record(lab, tmp_path, caplog):
    copy = tmp_path / "copy"
    shutil.copytree(lab.path, copy, copy_function=shutil.copyfile)
    with connect(copy) as copied:
        assert one(copied, "SELECT count(*) FROM spectra") == [6]
        assert copied.publish().copied == ()
        assert copied.publish().filled == ()
    assert caplog.records == []


def test_a_change_while_the_next_file_is_built_is_not_copied(lab, shell, tmp_path, monkeypatch):
    path = writable(lab.published)
    lab.close()

    def changing(source, target):
        shell(path, "DELETE FROM spectra")
        copy_file(source, target)

    lab.record.delete("properties", "name = 'default_model'")
    lab.record.append("import_log", lab.record.read("import_log"))  # so that something is to be published
    monkeypatch.setattr("spectradb.store.publishing.publisher.copy_file", changing)
    assert lab.publish().copied == ()
    assert one(lab, "SELECT count(*) FROM spectra") == [6]


def test_what_was_published_is_known_when_publishing_is_killed_before_the_file_is_in_place(lab, tmp_path, caplog):
    path, state = lab.published, PublishedState(lab.published)
    shutil.copyfile(path, tmp_path / "next")
    with (tmp_path / "next").open("ab") as file:
        file.write(b"more")
    state.tell(tmp_path / "next")
    assert (state.change(), state.is_untouched()) == (None, True)
    lab.close()
    (tmp_path / "next").replace(path)
    assert (state.change(opened=True), state.is_untouched()) == (None, True)
    assert caplog.records == []


def test_quiet_commands_are_quiet_about_it_too(lab, shell):
    shell(writable(lab.published), "DELETE FROM spectra")
    command = [sys.executable, "-c", "from spectradb.cli import main; main()", "publish", str(lab.path)]
    spoken = subprocess.run(command, capture_output=True, text=True, check=True)
    assert spoken.stderr == f"note: {lab.published} was changed after it was published; it is built anew from the record\n"
    shell(writable(lab.published), "DELETE FROM spectra")
    quiet = subprocess.run([*command, "--quiet"], capture_output=True, text=True, check=True)
    assert (quiet.stdout, quiet.stderr) == ("", "")
    assert logging.getLogger("spectradb").level == logging.NOTSET
