"""Fixtures that several folders of tests use: a small filled lab, an empty one, the demonstration, the shared real data."""

from pathlib import Path

import pytest
import tiny_lab as made_up
from hypothesis import settings

from spectradb.demo.run import run_demo
from spectradb.lab import connect

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"

# A property that holds slowly on a busy machine holds.
settings.register_profile("spectradb", deadline=None)
settings.load_profile("spectradb")


def pytest_configure(config):
    config.addinivalue_line("markers", "covers(*files): SQL files below schemas/ whose literal result the test states")


@pytest.fixture(scope="session")
def tiny_lab(tmp_path_factory):
    """The lab of tests/tiny_lab.py; read it only, all tests share it."""
    with made_up.build(tmp_path_factory.mktemp("tiny")) as lab:
        yield lab


@pytest.fixture
def fresh_lab(tmp_path):
    """An empty lab of the test's own."""
    with connect(tmp_path / "lab", create=True) as lab:
        yield lab


@pytest.fixture(scope="session")
def demo_directory(tmp_path_factory):
    """The directory of one demonstration, for reading; who writes takes a copy."""
    directory = tmp_path_factory.mktemp("demo") / "spectradb-demo"
    run_demo(directory, tell=lambda line: None)
    return directory


@pytest.fixture(scope="session")
def shared_data():
    """The directory of real spectra that lies beside the repository on some machines."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared test data are not on this machine")
    return SHARED_DATA
