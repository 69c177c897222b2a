"""What changed between two states of a collection, which queries that concerns, and which hits hold; states that are kept."""

from datetime import datetime

import duckdb
import pytest

from spectradb import schemas

SPECTRUM = (
    "spectrum_id BIGINT, collection VARCHAR, native_id VARCHAR, record_hash BIGINT, peaks_hash BIGINT, precursor_mz DOUBLE, "
    "precursor_mz_stated DOUBLE, ion_mode VARCHAR, analyte_id VARCHAR, contributor VARCHAR, is_compared BOOLEAN"
)
JANUARY, FEBRUARY, MARCH = (datetime(2026, month, 1) for month in (1, 2, 3))  # noqa: DTZ001 - tables have UTC without a zone


def with_rows(con, table, columns, rows):
    con.execute(f"CREATE OR REPLACE TABLE {table} ({columns})")
    if rows:
        con.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def spectrum(number, mz=100.0, *, mode="positive", record=1, stated=None, analyte="A", compared=True, collection="c"):
    return (number, collection, f"n{number}", record, 10 * number, mz, stated, mode, analyte, None, compared)


def rows(con, name, **values):
    return con.execute(schemas.read(f"queries/history/{name}"), values or None).fetchall()


@pytest.mark.covers("queries/history/changed_spectra")
def test_changed_spectra():
    con = duckdb.connect()
    before = [
        spectrum(1),
        spectrum(2),
        spectrum(3, analyte=None),
        spectrum(4),
        spectrum(5, compared=False),
        spectrum(6, stated=100.01),
        spectrum(7, compared=False),
    ]
    now = [
        spectrum(1),
        spectrum(2, 200.0, record=2),
        spectrum(3, analyte="B"),
        spectrum(5),
        spectrum(6, stated=100.02),
        spectrum(7, compared=False, record=2),
        spectrum(8, mode="negative"),
    ]
    with_rows(con, "spectra_before", SPECTRUM, before)
    with_rows(con, "spectra_now", SPECTRUM, now)
    plus, minus = "positive", "negative"
    assert rows(con, "changed_spectra") == [
        (2, "n2", "changed", 100.0, plus, 200.0, plus),
        (3, "n3", "changed", 100.0, plus, 100.0, plus),
        (4, "n4", "gone", 100.0, plus, None, None),
        (5, "n5", "new", None, None, 100.0, plus),
        (6, "n6", "changed", 100.0, plus, 100.0, plus),
        (8, "n8", "new", None, None, 100.0, minus),
    ]


@pytest.mark.covers("queries/history/published_rows", "queries/history/published_with_vector")
def test_published_rows_are_those_of_one_collection():
    con = duckdb.connect()
    columns = (
        "spectrum_id BIGINT, collection VARCHAR, native_id VARCHAR, record_hash BIGINT, peaks_hash BIGINT, "
        "precursor_mz DOUBLE, precursor_mz_stated DOUBLE, ion_mode VARCHAR, analyte_id VARCHAR, contributor VARCHAR, "
        "import_id VARCHAR, tic DOUBLE"
    )
    row = ("n", 5, 6, 100.0, None, "positive", "A", None, "i", 1.0)
    with_rows(con, "spectra", columns, [(1, "a", *row), (2, "a", *row), (3, "b", *row)])
    assert sorted(rows(con, "published_rows", collection="a")) == [(1, "a", *row[:-1]), (2, "a", *row[:-1])]
    for macro in ("query_spectra", "embedded_queries"):
        con.execute(schemas.read(f"macros/identification/{macro}"))
    con.execute("CREATE SCHEMA vectors; CREATE TABLE vectors.a__m (id BIGINT, precursor_mz DOUBLE, precursor_mz_stated DOUBLE)")
    con.execute("ALTER TABLE vectors.a__m ADD COLUMN contributor VARCHAR; INSERT INTO vectors.a__m VALUES (1, 1, 1, NULL)")
    assert rows(con, "published_with_vector", collection="a", model="m") == [(1,)]


@pytest.mark.covers("queries/history/affected_queries")
def test_affected_queries():
    con = duckdb.connect()
    con.execute(schemas.read("macros/similarity/precursor_pairs"))
    con.execute(schemas.read("macros/identification/neighbour_shifts"))
    study = [
        spectrum(1, 100.0),
        spectrum(2, 100.0, mode="negative"),
        spectrum(3, 150.0, stated=200.0),
        spectrum(4, 200.003),
        spectrum(5, 300.0),
        spectrum(6, 400.0),
        spectrum(7, 100.0, compared=False),
    ]
    with_rows(con, "study_now", SPECTRUM, study)
    columns = (
        "spectrum_id BIGINT, native_id VARCHAR, change VARCHAR, precursor_mz_before DOUBLE, ion_mode_before VARCHAR, "
        "precursor_mz_now DOUBLE, ion_mode_now VARCHAR"
    )
    library = [
        (91, "a", "changed", 100.0005, "positive", 200.0, "positive"),
        (92, "b", "gone", 500.0, "positive", None, None),
    ]
    with_rows(con, "changed_library", columns, library)
    queries = [(6, "n6", "new", None, None, 400.0, "positive"), (9, "n9", "gone", 1.0, "positive", None, None)]
    with_rows(con, "changed_queries", columns, queries)
    assert sorted(rows(con, "affected_queries", ppm=10.0, beside=False)) == [(1,), (3,), (6,)]
    assert sorted(rows(con, "affected_queries", ppm=20.0, beside=False)) == [(1,), (3,), (4,), (6,)]


@pytest.mark.covers("queries/history/affected_queries", "queries/history/carried_neighbours")
def test_neighbours_of_affected_queries():
    con = duckdb.connect()
    names = ("similarity/precursor_pairs", "identification/neighbour_shifts", "identification/candidate_pairs")
    for name in (*names, "identification/neighbour_pairs"):
        con.execute(schemas.read(f"macros/{name}"))
    # The first two have what moved at their precursor, and beside it by H2; the third is of the other ion mode.
    study = [spectrum(1), spectrum(2, 102.01565), spectrum(3, 102.01565, mode="negative"), spectrum(4, 300.0)]
    with_rows(con, "study_now", SPECTRUM, study)
    columns = (
        "spectrum_id BIGINT, native_id VARCHAR, change VARCHAR, precursor_mz_before DOUBLE, ion_mode_before VARCHAR, "
        "precursor_mz_now DOUBLE, ion_mode_now VARCHAR"
    )
    with_rows(con, "changed_library", columns, [(91, "a", "new", None, None, 100.0, "positive")])
    with_rows(con, "changed_queries", columns, [(4, "n4", "changed", 1.0, "positive", 300.0, "positive")])
    assert sorted(rows(con, "affected_queries", ppm=10.0, beside=True)) == [(1,), (2,), (4,)]
    library = [spectrum(91), spectrum(92, analyte="B"), spectrum(93, 104.0313, analyte="C"), spectrum(94, analyte=None)]
    with_rows(con, "library_now", SPECTRUM, library)
    with_rows(con, "scored_again", "query_id BIGINT, neighbour_score FLOAT", [(2, 0.5)])
    columns = "search_id VARCHAR, query_id BIGINT, rank INTEGER, neighbour_score FLOAT"
    with_rows(con, "hits", columns, [("s", 1, 1, 0.25), ("s", 2, 1, 0.75), ("s", 1, 2, None), ("t", 4, 1, 0.125)])
    values = {"ppm": 10.0, "left_out": None, "contributors": None, "earlier": "s"}
    assert sorted(rows(con, "carried_neighbours", **values)) == [(1, 0.25, 0), (2, 0.5, 3), (3, None, 0), (4, None, 0)]


@pytest.mark.covers("queries/history/carried_hits")
def test_carried_hits():
    con = duckdb.connect()
    with_rows(con, "study_now", SPECTRUM, [spectrum(1), spectrum(2), spectrum(3, compared=False)])
    with_rows(con, "affected", "spectrum_id BIGINT", [(2,)])
    columns = (
        "search_id VARCHAR, query_id BIGINT, rank INTEGER, analyte_id VARCHAR, library_spectrum_id BIGINT, score FLOAT, "
        "matched_peaks INTEGER, ppm_error DOUBLE, n_candidate_analytes INTEGER, score_gap FLOAT, probability DOUBLE"
    )
    hits = [
        (search, query, rank, "A", 90 + rank, 0.5, 3, 1.0, 2, 0.25, 0.9)
        for search in ("s", "t")
        for query in (1, 2, 3, 4)
        for rank in (2, 1)
    ]
    with_rows(con, "hits", columns, hits)
    assert rows(con, "carried_hits", search_id="new", earlier="s") == [
        ("new", 1, 1, "A", 91, 0.5, 3, 1.0, 2, 0.25),
        ("new", 1, 2, "A", 92, 0.5, 3, 1.0, 2, 0.25),
    ]


@pytest.mark.covers("queries/history/counted_spectra")
def test_counted_spectra():
    con = duckdb.connect()
    with_rows(con, "imports", "import_id VARCHAR, finished TIMESTAMP", [("old", JANUARY), ("new", MARCH)])
    with_rows(con, "record_rows", "spectrum_id BIGINT, import_id VARCHAR", [(1, "old"), (2, "new"), (3, "killed")])
    assert rows(con, "counted_spectra", ended_by=FEBRUARY) == [(1, "old")]
    assert rows(con, "counted_spectra", ended_by=None) == [(1, "old"), (2, "new")]


@pytest.mark.covers(
    "tables/collections/collection_states.fill",
    "tables/collections/kept_states.fill",
    "queries/history/states_of",
    "queries/history/list_states",
)
def test_states_of_collections():
    con = duckdb.connect()

    def state(*spectra):
        with_rows(con, "spectra", SPECTRUM, spectra)
        con.execute("DROP TABLE IF EXISTS collection_states")
        con.execute(schemas.read("tables/collections/collection_states"))
        con.execute(schemas.read("tables/collections/collection_states.fill"))
        return con.execute("FROM collection_states").fetchall()

    one, two = spectrum(1), spectrum(2)
    # md5 of '1|1|10|100.0|-|positive|A|-' and of '2|1|20|100.0|-|positive|A|-', by exclusive or, their lowest byte first
    assert state(one, two) == state(two, one) == [("c", "63a287bd75d8d58316f880410936ed51", 2)]
    ((_, before, _),) = state(one)
    changes = [spectrum(1, record=2), spectrum(1, 100.5), spectrum(1, stated=100.5), spectrum(1, analyte=None)]
    assert before not in {state(changed)[0][1] for changed in changes}
    other = spectrum(3, collection="s")
    (_, of_library, _), (_, of_study, _) = state(one, other)
    assert of_library == before
    assert rows(con, "states_of", study="s", library="c") == [(of_study, of_library)]
    assert rows(con, "states_of", study="s", library="x") == [(of_study, None)]
    con.execute(schemas.read("tables/collections/kept_states"))
    columns = "name VARCHAR, collection VARCHAR, state VARCHAR, n_spectra BIGINT, record_version BIGINT, kept TIMESTAMP"
    kept = [("b", "c", before, 1, 7, FEBRUARY), ("a", "c", "other", 5, 6, JANUARY)]
    with_rows(con, "record_kept_states", columns, kept)
    con.execute(schemas.read("tables/collections/kept_states.fill"))
    assert [row[0] for row in con.execute("FROM kept_states").fetchall()] == ["a", "b"]
    columns = "search_id VARCHAR, study VARCHAR, library VARCHAR, study_state VARCHAR, library_state VARCHAR"
    searches = [("t", "s", "c", of_study, before), ("s", "c", "s", before, of_study), ("u", "s", "c", of_study, None)]
    with_rows(con, "searches", columns, searches)
    assert rows(con, "list_states") == [
        ("a", "c", 5, 6, JANUARY, False, [], "other"),
        ("b", "c", 1, 7, FEBRUARY, True, ["s", "t"], before),
    ]


@pytest.mark.covers("queries/history/published_version")
def test_published_version():
    con = duckdb.connect()
    sources = [("spectra", '{"versions": {"imports": 3, "spectra": 41}}'), ("hits", '{"versions": {"spectra": 2}}')]
    with_rows(con, "publications", "table_name VARCHAR, sources VARCHAR", sources)
    assert rows(con, "published_version") == [(41,)]
