"""What is said on systems on which spectradb does not run."""

import importlib

import pytest
from click.testing import CliRunner

import spectradb
from spectradb import platforms
from spectradb.cli import main
from spectradb.errors import UnsupportedPlatform


@pytest.fixture
def elsewhere(monkeypatch):
    """A system that is none of those supported."""
    monkeypatch.setattr(platforms, "IS_POSIX", False)
    monkeypatch.setattr(platforms.sys, "platform", "win32")


@pytest.mark.usefixtures("elsewhere")
def test_the_first_command_says_so_in_one_line():
    done = CliRunner().invoke(main, ["sql", "lab", "SELECT 1"])
    assert done.exit_code == 1
    told = "spectradb runs on Linux and macOS, and this system is win32. On Windows use the Linux subsystem (WSL)"
    assert done.output == f"Error: {told}\n"


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("name", ["connect", "extend"])
def test_what_python_asks_for_first_says_so(name):
    with pytest.raises(UnsupportedPlatform, match="runs on Linux and macOS"):
        getattr(spectradb, name)


def test_here_it_runs():
    assert importlib.import_module("fcntl")
    platforms.check_platform()
