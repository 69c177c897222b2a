"""What a file system refuses is told in one line, the lab stays as it was, and the same command goes on later."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from empty_lab import empty_lab
from made_files import numbered, one

from spectradb.cli import main
from spectradb.cli.disk_errors import not_writable
from spectradb.facade.lab import connect

GOES_ON = "what is stored stays, and the same command goes on from there"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/lab/x"), f"/lab/x: the disk is full. Free some space; {GOES_ON}"),
        (
            OSError(errno.EROFS, os.strerror(errno.EROFS), "/lab/x"),
            "/lab/x: the file system is read-only. Mount it for writing",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/lab/x"), "/lab/x: permission was denied. Ask its owner"),
        (
            duckdb.IOException('IO Error: Checkpoint failed. Could not write file "/lab/l.next": No space left on device'),
            "/lab/l.next: the disk is full. Free some space",
        ),
        (
            OSError("LanceError(IO): Generic LocalFileSystem error: /lab/d.lance: No space left on device (os error 28)"),
            "/lab/d.lance",
        ),
        (RuntimeError("no space left on device"), "the disk is full"),
        (OSError(errno.EIO, os.strerror(errno.EIO), "/lab/x"), "/lab/x: the disk cannot be read or written"),
    ],
)
def test_each_library_is_understood(error, said):
    assert said in str(not_writable(error))


@pytest.mark.parametrize("error", [ValueError("a spacious device"), OSError("broken"), duckdb.BinderException("x")])
def test_other_errors_are_left_alone(error):
    assert not_writable(error) is None


@pytest.mark.parametrize(
    ("place", "is_folder", "said"),
    [
        ("lab.duckdb", True, "a folder lies where a file belongs. Move it away"),
        ("locks", False, "something else of that name lies there. Move it away"),
        ("lance/spectra.lance", False, "is missing: the lab is incomplete. Restore it from a copy"),
    ],
)
def test_what_lies_in_the_place_of_another_is_named(tmp_path, place, is_folder, said):
    lab = tmp_path / "lab"
    empty_lab(lab).close()
    there = lab / place
    (shutil.rmtree if there.is_dir() else Path.unlink)(there)
    there.mkdir() if is_folder else there.write_text("theirs")
    told = CliRunner().invoke(main, ["publish", str(lab), "--rebuild"])
    assert told.exit_code == 1
    assert told.stderr.startswith("Error: ")
    assert place in told.stderr
    assert said in told.stderr


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 48 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root can mount a disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


def fill(disk, *, leave):
    """Take all space but some bytes; return the file that takes it."""
    found = os.statvfs(disk)
    file = disk / "filling"
    with file.open("wb") as stream:
        stream.write(bytes(max(0, found.f_bavail * found.f_frsize - leave)))
    return file


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="mounts a disk as Linux does")
def test_a_full_disk_costs_nothing_but_the_command(small_disk, tmp_path):
    lab = small_disk / "lab"
    files = {"study": numbered(tmp_path / "st.mgf", 6, prefix="Q", first=4), "library": numbered(tmp_path / "lib.mgf", 9)}
    with empty_lab(lab) as made:
        made.import_library("lib", files["library"])
    steps = [
        ["import-study", lab, "st", files["study"]],
        ["embed", lab],
        ["identify", lab, "--study", "st", "--library", "lib", "--ppm", "100", "--name", "one"],
        ["publish", lab, "--rebuild"],
    ]
    for step in steps:
        before = connect(lab).sql("SELECT count(*) FROM spectra").fetchall()
        full = fill(small_disk, leave=100_000)
        result = CliRunner().invoke(main, [str(word) for word in step], catch_exceptions=True)
        assert result.exit_code == 1, step
        assert result.stderr.splitlines()[-1].startswith("Error: "), step
        assert result.stderr.endswith(f"the disk is full. Free some space; {GOES_ON}\n"), step
        assert connect(lab).sql("SELECT count(*) FROM spectra").fetchall() == before
        assert sorted(path.name for path in Path(lab).iterdir()) == ["lab.duckdb", "lance", "locks"]
        full.unlink()
        assert CliRunner().invoke(main, [str(word) for word in step], catch_exceptions=False).exit_code == 0, step
    with connect(lab) as done:
        assert one(done, "SELECT count(embedding_binned) FROM spectra") == [15]
        assert one(done, "SELECT search_id FROM searches") == ["one"]
