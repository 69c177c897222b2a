import threading

import lance
import numpy as np
import pyarrow as pa
import pytest

from spectradb.errors import NoLab
from spectradb.store.record import Record
from spectradb.store.record_schema import TABLES, table_schema


@pytest.fixture
def record(tmp_path):
    made = Record(tmp_path / "lance")
    made.create()
    return made


def properties(**values):
    return pa.table({"name": list(values), "value": list(values.values())}, schema=table_schema("properties"))


def test_tables_follow_their_declaration():
    assert table_schema("properties") == pa.schema([("name", pa.string()), ("value", pa.string())])
    spectra = table_schema("spectra")
    assert spectra.field("spectrum_id").type == pa.int64()
    assert spectra.field("mz").type == pa.list_(pa.float64())
    assert spectra.field("intensity").type == pa.list_(pa.float32())
    assert "duplicate_of" not in spectra.names  # computed when published
    assert table_schema("samples").field("metadata").type == pa.map_(pa.string(), pa.string())


def test_creating_makes_every_table_once(record):
    assert [record.read(table).num_rows for table in TABLES] == [0] * len(TABLES)
    record.append("properties", properties(a="1"))
    record.create()
    assert record.read("properties").to_pylist() == [{"name": "a", "value": "1"}]


def test_creating_goes_on_where_it_was_killed(tmp_path):
    record = Record(tmp_path / "lance")
    # Lance makes the directories and writes data before it writes the first version.
    for empty in ("properties.lance", "spectra.lance/_versions", "hits.lance/data"):
        (tmp_path / "lance" / empty).mkdir(parents=True)
    assert not record.has("properties")
    record.create()
    assert all(record.has(table) for table in TABLES)
    assert record.read("hits").num_rows == 0


@pytest.mark.parametrize("left", ["nothing", "an empty directory"])
def test_a_missing_table_is_named(record, left):
    path = record.path / "runs.lance"
    path.rename(record.path / "elsewhere")
    if left != "nothing":
        path.mkdir()
    with pytest.raises(
        NoLab, match=r"runs\.lance is missing: the lab is incomplete. Restore it from a copy, or make a new lab"
    ):
        record.read("runs")


def test_appending_casts_and_picks_columns(record):
    rows = pa.table({"surplus": [1], "value": ["x"], "name": pa.array(["a"], pa.large_string())})
    version = record.version("properties")
    record.append("properties", rows)
    record.append("properties", rows.slice(0, 0))
    assert record.read("properties").schema == table_schema("properties")
    assert record.version("properties") == version + 1


def test_reading_columns_rows_and_versions(record):
    record.append("properties", properties(a="1", b="2"))
    version = record.version("properties")
    record.append("properties", properties(c="3"))
    assert record.read("properties", columns=["value"], where="name > 'a'").to_pydict() == {"value": ["2", "3"]}
    assert record.read("properties", version=version).num_rows == 2


def test_inserting_what_is_new(record):
    assert record.insert_new("properties", "name", properties(a="1", b="2")) == 2
    assert record.insert_new("properties", "name", properties(b="9", c="3")) == 1
    assert record.insert_new("properties", "name", properties()) == 0
    rows = {row["name"]: row["value"] for row in record.read("properties").to_pylist()}
    assert rows == {"a": "1", "b": "2", "c": "3"}


def test_updating_some_columns(record):
    search = {
        "search_id": "s",
        "study": "st",
        "library": "lib",
        "record_version": 3,
        "method": "m",
        "model": "toy",
        "ppm": 10.0,
        "k": 5,
        "fragment_tolerance_da": 0.01,
        "started": np.datetime64("2026-01-01T00:00:00", "us").item(),
        "spectradb_version": "0",
    }
    rows = [search, search | {"search_id": "t"}]
    record.append("searches", pa.Table.from_pylist(rows, schema=table_schema("searches")))
    types = [table_schema("searches").field(name) for name in ("search_id", "n_queries")]
    record.update("searches", "search_id", pa.Table.from_pylist([{"search_id": "t", "n_queries": 7}], schema=pa.schema(types)))
    found = {row["search_id"]: row for row in record.read("searches").to_pylist()}
    assert (found["s"]["n_queries"], found["t"]["n_queries"]) == (None, 7)
    assert {name: found["t"][name] for name in search} == rows[1]
    record.delete("searches", "search_id = 's'")
    assert record.read("searches")["search_id"].to_pylist() == ["t"]


def test_streams_widen_half_precision_to_unit_vectors(record):
    vectors = np.array([[0.6, 0.8], [0.0, -1.0], [0.0, 0.0], [3.0, 4.0]], np.float16)
    known = pa.array([True, True, True, False])
    lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 2, mask=pa.compute.invert(known))
    lance.write_dataset(pa.table({"v": lists}), str(record.path / "vectors.lance"), data_storage_version="2.2")
    assert record.dataset("vectors").schema.field("v").type == pa.list_(pa.float16(), 2)
    stream = record.stream("vectors")
    assert stream.schema.field("v").type == pa.list_(pa.float32(), 2)
    read = stream.read_all()["v"].to_pylist()
    # 0.6 and 0.8 are 0.60009766 and 0.7998047 in half precision, a vector of length 0.9999.
    assert read[0] == pytest.approx([0.6001563, 0.7998828], abs=1e-7)
    assert read[1:] == [[0.0, -1.0], [0.0, 0.0], None]


def test_streams_keep_the_order_and_show_one_version(record):
    for part in ("ab", "cd", "e"):
        record.append("properties", properties(**{name: name.upper() for name in part}))
    stream = record.stream("properties", columns=["name"], version=3)
    record.delete("properties", "name = 'a'")
    assert stream.read_all().to_pydict() == {"name": ["a", "b", "c", "d"]}
    assert record.stream("properties").read_all()["name"].to_pylist() == ["b", "c", "d", "e"]


def test_cleaning_keeps_the_rows_and_young_versions(record):
    for i in range(5):
        record.append("properties", properties(**{f"p{i}": "x"}))
    assert record.clean(older_than_days=1) == 0
    assert record.read("properties", version=2).num_rows == 1
    assert record.clean(older_than_days=0) > 0
    assert record.read("properties").num_rows == 5
    assert [v["version"] for v in record.dataset("properties").versions()] == [record.version("properties")]


def test_many_writers_of_one_key(record):
    """Whoever inserts a key first has it: that is how names of searches are taken."""
    took = []

    def insert(writer):
        for i in range(5):
            took.extend([i] * record.insert_new("properties", "name", properties(**{f"key{i}": f"writer {writer}"})))

    threads = [threading.Thread(target=insert, args=(writer,)) for writer in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(record.read("properties")["name"].to_pylist()) == [f"key{i}" for i in range(5)]
    assert sorted(took) == list(range(5))
