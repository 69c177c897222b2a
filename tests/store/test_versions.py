import shutil

import pyarrow as pa
import pytest
from click.testing import CliRunner
from made_files import numbered, one
from tiny_lab import build

from spectradb.cli import main
from spectradb.errors import NoLab, SchemaVersionMismatch
from spectradb.facade.lab import Lab, connect
from spectradb.store import versions
from spectradb.store.record_schema import TABLES, table_schema

VERSION_1 = {
    *("properties", "spectra", "structures", "libraries", "studies", "samples", "runs", "imports", "import_log", "models"),
    *("searches", "hits"),
}


def set_version(lab, version):
    lab.record.update("properties", "name", pa.table({"name": ["schema_version"], "value": [str(version)]}))


def properties(lab):
    return {row["name"]: row["value"] for row in lab.record.read("properties").to_pylist()}


@pytest.fixture
def steps(fresh_lab, monkeypatch):
    """A lab of version 1 and two steps up from it; each notes its name in the record."""
    set_version(fresh_lab, 1)
    done = []

    def step(name):
        def run(record):
            done.append(name)
            record.insert_new("properties", "name", pa.table({"name": [name], "value": ["done"]}))

        return run

    monkeypatch.setattr(versions, "SCHEMA_VERSION", 3)
    monkeypatch.setattr(versions, "UPGRADES", {1: step("one"), 2: step("two")})
    return done


def test_a_new_lab_tells_its_version(fresh_lab):
    told = properties(fresh_lab)
    assert set(told) == {"schema_version", "created", "spectradb_version"}
    assert told["schema_version"] == str(versions.SCHEMA_VERSION)
    assert one(fresh_lab, "SELECT value FROM properties WHERE name = 'schema_version'") == [str(versions.SCHEMA_VERSION)]


def test_every_older_version_has_a_step():
    assert set(versions.UPGRADES) == set(range(1, versions.SCHEMA_VERSION))


def test_a_newer_lab(fresh_lab):
    set_version(fresh_lab, 99)
    with pytest.raises(SchemaVersionMismatch) as raised:
        connect(fresh_lab.path)
    assert str(raised.value) == (
        f"{fresh_lab.path} has schema version 99, this spectradb knows {versions.SCHEMA_VERSION}. Install a newer spectradb."
    )
    with pytest.raises(SchemaVersionMismatch, match="Install a newer spectradb"):
        fresh_lab.upgrade()


def test_an_older_lab_is_told_to_upgrade(fresh_lab, steps):
    with pytest.raises(SchemaVersionMismatch) as raised:
        connect(fresh_lab.path)
    message = str(raised.value)
    assert message.startswith(f"{fresh_lab.path} has schema version 1, this spectradb needs 3. Copy the lab, then run")
    assert f"`spectradb upgrade {fresh_lab.path}`" in message
    result = CliRunner().invoke(main, ["info", str(fresh_lab.path)])
    assert (result.exit_code, result.stderr) == (1, f"Error: {message}\n")
    assert steps == []


def test_steps_run_in_order_and_once(fresh_lab, steps, tmp_path):
    fresh_lab.import_library("lib", numbered(tmp_path / "a.mgf", 3))
    result = CliRunner().invoke(main, ["upgrade", str(fresh_lab.path)])
    assert (result.exit_code, result.stdout) == (0, "schema version 1 -> 3\n")
    assert steps == ["one", "two"]
    with connect(fresh_lab.path) as lab:
        assert one(lab, "SELECT value FROM properties WHERE name = 'schema_version'") == ["3"]
        assert one(lab, "SELECT count(*) FROM spectra") == [3]
        assert lab.upgrade() == (3, 3)
    assert steps == ["one", "two"]


def test_an_interrupted_upgrade_goes_on_with_the_step_that_failed(fresh_lab, steps, monkeypatch):
    second = versions.UPGRADES[2]

    def interrupted(record):
        steps.append("interrupted")
        raise KeyboardInterrupt

    monkeypatch.setitem(versions.UPGRADES, 2, interrupted)
    with pytest.raises(KeyboardInterrupt):
        fresh_lab.upgrade()
    assert properties(fresh_lab)["schema_version"] == "2"
    with pytest.raises(SchemaVersionMismatch, match="has schema version 2, this spectradb needs 3"):
        connect(fresh_lab.path)
    monkeypatch.setitem(versions.UPGRADES, 2, second)
    assert Lab(fresh_lab.path).upgrade() == (2, 3)
    assert steps == ["one", "interrupted", "two"]
    assert properties(fresh_lab)["two"] == "done"


def test_no_step_is_known(fresh_lab, monkeypatch):
    set_version(fresh_lab, 1)
    monkeypatch.setattr(versions, "UPGRADES", {})
    with pytest.raises(
        SchemaVersionMismatch, match=r"no upgrade from schema version 1 is known. Import the files into a new lab"
    ):
        fresh_lab.upgrade()


def test_a_lab_whose_making_was_interrupted(fresh_lab):
    fresh_lab.record.delete("properties", "name = 'schema_version'")
    with pytest.raises(SchemaVersionMismatch, match="does not tell its schema version"):
        connect(fresh_lab.path)


def test_upgrading_what_is_no_lab(tmp_path):
    with pytest.raises(NoLab, match="is no lab"):
        Lab(tmp_path).upgrade()
    assert list(tmp_path.iterdir()) == []


NEW_TABLES = [table for table in TABLES if table not in VERSION_1]


@pytest.fixture
def old_lab(tmp_path):
    """A lab as version 1 left it: without the tables and columns that came later, with a search and its hits."""
    with build(tmp_path) as lab:
        lab.record.dataset("searches").drop_columns(["settings", "left_out"])
        for table in NEW_TABLES:
            shutil.rmtree(lab.record.path / f"{table}.lance")
        set_version(lab, 1)
        yield lab


def test_from_version_1(old_lab):
    with pytest.raises(SchemaVersionMismatch, match="spectradb upgrade"):
        connect(old_lab.path)
    before = old_lab.record.read("hits")
    assert old_lab.upgrade() == (1, 3)
    with connect(old_lab.path) as lab:
        assert lab.record.dataset("searches").schema.names == [
            *(name for name in table_schema("searches").names if name not in {"settings", "left_out"}),
            *("settings", "left_out"),
        ]
        assert [lab.record.has(table) for table in NEW_TABLES] == [True] * len(NEW_TABLES)
        assert lab.record.read("hits") == before
        assert one(lab, "SELECT search_id, model, settings, left_out, n_answered FROM searches") == [
            ("first", "binned", None, None, 6)
        ]
        # A search without a model can be recorded now.
        lab.identify("kitchen", "reference", method="cosine_greedy", name="second")
        found = one(lab, "SELECT search_id, model, settings -> '$.intensity_power' FROM searches ORDER BY search_id")
        assert found == [("first", "binned", None), ("second", None, "0.5")]
        assert one(lab, "SELECT count(*) FROM hits WHERE search_id = 'second'") == [9]


def test_an_upgrade_that_was_interrupted_goes_on(old_lab):
    old_lab.record.create()  # the first half of the step
    assert old_lab.upgrade() == (1, 3)
    assert one(old_lab, "SELECT settings FROM searches") == [None]
    assert old_lab.upgrade() == (3, 3)


def test_from_version_2_names_come_from_the_analytes_until_records_are_replaced(tmp_path):
    own = ["name", "structure_id", "record_hash"]
    with build(tmp_path) as lab:
        named = one(lab, "SELECT native_id, name FROM identifications ORDER BY native_id")
        columns = [name for name in lab.record.dataset("spectra").schema.names if name in own]
        lab.record.dataset("spectra").drop_columns(columns)
        set_version(lab, 2)
    lab = Lab(tmp_path / "lab")
    assert lab.upgrade() == (2, 3)
    with connect(tmp_path / "lab") as lab:
        assert one(lab, "SELECT count(*), count(name), count(structure_id), count(record_hash) FROM spectra") == [(16, 0, 0, 0)]
        # Which name of its analyte was a record's own is not known: both answers of leucine have the one that stands for it.
        found = dict(one(lab, "SELECT native_id, name FROM identifications"))
        assert found | {"coffee:1": "L-Leucine"} == dict(named)
        assert found["coffee:1"] == "D-Leucine"
        assert lab.import_library("reference", tmp_path / "reference.msp", drop_duplicates=True).by_reason("dropped")[0][
            :2
        ] == (
            "already_imported",
            9,
        )
        report = lab.import_library("reference", tmp_path / "reference.msp", replace=True)
        assert [(reason, n) for reason, n, _ in report.by_reason("changed")] == [("record_replaced", 9)]
        assert one(lab, "SELECT native_id, name FROM identifications ORDER BY native_id") == named
