"""The statements that begin, note and finish a published file, and those that make its views."""

from datetime import datetime, timedelta

import duckdb
import pytest
from table_rows import put, tables

from spectradb import schemas


def day(number):
    return datetime.fromisoformat("2026-01-01") + timedelta(days=number)


def run(con, name, parameters=None, **slots):
    return con.execute(schemas.fill(name, **slots), parameters)


def rows(con, table, columns="*"):
    return con.execute(f"SELECT {columns} FROM {table}").fetchall()


@pytest.mark.covers("publish/collections")
def test_collections_are_libraries_and_studies():
    con = tables("libraries", "studies")
    put(con, "libraries", {"name": "l"})
    put(con, "studies", {"name": "s"}, {"name": "a"})
    assert run(con, "publish/collections").fetchall() == [("a",), ("l",), ("s",)]


@pytest.mark.covers("publish/embedded_view", "publish/default_view")
def test_embedded_and_default_views_show_one_collection_by_one_model():
    con = tables("spectra")
    con.execute("CREATE SCHEMA vectors")
    run(con, "publish/add_embedding_column", model="flat", dimension=2)
    spectrum = {"spectrum_id": 1, "collection": "lib", "precursor_mz": 200.0, "ion_mode": "positive", "analyte_id": "A"}
    spectrum |= {"contributor": "Eawag", "peaks_hash": 7, "precursor_mz_stated": 200.4}
    put(con, "spectra", spectrum | {"embedding_flat": [1.0, 0.0]}, {"spectrum_id": 2, "collection": "lib"})
    put(con, "spectra", {"spectrum_id": 3, "collection": "study", "embedding_flat": [0.0, 1.0]})
    run(con, "publish/embedded_view", collection="lib", model="flat")
    run(con, "publish/default_view", collection="lib", model="flat")
    for view in ("vectors.lib__flat", "vectors.lib__default"):
        shown = con.sql(f"FROM {view}")
        columns = [
            "id",
            "analyte_id",
            "precursor_mz",
            "precursor_mz_stated",
            "ion_mode",
            "contributor",
            "peaks_hash",
            "embedding",
        ]
        assert shown.columns == columns
        assert shown.fetchall() == [(1, "A", 200.0, 200.4, "positive", "Eawag", 7, (1.0, 0.0))]
    comments = rows(con, "duckdb_views() WHERE schema_name = 'vectors' ORDER BY ALL", "view_name, comment")
    assert comments == [
        ("lib__default", "Spectra of lib with their vectors by the default model, flat"),
        ("lib__flat", "Spectra of lib with their vectors by the model flat"),
    ]


@pytest.mark.covers("publish/notes")
def test_a_second_note_replaces_the_first():
    con = tables("publications")
    for tables_told, state in ((["hits", "spectra"], "one"), (["hits"], "two")):
        n = len(tables_told)
        told = {"table_names": tables_told, "states": [state] * n, "sources": ["{}", None][:n], "published": day(1)}
        run(con, "publish/notes", told)
    assert rows(con, "publications") == [("hits", "two", day(1), "{}"), ("spectra", "one", day(1), None)]


@pytest.mark.covers("publish/begin", "publish/finish", "publish/attach_previous", "publish/previous_states", "publish/copy")
@pytest.mark.covers("publish/detach_previous", "publish/continue", "publish/drop", "publish/go_on", "publish/let_go")
def test_one_file_begun_and_the_next_made_from_it(tmp_path):
    first, second = tmp_path / "it's first.duckdb", tmp_path / "second.duckdb"
    con = duckdb.connect()
    run(con, "publish/begin", path=first)
    storage = con.execute("SELECT tags FROM duckdb_databases() WHERE database_name = 'lab'").fetchall()
    assert storage == [({"storage_version": "v1.0.0+"},)]
    for table in ("publications", "properties"):
        con.execute(schemas.read(schemas.tables()[table]))
    put(con, "properties", {"name": "a", "value": "1"})
    run(con, "publish/notes", {"table_names": ["properties"], "states": ["s1"], "sources": [None], "published": day(1)})
    run(con, "publish/go_on")
    con.execute("DROP TABLE properties")
    con.execute("ROLLBACK")  # takes back what came since, and nothing before
    con.execute("BEGIN")
    run(con, "publish/finish")
    run(con, "publish/let_go")
    attached = "SELECT database_name FROM duckdb_databases() WHERE NOT internal"
    assert con.execute(attached).fetchall() == [("memory",)]

    # A file in a storage version that older clients refuse tells nothing.
    con.execute(f"ATTACH '{tmp_path / 'newer.duckdb'}' AS previous (STORAGE_VERSION 'v1.5.0')")
    con.execute("CREATE TABLE previous.publications AS SELECT 'properties' AS table_name, 's1' AS state, NULL AS sources")
    assert run(con, "publish/previous_states").fetchall() == []
    run(con, "publish/detach_previous")

    # The next file takes an unchanged table from the one before.
    run(con, "publish/attach_previous", path=first)
    assert run(con, "publish/previous_states").fetchall() == [("properties", "s1", None)]
    with pytest.raises(duckdb.Error, match="read-only"):
        con.execute("INSERT INTO previous.properties VALUES ('b', '2')")
    run(con, "publish/begin", path=second)
    con.execute(schemas.read("tables/lab/properties"))
    run(con, "publish/copy", table_name="properties")
    assert rows(con, "properties") == [("a", "1")]
    run(con, "publish/drop", table_name="properties")
    run(con, "publish/drop", table_name="properties")
    assert rows(con, "duckdb_tables() WHERE database_name = 'lab'", "table_name") == []
    run(con, "publish/finish")
    run(con, "publish/let_go")
    run(con, "publish/detach_previous")
    assert con.execute(attached).fetchall() == [("memory",)]

    # Or it continues a copy.
    run(con, "publish/continue", path=first)
    assert rows(con, "properties") == [("a", "1")]
    run(con, "publish/finish")
    con.close()
    assert not list(tmp_path.glob("*.wal"))
