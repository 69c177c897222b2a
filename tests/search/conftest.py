"""The lab of several laboratories, for the tests that search it by one method or another."""

import shutil

import pytest
from laboratories import build

from spectradb.facade.lab import connect


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A directory with the lab of tests/search/laboratories.py; copy it to change it."""
    folder = tmp_path_factory.mktemp("laboratories")
    with build(folder):
        return folder / "lab"


@pytest.fixture
def lab(built, tmp_path):
    shutil.copytree(built, tmp_path / "lab")
    with connect(tmp_path / "lab") as lab:
        yield lab
