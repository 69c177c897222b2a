"""The statements that fill the published tables about samples, each over hand-made rows of the record.

The record comes as a stream that can be read once; so it does here.
"""

import pyarrow as pa
import pytest
from table_rows import put, record, tables

from spectradb import schemas

OLD, NEW = "2026-01-01 00:00:00", "2026-01-02 00:00:00"


@pytest.fixture
def filled():
    """Return a function that fills a table from rows of its record and gives some of its columns."""

    def fill(con, table, columns, *rows):
        record(con, table)
        put(con, f"record_{table}", *rows)
        stored = con.sql(f"FROM record_{table}").to_arrow_table()
        con.execute(f"DROP TABLE record_{table}")
        con.register(f"record_{table}", pa.RecordBatchReader.from_batches(stored.schema, stored.to_batches()))
        con.execute(schemas.read(f"tables/samples/{table}.fill"))
        return con.execute(f"SELECT {columns} FROM {table}").fetchall()

    return fill


@pytest.mark.covers("tables/samples/codebooks.fill")
def test_codebooks_shows_the_latest_of_each_name(filled):
    rows = filled(
        tables("codebooks"),
        "codebooks",
        "codebook, codeword",
        {"codebook": "b", "codeword": 1, "created": NEW},
        {"codebook": "b", "codeword": 0, "created": NEW},
        {"codebook": "b", "codeword": 2, "created": OLD},
        {"codebook": "a", "codeword": 0, "created": OLD},
    )
    assert rows == [("a", 0), ("b", 0), ("b", 1)]


@pytest.mark.covers("tables/samples/spectrum_codewords.fill")
def test_spectrum_codewords_shows_what_the_published_codebooks_assigned(filled):
    con = tables("spectrum_codewords", "codebooks", "spectra")
    put(con, "codebooks", {"codebook": "a", "codeword": 0, "created": NEW}, {"codebook": "a", "codeword": 1, "created": NEW})
    put(con, "spectra", {"spectrum_id": 1}, {"spectrum_id": 2})
    rows = filled(
        con,
        "spectrum_codewords",
        "codebook, spectrum_id, codeword",
        {"codebook": "a", "spectrum_id": 2, "codeword": 1, "created": NEW},
        {"codebook": "a", "spectrum_id": 1, "codeword": 0, "created": NEW},
        {"codebook": "a", "spectrum_id": 1, "codeword": 1, "created": OLD},
        {"codebook": "a", "spectrum_id": 3, "codeword": 1, "created": NEW},  # taken back
        {"codebook": "b", "spectrum_id": 1, "codeword": 1, "created": NEW},  # its codebook is not there yet
    )
    assert rows == [("a", 1, 0), ("a", 2, 1)]


@pytest.mark.covers("tables/samples/sample_embeddings.fill")
def test_sample_embeddings_shows_the_latest_of_each_kind(filled):
    kind = {"study": "s", "method": "mean", "model": "m", "level": "run", "blanks_subtracted": False}
    rows = filled(
        tables("sample_embeddings"),
        "sample_embeddings",
        "method, model, level, blanks_subtracted, unit_id",
        kind | {"unit_id": "2", "created": NEW},
        kind | {"unit_id": "1", "created": NEW},
        kind | {"unit_id": "3", "created": OLD},
        kind | {"unit_id": "4", "created": OLD, "model": None},
        kind | {"unit_id": "5", "created": OLD, "level": "sample"},
        kind | {"unit_id": "6", "created": OLD, "blanks_subtracted": True},
        kind | {"unit_id": "7", "created": OLD, "method": "max"},
    )
    assert rows == [
        ("max", "m", "run", False, "7"),
        ("mean", "m", "run", False, "1"),
        ("mean", "m", "run", False, "2"),
        ("mean", "m", "run", True, "6"),
        ("mean", "m", "sample", False, "5"),
        ("mean", None, "run", False, "4"),
    ]


@pytest.mark.covers("tables/samples/sample_predictions.fill")
def test_sample_predictions_shows_the_latest_of_each_job(filled):
    rows = filled(
        tables("sample_predictions"),
        "sample_predictions",
        "job, unit_id, probabilities",
        {"job": "j", "unit_id": "2", "created": NEW, "probabilities": {"a": 0.25, "b": 0.75}},
        {"job": "j", "unit_id": "1", "created": NEW},
        {"job": "j", "unit_id": "1", "created": OLD},
        {"job": "i", "unit_id": "1", "created": OLD},
    )
    assert rows == [("i", "1", None), ("j", "1", None), ("j", "2", {"a": 0.25, "b": 0.75})]


@pytest.mark.covers("tables/samples/sample_projection.fill")
def test_sample_projection_shows_the_latest_of_each_kind(filled):
    kind = {"study": "s", "method": "mean", "level": "run", "blanks_subtracted": False}
    rows = filled(
        tables("sample_projection"),
        "sample_projection",
        "projection, unit_id, x",
        kind | {"projection": "umap", "unit_id": "1", "x": 1.0, "created": OLD},
        kind | {"projection": "pca", "unit_id": "1", "x": 2.0, "created": OLD},
        kind | {"projection": "pca", "unit_id": "1", "x": 3.0, "created": NEW},
    )
    assert rows == [("pca", "1", 3.0), ("umap", "1", 1.0)]


@pytest.mark.covers("tables/samples/group_markers.fill")
def test_group_markers_have_a_false_discovery_rate_in_each_comparison(filled):
    def marker(codeword, p_value, group="g", created=NEW):
        kind = {"study": "s", "target": "t", "level": "run", "codebook": "c"}
        return kind | {"group_value": group, "codeword": codeword, "p_value": p_value, "created": created}

    rows = filled(
        tables("group_markers"),
        "group_markers",
        "group_value, codeword, q_value",
        marker(0, 0.9),
        marker(1, 0.0078125),
        marker(2, 0.04),
        marker(3, 0.03),
        marker(4, 0.04),
        marker(0, 0.01, group="h"),
        marker(9, 0.0, created=OLD),
    )
    assert rows == [
        ("g", 1, 0.0390625),  # times 5
        ("g", 3, pytest.approx(0.05)),  # 0.03 * 5 / 2 = 0.075 is above what the next have
        ("g", 2, pytest.approx(0.05)),
        ("g", 4, pytest.approx(0.05)),  # 0.04 * 5 / 4
        ("g", 0, 0.9),
        ("h", 0, 0.01),
    ]
