"""Searches by search indexes: the rows of plain SQL, and errors where something does not fit."""

import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import numpy as np
import pytest
from indexed_relations import MERGED, RANKED, connection, indexed, random_relations, relation, small_library

from spectradb.store.indexes.mmap_index import write_search_index
from spectradb.udfs import native

PLAIN = "FROM rank_analytes('q', 'l', ppm := $ppm, k := $k)"
MERGED_PLAIN = """
WITH pairs AS (
    SELECT
        query_id,
        library_id,
        library_analyte_id AS analyte_id,
        array_inner_product(query_embedding, library_embedding) AS score,
        ppm_error
    FROM precursor_pairs('q', 'l', ppm := $ppm)
    WHERE query_embedding IS NOT NULL AND library_embedding IS NOT NULL
),
merged AS (FROM merged_pairs('pairs', 'l', spectra := $spectra))
FROM rank_pairs('merged', k := $k)
"""


@pytest.fixture
def con(extension):
    return connection()


def test_literal_ranks(con, tmp_path):
    small_library(con)
    relation(con, "q", (1, 200.0, "+", [1.0, 0.0]), (2, 200.0, "-", [0.5, 0.5]), (3, 900.0, "+", [1.0, 0.0]))
    relation(con, "unfit", (4, 200.0, None, [1.0, 0.0]), (5, None, "+", [1.0, 0.0]), (6, 200.0, "+", None))
    con.execute("INSERT INTO q FROM unfit")
    index = indexed(con, tmp_path)
    assert (index.rows, index.dimension, index.n_analytes, index.precision, index.fingerprint) == (6, 2, 3, "half", "v1")
    found = con.execute(RANKED, {"path": str(index.path), "ppm": 10, "k": 10}).fetchall()
    assert found == [
        (1, 1, "B", 10, 0.5, 0.0, 2, 0.75),
        (1, 2, "A", 11, -0.25, pytest.approx(5.0), 2, None),
        (2, 1, "C", 13, 0.5, 0.0, 1, None),
    ]
    one = con.execute(RANKED, {"path": str(index.path), "ppm": 10, "k": 1}).fetchall()
    assert one == [(1, 1, "B", 10, 0.5, 0.0, 2, 0.75), (2, 1, "C", 13, 0.5, 0.0, 1, None)]


@pytest.mark.parametrize(("dimension", "half"), [(1, True), (2, False), (16, True), (100, False), (512, True)])
@pytest.mark.parametrize(("ppm", "k"), [(10.0, 10), (5.0, 1), (2e5, 100)])
def test_the_same_rows_as_plain_sql(con, tmp_path, dimension, half, ppm, k):
    random_relations(con, dimension=dimension, half=half)
    index = indexed(con, tmp_path)
    assert index.precision == ("half" if half else "single")
    parameters = {"ppm": ppm, "k": k}
    native_rows = con.sql(RANKED, params={**parameters, "path": str(index.path)}).to_arrow_table()
    plain = con.sql(PLAIN, params=parameters).to_arrow_table()
    assert native_rows.schema == plain.schema
    assert plain.num_rows > 250
    for column in ("query_id", "rank", "n_candidate_analytes"):
        assert native_rows[column].equals(plain[column])
    np.testing.assert_allclose(native_rows["score"].to_numpy(), plain["score"].to_numpy(), atol=1e-6)
    # Scores that agree to the last digits may change places.
    agree = native_rows["library_id"].to_numpy() == plain["library_id"].to_numpy()
    assert agree.mean() > (0.99 if dimension > 2 else 0.5)
    np.testing.assert_allclose(native_rows["ppm_error"].to_numpy()[agree], plain["ppm_error"].to_numpy()[agree])


@pytest.mark.parametrize("dimension", [2, 16, 100, 512])
@pytest.mark.parametrize("spectra", [1, 2, 8, 64])
def test_merged_spectra_score_as_in_plain_sql(con, tmp_path, dimension, spectra):
    random_relations(con, dimension=dimension, half=False)  # rounded vectors would not be of unit length
    con.execute("UPDATE l SET analyte_id = 'A' || (id % 5)")  # windows hold several spectra of an analyte
    index = indexed(con, tmp_path)
    parameters = {"ppm": 10.0, "k": 4, "spectra": spectra}
    found = con.sql(MERGED, params={**parameters, "path": str(index.path)}).to_arrow_table()
    plain = con.sql(MERGED_PLAIN, params=parameters).to_arrow_table()
    assert found.schema == plain.schema
    assert plain.num_rows > 250
    for column in ("query_id", "rank", "n_candidate_analytes"):
        assert found[column].equals(plain[column])
    np.testing.assert_allclose(found["score"].to_numpy(), plain["score"].to_numpy(), atol=2e-6)
    agree = found["library_id"].to_numpy() == plain["library_id"].to_numpy()
    assert agree.mean() > (0.99 if dimension > 2 else 0.5)
    if spectra > 1:
        best = con.sql(RANKED, params={"path": str(index.path), "ppm": 10.0, "k": 4}).to_arrow_table()
        assert (found["score"].to_numpy() - best["score"].to_numpy()).max() > 0.01


def test_inner_product_is_numpys(con, tmp_path):
    random_relations(con, dimension=37, half=False)
    index = indexed(con, tmp_path)
    # Rows of the index stand in the order of ion mode, precursor m/z and id.
    query = (
        "SELECT id, l.embedding, q.embedding, index_inner_product($path, row, q.embedding) FROM (SELECT *, row_number() OVER "
        "(ORDER BY ion_mode, precursor_mz, id) - 1 AS row FROM l) AS l, (SELECT embedding FROM q LIMIT 5) AS q LIMIT 5000"
    )
    found = con.sql(query, params={"path": str(index.path)}).to_arrow_table()
    stored, asked = (np.stack(found.column(i).to_numpy()) for i in (1, 2))
    np.testing.assert_allclose(found.column(3).to_numpy(), np.einsum("ij,ij->i", stored, asked), atol=1e-6)


def test_null_in_null_out(con, tmp_path):
    small_library(con)
    path = indexed(con, tmp_path).path
    for row in ("NULL, [1.0, 0.0]::FLOAT[]", "0, NULL::FLOAT[]", "0, [1.0, NULL]::FLOAT[]"):
        assert con.sql(f"SELECT index_inner_product('{path}', {row})").fetchall() == [(None,)]
    assert con.sql("SELECT index_fingerprint(NULL)").fetchall() == [(None,)]
    null_mode = f"SELECT index_rank_analytes('{path}', 'v1', NULL, 200, [1.0, 0.0]::FLOAT[], 10, 10, 1)"
    assert con.sql(null_mode).fetchall() == [(None,)]
    other_mode = f"SELECT index_rank_analytes('{path}', 'v1', 'both', 200, [1.0, 0.0]::FLOAT[], 10, 10, 1)"
    assert con.sql(other_mode).fetchall() == [([],)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("index_inner_product('{path}', 6, [1.0, 0.0]::FLOAT[])", "has no row 6: its rows are 0 to 5"),
        ("index_inner_product('{path}', -1, [1.0, 0.0]::FLOAT[])", "has no row -1"),
        (
            "index_inner_product('{path}', 0, [1.0]::FLOAT[1])",
            "the embedding has 1 dimensions, the vectors of the search index 2",
        ),
        ("index_inner_product('{path}', 0, [1.0, 0.0]::DOUBLE[])", "must be FLOAT"),
        ("index_inner_product('{path}', 0, 'text')", "must be FLOAT"),
        ("index_inner_product('{path}x', 0, [1.0, 0.0]::FLOAT[])", "cannot be opened"),
        ("index_inner_product('', 0, [1.0, 0.0]::FLOAT[])", "cannot be opened"),
        ("index_fingerprint('{folder}')", "cannot be"),
        ("index_rank_analytes('{path}', 'v2', 'positive', 200, [1.0, 0.0]::FLOAT[2], 10, 10, 1)", "built from other spectra"),
        ("index_rank_analytes('{path}', NULL, 'positive', 200, [1.0, 0.0]::FLOAT[2], 10, 10, 1)", "the fingerprint is NULL"),
        ("index_rank_analytes('{path}', 'v1', 'positive', 200, [1.0]::FLOAT[1], 10, 10, 1)", "has 1 dimensions"),
        ("index_rank_analytes('{path}', 'v1', 'positive', 200, [1.0, 0.0]::FLOAT[2], -1, 10, 1)", "ppm is -1"),
        ("index_rank_analytes('{path}', 'v1', 'positive', 200, [1.0, 0.0]::FLOAT[2], 10, 0, 1)", "at least 1 analyte"),
        ("index_rank_analytes('{path}', 'v1', 'positive', 200, [1.0, 0.0]::FLOAT[2], 10, 10, 0)", "1 to 64 spectra to merge"),
        ("index_rank_analytes('{path}', 'v1', 'positive', 200, [1.0, 0.0]::FLOAT[2], 10, 10, 65)", "1 to 64 spectra to merge"),
    ],
)
def test_what_does_not_fit_is_an_error(con, tmp_path, call, message):
    small_library(con)
    path = indexed(con, tmp_path).path
    with pytest.raises(duckdb.Error, match=message):
        con.sql("SELECT " + call.format(path=path, folder=tmp_path)).fetchall()


def test_an_index_of_any_fingerprint(con, tmp_path):
    small_library(con)
    path = indexed(con, tmp_path, fingerprint="0" * 64).path
    assert con.sql(f"SELECT index_fingerprint('{path}')").fetchall() == [("0" * 64,)]
    call = f"len(index_rank_analytes('{path}', '', 'positive', 200, [1.0, 0.0]::FLOAT[2], 10, 10, 1))"
    assert con.sql(f"SELECT {call}").fetchall() == [(2,)]


def test_many_connections_at_once(con, tmp_path):
    random_relations(con, dimension=64)
    path = indexed(con, tmp_path).path
    expected = con.execute(RANKED, {"path": str(path), "ppm": 10, "k": 3}).fetchall()
    found, failures = [], []

    def work():
        try:
            with con.cursor() as cursor:
                native.load_extension(cursor)
                parameters = {"path": str(path), "ppm": 10, "k": 3}
                found.extend(cursor.execute(RANKED, parameters).fetchall() == expected for _ in range(5))
        except duckdb.Error as error:
            failures.append(error)

    def rebuild():
        for _ in range(5):
            with con.cursor() as cursor:
                write_search_index(cursor, "l", path, fingerprint="v1")

    threads = [threading.Thread(target=work) for _ in range(4)] + [threading.Thread(target=rebuild)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert found == [True] * 20


def test_the_shell_searches_an_index(con, tmp_path, extension):
    shell = Path(sys.executable).with_name("duckdb")
    if not shell.exists():
        pytest.skip("the duckdb command-line program is not installed beside Python (package duckdb-cli)")
    small_library(con)
    relation(con, "q", (1, 200.0, "+", [1.0, 0.0]))
    path = indexed(con, tmp_path).path
    database = tmp_path / "shell.duckdb"
    con.execute(f"ATTACH '{database}' AS other (STORAGE_VERSION 'v1.5.0')")
    con.execute("CREATE TABLE other.l AS FROM l; CREATE TABLE other.q AS FROM q; DETACH other")
    script = (
        f"LOAD '{extension}';\n.read {native.macro_file()}\n"
        f"SELECT query_id, rank, analyte_id, library_id FROM rank_analytes_indexed('q', 'l', '{path}', 'v1');\n"
    )
    command = [str(shell), "-unsigned", "-readonly", "-csv", str(database)]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["query_id,rank,analyte_id,library_id", "1,1,B,10", "1,2,A,11"]
