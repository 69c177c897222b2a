"""Comparing queries with what they cannot be: relatives by H2, CH2 and O."""

import duckdb
import pytest

from spectradb import schemas

HYDROGEN, METHYLENE, OXYGEN = 2.01565, 14.01565, 15.99491

# id, collection, precursor m/z, ion mode, vector, analyte, contributor, hash of peaks
SPECTRA = [
    (1, "study", 200.0, "positive", [1.0, 0.0], None, "Me", 1),
    (2, "study", 500.0, "positive", [1.0, 0.0], None, "Me", 2),
    (11, "library", 200.0, "positive", [1.0, 0.0], "A", "Aa", 11),
    (12, "library", 200.0 + HYDROGEN, "positive", [0.5, 0.0], "B", "Aa", 12),
    (13, "library", 200.0 + HYDROGEN, "positive", [0.25, 0.0], "C", "Me", 13),
    (14, "library", 200.0 - METHYLENE, "positive", [0.75, 0.0], "D", "Me", 14),
    (15, "library", 200.0 + OXYGEN, "negative", [1.0, 0.0], "E", "Aa", 15),
    (16, "library", 200.0 - OXYGEN, "positive", [1.0, 0.0], None, "Aa", 16),
]


@pytest.fixture
def con():
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE spectra (spectrum_id BIGINT, collection VARCHAR, precursor_mz DOUBLE, precursor_mz_stated DOUBLE, "
        "ion_mode VARCHAR, embedding_flat FLOAT[2], analyte_id VARCHAR, contributor VARCHAR, peaks_hash BIGINT, "
        "adduct VARCHAR); "
        "CREATE SCHEMA vectors"
    )
    for row in SPECTRA:
        con.execute("INSERT INTO spectra VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, NULL)", row)
    for collection in ("study", "library"):
        con.execute(schemas.fill("publish/embedded_view", collection=collection, model="flat"))
    wanted = ("precursor_pairs", "candidate_pairs", "collection_spectra", "query_spectra", "collection_queries")
    for name in schemas.creation_order("macros/similarity", "macros/identification"):
        if name.rpartition("/")[2] in {*wanted, "neighbour_shifts", "neighbour_pairs", "embedded_queries", "best_neighbours"}:
            con.execute(schemas.read(name))
    con.execute("CREATE MACRO peak_score(scorer, query_id, library_id) AS (library_id / 100)::FLOAT")
    return con


@pytest.mark.covers("macros/identification/neighbour_shifts", "macros/identification/neighbour_pairs")
def test_neighbour_pairs(con):
    assert con.sql("SELECT neighbour_shifts()").fetchall() == [([HYDROGEN, -HYDROGEN, METHYLENE, -METHYLENE, OXYGEN, -OXYGEN],)]
    found = con.sql(
        "SELECT query_id, library_id, query_shift, round(query_precursor_mz - library_precursor_mz, 9) AS apart "
        "FROM neighbour_pairs('vectors.study__flat', 'vectors.library__flat') ORDER BY library_id"
    ).fetchall()
    # Not the query's own mass, another mode, or a spectrum of no analyte.
    assert found == [(1, 12, HYDROGEN, 0.0), (1, 13, HYDROGEN, 0.0), (1, 14, -METHYLENE, 0.0)]
    kept = "SELECT library_id FROM neighbour_pairs('vectors.study__flat', 'vectors.library__flat', left_out := 'contributor')"
    assert con.sql(kept).fetchall() == [(12,)]


@pytest.mark.covers("macros/identification/best_neighbours")
def test_best_neighbours(con):
    con.execute("CREATE TABLE asked AS SELECT unnest([1, 2]) AS id")
    con.execute("CREATE TABLE scored (query_id INTEGER, analyte_id VARCHAR, score DOUBLE)")
    con.execute("INSERT INTO scored VALUES (1, 'A', 0.5), (1, 'A', 0.75), (1, 'B', 0.25)")
    found = con.sql("FROM best_neighbours('asked', 'scored')")
    assert found.columns == ["query_id", "neighbour_score", "neighbour_analytes"]
    assert sorted(found.fetchall()) == [(1, 0.75, 2), (2, None, 0)]


@pytest.mark.covers(
    "queries/identify/neighbours/neighbours",
    "queries/identify/neighbours/neighbours_by_peaks",
    "queries/identify/neighbours/neighbours_fused",
)
def test_neighbours_of_every_query(con):
    values = {"ppm": 10.0, "left_out": None, "contributors": None, "query_ids": None}

    def found(name, searched, **changed):
        return con.execute(schemas.read(f"queries/{name}"), searched | values | changed).fetchall()

    sides = {"study": "study", "library": "library"}
    by_model = sides | {"model": "flat"}
    # Three analytes lie beside query 1, two of them in one window; nothing at all beside query 2.
    assert sorted(found("identify/neighbours/neighbours", by_model)) == [(1, 0.75, 3), (2, None, 0)]
    assert sorted(found("identify/neighbours/neighbours_by_peaks", sides, scorer=1)) == [
        (1, pytest.approx(0.14), 3),
        (2, None, 0),
    ]
    mixed = [(1, pytest.approx(0.5 * 0.75 + 0.5 * 0.14), 3), (2, None, 0)]
    assert sorted(found("identify/neighbours/neighbours_fused", by_model, weight=0.5, scorer=1)) == mixed
    assert sorted(found("identify/neighbours/neighbours", by_model, left_out="contributor")) == [
        (1, 0.5, 1),
        (2, None, 0),
    ]
    assert found("identify/neighbours/neighbours", by_model, contributors=["Nobody"]) == []
    assert found("identify/neighbours/neighbours", by_model, query_ids=[2]) == [(2, None, 0)]
    # As queries, spectra have the precursor that their source states.
    con.execute("UPDATE spectra SET precursor_mz_stated = 700 WHERE spectrum_id = 1")
    assert sorted(found("identify/neighbours/neighbours", by_model)) == [(1, None, 0.0), (2, None, 0)]
