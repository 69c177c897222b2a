"""Files of search indexes: written without loss, in order, and never used damaged, stale or unfit."""

import os
import struct

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from indexed_relations import RANKED, connection, damaged, flipped, indexed, random_relations, relation, small_library

from spectradb import schemas
from spectradb.arrays.half_precision import widened
from spectradb.arrays.half_search import FOUND, NOT_FINITE, NOT_HALF, find_half
from spectradb.errors import BadParameter, NoEmbedding, UnreadableFile
from spectradb.store.indexes import mmap_index as search_index
from spectradb.store.indexes.collection_indexes import collection_index
from spectradb.store.indexes.mmap_index import write_search_index
from spectradb.store.indexes.mmap_index_format import checksum, open_search_index, read_search_index
from spectradb.udfs import native


@pytest.fixture
def con(extension):
    return connection()


@pytest.fixture
def lab_con(extension, tiny_lab):
    con = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    con.execute(schemas.fill("queries/lab/open_lab", path=tiny_lab.published))
    native.load_extension(con)
    return con


@pytest.mark.covers("queries/lab/spectra_state")
def test_an_index_of_a_labs_library_is_built_once(lab_con, tmp_path):
    (model,) = lab_con.execute(schemas.read("publish/default_model")).fetchall()[0]
    first = collection_index(lab_con, tmp_path, collection="reference", model=model)
    state = lab_con.execute(schemas.read("queries/lab/spectra_state")).fetchall()
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


@pytest.mark.covers("queries/identify/index_rows", "queries/identify/index_row_count")
def test_what_an_index_reads(con):
    small_library(con)
    rows = con.execute(schemas.read("queries/identify/index_rows"), {"relation": "l"}).fetchall()
    assert sorted(rows) == [
        (10, "B", 200.0, True, (0.5, 0.75)),
        (11, "A", 200.001, True, (-0.25, 1.0)),
        (12, "B", 400.0, True, (0.5, 0.5)),
        (13, "C", 200.0, False, (1.0, 0.0)),
        (14, "B", 200.0, True, (0.5, 0.75)),
        (15, None, 200.0, True, (1.0, 1.0)),
    ], "index_rows"
    assert con.execute(schemas.read("queries/identify/index_row_count"), {"relation": "l"}).fetchall() == [(6,)]


@pytest.mark.covers("queries/lab/attached_file")
def test_the_file_that_is_read(con, tmp_path):
    query = schemas.read("queries/lab/attached_file")
    assert con.execute(query).fetchall() == [], "attached_file"
    duckdb.connect(tmp_path / "some.duckdb").close()
    con.execute(f"ATTACH '{tmp_path}/some.duckdb' AS written; USE written")
    assert con.execute(query).fetchall() == [], "attached_file"
    con.execute(f"USE memory; DETACH written; ATTACH '{tmp_path}/some.duckdb' AS readable (READ_ONLY); USE readable")
    assert con.execute(query).fetchall() == [(str(tmp_path / "some.duckdb"),)], "attached_file"


@pytest.mark.parametrize("half", [True, False])
def test_any_order_of_rows_gives_the_same_file(con, tmp_path, monkeypatch, half):
    monkeypatch.setattr(search_index, "_BATCH_ROWS", 1024)
    random_relations(con, dimension=5, half=half)
    shuffled = indexed(con, tmp_path).path.read_bytes()
    con.execute("CREATE OR REPLACE TABLE l AS FROM l ORDER BY ion_mode, precursor_mz, id")
    assert indexed(con, tmp_path).path.read_bytes() == shuffled
    con.execute("CREATE OR REPLACE TABLE l AS FROM l ORDER BY ion_mode DESC, precursor_mz, id")
    index = indexed(con, tmp_path)
    assert index.path.read_bytes() == shuffled
    found = open_search_index(index.path)
    expected = con.sql("SELECT id, embedding FROM l ORDER BY ion_mode, precursor_mz, id").to_arrow_table()
    np.testing.assert_array_equal(found.ids, expected["id"].to_numpy())
    np.testing.assert_array_equal(found.stored, np.stack(expected["embedding"].to_numpy()))
    assert list(tmp_path.iterdir()) == [index.path]


def test_vectors_of_a_lab_take_half_the_bytes(con, tmp_path):
    """A lab records vectors in half precision and publishes them at unit length: the index keeps the recorded ones."""
    rng = np.random.default_rng(0)
    unit = rng.standard_normal((2000, 37)) * (rng.random((2000, 37)) < 0.1)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-9)
    recorded = unit.astype(np.float16)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(widened(recorded).ravel()), 37)
    con.register("made", pa.table({"id": np.arange(2000), "embedding": vectors}))
    con.execute("CREATE TABLE l AS SELECT *, 'A' AS analyte_id, 200 + id AS precursor_mz, 'positive' AS ion_mode FROM made")
    index = open_search_index(indexed(con, tmp_path).path)
    np.testing.assert_array_equal(index.stored, recorded)
    np.testing.assert_allclose(index.stored.astype(np.float32) * index.scales[:, None], widened(recorded), rtol=2e-7)


def halves(vectors):
    found = np.full((len(vectors), 16), 7, dtype=np.uint16), np.empty(len(vectors), dtype=np.float32)
    return find_half(np.asarray(vectors, dtype=np.float32), *found), *found


def test_literal_half_vectors():
    found, _, _ = halves(
        [[1.0, -0.5, 0.0], [0.1234567, 0.7654321, 0.6315789], [0.0, 0.0, 0.0], [2.0**-24, -(2.0**-15), -65504.0]]
    )
    assert found == NOT_HALF
    found, bits, scales = halves([[1.0, -0.5, 0.0], [0.0, 0.0, 0.0], [2.0**-24, -(2.0**-15), -65504.0]])
    assert found == FOUND
    assert bits[:, :3].tolist() == [[0x3C00, 0xB800, 0], [0, 0, 0], [1, 0x8200, 0xFBFF]]
    assert not bits[:, 3:].any()
    assert scales.tolist() == [1.0, 1.0, 1.0]
    assert halves([[1.0, np.nan]])[0] == halves([[-np.inf, 1.0]])[0] == NOT_FINITE
    assert halves([[70000.0, 1.0]])[0] == NOT_HALF


COMPONENT = st.floats(-1, 1, width=16)


@settings(deadline=None)
@given(hnp.arrays(np.float16, (1, 6), elements=COMPONENT))
def test_a_rounded_unit_vector_is_found_again(drawn):
    length = np.linalg.norm(drawn.astype(np.float64))
    recorded = (drawn.astype(np.float64) / (length or 1)).astype(np.float16)
    found, bits, scales = halves(widened(recorded))
    assert found == FOUND
    again = bits[:, :6].view(np.float16).astype(np.float32) * scales[:, None]
    np.testing.assert_allclose(again, widened(recorded), rtol=1e-6, atol=1e-9)


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
        (flipped(256), "the vectors of rows 0 to 5 are damaged"),
        (flipped(256 + 6 * 32 - 1), "the vectors of rows 0 to 5 are damaged"),
        (flipped(256 + 6 * 32), "columns are damaged"),
        (flipped(-1), "columns are damaged"),
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
