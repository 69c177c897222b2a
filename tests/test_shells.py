"""Every way to reach a published lab gives the same rows: shells, the command line, Python, SQLAlchemy."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

DUCKDB = Path(sys.executable).with_name("duckdb")
SPECTRADB = (sys.executable, "-c", "from spectradb.cli import main; main()")

# Without quotes, line breaks and single-precision numbers, which shells print each in their own way.
QUERIES = {
    "a view": (
        "SELECT native_id, name, precursor_mz, round(score::DOUBLE, 4) AS score, matched_peaks, score_gap IS NULL AS alone "
        "FROM identifications ORDER BY native_id"
    ),
    "a macro": (
        "SELECT query_id, rank, analyte_id, library_spectrum_id, round(score::DOUBLE, 4) AS score, n_candidate_analytes "
        "FROM identify('kitchen', 'reference', ppm := 5, k := 2) ORDER BY query_id, rank"
    ),
    "another macro": "SELECT search_id, n_queries, n_answerable, n_correct, accuracy FROM top_k_accuracy('first', at_k := 1)",
    "an open search": (
        "SELECT query_id, rank, library_id FROM nearest('vectors.kitchen__default', 'vectors.reference__default', k := 2) "
        "ORDER BY query_id, rank"
    ),
    "nulls": (
        "SELECT native_id, collision_energy_ev, name FROM spectrum_list WHERE native_id IN ('R1', 'lemon:2') ORDER BY native_id"
    ),
}
N_ROWS = {"a view": 6, "a macro": 9, "another macro": 1, "an open search": 14, "nulls": 2}


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def from_json(text):
    return [tuple(row.values()) for row in json.loads(text)]


def duckdb_shell(lab, query):
    if not DUCKDB.exists():
        pytest.skip("the duckdb command-line program is not installed beside Python (package duckdb-cli)")
    return from_json(run(str(DUCKDB), "-readonly", "-json", str(lab.published), query))


def spectradb_sql_json(lab, query):
    return from_json(run(*SPECTRADB, "sql", str(lab.path), query, "--json"))


def spectradb_shell(lab, query):
    if not DUCKDB.exists():
        pytest.skip("the duckdb command-line program is not installed beside Python (package duckdb-cli)")
    return from_json(run(*SPECTRADB, "shell", str(lab.path), "--json", "--", "-c", query))


def through_sqlalchemy(lab, query):
    engine = sqlalchemy.create_engine(f"duckdb:///{lab.published}?access_mode=read_only")
    with engine.connect() as con:
        rows = [tuple(row) for row in con.execute(sqlalchemy.text(query.replace(":=", r"\:=")))]
    engine.dispose()
    return rows


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("reach", [duckdb_shell, through_sqlalchemy])
def test_the_same_rows_everywhere(tiny_lab, reach, name):
    expected = tiny_lab.sql(QUERIES[name]).fetchall()
    assert len(expected) == N_ROWS[name]
    assert reach(tiny_lab, QUERIES[name]) == expected


@pytest.mark.parametrize("name", ["a view", "a macro", "nulls"])
@pytest.mark.parametrize("reach", [spectradb_sql_json, spectradb_shell])
def test_the_same_rows_from_the_command_line(tiny_lab, reach, name):
    expected = tiny_lab.sql(QUERIES[name]).fetchall()
    if reach is spectradb_sql_json:  # identifiers are text there: JavaScript would round them
        expected = [tuple(str(v) if isinstance(v, int) and abs(v) > 2**53 else v for v in row) for row in expected]
    assert reach(tiny_lab, QUERIES[name]) == expected


@pytest.mark.parametrize("name", ["a view", "nulls"])
def test_csv_of_the_command_line_says_the_same(tiny_lab, name):
    relation = tiny_lab.sql(QUERIES[name])
    header, *rows = csv.reader(io.StringIO(run(*SPECTRADB, "sql", str(tiny_lab.path), QUERIES[name], "--csv")))
    assert header == relation.columns
    assert rows == [["" if value is None else str(value) for value in row] for row in relation.fetchall()]


def test_only_python_and_spectradb_sql_run_models(tiny_lab):
    query = "SELECT canonical_adduct('M+H') AS adduct"
    assert spectradb_sql_json(tiny_lab, query) == [("[M+H]+",)]
    if DUCKDB.exists():
        done = subprocess.run([DUCKDB, "-readonly", tiny_lab.published, query], capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert "canonical_adduct" in done.stderr


def test_a_mistake_in_sql_is_told_in_short(tiny_lab):
    done = subprocess.run([*SPECTRADB, "sql", tiny_lab.path, "SELECT nothing"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: Binder Error")
    assert "Traceback" not in done.stderr


def test_shells_cannot_write(tiny_lab):
    done = subprocess.run(
        [*SPECTRADB, "shell", tiny_lab.path, "--", "-c", "DELETE FROM hits"], capture_output=True, text=True, check=False
    )
    if "not installed" in done.stderr:
        pytest.skip("the duckdb command-line program is not installed beside Python (package duckdb-cli)")
    assert done.returncode != 0
    assert "read-only" in done.stderr


VIEWS = "SELECT view_name FROM duckdb_views() WHERE database_name = 'lab' AND schema_name = 'main' AND NOT internal ORDER BY 1"


def test_views_have_plain_columns_and_reflect(tiny_lab):
    views = [name for (name,) in tiny_lab.sql(VIEWS).fetchall()]
    assert len(views) >= 6
    engine = sqlalchemy.create_engine(f"duckdb:///{tiny_lab.published}?access_mode=read_only")
    inspector = sqlalchemy.inspect(engine)
    assert set(views) <= set(inspector.get_view_names(schema="main"))
    plain = {"BIGINT", "BOOLEAN", "DOUBLE", "FLOAT", "INTEGER", "SMALLINT", "TIMESTAMP", "TINYINT", "VARCHAR"}
    for view in views:
        relation = tiny_lab.sql(f"FROM {view}")
        assert {str(kind) for kind in relation.types} - plain == set(), f"{view} has a column that BI tools cannot take"
        reflected = inspector.get_columns(view, schema="main")
        assert [column["name"] for column in reflected] == relation.columns
        assert [column["name"] for column in reflected if isinstance(column["type"], sqlalchemy.types.NullType)] == []
        table = sqlalchemy.Table(view, sqlalchemy.MetaData(), schema="main", autoload_with=engine)
        with engine.connect() as con:
            assert len(con.execute(sqlalchemy.select(table)).all()) == len(relation.fetchall())
    engine.dispose()


def test_sqlalchemy_opens_the_lab_read_only(tiny_lab):
    engine = sqlalchemy.create_engine(f"duckdb:///{tiny_lab.published}?access_mode=read_only")
    with engine.connect() as con, pytest.raises(sqlalchemy.exc.DBAPIError, match="read-only"):
        con.execute(sqlalchemy.text("DELETE FROM hits"))
    engine.dispose()


@pytest.mark.parametrize(
    ("what", "named"),
    [
        ("table_name FROM duckdb_tables()", "spectra"),
        ("table_name || '.' || column_name FROM duckdb_columns()", "spectra.embedding_binned"),
        ("schema_name || '.' || view_name FROM duckdb_views()", "vectors.kitchen__default"),
        ("function_name FROM duckdb_functions()", "identify"),
    ],
)
def test_everything_in_the_published_file_carries_a_comment(tiny_lab, what, named):
    source = f"SELECT {what} WHERE database_name = 'lab' AND NOT internal"
    if "duckdb_columns" in what:  # what a view selects is documented where it comes from
        source += " AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE database_name = 'lab')"
    assert (named,) in tiny_lab.sql(source).fetchall()
    assert tiny_lab.sql(f"{source} AND coalesce(trim(comment), '') = ''").fetchall() == []
