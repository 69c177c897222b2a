"""Many small imports leave few parts of the record's tables, and no row is lost, doubled or moved."""

import pyarrow as pa
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
