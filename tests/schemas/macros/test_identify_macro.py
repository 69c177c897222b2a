"""identify: its rows, its count of matched peaks, its plan, and that nothing but its inputs decides its result."""

import json

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_lab import CAFFEINE, CITRIC_ACID, ISOLEUCINE, LEUCINE, SALICYLIC_ACID, build

from spectradb import schemas

FORBIDDEN = {"NESTED_LOOP_JOIN", "BLOCKWISE_NL_JOIN", "PIECEWISE_MERGE_JOIN", "IE_JOIN", "CROSS_PRODUCT"}


def hand_made(spectra):
    """A database with the macros and spectra of (id, collection, precursor m/z, ion mode, vector, analyte, m/z of peaks).

    Contributor and hash of the peaks may follow.
    """
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE spectra (spectrum_id BIGINT, collection VARCHAR, precursor_mz DOUBLE, precursor_mz_stated DOUBLE, "
        "ion_mode VARCHAR, embedding_flat FLOAT[2], analyte_id VARCHAR, mz DOUBLE[], contributor VARCHAR, peaks_hash BIGINT); "
        "CREATE SCHEMA vectors"
    )
    for row in spectra:
        values = row if len(row) == 9 else (*row, None, row[0])
        con.execute("INSERT INTO spectra VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, ?)", values)
    for collection in ("study", "library"):
        con.execute(schemas.fill("publish/embedded_view", collection=collection, model="flat"))
        con.execute(schemas.fill("publish/default_view", collection=collection, model="flat"))
    for name in schemas.creation_order("macros/similarity", "macros/identification"):
        con.execute(schemas.read(name))
    return con


@pytest.mark.covers("macros/identification/identify")
def test_identify():
    con = hand_made(
        [
            (1, "study", 200.0, "positive", [1.0, 0.0], None, [50.0, 80.0, 120.0]),
            (2, "study", 200.0, "negative", [1.0, 0.0], None, [50.0]),
            (3, "study", 500.0, "positive", [1.0, 0.0], None, [50.0]),
            (11, "library", 200.001, "positive", [0.75, 0.0], "B", [50.005, 80.02, 120.0]),
            (12, "library", 200.0, "positive", [0.5, 0.0], "A", [10.0]),
            (13, "library", 200.0, "positive", [0.25, 0.0], "A", [50.0, 80.0, 120.0]),
            (14, "library", 200.0, "positive", [0.5, 0.5], "C", [80.0]),
            (15, "library", 200.0, "negative", [0.0, 1.0], "C", [49.999, 50.001]),
        ]
    )
    found = con.sql("FROM identify('study', 'library')")
    assert [f"{name} {kind}" for name, kind in zip(found.columns, found.types, strict=True)] == [
        *("query_id BIGINT", "rank INTEGER", "analyte_id VARCHAR", "library_spectrum_id BIGINT", "score FLOAT"),
        *("matched_peaks INTEGER", "ppm_error DOUBLE", "n_candidate_analytes INTEGER", "score_gap FLOAT"),
    ]
    # Spectrum 3 has no candidate. A and C tie: A goes first, by its better spectrum, with which no peak matches.
    assert found.fetchall() == [
        (1, 1, "B", 11, 0.75, 2, pytest.approx(5.0), 3, 0.25),
        (1, 2, "A", 12, 0.5, 0, 0.0, 3, 0.0),
        (1, 3, "C", 14, 0.5, 1, 0.0, 3, None),
        (2, 1, "C", 15, 0.0, 1, 0.0, 1, None),
    ]
    assert con.sql("SELECT * FROM identify('study', 'library', model := 'flat')").fetchall() == found.fetchall()
    # A narrower window leaves B out, k cuts, and a wider tolerance matches all peaks of B.
    narrow = (
        "SELECT query_id, rank, analyte_id, n_candidate_analytes, score_gap FROM identify('study', 'library', ppm := 4, k := 1)"
    )
    assert con.sql(narrow).fetchall() == [(1, 1, "A", 2, 0.0), (2, 1, "C", 1, None)]
    wide = "SELECT matched_peaks FROM identify('study', 'library', k := 1, fragment_tolerance_da := 0.05) WHERE query_id = 1"
    assert con.sql(wide).fetchall() == [(3,)]


LABORATORIES = [
    (1, "library", 200.0, "positive", [1.0, 0.0], "A", [50.0], "Eawag", 71),
    (2, "library", 200.0, "positive", [0.5, 0.0], "A", [50.0], "Eawag", 72),
    (3, "library", 200.0, "positive", [0.25, 0.0], "A", [50.0], "RIKEN", 73),
    (4, "library", 200.0, "positive", [1.0, 0.0], "B", [50.0], "RIKEN", 71),
    (5, "library", 200.0, "positive", [0.5, 0.5], "C", [50.0], None, 75),
    (6, "library", 200.0, "positive", [0.0, 1.0], "D", [50.0], None, 76),
]


@pytest.mark.covers("macros/identification/candidate_pairs", "macros/identification/collection_spectra")
def test_candidate_pairs_of_laboratories():
    con = hand_made(LABORATORIES)
    con.execute("CREATE VIEW side AS FROM collection_spectra('library')")
    found = con.sql("FROM candidate_pairs('side', 'side', left_out := 'contributor')")
    columns = ["id", "analyte_id", "precursor_mz", "precursor_mz_stated", "ion_mode", "contributor", "peaks_hash"]
    assert found.columns == [*(f"query_{name}" for name in columns), *(f"library_{name}" for name in columns), "ppm_error"]
    # 1 and 4 have the same peaks; 5 and 6 may both be of one laboratory.
    pairs = con.sql(
        "SELECT query_id, list(library_id ORDER BY library_id) FROM candidate_pairs('side', 'side', left_out := 'contributor') "
        "GROUP BY query_id ORDER BY query_id"
    ).fetchall()
    assert pairs == [
        (1, [3, 5, 6]),
        (2, [3, 4, 5, 6]),
        (3, [1, 2, 5, 6]),
        (4, [2, 5, 6]),
        (5, [1, 2, 3, 4]),
        (6, [1, 2, 3, 4]),
    ]
    assert con.sql("SELECT count(*) FROM candidate_pairs('side', 'side')").fetchall() == [(36,)]
    # All pairs but six of a spectrum with itself, and 1 with 4 in both directions.
    assert con.sql("SELECT count(*) FROM candidate_pairs('side', 'side', left_out := 'copies')").fetchall() == [(28,)]
    some = con.sql("SELECT id, contributor FROM collection_spectra('library', contributors := ['RIKEN', 'UFZ']) ORDER BY id")
    assert some.fetchall() == [(3, "RIKEN"), (4, "RIKEN")]
    with pytest.raises(duckdb.Error, match="left_out must be 'contributor', 'copies' or NULL"):
        con.sql("SELECT count(*) FROM candidate_pairs('side', 'side', left_out := 'molecule')").fetchall()


@pytest.mark.covers("macros/identification/query_spectra", "macros/identification/collection_queries")
def test_as_a_query_a_spectrum_has_the_precursor_that_its_source_states():
    con = hand_made(
        [
            (1, "library", 200.05, "positive", [1.0, 0.0], "A", [50.0]),
            (2, "library", 200.05, "positive", [1.0, 0.0], "A", [50.0]),
            (3, "library", 200.0, "positive", [1.0, 0.0], "B", [50.0]),
        ]
    )
    # The source of 1 states 200.0, with which its structure and its adduct disagree.
    con.execute("UPDATE spectra SET precursor_mz_stated = CASE spectrum_id WHEN 1 THEN 200.0 WHEN 3 THEN 200.0 END")
    asked = "SELECT id, precursor_mz, precursor_mz_stated FROM {} ORDER BY id"
    stated = [(1, 200.0, 200.0), (2, 200.05, None), (3, 200.0, 200.0)]
    assert con.sql(asked.format("query_spectra('vectors.library__flat')")).fetchall() == stated
    assert con.sql(asked.format("collection_queries('library')")).fetchall() == stated
    assert con.sql("FROM collection_queries('library', contributors := ['Eawag'])").fetchall() == []
    for identified in ("identify", "identify_merged"):
        found = con.sql(
            f"SELECT query_id, analyte_id, library_spectrum_id, ppm_error FROM {identified}('library', 'library')"
        ).fetchall()
        # 1 is found by 2, and finds what lies where it says that it was measured, not itself.
        assert found == [(1, "B", 3, 0.0), (2, "A", 1, 0.0), (3, "B", 3, 0.0)]


def test_a_library_identified_against_itself():
    con = hand_made(LABORATORIES)
    rows = con.sql(
        "SELECT query_id, rank, analyte_id, library_spectrum_id, score, n_candidate_analytes, score_gap "
        "FROM identify('library', 'library', left_out := 'contributor', contributors := ['Eawag'])"
    ).fetchall()
    assert rows == [
        (1, 1, "C", 5, 0.5, 3, 0.25),
        (1, 2, "A", 3, 0.25, 3, 0.25),
        (1, 3, "D", 6, 0.0, 3, None),
        (2, 1, "B", 4, 0.5, 4, 0.25),
        (2, 2, "C", 5, 0.25, 4, 0.125),
        (2, 3, "A", 3, 0.125, 4, 0.125),
        (2, 4, "D", 6, 0.0, 4, None),
    ]


@pytest.mark.covers("macros/identification/identify_merged", "queries/identify/identify_merged")
def test_identify_merged():
    # The query lies between two spectra of A, one at low and one at high collision energy, and nearer than either to B.
    con = hand_made(
        [
            (1, "study", 200.0, "positive", [0.6, 0.8], None, [50.0, 80.0]),
            (11, "library", 200.0, "positive", [1.0, 0.0], "A", [50.0]),
            (12, "library", 200.001, "positive", [0.0, 1.0], "A", [80.0]),
            (13, "library", 200.0, "positive", [0.936, 0.352], "B", [120.0]),
        ]
    )
    alone = con.sql("SELECT analyte_id, round(score::DOUBLE, 4) FROM identify('study', 'library')").fetchall()
    assert alone == [("B", 0.8432), ("A", 0.8)]
    merged = con.sql("FROM identify_merged('study', 'library')")
    assert merged.columns == con.sql("FROM identify('study', 'library')").columns
    # A's score is (0.6 + 0.8) / |(1, 1)|; its best spectrum stands for it.
    assert [rounded(row) for row in merged.fetchall()] == [
        (1, 1, "A", 12, 0.9899, 1, 5.0, 2, 0.1467),
        (1, 2, "B", 13, 0.8432, 0, 0.0, 2, None),
    ]
    one = con.sql("SELECT analyte_id FROM identify_merged('study', 'library', spectra := 1)").fetchall()
    assert one == [("B",), ("A",)]
    statement = schemas.read("queries/identify/identify_merged")
    values = {"search_id": "x", "ppm": 10.0, "k": 10, "fragment_tolerance_da": 0.01, "left_out": None, "contributors": None}
    searched = {"study": "study", "library": "library", "model": "flat"}
    found = con.execute(statement, {**searched, **values, "query_range": None, "query_ids": None, "spectra": 8}).fetchall()
    assert [rounded(row) for row in found] == [
        ("x", 1, 1, "A", 12, 0.9899, 1, 5.0, 2, 0.1467),
        ("x", 1, 2, "B", 13, 0.8432, 0, 0.0, 2, None),
    ]


def rounded(row):
    return tuple(round(value, 4) if isinstance(value, float) else value for value in row)


@pytest.mark.covers("macros/identification/embedded_queries", "macros/identification/embedding_pairs")
def test_embedded_queries_and_their_pairs():
    con = hand_made(
        [
            (1, "study", 200.0, "positive", [0.6, 0.8], None, [50.0]),
            (2, "study", 300.0, "positive", [1.0, 0.0], None, [50.0]),
            (11, "library", 200.001, "positive", [0.0, 1.0], "A", [50.0]),
            (12, "library", 200.0, "positive", [1.0, 0.0], None, [50.0]),
        ]
    )
    con.execute("UPDATE spectra SET precursor_mz_stated = 300.5, contributor = 'Aa' WHERE spectrum_id = 2")
    queries = "SELECT id, precursor_mz FROM embedded_queries('study'{}) ORDER BY id"
    assert con.sql(queries.format("")).fetchall() == [(1, 200.0), (2, 300.5)]
    assert con.sql(queries.format(", contributors := ['Aa']")).fetchall() == [(2, 300.5)]
    assert con.sql(queries.format(", query_range := [1, 1]")).fetchall() == [(1, 200.0)]
    some = con.sql("FROM identify('study', 'library', query_range := [2, 2])").fetchall()
    assert some == []
    pairs = con.sql("FROM embedding_pairs('vectors.study__flat', 'vectors.library__flat')")
    assert pairs.columns == ["query_id", "library_id", "analyte_id", "score", "ppm_error"]
    assert [rounded(row) for row in pairs.fetchall()] == [(1, 11, "A", 0.8, 5.0)]


@pytest.mark.covers("macros/identification/rank_hits")
def test_rank_hits():
    con = hand_made(
        [
            (1, "study", 200.0, "positive", [1.0, 0.0], None, [50.0, 80.0, 120.0]),
            (11, "library", 200.0, "positive", [0.0, 1.0], "B", [50.005, 80.02, 120.0]),
            (12, "library", 200.0, "positive", [0.0, 1.0], "A", [10.0]),
        ]
    )
    con.execute("CREATE TABLE pairs (query_id BIGINT, library_id BIGINT, analyte_id VARCHAR, score FLOAT, ppm_error DOUBLE)")
    con.execute(
        "INSERT INTO pairs VALUES (1, 11, 'B', 0.75, 2.5), (1, 12, 'A', 0.5, -1), (1, 12, NULL, 1, 0), (1, 11, 'A', NULL, 0)"
    )
    found = con.sql("FROM rank_hits('pairs')")
    assert found.columns == con.sql("FROM identify('study', 'library')").columns
    assert found.fetchall() == [(1, 1, "B", 11, 0.75, 2, 2.5, 2, 0.25), (1, 2, "A", 12, 0.5, 0, -1.0, 2, None)]
    few = con.sql("SELECT analyte_id, matched_peaks, score_gap FROM rank_hits('pairs', k := 1, fragment_tolerance_da := 0.05)")
    assert few.fetchall() == [("B", 3, 0.25)]


def test_identify_in_a_filled_lab(tiny_lab):
    rows = tiny_lab.sql(
        "SELECT q.native_id, rank, i.analyte_id, l.native_id, round(score::DOUBLE, 3), matched_peaks, round(ppm_error, 2), "
        "n_candidate_analytes, round(score_gap::DOUBLE, 3) FROM identify('kitchen', 'reference') AS i "
        "JOIN spectra AS q ON q.spectrum_id = query_id JOIN spectra AS l ON l.spectrum_id = library_spectrum_id ORDER BY 1, 2"
    ).fetchall()
    assert rows == [
        ("coffee:1", 1, LEUCINE, "R2", 1.0, 4, -0.76, 2, 0.451),
        ("coffee:1", 2, ISOLEUCINE, "R3", 0.549, 1, -0.76, 2, None),
        ("coffee:2", 1, LEUCINE, "R1", 1.0, 4, 0.0, 2, 0.348),
        ("coffee:2", 2, ISOLEUCINE, "R3", 0.652, 1, 0.0, 2, None),
        ("coffee:3", 1, CAFFEINE, "R5", 1.0, 3, 0.51, 1, None),
        ("coffee:4", 1, ISOLEUCINE, "R3", 0.904, 2, -1.51, 2, 0.225),
        ("coffee:4", 2, LEUCINE, "R1", 0.679, 1, -1.51, 2, None),
        ("lemon:1", 1, CITRIC_ACID, "R7", 1.0, 3, -0.52, 1, None),
        ("lemon:2", 1, SALICYLIC_ACID, "R8", 0.838, 1, -0.73, 1, None),
    ]


def test_of_equal_library_spectra_the_smallest_id_stands(tiny_lab):
    ids = dict(tiny_lab.sql("SELECT native_id, spectrum_id FROM spectra WHERE native_id IN ('R4', 'R5')").fetchall())
    (best,) = tiny_lab.sql(
        f"SELECT library_spectrum_id FROM identify('kitchen', 'reference') WHERE analyte_id = '{CAFFEINE}'"
    ).fetchall()
    assert best == (min(ids.values()),)


PEAKS = st.lists(st.integers(2_000, 2_060), min_size=1, max_size=15, unique=True).map(sorted)
MATCHES = hand_made([])
SPECTRA_SCHEMA = pa.schema([("spectrum_id", pa.int64()), ("collection", pa.string()), ("mz", pa.list_(pa.float64()))])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(PEAKS, min_size=1, max_size=4),
    st.lists(PEAKS, min_size=1, max_size=4),
    st.sampled_from([0.001, 0.01, 0.02, 0.05]),
    st.sampled_from([0.0025, 0.005, 0.01]),
)
def test_matched_peaks_agree_with_a_double_loop(queries, library, tolerance, grid):
    # Peaks stand on a grid finer than the tolerance, so that many differences fall at its edge.
    spectra = [(i, "study", [p * grid for p in peaks]) for i, peaks in enumerate(queries)]
    spectra += [(100 + i, "library", [p * grid for p in peaks]) for i, peaks in enumerate(library)]
    rows = pa.Table.from_pylist([dict(zip(SPECTRA_SCHEMA.names, row, strict=True)) for row in spectra], schema=SPECTRA_SCHEMA)
    MATCHES.register("drawn", rows)
    MATCHES.execute("TRUNCATE spectra")
    MATCHES.execute(
        "INSERT INTO spectra SELECT spectrum_id, collection, 200, NULL, 'positive', [1, 0], spectrum_id, mz, NULL, spectrum_id "
        "FROM drawn"
    )
    found = MATCHES.execute(
        "SELECT query_id, library_spectrum_id, matched_peaks "
        "FROM identify('study', 'library', fragment_tolerance_da := $da) ORDER BY ALL",
        {"da": tolerance},
    ).fetchall()
    expected = [
        (query_id, library_id, sum(any(abs(other - mz) <= tolerance for other in library_mz) for mz in query_mz))
        for query_id, _, query_mz in spectra[: len(queries)]
        for library_id, _, library_mz in spectra[len(queries) :]
    ]
    assert found == expected


def operators(con, query):
    def walk(nodes):
        for node in nodes:
            conditions = node["extra_info"].get("Conditions", [])
            yield node["name"].strip(), [conditions] if isinstance(conditions, str) else conditions
            yield from walk(node["children"])

    ((_, plan),) = con.execute(f"EXPLAIN (FORMAT json) {query}").fetchall()
    return list(walk(json.loads(plan)))


@pytest.fixture(scope="module")
def random_vectors():
    """Enough random spectra that the planner would choose another join if it could."""
    rng = np.random.default_rng(7)
    con = hand_made([])
    for collection, n, first in (("study", 3_000, 0), ("library", 20_000, 100_000)):
        vectors = rng.normal(size=(n, 2)).round(1)  # coarse, so that many scores tie
        rows = pa.table(
            {
                "spectrum_id": rng.permutation(n) + first,
                "precursor_mz": rng.uniform(150, 160, n),
                "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.astype(np.float32).ravel()), 2),
                "analyte_id": [f"A{i}" for i in rng.integers(0, 500, n)],
                "mz": pa.array(list(rng.uniform(50, 51, (n, 10)))),
            }
        )
        con.register("drawn", rows)
        con.execute(
            f"INSERT INTO spectra SELECT spectrum_id, '{collection}', precursor_mz, NULL, 'positive', vector, "
            "analyte_id, list_sort(mz), NULL, spectrum_id FROM drawn"
        )
    return con


@pytest.mark.parametrize(
    "query",
    [
        "FROM similarity_join('vectors.study__flat', 'vectors.library__flat')",
        "FROM rank_analytes('vectors.study__flat', 'vectors.library__flat')",
        "FROM identify('study', 'library')",
        "FROM identify('study', 'library', ppm := 0.5, k := 1, fragment_tolerance_da := 0.5)",
        "FROM identify('study', 'library', left_out := 'contributor', contributors := ['Eawag'])",
    ],
)
@pytest.mark.parametrize("size", ["small", "large"])
def test_the_plan_joins_by_hash_on_the_bin(query, size, random_vectors):
    found = operators(random_vectors if size == "large" else hand_made([]), query)
    joins = [conditions for name, conditions in found if name == "HASH_JOIN"]
    if size == "large":  # an empty table may be joined in any way
        assert any({"ion_mode = ion_mode", "precursor_bin = precursor_bin"} <= set(conditions) for conditions in joins)
    assert {name for name, _ in found} & FORBIDDEN == set()


def test_the_plan_test_would_see_a_range_join(random_vectors):
    query = (
        "SELECT q.id FROM vectors.study__flat AS q JOIN vectors.library__flat AS l "
        "ON l.precursor_mz BETWEEN q.precursor_mz - 0.001 AND q.precursor_mz + 0.001"
    )
    assert {name for name, _ in operators(random_vectors, query)} & FORBIDDEN != set()


def test_identifying_twice_gives_the_same_rows_by_any_number_of_threads(random_vectors):
    results = []
    for threads in (1, 2, 2, 4):
        random_vectors.execute(f"PRAGMA threads={threads}")
        results.append(random_vectors.execute("FROM identify('study', 'library', ppm := 50)").fetchall())
    assert len(results[0]) > 10_000
    assert results[1] == results[0]
    assert results[2] == results[0]
    assert results[3] == results[0]


def test_identify_the_verb_twice_records_the_same_hits(tmp_path):
    with build(tmp_path) as lab:
        report = lab.identify("kitchen", "reference", name="second")
        hits = {
            search: lab.sql(f"SELECT * EXCLUDE search_id FROM hits WHERE search_id = '{search}' ORDER BY ALL").fetchall()
            for search in ("first", "second")
        }
    assert (report.n_queries, report.n_answered, report.n_hits) == (7, 6, 9)
    assert len(hits["first"]) == 9
    assert hits["second"] == hits["first"]
