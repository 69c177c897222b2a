"""A lab with a library and a study to which each test adds models."""

import shutil

import pytest
from empty_lab import empty_lab
from made_files import entry, write_mgf

from spectradb.facade.lab import connect


@pytest.fixture(autouse=True)
def own_configuration(tmp_path, monkeypatch):
    """Trust is kept in a directory of the test's own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A lab with a library and a study."""
    folder = tmp_path_factory.mktemp("models")
    library = [entry(f"L{i}", seed=i, precursor_mz=200.0, smiles="C" * (i + 1) + "O") for i in range(6)]
    study = [entry("Q1", seed=2), entry("Q2", seed=4), entry("Q3", seed=5, ion_mode="negative")]
    with empty_lab(folder / "lab") as lab:
        lab.import_library("here", write_mgf(folder / "here.mgf", *library))
        lab.import_study("there", write_mgf(folder / "there.mgf", *study))
    return folder


@pytest.fixture
def lab(template, tmp_path):
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    with connect(tmp_path / "lab") as copy:
        yield copy
