"""Metrics of a search that the lab does not have, or of which nothing is known, are an error and no figure."""

import re

import duckdb
import pytest
from metric_lab import bare, filled
from table_rows import create_views

from spectradb import schemas
from spectradb.store.publishing.publish import SOURCES

#: Parameters that name a search, in any macro.
_SEARCHES = ("search", "search_a", "search_b", "baseline")
_OTHER = {"at_fdr": "0.1", "share": "0.5", "library": "'lib'"}


def taking_searches():
    """Table macros that are asked about a search, with their parameters that have no default."""
    for name in schemas.names("macros"):
        declared = re.search(r"^CREATE OR REPLACE MACRO (\w+)\(([^)]*)\) AS TABLE", schemas.read(name), re.MULTILINE)
        if declared is None:
            continue
        parameters = [text.strip() for text in re.sub(r"\[.*?\]", "[]", declared[2]).split(",")]
        needed = [text for text in parameters if text and ":=" not in text]
        if set(needed) & set(_SEARCHES):
            assert set(needed) <= {*_SEARCHES, *_OTHER}, f"{declared[1]}: say in _OTHER what {needed} may be"
            yield pytest.param(declared[1], needed, [text.partition(" :=")[0] for text in parameters], id=declared[1])


MACROS = list(taking_searches())


@pytest.fixture(scope="module")
def con():
    con = filled()
    for table in SOURCES:
        con.execute(schemas.read(schemas.tables()[table]).replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1))
    create_views(con)
    con.execute("CREATE SCHEMA vectors")
    con.execute("CREATE TABLE vectors.lib__default (id BIGINT, analyte_id VARCHAR, ion_mode VARCHAR, embedding FLOAT[2])")
    con.execute("CREATE TEMP TABLE of_others AS SELECT 999::BIGINT AS query_id, 'r9' AS run_id, 'A' AS analyte_id")
    return con


def call(macro, needed, *, search, **more):
    arguments = [f"'{search}'" if name in _SEARCHES else _OTHER[name] for name in needed]
    arguments += [f"{name} := '{value}'" for name, value in more.items()]
    return f"FROM {macro}({', '.join(arguments)})"


def test_there_are_macros_to_test():
    assert len(MACROS) > 25
    assert {"top_k_accuracy", "roc_auc", "per_file", "calibration_curve"} <= {macro.values[0] for macro in MACROS}


@pytest.mark.parametrize(("macro", "needed", "parameters"), MACROS)
def test_of_a_search_that_is_not_there(con, macro, needed, parameters):
    with pytest.raises(duckdb.Error, match=r"the lab has no search 'sx'; the nearest name is 's'\. See: SELECT search_id"):
        con.execute(call(macro, needed, search="sx")).fetchall()
    with pytest.raises(duckdb.Error, match="the lab has no search 'sx'"):
        con.execute(f"SELECT count(*) {call(macro, needed, search='sx')}").fetchall()


@pytest.mark.parametrize(("macro", "needed", "parameters"), [macro for macro in MACROS if "truth" in macro.values[2]])
def test_without_a_truth(con, macro, needed, parameters):
    for unit in ("analyte", "query") if "unit" in parameters else (None,):
        more = {"truth": "of_others"} | ({"unit": unit} if unit else {})
        with pytest.raises(duckdb.Error, match="what the queries of search 's' are is not told by of_others: without a truth"):
            con.execute(call(macro, needed, search="s", **more)).fetchall()


@pytest.mark.covers("macros/metrics/truth/known_search")
def test_known_search(con):
    assert con.sql("SELECT known_search('s'), known_search(NULL)").fetchall() == [("s", None)]
    with pytest.raises(duckdb.Error, match="the lab has no search 'S'; the nearest name is 's'"):
        con.sql("SELECT known_search('S')").fetchall()


def test_a_lab_without_searches():
    con = bare()
    for macro in ("top_k_accuracy", "search_truth", "threshold_sweep"):
        with pytest.raises(duckdb.Error, match=r"the lab has no search 's'\. See: SELECT search_id FROM searches"):
            con.sql(f"FROM {macro}('s')").fetchall()


def test_where_knowing_nothing_is_no_error(con):
    assert con.sql("FROM search_truth('s', truth := 'of_others', must_know := false)").fetchall() == []
    rows = con.sql("SELECT count(*), count(analyte_id) FROM search_truth('s', must_know := false)").fetchall()
    assert rows == con.sql("SELECT count(*), count(analyte_id) FROM search_truth('s')").fetchall() == [(7, 7)]
