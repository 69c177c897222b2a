"""Published tables with hand-made rows: the real DDL, and defaults for the required columns that a test does not care about."""

import duckdb

from spectradb import schemas
from spectradb.store.record_schema import table_schema

_DEFAULTS = {"VARCHAR": "", "TIMESTAMP": "2026-01-01", "DOUBLE[]": [], "FLOAT[]": [], "VARCHAR[]": []}


def tables(*names):
    """Create published tables by their DDL, in an in-memory database that is called lab as in publishing."""
    con = duckdb.connect()
    con.execute("ATTACH ':memory:' AS lab")
    con.execute("USE lab")
    for name in names:
        con.execute(schemas.read(schemas.tables()[name]))
    return con


def whole_lab():
    """Create all tables that are published, and the views and macros over them."""
    from spectradb.store.publishing.publish import SOURCES  # noqa: PLC0415 - most tests of SQL need no store

    con = tables(*SOURCES)
    create_views(con)
    return con


def create_views(con):
    """Create all views and macros over the published tables, and the table of what was published, which every file has."""
    con.execute(schemas.read("tables/lab/publications"))
    for name in schemas.creation_order("macros", "views"):
        con.execute(schemas.read(name))


def record(con, *names):
    """Create record_<table>: the columns that the record holds, as publishing sees them."""
    for name in names:
        con.register("stored", table_schema(name).empty_table())
        con.execute(f"CREATE TABLE record_{name} AS FROM stored")
        con.unregister("stored")


def put_names(con, library, names):
    """Name analytes in a library, by analyte_id."""
    rows = ({"collection": library, "analyte_id": a, "name": name, "place": 1, "is_plain": True} for a, name in names.items())
    put(con, "analyte_names", *rows)


def put(con, table, *rows):
    """Insert rows given as dicts; required columns that they leave out get a default."""
    required = con.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? AND NOT is_nullable",
        [table.removeprefix("record_")],
    ).fetchall()
    for row in rows:
        values = {name: _DEFAULTS.get(kind, 0) for name, kind in required} | row
        places = ", ".join("?" * len(values))
        con.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})", list(values.values()))
