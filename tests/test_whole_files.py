"""Files are there whole or not at all."""

import multiprocessing
import os
import signal

import pytest

from spectradb.whole_files import is_unfinished, written_whole


def test_a_file_is_replaced_when_it_is_whole(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("old")
    with written_whole(file) as beside:
        beside.write_text("new")
        assert (file.read_text(), beside.suffix, is_unfinished(beside)) == ("old", ".csv", True)
    assert [(left.name, left.read_text()) for left in tmp_path.iterdir()] == [("a.csv", "new")]
    assert not is_unfinished(file)


def test_a_failure_leaves_what_was_there(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("old")
    with pytest.raises(UnicodeEncodeError), written_whole(file) as beside:
        beside.write_text("ne" + 10_000 * "w" + "\ud800", encoding="utf-8")
    assert [(left.name, left.read_text()) for left in tmp_path.iterdir()] == [("a.csv", "old")]


def _die(file):
    with written_whole(file) as beside:
        beside.write_text("ne")
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_writer_left_goes_and_another_ones_stays(tmp_path):
    file = tmp_path / "a [1].csv"
    killed = multiprocessing.get_context("fork").Process(target=_die, args=(file,))
    killed.start()
    killed.join()
    (left,) = tmp_path.iterdir()
    assert is_unfinished(left)
    with written_whole(file) as first:
        first.write_text("first")
        with written_whole(tmp_path / "b.csv") as other:
            other.write_text("other")
            assert not left.exists()
            assert first.exists()
    assert sorted(written.name for written in tmp_path.iterdir()) == ["a [1].csv", "b.csv"]


def test_a_link_stays_one(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "a.csv").symlink_to("real.csv")
    with written_whole(tmp_path / "a.csv") as beside:
        beside.write_text("new")
    assert (tmp_path / "a.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


def test_a_device_is_written_to(tmp_path):
    device = tmp_path / "pipe"
    os.mkfifo(device)
    with written_whole(device) as file:
        assert file == device
