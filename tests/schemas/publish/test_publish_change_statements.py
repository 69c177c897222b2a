"""The statements that change a published file in proportion to what changed in the record, each over hand-made rows."""

import duckdb
import pyarrow as pa
import pytest
from table_rows import put, record, tables

from spectradb import schemas


def run(con, name, **slots):
    return con.execute(schemas.fill(name, **slots))


def rows(con, table, columns="*"):
    return con.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()


@pytest.fixture
def con():
    """Published spectra 1 to 4; the record changed 2 and 3, lost 4, and has 5 and, of an import that is not finished, 6."""
    con = tables("spectra", "imports")
    record(con, "spectra")
    put(con, "imports", {"import_id": "done"})
    shared = {"import_id": "done", "collection": "lib", "ion_mode": "positive", "precursor_mz": 100.0, "analyte_id": "A"}
    run(con, "publish/add_embedding_column", model="flat", dimension=2)
    put(con, "spectra", *(shared | {"spectrum_id": i, "peaks_hash": 7, "duplicate_of": d} for i, d in ((1, None), (2, 1))))
    put(con, "spectra", *(shared | {"spectrum_id": i, "peaks_hash": 7, "duplicate_of": 1} for i in (3, 4)))
    put(con, "record_spectra", shared | {"spectrum_id": 2, "peaks_hash": 7})  # got a vector: nothing else is another
    put(con, "record_spectra", shared | {"spectrum_id": 3, "peaks_hash": 8, "analyte_id": None})
    put(con, "record_spectra", shared | {"spectrum_id": 5, "peaks_hash": 8, "analyte_id": None})
    put(con, "record_spectra", shared | {"spectrum_id": 6, "peaks_hash": 8, "import_id": "killed"})
    con.execute("ALTER TABLE record_spectra DROP mz; ALTER TABLE record_spectra DROP intensity")
    con.execute("CREATE TABLE record_spectrum_ids AS FROM (VALUES (1), (2), (3), (5), (6)) AS ids(spectrum_id)")
    run(con, "publish/change/coming_spectra")
    return con


@pytest.mark.covers("publish/change/coming_spectra", "publish/change/finished_imports")
def test_coming_spectra_count_when_their_import_is_finished(con):
    assert rows(con, "coming_spectra", "spectrum_id, is_finished") == [(2, True), (3, True), (5, True), (6, False)]
    assert run(con, "publish/change/finished_imports").fetchall() == [("done",)], "finished_imports"


@pytest.mark.covers("publish/change/going_spectra", "publish/change/going_spectra_of_parts")
def test_going_spectra_come_again_or_are_no_more(con):
    run(con, "publish/change/going_spectra")
    assert rows(con, "going_spectra") == [(2,), (3,), (4,)]
    run(con, "publish/change/going_spectra_of_parts")
    assert rows(con, "going_spectra") == [(2,), (3,)], "going_spectra_of_parts"


@pytest.mark.covers("publish/change/other_spectra", "publish/change/other_counts")
def test_other_spectra_are_those_with_another_content(con):
    run(con, "publish/change/going_spectra")
    run(con, "publish/change/other_spectra")
    found = rows(con, "other_spectra", "spectrum_id, peaks_hash, analyte_id")
    assert found == [(3, 7, "A"), (3, 8, None), (4, 7, "A"), (5, 8, None)]
    assert run(con, "publish/change/other_counts").fetchall() == [(4, 2)], "other_counts"


@pytest.mark.covers("publish/change/kept_duplicates", "publish/change/delete_spectra", "publish/change/duplicates")
@pytest.mark.covers("publish/change/row_count")
def test_duplicates_are_kept_and_found_again(con):
    run(con, "publish/change/going_spectra")
    run(con, "publish/change/other_spectra")
    run(con, "publish/change/kept_duplicates")
    assert rows(con, "spectrum_keys") == [(2, 1), (3, 1), (5, None)]
    run(con, "publish/change/delete_spectra")
    assert rows(con, "spectra", "spectrum_id") == [(1,)], "delete_spectra"
    con.execute("ALTER TABLE record_spectra ADD COLUMN mz DOUBLE[] DEFAULT []")
    con.execute("ALTER TABLE record_spectra ADD COLUMN intensity FLOAT[] DEFAULT []")
    run(con, "tables/spectra/spectra.fill")
    run(con, "publish/change/duplicates")
    assert rows(con, "spectra", "spectrum_id, duplicate_of") == [(1, None), (2, 1), (3, None), (5, 3)]
    assert con.execute(schemas.read("publish/change/row_count"), {"table_name": "spectra"}).fetchall() == [(4,)], "row_count"


@pytest.mark.covers("publish/change/fill_embedding_column", "publish/change/drop_embedding_column")
def test_a_column_is_filled_by_spectrum(con):
    def vectors(ids):
        lists = [None if i == 3 else [float(i), 0.5] for i in ids.to_pylist()]
        return pa.array(lists, pa.list_(pa.float32(), 2))

    con.create_function("vector_of_spectrum", vectors, ["BIGINT"], "FLOAT[2]", type="arrow", null_handling="special")
    run(con, "publish/change/fill_embedding_column", model="flat", dimension=2)
    assert rows(con, "spectra", "spectrum_id, embedding_flat") == [
        (1, (1.0, 0.5)),
        (2, (2.0, 0.5)),
        (3, None),
        (4, (4.0, 0.5)),
    ], "fill_embedding_column"
    run(con, "publish/change/drop_embedding_column", model="flat")
    left = "duckdb_columns() WHERE table_name = 'spectra' AND column_name LIKE 'embedding%'"
    assert rows(con, left, "column_name") == [], "drop_embedding_column"


@pytest.mark.covers("publish/change/previous_searches", "publish/change/other_searches", "publish/change/delete_hits")
@pytest.mark.covers("publish/change/finished_searches")
def test_hits_of_searches_that_changed_are_taken_out():
    con = tables("searches", "hits")
    put(con, "searches", *({"search_id": i, "finished": "2026-01-01"} for i in ("again", "gone", "kept", "more")))
    put(con, "hits", *({"search_id": i, "query_id": 1} for i in ("again", "gone", "kept", "more")))
    run(con, "publish/change/previous_searches")
    assert rows(con, "previous_searches", "search_id") == [("again",), ("gone",), ("kept",), ("more",)]
    con.execute("DELETE FROM searches WHERE search_id IN ('gone', 'again')")
    put(con, "searches", *({"search_id": i, "finished": "2026-01-02"} for i in ("again", "new")))
    con.execute("CREATE TABLE record_hits AS SELECT 'more' AS search_id")
    run(con, "publish/change/other_searches")
    assert rows(con, "other_searches") == [("again",), ("gone",), ("more",), ("new",)]
    run(con, "publish/change/delete_hits")
    assert rows(con, "hits", "search_id") == [("kept",)], "delete_hits"
    found = run(con, "publish/change/finished_searches").fetchall()
    assert sorted(found) == [("again",), ("kept",), ("more",), ("new",)], "finished_searches"


@pytest.mark.covers("publish/objects/own_objects", "publish/objects/drop_view", "publish/objects/drop_macro")
@pytest.mark.covers("publish/objects/drop_table_macro", "publish/objects/new_vector_views")
def test_views_and_macros_of_the_file_are_listed_and_dropped():
    con = duckdb.connect()
    con.execute("ATTACH ':memory:' AS lab; USE lab; CREATE SCHEMA vectors")
    con.execute("CREATE VIEW seen AS SELECT 1; CREATE MACRO one() AS 1; CREATE MACRO rows_of() AS TABLE SELECT 1")
    con.execute("CREATE VIEW vectors.old AS SELECT 1; CREATE VIEW memory.main.elsewhere AS SELECT 1")
    found = run(con, "publish/objects/own_objects").fetchall()
    assert found == [("macro", "one"), ("table_macro", "rows_of"), ("view", "seen")]
    for kind, name in found:
        run(con, f"publish/objects/drop_{kind}", object_name=name)
    assert run(con, "publish/objects/own_objects").fetchall() == [], "drop_view, drop_macro, drop_table_macro"
    run(con, "publish/objects/new_vector_views")
    views = "duckdb_views() WHERE schema_name = 'vectors'"
    assert rows(con, views, "view_name") == [], "new_vector_views"
    con.execute("CREATE VIEW vectors.new AS SELECT 1")


@pytest.mark.covers("publish/objects/free_blocks")
def test_free_blocks_are_those_of_what_was_dropped(tmp_path):
    con = duckdb.connect()
    con.execute(f"ATTACH '{tmp_path / 'lab.duckdb'}' AS lab; USE lab")
    con.execute("CREATE TABLE big AS SELECT hash(i) AS h FROM range(500_000) AS r(i); CHECKPOINT lab")
    n_blocks, before, _ = run(con, "publish/objects/free_blocks").fetchall()[0]
    con.execute("DROP TABLE big; CHECKPOINT lab")
    _, n_free, _ = run(con, "publish/objects/free_blocks").fetchall()[0]
    assert (before < 5, n_free > 10, n_blocks > 10) == (True, True, True), "free_blocks"


@pytest.mark.covers("publish/change/delete_peaks", "publish/change/delete_peak_spectra", "publish/change/insert_peaks")
@pytest.mark.covers("publish/change/delete_losses", "publish/change/insert_losses")
def test_peaks_of_other_spectra_go_and_come():
    con = tables("spectra", "peak_spectra", "peak_index", "loss_index")
    shared = {"collection": "lib", "ion_mode": "positive", "precursor_mz": 200.0, "intensity": [1.0]}
    put(con, "spectra", *(shared | {"spectrum_id": i, "mz": [float(i)]} for i in (1, 2, 3)))
    run(con, "tables/spectra/peak_spectra.fill")
    run(con, "tables/spectra/peak_index.fill")
    run(con, "tables/spectra/loss_index.fill")
    con.execute("CREATE TEMP TABLE other_spectra AS FROM (VALUES (2), (2), (3), (4)) AS other(spectrum_id)")
    con.execute("DELETE FROM spectra WHERE spectrum_id = 3")
    con.execute("UPDATE spectra SET mz = [20.0] WHERE spectrum_id = 2")
    put(con, "spectra", shared | {"spectrum_id": 4, "mz": [40.0]})
    run(con, "publish/change/delete_peaks")
    assert rows(con, "peak_index") == [(1, 1.0, 1.0)], "delete_peaks"
    run(con, "publish/change/delete_losses")
    assert rows(con, "loss_index") == [(1, 19_900_000)], "delete_losses"
    run(con, "publish/change/delete_peak_spectra")
    assert rows(con, "peak_spectra", "spectrum_number, spectrum_id") == [(1, 1)], "delete_peak_spectra"
    run(con, "tables/spectra/peak_spectra.fill")
    run(con, "publish/change/insert_peaks")
    assert rows(con, "peak_index") == [(1, 1.0, 1.0), (2, 20.0, 1.0), (3, 40.0, 1.0)], "insert_peaks"
    run(con, "publish/change/insert_losses")
    assert rows(con, "loss_index") == [(1, 19_900_000), (2, 18_000_000), (3, 16_000_000)], "insert_losses"
    assert rows(con, "peak_spectra", "spectrum_number, spectrum_id") == [(1, 1), (2, 2), (3, 4)]
