"""Many small imports leave few parts of the record's tables, and no row is lost, doubled or moved."""

from datetime import timedelta

import pyarrow as pa
import pytest
from made_files import numbered, one, published_rows

from spectradb.store import compaction, record
from spectradb.store.locks import exclusive_if_free
from spectradb.store.record_schema import table_schema


def _parts(lab, *tables):
    return [len(lab.record.dataset(table).get_fragments()) for table in tables]


def test_small_parts_are_written_together_in_their_order(fresh_lab, monkeypatch):
    monkeypatch.setattr(compaction, "_SMALL_ROWS", 3)
    stored = fresh_lab.record
    before = stored.read("properties")["name"].to_pylist()
    for names in (["large0", "large1", "large2"], ["a"], ["b"], ["c"]):
        rows = [{"name": name, "value": "x"} for name in names]
        stored.append("properties", pa.Table.from_pylist(rows, schema=table_schema("properties")))
    dataset = stored.dataset("properties")
    n_small = sum(fragment.physical_rows < 3 for fragment in dataset.get_fragments())
    assert not compaction.small_parts_together(dataset, least=n_small + 1)
    assert compaction.small_parts_together(dataset, least=n_small)
    assert stored.read("properties")["name"].to_pylist() == [*before, "large0", "large1", "large2", "a", "b", "c"]
    large = [f for f in stored.dataset("properties").get_fragments() if f.physical_rows >= 3]
    assert len(large) >= 2, "the large part stays one, the small ones become one"


def test_imports_and_searches_compact_the_record(fresh_lab, tmp_path, monkeypatch):
    monkeypatch.setattr(record, "MANY", 3)
    fresh_lab.import_library("reference", numbered(tmp_path / "r.mgf", 4, prefix="R"))
    fresh_lab.embed("binned")
    for i in range(3):
        fresh_lab.import_study("many", numbered(tmp_path / f"{i}.mgf", 2, prefix=f"S{i}-", first=2 * i))
    assert max(_parts(fresh_lab, "spectra", "imports", "import_log", "runs")) <= 2
    # Rows with and without a vector lie in one part now.
    fresh_lab.embed("binned")
    assert one(fresh_lab, "SELECT count(*), count(embedding_binned) FROM spectra") == [(10, 10)]
    for i in range(3):
        fresh_lab.identify("many", "reference", ppm=2000, name=f"s{i}")
    assert max(_parts(fresh_lab, "searches", "hits")) <= 2
    shown = published_rows(fresh_lab.path / "lab.duckdb")
    fresh_lab.publish(rebuild=True)
    assert published_rows(fresh_lab.path / "lab.duckdb") == shown
    assert one(fresh_lab, "SELECT count(*), count(DISTINCT spectrum_id) FROM spectra") == [(10, 10)]


def test_while_somebody_embeds_nothing_is_written_together(fresh_lab, monkeypatch):
    called = []
    monkeypatch.setattr("spectradb.store.record.Record.compact", lambda record: called.append("compacted"))
    with exclusive_if_free(fresh_lab.locks / "embed.lock") as is_free:
        assert is_free
        fresh_lab.files.compact()
        assert called == []
    fresh_lab.files.compact()
    assert len(called) == 1


def test_few_versions_stay_within_a_day(fresh_lab, tmp_path, monkeypatch):
    monkeypatch.setattr(record, "_KEPT_VERSIONS", 3)
    monkeypatch.setattr(record, "_MAY_BE_READ", timedelta(0))
    monkeypatch.setattr(record, "MANY", 3)
    fresh_lab.import_library("reference", numbered(tmp_path / "r.mgf", 4, prefix="R"))
    fresh_lab.import_study("many", numbered(tmp_path / "s.mgf", 2, prefix="S", first=0))
    fresh_lab.identify("many", "reference", method="cosine_greedy", ppm=2000, name="first")
    [first] = one(fresh_lab, "SELECT record_version FROM searches")
    for i in range(8):
        fresh_lab.import_study("many", numbered(tmp_path / f"{i}.mgf", 2, prefix=f"S{i}-", first=2 * i + 2))
    tables = ("imports", "import_log", "spectra", "runs")
    versions = {table: [v["version"] for v in fresh_lab.record.dataset(table).versions()] for table in tables}
    assert max(map(len, versions.values())) <= 2 * 3 + 2
    assert first in versions["spectra"], "a search names it"
    files = [file for table in tables for file in (fresh_lab.path / "lance" / f"{table}.lance").rglob("*") if file.is_file()]
    assert len(files) < 4 * 3 * 12, "a manifest, a transaction and a data file for each version, and little else"
    shown = published_rows(fresh_lab.path / "lab.duckdb")
    fresh_lab.publish(rebuild=True)
    assert published_rows(fresh_lab.path / "lab.duckdb") == shown
    assert one(fresh_lab, "SELECT count(*), count(DISTINCT spectrum_id) FROM spectra") == [(22, 22)]


@pytest.mark.parametrize("work", ["embed", "search", "publish"])
def test_versions_stay_while_somebody_may_come_back_to_them(tmp_path, monkeypatch, work):
    monkeypatch.setattr(record, "_KEPT_VERSIONS", 2)
    monkeypatch.setattr(record, "_GROWING", {"properties": ("properties",)})
    stored = record.Record(tmp_path / "lance")
    schema = table_schema("properties")
    stored.write("properties", schema.empty_table(), mode="create")
    for name in "abcde":
        stored.append("properties", pa.Table.from_pylist([{"name": name, "value": "x"}], schema=schema))

    def n_left():
        stored.remove_old_versions()
        return len(stored.dataset("properties").versions())

    assert n_left() == 6, "they are of this minute"
    monkeypatch.setattr(record, "_MAY_BE_READ", timedelta(0))
    with exclusive_if_free(tmp_path / "locks" / f"{work}.lock"):
        assert n_left() == 6
    assert n_left() == 2
    assert stored.read("properties")["name"].to_pylist() == list("abcde")
