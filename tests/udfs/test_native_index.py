"""Search indexes: what is written is what is searched, and nothing damaged, stale or unfit is ever used."""

import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

import spectradb
from spectradb import schemas
from spectradb.errors import BadParameter, NoEmbedding, UnreadableFile
from spectradb.store.collection_indexes import collection_index
from spectradb.store.search_index import write_search_index
from spectradb.store.search_index_format import checksum, read_search_index
from spectradb.udfs import native

RANKED = "FROM rank_analytes_indexed('q', 'l', $path, 'v1', ppm := $ppm, k := $k)"
PLAIN = "FROM rank_analytes('q', 'l', ppm := $ppm, k := $k)"


@pytest.fixture
def con(extension):
    con = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    native.load_extension(con)
    spectradb.extend(con)
    return con


def relation(con, name, *rows, dimension=2):
    """Make a relation of (id, precursor_mz, ion_mode as a sign, embedding, analyte_id)."""
    con.execute(
        f"CREATE OR REPLACE TABLE {name} "
        f"(id BIGINT, precursor_mz DOUBLE, ion_mode VARCHAR, embedding FLOAT[{dimension}], analyte_id VARCHAR)"
    )
    modes = {"+": "positive", "-": "negative", None: None}
    for spectrum, mz, mode, vector, *analyte in rows:
        con.execute(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?)", [spectrum, mz, modes[mode], vector, *(analyte or [None])])


def small_library(con):
    relation(
        con,
        "l",
        (12, 400.0, "+", [0.5, 0.5], "B"),
        (11, 200.001, "+", [-0.25, 1.0], "A"),
        (10, 200.0, "+", [0.5, 0.75], "B"),
        (13, 200.0, "-", [1.0, 0.0], "C"),
        (14, 200.0, "+", [0.5, 0.75], "B"),
        (15, 200.0, "+", [1.0, 1.0]),
        (16, 200.0, "+", None, "D"),
        (17, None, "+", [1.0, 0.0], "D"),
    )


def random_relations(con, *, dimension, n_library=3000, n_queries=300, half=True):
    rng = np.random.default_rng(dimension)
    for name, n in (("l", n_library), ("q", n_queries)):
        vectors = rng.standard_normal((n, dimension)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors.astype(np.float16).astype(np.float32) if half else vectors
        columns = {
            "id": rng.permutation(n) + (10**12 if name == "q" else 0),
            "precursor_mz": rng.choice(np.linspace(100, 300, 40), n) * (1 + rng.normal(0, 4e-6, n)),
            "ion_mode": pa.array(rng.choice(["positive", "negative"], n)),
            "analyte_id": pa.array([None if a == 0 else f"A{a:03d}" for a in rng.integers(0, 200, n)]),
            "embedding": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dimension),
        }
        con.register("made", pa.table(columns))
        con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM made")


def indexed(con, tmp_path, fingerprint="v1"):
    return write_search_index(con, "l", tmp_path / "l.spectra-index", fingerprint=fingerprint)


@pytest.fixture
def lab_con(extension, tiny_lab):
    con = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    con.execute(schemas.fill("queries/open_lab", path=tiny_lab.published))
    native.load_extension(con)
    return con


@pytest.mark.covers("queries/spectra_state")
def test_an_index_of_a_labs_library_is_built_once(lab_con, tmp_path):
    (model,) = lab_con.execute(schemas.read("publish/default_model")).fetchone()
    first = collection_index(lab_con, tmp_path, collection="reference", model=model)
    state = lab_con.execute(schemas.read("queries/spectra_state")).fetchall()
    assert state == lab_con.sql("SELECT state FROM publications WHERE table_name = 'spectra'").fetchall(), "spectra_state"
    assert first.path == tmp_path / f"reference__{model}.spectra-index"
    assert first.rows == 9
    changed = first.path.stat().st_mtime_ns
    assert collection_index(lab_con, tmp_path, collection="reference", model=model) == first
    assert first.path.stat().st_mtime_ns == changed
    first.path.write_bytes(first.path.read_bytes()[:1000])
    assert collection_index(lab_con, tmp_path, collection="reference", model=model) == first
    write_search_index(lab_con, f"vectors.reference__{model}", first.path, fingerprint="an older state")
    assert collection_index(lab_con, tmp_path, collection="reference", model=model) == first
    queries, library = f"vectors.kitchen__{model}", f"vectors.reference__{model}"
    parameters = {"path": str(first.path), "fingerprint": first.fingerprint}
    ranked = f"SELECT * EXCLUDE (score, score_gap) FROM rank_analytes_indexed('{queries}', '{library}', $path, $fingerprint)"
    plain = f"SELECT * EXCLUDE (score, score_gap) FROM rank_analytes('{queries}', '{library}')"
    found = lab_con.execute(ranked, parameters).fetchall()
    assert len(found) == 9
    assert found == lab_con.sql(plain).fetchall()


@pytest.mark.covers("queries/index_rows", "queries/index_vectors")
def test_what_an_index_reads(con):
    small_library(con)
    rows = con.execute(
        f"FROM ({schemas.statements_only('queries/index_rows').rstrip().rstrip(';')}) ORDER BY id", {"relation": "l"}
    )
    assert rows.fetchall() == [
        (10, "B", 200.0, "positive"),
        (11, "A", 200.001, "positive"),
        (12, "B", 400.0, "positive"),
        (13, "C", 200.0, "negative"),
        (14, "B", 200.0, "positive"),
        (15, None, 200.0, "positive"),
    ], "index_rows"
    vectors = con.execute(schemas.read("queries/index_vectors"), {"relation": "l"}).fetchall()
    assert sorted(vectors)[:2] == [(10, (0.5, 0.75)), (11, (-0.25, 1.0))], "index_vectors"
    assert [spectrum for spectrum, _ in sorted(vectors)] == [10, 11, 12, 13, 14, 15]


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
    native_rows = con.execute(RANKED, {**parameters, "path": str(index.path)}).to_arrow_table()
    plain = con.execute(PLAIN, parameters).to_arrow_table()
    assert native_rows.schema == plain.schema
    assert plain.num_rows > 250
    for column in ("query_id", "rank", "n_candidate_analytes"):
        assert native_rows[column].equals(plain[column])
    np.testing.assert_allclose(native_rows["score"].to_numpy(), plain["score"].to_numpy(), atol=1e-6)
    # Scores that agree to the last digits may change places.
    agree = native_rows["library_id"].to_numpy() == plain["library_id"].to_numpy()
    assert agree.mean() > (0.99 if dimension > 2 else 0.5)
    np.testing.assert_allclose(native_rows["ppm_error"].to_numpy()[agree], plain["ppm_error"].to_numpy()[agree])


def test_inner_product_is_numpys(con, tmp_path):
    random_relations(con, dimension=37, half=False)
    index = indexed(con, tmp_path)
    # Rows of the index stand in the order of ion mode, precursor m/z and id.
    query = (
        "SELECT id, l.embedding, q.embedding, index_inner_product($path, row, q.embedding) FROM (SELECT *, row_number() OVER "
        "(ORDER BY ion_mode, precursor_mz, id) - 1 AS row FROM l) AS l, (SELECT embedding FROM q LIMIT 5) AS q LIMIT 5000"
    )
    found = con.execute(query, {"path": str(index.path)}).to_arrow_table()
    stored, asked = (np.stack(found.column(i).to_numpy()) for i in (1, 2))
    np.testing.assert_allclose(found.column(3).to_numpy(), np.einsum("ij,ij->i", stored, asked), atol=1e-6)


def test_recorded_vectors_are_scaled_to_unit_length(con, tmp_path):
    relation(con, "l", (1, 100.0, "+", [0.6, 0.8], "A"), (2, 100.0, "+", [0.0, 0.0], "B"))
    half = np.array([[0.75, 1.0], [0.0, 0.0], [1.0, 1.0]], dtype=np.float16)
    batch = pa.record_batch({"id": [1, 2, 77], "embedding": pa.FixedSizeListArray.from_arrays(pa.array(half.ravel()), 2)})
    reader = pa.RecordBatchReader.from_batches(batch.schema, [batch])
    index = write_search_index(con, "l", tmp_path / "i", fingerprint="v1", recorded=reader)
    assert (index.rows, index.precision) == (2, "half")
    scores = "SELECT index_inner_product($path, row, [1.0, 0.0]::FLOAT[]) FROM (VALUES (0), (1)) AS rows(row)"
    assert con.execute(scores, {"path": str(index.path)}).fetchall() == [(pytest.approx(0.6, abs=1e-7),), (0.0,)]


def test_recorded_vectors_that_are_not_the_published_ones_are_not_taken(con, tmp_path):
    relation(con, "l", (1, 100.0, "+", [0.6, 0.8], "A"))
    half = np.array([1.0, 1.0], dtype=np.float16)
    batch = pa.record_batch({"id": [1], "embedding": pa.FixedSizeListArray.from_arrays(pa.array(half), 2)})
    reader = pa.RecordBatchReader.from_batches(batch.schema, [batch])
    index = write_search_index(con, "l", tmp_path / "i", fingerprint="v1", recorded=reader)
    assert index.precision == "single"
    score = con.execute("SELECT index_inner_product($path, 0, [1.0, 0.0]::FLOAT[])", {"path": str(index.path)}).fetchall()
    assert score == [(pytest.approx(0.6, abs=1e-7),)]


def test_null_in_null_out(con, tmp_path):
    small_library(con)
    path = indexed(con, tmp_path).path
    for row in ("NULL, [1.0, 0.0]::FLOAT[]", "0, NULL::FLOAT[]", "0, [1.0, NULL]::FLOAT[]"):
        assert con.sql(f"SELECT index_inner_product('{path}', {row})").fetchall() == [(None,)]
    assert con.sql("SELECT index_fingerprint(NULL)").fetchall() == [(None,)]
    null_mode = f"SELECT index_rank_analytes('{path}', 'v1', NULL, 200, [1.0, 0.0]::FLOAT[], 10, 10)"
    assert con.sql(null_mode).fetchall() == [(None,)]
    other_mode = f"SELECT index_rank_analytes('{path}', 'v1', 'both', 200, [1.0, 0.0]::FLOAT[], 10, 10)"
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
        ("index_rank_analytes('{path}', 'v2', 'positive', 200, [1.0, 0.0]::FLOAT[2], 10, 10)", "built from other spectra"),
        ("index_rank_analytes('{path}', NULL, 'positive', 200, [1.0, 0.0]::FLOAT[2], 10, 10)", "the fingerprint is NULL"),
        ("index_rank_analytes('{path}', 'v1', 'positive', 200, [1.0]::FLOAT[1], 10, 10)", "has 1 dimensions"),
        ("index_rank_analytes('{path}', 'v1', 'positive', 200, [1.0, 0.0]::FLOAT[2], -1, 10)", "ppm is -1"),
        ("index_rank_analytes('{path}', 'v1', 'positive', 200, [1.0, 0.0]::FLOAT[2], 10, 0)", "at least 1 analyte"),
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
    call = f"len(index_rank_analytes('{path}', '', 'positive', 200, [1.0, 0.0]::FLOAT[2], 10, 10))"
    assert con.sql(f"SELECT {call}").fetchall() == [(2,)]


def damaged(path, change):
    copy = path.with_name(f"damaged-{len(list(path.parent.iterdir()))}")
    copy.write_bytes(change(bytearray(path.read_bytes())))
    return copy


def flipped(place):
    def change(content):
        content[place] ^= 1
        return content

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda content: b"", "it is empty"),
        (lambda content: content[:100], "it is no search index"),
        (lambda content: b"PK" + content[2:], "it is no search index"),
        (lambda content: content[:8] + struct.pack("<I", 9) + content[12:], "another version"),
        (lambda content: content[:-1], "another length"),
        (lambda content: content + b"more", "another length"),
        (flipped(20), "header is damaged"),
        (flipped(250), "header is damaged"),
        (flipped(256), "columns are damaged"),
        (flipped(4000), "columns are damaged"),
        (flipped(4096), "the vectors of rows 0 to 5 are damaged"),
        (flipped(-1), "the vectors of rows 0 to 5 are damaged"),
    ],
)
def test_a_damaged_index_is_never_used(con, tmp_path, change, message):
    small_library(con)
    relation(con, "q", (1, 200.0, "+", [1.0, 0.0]))
    path = damaged(indexed(con, tmp_path).path, change)
    with pytest.raises(duckdb.Error, match=message):
        con.execute(RANKED, {"path": str(path), "ppm": 10, "k": 10}).fetchall()
    with pytest.raises(duckdb.Error, match=message):
        con.sql(f"SELECT index_inner_product('{path}', 0, [1.0, 0.0]::FLOAT[])").fetchall()


def test_headers_that_lie_with_a_right_checksum(con, tmp_path):
    """Whatever numbers a header holds, nothing outside the file is read."""
    small_library(con)
    path = indexed(con, tmp_path).path
    rng = np.random.default_rng(0)
    for place in range(12, 112, 4):
        for value in (0, 1, 7, 0xFFFFFFFF, int(rng.integers(2**32))):

            def change(content, place=place, value=value):
                content[place : place + 4] = struct.pack("<I", value)
                sum_of_header = checksum(np.frombuffer(bytes(content[:248]), dtype=np.uint8))
                content[248:256] = sum_of_header.to_bytes(8, "little")
                return content

            forged = damaged(path, change)
            call = f"SELECT index_inner_product('{forged}', 5, [1.0, 0.0]::FLOAT[])"
            try:
                (score,) = con.sql(call).fetchall()[0]
            except duckdb.Error as error:
                assert "search index" in str(error)  # noqa: PT017 - most forgeries are errors, some change nothing that is used
            else:
                assert -2 <= score <= 2
            forged.unlink()


def test_a_cut_index_is_noticed_while_open(con, tmp_path):
    small_library(con)
    path = indexed(con, tmp_path).path
    call = f"SELECT index_inner_product('{path}', 0, [1.0, 0.0]::FLOAT[])"
    assert con.sql(call).fetchall() == [(1.0,)]
    os.truncate(path, 300)
    with pytest.raises(duckdb.Error, match="another length"):
        con.sql(call).fetchall()


def test_a_new_index_under_the_same_name_is_used_at_once(con, tmp_path):
    small_library(con)
    path = indexed(con, tmp_path, "v1").path
    assert con.sql(f"SELECT index_fingerprint('{path}')").fetchall() == [("v1",)]
    con.execute("UPDATE l SET embedding = [0.0, 0.5] WHERE id = 13")
    indexed(con, tmp_path, "v2")
    call = f"SELECT index_fingerprint('{path}'), index_inner_product('{path}', 0, [0.0, 1.0]::FLOAT[])"
    assert con.sql(call).fetchall() == [("v2", 0.5)]


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


def test_what_cannot_be_indexed(con, tmp_path):
    relation(con, "l", (1, 100.0, "+", None, "A"))
    with pytest.raises(NoEmbedding, match="no spectrum of l has"):
        indexed(con, tmp_path)
    relation(con, "l", (1, 100.0, "+", [1.0, 0.0], "A"), (1, 100.0, "+", [0.0, 1.0], "A"))
    with pytest.raises(BadParameter, match="ids of l repeat"):
        indexed(con, tmp_path)
    relation(con, "l", (1, 100.0, "+", [float("nan"), 0.0], "A"))
    with pytest.raises(BadParameter, match="not finite"):
        indexed(con, tmp_path)
    con.execute("CREATE OR REPLACE TABLE lists AS SELECT * REPLACE ([1.0]::FLOAT[] AS embedding) FROM l")
    with pytest.raises(BadParameter, match="must be FLOAT"):
        write_search_index(con, "lists", tmp_path / "i", fingerprint="v1")
    with pytest.raises(BadParameter, match="at most 64"):
        indexed(con, tmp_path, fingerprint="x" * 65)
    assert list(tmp_path.iterdir()) == []


def test_reading_a_damaged_header(con, tmp_path):
    small_library(con)
    path = indexed(con, tmp_path).path
    for change, message in (
        (lambda c: c[:9], "no search index"),
        (flipped(30), "header is damaged"),
        (lambda c: c[:-8], "were written"),
    ):
        with pytest.raises(UnreadableFile, match=message):
            read_search_index(damaged(path, change))


def test_the_shell_searches_an_index(con, tmp_path, extension):
    shell = Path(sys.executable).with_name("duckdb")
    if not shell.exists():
        pytest.skip("the duckdb command-line program is not installed beside Python (package duckdb-cli)")
    small_library(con)
    relation(con, "q", (1, 200.0, "+", [1.0, 0.0]))
    path = indexed(con, tmp_path).path
    database = tmp_path / "shell.duckdb"
    con.execute(f"ATTACH '{database}' AS other; CREATE TABLE other.l AS FROM l; CREATE TABLE other.q AS FROM q; DETACH other")
    script = (
        f"LOAD '{extension}';\n.read {native.macro_file()}\n"
        f"SELECT query_id, rank, analyte_id, library_id FROM rank_analytes_indexed('q', 'l', '{path}', 'v1');\n"
    )
    command = [str(shell), "-unsigned", "-readonly", "-csv", str(database)]
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["query_id,rank,analyte_id,library_id", "1,1,B,10", "1,2,A,11"]
