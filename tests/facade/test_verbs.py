"""A lab holds its files and lends them to its verbs: what one finds on the class, and what on a lab."""

import inspect

import pytest

from spectradb.facade.lab import Lab
from spectradb.facade.searches import Searches
from spectradb.facade.verb import Part, Verb, itself
from spectradb.workspace.lab_files import LabFiles

VERBS = sorted(name for name, value in vars(Lab).items() if isinstance(value, Verb))


class Rooms(Part):
    def place_of(self, *, suffix=""):
        """Say where."""
        return self.files.place + suffix


class House:
    def __init__(self, path):
        self.files = LabFiles(path)

    place_of = Verb(Rooms, Rooms.place_of)
    exists = Verb(itself, lambda files: files.exists)


def test_a_verb_works_on_the_files_of_the_lab_that_is_asked(tmp_path):
    first, second = House(tmp_path / "first"), House(tmp_path / "second")
    assert first.place_of(suffix="!") == f"{tmp_path}/first!"
    assert second.place_of() == f"{tmp_path}/second"
    assert first.exists() is False


def test_the_class_has_the_function_itself():
    assert House.place_of is Rooms.place_of
    assert inspect.getdoc(House.place_of) == "Say where."
    assert list(inspect.signature(House("lab").place_of).parameters) == ["suffix"]


def test_a_lab_is_no_files_and_no_part():
    assert Lab.__mro__ == (Lab, object)
    assert Lab.identify is Searches.identify
    assert Lab.publish is LabFiles.publish


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_is_told_and_is_called_as_it_is_named(name):
    verb = getattr(Lab, name)
    assert verb.__name__ == name
    assert inspect.getdoc(verb)
    assert next(iter(inspect.signature(verb).parameters.values())).default is inspect.Parameter.empty


def test_the_verbs_that_a_lab_has():
    assert {"sql", "import_library", "embed", "identify", "search", "benchmark", "report", "remove"} <= set(VERBS)


def test_what_a_lab_shows_of_its_files(tmp_path):
    lab = Lab(tmp_path / "lab")
    lab.create()
    assert lab.exists
    assert (lab.path, lab.record, lab.locks, lab.indexes) == (
        lab.files.path,
        lab.files.record,
        lab.files.locks,
        lab.files.indexes,
    )
    assert (lab.address, lab.place) == (None, str(tmp_path / "lab"))
    assert lab.published == lab.files.published == tmp_path / "lab" / "lab.duckdb"
    assert lab.embedders is lab.files.embedders
    assert lab.default_model == lab.files.default_model == "binned"
