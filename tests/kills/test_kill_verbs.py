"""Every verb that writes has its call in the harness of kills; a few are killed here, all of them by ``kill_verbs.py``."""

import hashlib
import random
import shlex
import shutil

import pytest
from click.testing import CliRunner
from killed_verbs import Verb
from tiny_lab import write_files
from verb_calls import ELSEWHERE, READING, WRITING, verbs

from spectradb.cli import main
from spectradb.facade.lab import connect

# Verbs that tests/crash does not kill, and of which one takes the way of most others.
KILLED = ("confident", "init", "export")


def test_every_verb_has_a_call():
    """A new verb is listed with how it is run on a small lab, or as one that writes nothing."""
    assert sorted([*WRITING, *READING, *ELSEWHERE]) == sorted(verbs())


@pytest.fixture(scope="module")
def lab(tiny_lab, tmp_path_factory):
    """The small lab that all tests share, in a folder like that of ``kill_lab``."""
    folder = tmp_path_factory.mktemp("kills")
    shutil.copytree(tiny_lab.path, folder / "lab")
    (folder / "out").mkdir()
    return folder


@pytest.mark.long
@pytest.mark.parametrize("name", KILLED)
def test_a_killed_verb_loses_nothing(name, lab, tmp_path):
    verb = Verb(name, lab, tmp_path)
    verb.disturb(2, random.Random(name))
    assert verb.counts["at work"] > 0
    assert verb.n_read > 0 or name == "init"
    assert verb.faults == []


@pytest.fixture(scope="module")
def kept(lab, tmp_path_factory):
    """A lab of the same spectra with a state that is kept, and a file to ask about."""
    folder = tmp_path_factory.mktemp("reading")
    shutil.copytree(lab / "lab", folder / "lab")
    write_files(folder)
    (folder / "coffee_1.mgf").rename(folder / "late.mgf")
    with connect(folder / "lab") as copy:
        copy.keep_state("reference", "may")
    return folder


def contents(folder):
    """What every file of a lab holds, and when it was last written."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file: (file.stat().st_mtime_ns, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files}


@pytest.mark.parametrize("name", READING)
def test_a_reading_verb_writes_nothing(name, kept):
    before = contents(kept / "lab")
    arguments = shlex.split(READING[name].format(lab=kept / "lab", files=kept))
    result = CliRunner().invoke(main, [*name.split(), *arguments], catch_exceptions=False)
    assert (result.exit_code, bool(result.output)) == (0, True)
    assert contents(kept / "lab") == before
