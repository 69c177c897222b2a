"""Every verb that writes has its call in the harness of kills; a few are killed here, all of them by ``kill_verbs.py``."""

import random
import shutil

import pytest
from killed_verbs import Verb
from verb_calls import ELSEWHERE, READING, WRITING, verbs

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
