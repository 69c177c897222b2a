"""A lab that was found fit is not read again, until its properties change."""

import json

import duckdb
import pyarrow as pa
import pytest

from spectradb import schemas
from spectradb.errors import SchemaVersionMismatch
from spectradb.removal.extent import Removal
from spectradb.removal.pending import note
from spectradb.store.publishing.published_state import PublishedState
from spectradb.workspace.checked_labs import state_of_properties, was_checked
from spectradb.workspace.lab_files import LabFiles


@pytest.fixture
def files(fresh_lab):
    """The files of a new lab that was checked once."""
    files = LabFiles(fresh_lab.path)
    files.check()
    return files


def is_read(lab):
    """Whether checking a lab reads its record."""
    files = LabFiles(lab)
    files.check()
    return "record" in vars(files)


def test_a_lab_is_read_once(files):
    assert (files.path / "locks" / "checked.json").exists()
    assert not is_read(files.path)


def test_a_lab_of_another_schema_version_is_found_out(files):
    files.record.update("properties", "name", pa.table({"name": ["schema_version"], "value": ["99"]}))
    with pytest.raises(SchemaVersionMismatch):
        LabFiles(files.path).check()


def test_another_version_of_spectradb_reads_the_lab_again(files):
    state = state_of_properties(files.path / "lance")
    assert was_checked(files.locks, state, 3, schemas.state())
    assert not was_checked(files.locks, state, 4, schemas.state())


def test_a_removal_that_was_noted_is_brought_to_its_end(files):
    note(files.record, Removal("library", "gone"))
    LabFiles(files.path).check()
    assert files.record.read("properties", where="name LIKE 'removal%'").num_rows == 0


def test_a_damaged_note_and_one_that_cannot_be_written_are_as_good_as_none(files):
    (files.locks / "checked.json").write_text("{")
    assert is_read(files.path)
    assert json.loads((files.locks / "checked.json").read_text())["schema_version"] == 3
    (files.locks / "checked.json").unlink()
    (files.locks / "checked.json.next").mkdir()
    assert is_read(files.path)
    assert is_read(files.path)


def test_there_is_no_note_of_what_is_no_lab(tmp_path):
    assert not was_checked(tmp_path, state_of_properties(tmp_path), 3, schemas.state())


def test_a_lab_that_another_version_published_gets_the_macros_of_this_one(files):
    published = files.path / "lab.duckdb"
    published.chmod(0o644)
    with duckdb.connect(published) as con:  # as that version would have left it
        con.execute("DROP MACRO TABLE identify; CREATE MACRO identify(study) AS TABLE SELECT 'of old' AS answer")
        con.execute("UPDATE publications SET state = 'of old' WHERE table_name = 'macros and views'")
    PublishedState(published).tell(published)
    files.record.dataset("searches").drop_columns(["chance"])
    (files.locks / "checked.json").unlink()
    LabFiles(files.path).check()
    with duckdb.connect(published, read_only=True) as con:
        (parameters,) = con.execute("SELECT parameters FROM duckdb_functions() WHERE function_name = 'identify'").fetchone()
    assert "library" in parameters
    assert "chance" in files.record.dataset("searches").schema.names


def test_files_of_sql_that_changed_make_a_lab_read_again(files):
    state = state_of_properties(files.path / "lance")
    assert was_checked(files.locks, state, 3, schemas.state())
    assert not was_checked(files.locks, state, 3, "another")
