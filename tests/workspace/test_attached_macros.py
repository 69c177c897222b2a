"""The macros where a lab is attached: they answer as in the lab itself, whatever else the connection has."""

import subprocess
import sys

import duckdb
import pytest

import spectradb
from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.workspace.attached_macros import attached_macros

ASKED = [
    "FROM identify('kitchen', 'reference', k := 3) ORDER BY ALL",
    "FROM identify_merged('kitchen', 'reference') ORDER BY ALL",
    "FROM top_k_accuracy('first') ORDER BY ALL",
    "FROM calls('first') ORDER BY ALL",
    "FROM isomer_groups() ORDER BY ALL",
    "FROM fragment_search(86.0964) ORDER BY ALL",
    "FROM network('reference', min_matched_peaks := 1, min_score := 0.0) ORDER BY ALL",
    "FROM known_spectra('reference') ORDER BY ALL",
    "FROM sample_embedding('kitchen') ORDER BY ALL",
    "FROM peak_profile('kitchen') ORDER BY ALL",
    "FROM run_summary('kitchen') ORDER BY ALL",
]


@pytest.fixture
def attached(tiny_lab):
    """A connection with a lab attached, and tables of its own of the same names."""
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{tiny_lab.published}' AS l (READ_ONLY)")
        for table in schemas.tables():
            con.execute(f"CREATE TABLE {table} (other INTEGER)")
        yield spectradb.extend(con, lab="l")


def answer(con, query):
    try:
        return con.execute(query).fetchall()
    except duckdb.InvalidInputException as error:
        return str(error).replace("l.known", "known")


@pytest.mark.parametrize("query", ASKED)
def test_they_answer_as_in_the_lab(attached, tiny_lab, query):
    assert answer(attached, query) == answer(tiny_lab.connection(), query)


def test_something_was_asked(attached):
    answers = [answer(attached, query) for query in ASKED]
    assert sum(isinstance(rows, list) and len(rows) > 0 for rows in answers) >= 7


def test_every_macro_is_there(attached):
    made = {
        name
        for (name,) in attached.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions() WHERE database_name = 'temp' AND function_type LIKE '%macro'"
        ).fetchall()
    }
    assert made == {name.rpartition("/")[2] for name in schemas.names("macros")}


def test_the_name_is_an_identifier():
    with pytest.raises(BadParameter, match="catalog 'a; DROP' must be letters"):
        attached_macros("a; DROP")


def test_the_command_writes_them_for_a_shell(tiny_lab, tmp_path):
    told = subprocess.run(
        [sys.executable, "-c", "from spectradb.cli import main; main()", "macros"], capture_output=True, text=True, check=True
    )
    assert told.stdout == attached_macros("lab")
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{tiny_lab.published}' AS lab (READ_ONLY)")
        con.execute(told.stdout)
        assert con.execute("SELECT count(*) FROM identify('kitchen', 'reference', k := 1)").fetchall()[0][0] > 0
