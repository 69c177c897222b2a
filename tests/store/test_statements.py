"""Statements with parameters: Arrow tables and relations, also where Python's functions run in the engine's threads."""

import datetime as dt
import decimal
import subprocess
import sys

import duckdb
import pyarrow as pa
import pytest

from spectradb import schemas
from spectradb.store import statements
from spectradb.store.statements import to_arrow, to_relation

# What waited for ever: the engine's threads call a function of Python for rows that are read one after another.
MANY_ROWS = """
import duckdb, pyarrow.compute as pc, sys
from duckdb.func import PythonUDFType
from spectradb import schemas
from spectradb.store.statements import to_arrow, to_relation
con = duckdb.connect(config={"threads": 4})
con.create_function("one_more", lambda x: pc.add(x, 1), ["BIGINT"], "BIGINT", type=PythonUDFType.ARROW)
con.execute("CREATE TABLE many AS SELECT range AS i FROM range(1000000)")
query = "SELECT one_more(i + $a) AS x FROM many"
print(to_arrow(con, query, {"a": 1}).num_rows, to_relation(con, query, {"a": 1}).count("*").fetchall())
"""


def test_functions_of_python_do_not_wait_for_each_other():
    done = subprocess.run([sys.executable, "-c", MANY_ROWS], capture_output=True, text=True, check=True, timeout=240)
    assert done.stdout == "1000000 [(1000000,)]\n"


TYPES = {
    "HUGEINT": "12::HUGEINT",
    "UUID": "uuid()",
    "INTEGER[2]": "[1, 2]::INTEGER[2]",
    "MAP(VARCHAR, INTEGER)": "MAP {'a': 1}",
    "INTERVAL": "INTERVAL 1 MONTH",
    "DECIMAL(5,2)": "1.5::DECIMAL(5, 2)",
    "STRUCT(a INTEGER)": "{a: 1}",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ '2020-01-01'",
}


@pytest.mark.parametrize(("kind", "value"), TYPES.items(), ids=list(TYPES))
def test_a_relation_has_the_types_of_its_statement(kind, value):
    con = duckdb.connect()
    found = to_relation(con, f"SELECT {value} AS value WHERE 1 = $one", {"one": 1})
    assert [str(t) for t in found.types] == [kind] == [str(t) for t in con.sql(f"SELECT {value} AS value").types]
    assert len(found.fetchall()) == 1
    assert con.sql("SELECT 1::HUGEINT AS h").to_arrow_table().schema.field("h").type == pa.decimal128(38, 0)


def test_values_by_name_by_place_and_none():
    con = duckdb.connect()
    assert to_relation(con, "SELECT $a + 1", {"a": 1}).fetchall() == [(2,)]
    assert to_relation(con, "SELECT ? + 1", [1]).fetchall() == [(2,)]
    assert to_relation(con, "SELECT 1", None).fetchall() == [(1,)]
    assert to_arrow(con, "SELECT 1 AS one").to_pylist() == [{"one": 1}]
    for statement, values in (("CREATE TABLE t(a INT)", None), ("INSERT INTO t VALUES ($a)", {"a": 7})):
        counted = to_relation(con, statement, values)  # None of DuckDB 1, of DuckDB 2 a relation with the count of rows
        assert counted is None or counted.columns == ["Count"]
    assert to_relation(con, "FROM t WHERE a = $a", {"a": 7}).fetchall() == [(7,)]


def test_an_error_leaves_the_connection_as_it_was():
    con = duckdb.connect()
    with pytest.raises(duckdb.Error):
        to_relation(con, "SELECT error($text)", {"text": "no"}).fetchall()
    assert con.execute("SELECT current_setting('arrow_lossless_conversion')").fetchall() == [(False,)]


def test_columns_of_one_name_are_told_apart_as_the_engine_does():
    con = duckdb.connect()
    query = "SELECT 1 AS a, 2 AS a, 3 AS A, 4 AS a_1 WHERE 1 = "
    found = to_relation(con, f"{query}$one", {"one": 1})
    # DuckDB 2 needs no way round, and leaves equal names as it leaves them without parameters.
    told_apart = ["a", "a_1", "A_2", "a_1_1"] if duckdb.__version__.startswith("1.") else con.sql(f"{query}1").columns
    assert (found.columns, found.fetchall()) == (told_apart, [(1, 2, 3, 4)])


@pytest.mark.covers("queries/lab/keep_types")
def test_keep_types():
    con = duckdb.connect()
    con.execute(schemas.read("queries/lab/keep_types"), {"kept": True})
    kept = con.execute("SELECT 1::HUGEINT AS h").to_arrow_table()
    con.execute(schemas.read("queries/lab/keep_types"), {"kept": False})
    assert con.from_arrow(kept).types == [duckdb.type("HUGEINT")], "keep_types"
    assert con.execute("SELECT current_setting('arrow_lossless_conversion')").fetchall() == [(False,)]


VALUES = {
    "i": ("42::BIGINT", 42),
    "small": ("200::UTINYINT", 200),
    "x": ("0.1::DOUBLE", 0.1),
    "f": ("0.1::FLOAT", 0.10000000149011612),
    "text": ("'\u00b5'", "\u00b5"),
    "day": ("DATE '2020-02-29'", dt.date(2020, 2, 29)),
    "moment": ("TIMESTAMP '2020-02-29 12:00:00.000001'", dt.datetime(2020, 2, 29, 12, 0, 0, 1)),  # noqa: DTZ001
    "mode": ("'positive'::ENUM ('positive', 'negative')", "positive"),
    "price": ("1.50::DECIMAL(5, 2)", decimal.Decimal("1.50")),
    "peaks": ("[43.5, NULL]::DOUBLE[]", [43.5, None]),
    "nested": ("[['a']]", [["a"]]),
    "nothing": ("NULL::VARCHAR", None),
}


@pytest.mark.parametrize("lasting", [True, False], ids=["rows stay", "rows come by Arrow"])
def test_rows_in_turn_have_the_values_of_the_engine(monkeypatch, lasting):
    con = duckdb.connect()
    columns = ", ".join(f"{value} AS {name}" for name, (value, _) in VALUES.items())
    expected = tuple(value for _, value in VALUES.values())
    if lasting and not statements.WAITS_WITH_LOCK:
        pytest.skip("DuckDB 2 keeps no rows of a relation")
    monkeypatch.setattr(statements, "WAITS_WITH_LOCK", lasting)
    rows = list(statements.rows_in_turn(con.sql(f"SELECT {columns} FROM range(5)"), 2))
    assert rows == [expected] * 5
    assert [type(value) for value in rows[0]] == [type(value) for value in expected]
    # Arrow knows these by other values: a decimal, a list of pairs.
    assert list(statements.rows_in_turn(con.sql("SELECT 12::HUGEINT, MAP {'a': 1}"), 2)) == [(12, {"a": 1})]
