import hashlib
import shutil
import subprocess
import sys

import duckdb
import lance
import pyarrow as pa
import pytest
from empty_lab import empty_lab
from made_files import numbered, one, published_rows
from toy_embedder import Toy, register

from spectradb import schemas
from spectradb.facade.lab import connect
from spectradb.ingest.importer import ImportSettings, import_files
from spectradb.models import registry
from spectradb.store.publishing import publish as publishing
from spectradb.store.publishing import published_spectra, published_tables
from spectradb.store.publishing.publish import SOURCES
from spectradb.store.publishing.published_state import PublishedState


@pytest.fixture(autouse=True)
def _own_embedders(monkeypatch):
    monkeypatch.setattr(registry, "FACTORIES", dict(registry.FACTORIES))
    yield
    registry.embedder.cache_clear()


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A lab with a library of 20 spectra, a study of 10, vectors and a search."""
    directory = tmp_path_factory.mktemp("template")
    with empty_lab(directory / "lab") as made:
        made.import_library("lib", numbered(directory / "lib.mgf", 20))
        made.import_study("st", numbered(directory / "st.mgf", 10, prefix="Q", first=4))
        made.embed()
        made.identify("st", "lib", name="first", ppm=100.0)
    return directory


@pytest.fixture
def lab(template, tmp_path):
    """A copy of it for one test, beside the files it was made from."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    with connect(tmp_path / "lab") as copy:
        yield copy


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def leftovers(lab):
    return sorted(path.name for path in lab.path.iterdir())


def test_every_table_is_published_with_its_comments(lab):
    declared = set(schemas.tables())
    assert set(SOURCES) | {"publications"} == declared
    with duckdb.connect(str(lab.published), read_only=True) as con:
        tables = dict(con.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall())
        assert set(tables) == declared
        assert all(tables.values())
        views = {name.rpartition("/")[2] for name in schemas.names("views")}
        assert views <= {name for (name,) in con.execute("SELECT view_name FROM duckdb_views()").fetchall()}
    assert leftovers(lab) == ["lab.duckdb", "lance", "locks"]


def test_what_is_published_is_in_a_format_that_older_engines_read(lab):
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{lab.published}' AS lab (READ_ONLY)")
        (tags,) = con.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'lab'").fetchall()[0]
    assert tags["storage_version"] == "v1.0.0+"


def test_a_file_that_older_engines_refuse_is_built_anew_once(lab, tmp_path):
    newer = tmp_path / "newer.duckdb"
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{lab.published}' AS lab (READ_ONLY)")
        con.execute(f"ATTACH '{newer}' AS newer (STORAGE_VERSION 'v1.5.0')")
        con.execute("COPY FROM DATABASE lab TO newer")
    state = PublishedState(lab.published)
    state.tell(newer)
    newer.replace(lab.published)
    state.settle()
    assert state.is_untouched()
    assert lab.publish().filled == tuple(SOURCES)
    test_what_is_published_is_in_a_format_that_older_engines_read(lab)
    assert lab.publish().filled == ()


def test_spectra_lie_in_the_order_of_searches(lab):
    keys = one(lab, "SELECT ion_mode, precursor_mz, spectrum_id FROM spectra")
    assert keys == sorted(keys)
    assert len(keys) == 30


def test_spectra_filled_a_few_at_a_time_are_those_filled_at_once(lab, monkeypatch):
    at_once = lab.sql("FROM spectra").fetchall()
    monkeypatch.setattr(published_spectra, "_SORTED_AT_ONCE", 6)
    monkeypatch.setattr(published_spectra, "_SPECTRA_AT_ONCE", 3)
    lab.publish(rebuild=True)
    assert len(at_once) > 2 * 3
    assert lab.sql("FROM spectra").fetchall() == at_once


def test_nothing_new_leaves_the_file_alone(lab):
    before = digest(lab.published), lab.published.stat().st_mtime_ns
    done = lab.publish()
    assert (done.path, done.filled, done.copied) == (lab.published, (), tuple(SOURCES))
    assert (digest(lab.published), lab.published.stat().st_mtime_ns) == before


#: Tables that depend neither on spectra nor on searches.
APART = {
    *("codebooks", "feature_areas", "sample_embeddings", "sample_predictions", "sample_projection", "group_markers"),
    *("mces", "tautomers", "calibrations", "benchmarks", "benchmark_results", "kept_states"),
}


def test_only_what_changed_is_filled(lab, tmp_path, monkeypatch):
    seen = {}
    publish = lab.files.publish
    monkeypatch.setattr(lab.files, "publish", lambda: seen.update(done=publish()))
    lab.identify("st", "lib", name="second", ppm=100.0)
    assert (seen["done"].filled, seen["done"].changed) == (("searches",), ("hits",))
    register(toy := Toy())
    lab.embed("toy")
    assert set(seen["done"].copied) == APART | {"properties", "imports", "import_log", "searches", "hits", "clusterings"}
    assert sum(toy.batches) == 30
    lab.embed("toy")
    assert seen["done"].filled == ()
    lab.import_study("st", tmp_path / "st.mgf", licence="CC0")
    assert set(seen["done"].copied) == APART | {"properties", "models", "searches", "hits"}
    assert one(lab, "SELECT licence FROM studies") == ["CC0"]


def test_rebuilding_gives_the_same_rows(lab):
    before = published_rows(lab.published)
    done = lab.publish(rebuild=True)
    assert (done.filled, done.copied) == (tuple(SOURCES), ())
    assert published_rows(lab.published) == before
    assert {table: len(rows) for table, (_, rows) in before.items()} == dict.fromkeys(
        {*APART, "clusterings", "cluster_members"}, 0
    ) | {
        "analyte_names": 0,
        "analytes": 12,
        "collection_states": 2,
        "hits": 10,
        "import_log": 4,
        "imports": 2,
        "libraries": 1,
        "loss_index": 150,
        "models": 1,
        "peak_index": 150,
        "peak_spectra": 30,
        "properties": 3,
        "runs": 1,
        "samples": 0,
        "searches": 1,
        "spectra": 30,
        "spectrum_codewords": 0,
        "structures": 12,
        "studies": 1,
    }


@pytest.mark.parametrize("damage", ["missing", "empty", "no database", "cut", "foreign", "older"])
def test_a_damaged_or_foreign_file_is_built_anew(lab, damage):
    before = published_rows(lab.published)
    path = lab.published
    lab.close()
    content = path.read_bytes()
    path.unlink()
    if damage == "empty":
        path.touch()
    elif damage == "no database":
        path.write_text("not a database" * 1000)
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "foreign":
        with duckdb.connect(str(path)) as con:
            con.execute("CREATE TABLE mine AS SELECT 42 AS answer")
    elif damage == "older":
        path.write_bytes(content)
        with duckdb.connect(str(path)) as con:
            con.execute("DROP TABLE publications")
    lab.publish()
    assert published_rows(path) == before
    assert leftovers(lab) == ["lab.duckdb", "lance", "locks"]


def test_other_statements_fill_every_table_anew(lab, monkeypatch):
    monkeypatch.setattr(published_tables, "filling_hash", lambda table: "another version")
    assert lab.publish().filled == tuple(SOURCES)


def test_what_a_killed_publisher_left_is_cleared_away(lab):
    before = published_rows(lab.published)
    (lab.path / "lab.duckdb.next").write_text("half a file")
    (lab.path / "lab.duckdb.next.wal").write_text("a log")
    (lab.path / "lab.duckdb.next.spill").mkdir()
    (lab.path / "lab.duckdb.next.spill" / "duckdb_temp_storage_0.tmp").write_text("spilled")
    with connect(lab.path) as opened:
        opened.publish(rebuild=True)
    assert leftovers(lab) == ["lab.duckdb", "lance", "locks"]
    assert published_rows(lab.published) == before


def test_a_failing_publisher_leaves_the_old_file_and_nothing_else(lab, tmp_path, monkeypatch):
    before = digest(lab.published)
    monkeypatch.setattr(publishing, "_sync", lambda path: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space left"):
        lab.import_study("other", numbered(tmp_path / "o.mgf", 3))
    assert digest(lab.published) == before
    assert leftovers(lab) == ["lab.duckdb", "lance", "locks"]
    monkeypatch.undo()
    # The import itself is done; asked for again it only publishes.
    assert lab.import_study("other", tmp_path / "o.mgf").unchanged
    assert one(lab, "SELECT n_spectra FROM studies WHERE name = 'other'") == [3]


def test_an_import_killed_before_it_could_publish_is_published_by_the_next_one(lab, tmp_path):
    file = numbered(tmp_path / "late.mgf", 5, prefix="T")
    import_files(lab.record, lab.locks, [file], ImportSettings("late", "library"))
    assert one(lab, "SELECT count(*) FROM libraries") == [1]
    assert lab.import_library("late", file).unchanged
    assert one(lab, "SELECT n_spectra FROM libraries WHERE name = 'late'") == [5]


def test_unfinished_imports_and_searches_are_not_published(lab, tmp_path):
    before = published_rows(lab.published)
    file = numbered(tmp_path / "late.mgf", 5, prefix="T", smiles_=None)
    import_files(lab.record, lab.locks, [file], ImportSettings("late", "study"))
    lab.record.delete("imports", "collection = 'late'")
    lab.record.append("searches", lab.record.read("searches").set_column(0, "search_id", [["unfinished"]]))
    lab.record.update("searches", "search_id", _unfinished("unfinished"))
    lab.record.append("hits", lab.record.read("hits").set_column(0, "search_id", [["unfinished"] * 10]))
    lab.publish()
    assert published_rows(lab.published) == before


def _unfinished(search_id):
    return pa.table({"search_id": [search_id], "finished": pa.array([None], pa.timestamp("us"))})


def test_versions_are_taken_in_an_order_that_shows_no_half_of_anything(lab, monkeypatch):
    """A search that finishes while the publisher looks is published whole or not at all."""
    order = []
    version = lab.record.version
    monkeypatch.setattr(lab.record, "version", lambda table: order.append(table) or version(table))
    lab.publish()
    marks = {"imports", "models", "searches", "benchmarks"}
    assert set(order[:4]) == marks
    assert set(order[4:]) == {source for sources in SOURCES.values() for source in sources} - marks


def test_a_model_without_its_column_is_not_published(lab):
    lab.record.dataset("spectra").drop_columns(["embedding_binned"])
    lab.publish()
    assert one(lab, "FROM models") == []
    assert one(lab, "SELECT count(*) FROM duckdb_views() WHERE schema_name = 'vectors'") == [0]


def test_an_open_connection_keeps_its_snapshot(lab, tmp_path):
    with duckdb.connect(str(lab.published), read_only=True) as con:
        lab.import_library("more", numbered(tmp_path / "m.mgf", 4))
        assert con.execute("SELECT count(*) FROM spectra").fetchall() == [(30,)]
    with duckdb.connect(str(lab.published), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM spectra").fetchall() == [(34,)]


WRITER = """
import duckdb, os, sys, time
con = duckdb.connect(sys.argv[1])
con.execute("CREATE TABLE mine AS SELECT 42 AS answer")
print("written", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("killed", [False, True])
def test_somebody_who_writes_to_the_published_file_stops_nobody(lab, tmp_path, killed):
    lab.close()
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(lab.published)], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout.readline() == "written\n"
        assert leftovers(lab) == ["lab.duckdb", "lab.duckdb.wal", "lance", "locks"]
        if killed:
            writer.kill()
            writer.wait()
        lab.import_library("more", numbered(tmp_path / "m.mgf", 4))
        assert one(lab, "SELECT count(*) FROM spectra") == [34]
        with duckdb.connect(str(lab.published), read_only=True) as con:
            assert con.execute("SELECT count(*) FROM spectra").fetchall() == [(34,)]
    finally:
        writer.kill()
        writer.wait()


def test_a_copied_lab_directory_is_a_lab(lab, tmp_path):
    before = published_rows(lab.published)
    shutil.copytree(lab.path, tmp_path / "copy")
    shutil.rmtree(lab.path)
    with connect(tmp_path / "copy") as copy:
        assert copy.publish().filled == ()
        assert published_rows(copy.published) == before
        assert copy.import_library("lib", tmp_path / "lib.mgf").unchanged
        copy.publish(rebuild=True)
        assert published_rows(copy.published) == before


def test_compacting_the_record_changes_no_row(lab):
    before = published_rows(lab.published)
    for table in ("spectra", "hits", "imports"):
        lance.dataset(str(lab.record.path / f"{table}.lance")).optimize.compact_files()
    lab.clean(older_than_days=0)
    assert "spectra" in lab.publish().filled
    assert published_rows(lab.published) == before
