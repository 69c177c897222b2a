"""Fixtures that several folders of tests use: a small filled lab, an empty one, the demonstration, the shared real data."""

import os
import tempfile
from pathlib import Path

import pytest
import tiny_lab as made_up
from empty_lab import empty_lab
from hypothesis import settings

from spectradb.demo.run import run_demo
from spectradb.errors import MissingDependency
from spectradb.models import registry
from spectradb.udfs import native

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"

# A property that holds slowly on a busy machine holds.
settings.register_profile("spectradb", deadline=None)
# The same examples each time, so that a change is judged by the change: what chance finds is for those who look for it.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("spectradb")


# Where the native extension is built, searches use it. The tests decide that, not what the user has built.
WITHOUT_EXTENSION, WITH_EXTENSION = tempfile.TemporaryDirectory(), tempfile.TemporaryDirectory()
os.environ["XDG_CACHE_HOME"] = WITHOUT_EXTENSION.name
# Tables are as wide as the terminal; the tests have the same one wherever they run.
os.environ["COLUMNS"] = "160"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Two processes, each with whole files; one for a single file, and where speed is measured."""
    places = [Path(argument.partition("::")[0]) for argument in config.args]
    if (len(places) == 1 and places[0].is_file()) or any("speed" in place.parts for place in places):
        config.option.dist = "no"
        return 0
    return 2


def pytest_configure(config):
    """Run what is named, also what takes long."""
    given = config.invocation_params.args
    if "-m" not in given and any(Path(argument.partition("::")[0]).suffix == ".py" for argument in given):
        config.option.markexpr = ""


# Files of a minute and more: begun last, one of them would keep one process busy while the other has nothing left to do.
LONG_FILES = (
    *("test_pages.py", "test_cli_commands.py", "test_importer.py", "test_kills.py", "test_cluster_identify.py"),
    *("test_all_fixtures.py", "test_main_job.py", "test_engines.py", "test_report_page.py", "test_removal.py"),
)


def pytest_collection_modifyitems(items):
    places = {name: place for place, name in enumerate(LONG_FILES)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(scope="module")
def extension():
    """The native extension, built once a session; the module's searches use it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", WITH_EXTENSION.name)
        try:
            yield native.build_extension()
        except MissingDependency as error:
            pytest.skip(str(error))


@pytest.fixture(scope="module", autouse=True)
def _known_embedders():
    """What a module makes known by a name is known to no other."""
    before = dict(registry.FACTORIES)
    yield
    registry.FACTORIES.clear()
    registry.FACTORIES.update(before)
    registry.embedder.cache_clear()


@pytest.fixture(scope="session")
def tiny_lab(tmp_path_factory):
    """The lab of tests/made/tiny_lab.py; read it only, all tests share it."""
    with made_up.build(tmp_path_factory.mktemp("tiny")) as lab:
        yield lab


@pytest.fixture
def fresh_lab(tmp_path):
    """An empty lab of the test's own."""
    with empty_lab(tmp_path / "lab") as lab:
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
