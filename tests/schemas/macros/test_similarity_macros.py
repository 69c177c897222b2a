"""The similarity macros over hand-made relations; scores are dyadic fractions, so that every row can be stated exactly."""

import math

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectradb import schemas

PAIRS = "SELECT query_id, library_id FROM similarity_pairs('q', 'l', ppm := $ppm)"


@pytest.fixture
def con():
    return similarity_connection()


def similarity_connection():
    con = duckdb.connect()
    for name in schemas.creation_order("macros/similarity"):
        con.execute(schemas.read(name))
    return con


def relation(con, name, *rows, dimension=2, id_type="BIGINT"):
    """Make a relation of (id, precursor_mz, ion_mode, embedding, analyte_id); a string of signs stands for the ion modes."""
    con.execute(
        f"CREATE OR REPLACE TABLE {name} "
        f"(id {id_type}, precursor_mz DOUBLE, ion_mode VARCHAR, embedding FLOAT[{dimension}], analyte_id VARCHAR)"
    )
    modes = {"+": "positive", "-": "negative", None: None}
    for spectrum, mz, mode, vector, *analyte in rows:
        con.execute(f"INSERT INTO {name} VALUES (?, ?, ?, ?, ?)", [spectrum, mz, modes[mode], vector, *(analyte or [None])])


def columns(relation):
    return [f"{name} {kind}" for name, kind in zip(relation.columns, relation.types, strict=True)]


@pytest.mark.covers("macros/similarity/precursor_pairs")
def test_precursor_pairs(con):
    con.execute(
        "CREATE TABLE q AS SELECT 1 AS id, 200.0::DOUBLE AS precursor_mz, 'positive' AS ion_mode, 'mine' AS note, 5 AS bin"
    )
    con.execute(
        "CREATE TABLE l AS SELECT * FROM (VALUES ('a', 200.001::DOUBLE, 'positive'), ('b', 200.1, 'positive'), "
        "('c', 200.0, 'negative'), ('d', 0.0, 'positive')) AS t(id, precursor_mz, ion_mode)"
    )
    found = con.sql("FROM precursor_pairs('q', 'l')")
    assert found.columns == [
        *("query_id", "query_precursor_mz", "query_ion_mode", "query_note", "query_bin"),
        *("library_id", "library_precursor_mz", "library_ion_mode", "ppm_error"),
    ]
    assert found.fetchall() == [(1, 200.0, "positive", "mine", 5, "a", 200.001, "positive", pytest.approx(5.0))]
    wide = con.sql("SELECT library_id, query_note FROM precursor_pairs('q', 'l', ppm := 1000) ORDER BY 1").fetchall()
    assert wide == [("a", "mine"), ("b", "mine")]


@pytest.mark.covers("macros/similarity/similarity_pairs")
def test_similarity_pairs(con):
    relation(con, "q", (1, 200.0, "+", [1.0, 0.0]), (2, 400.0, "-", [0.0, 1.0]))
    relation(
        con,
        "l",
        (10, 200.0, "+", [0.5, 0.5]),
        (11, 200.001, "+", [-0.25, 1.0]),
        (12, 200.1, "+", [1.0, 0.0]),
        (13, 400.0, "-", [1.0, 0.0]),
        (14, 400.0, "+", [0.0, 1.0]),
    )
    found = con.sql("SELECT * FROM similarity_pairs('q', 'l') ORDER BY ALL")
    assert columns(found) == ["query_id BIGINT", "library_id BIGINT", "score FLOAT", "ppm_error DOUBLE"]
    assert found.fetchall() == [(1, 10, 0.5, 0.0), (1, 11, -0.25, pytest.approx(5.0)), (2, 13, 0.0, 0.0)]


def test_four_dimensions(con):
    relation(con, "q", (1, 100.0, "+", [0.5, 0.5, 0.5, 0.5]), dimension=4)
    relation(con, "l", (2, 100.0, "+", [0.5, 0.5, -0.5, 0.5]), dimension=4)
    assert con.sql("SELECT score FROM similarity_pairs('q', 'l')").fetchall() == [(0.5,)]


def test_a_pair_exactly_at_the_tolerance_counts_and_the_next_number_does_not(con):
    ppm, width = 15.2587890625, 0.0078125  # 2**-16 of 512, both exact in binary
    edges = [512 - width, 512 + width, math.nextafter(512 - width, 0), math.nextafter(512 + width, 1000)]
    relation(con, "q", (1, 512.0, "+", [1.0, 0.0]))
    relation(con, "l", *((i, mz, "+", [1.0, 0.0]) for i, mz in enumerate(edges)))
    assert con.execute(f"{PAIRS} ORDER BY library_id", {"ppm": ppm}).fetchall() == [(1, 0), (1, 1)]


def test_the_tolerance_is_one_of_the_query(con):
    # 10 ppm of 1000.01 reach down to 1000.0; 10 ppm of 1000.0 do not quite reach up to 1000.01.
    relation(con, "q", (1, 1000.01, "+", [1.0, 0.0]), (2, 1000.0, "+", [1.0, 0.0]))
    relation(con, "l", (11, 1000.0, "+", [1.0, 0.0]), (12, 1000.010001, "+", [1.0, 0.0]))
    assert con.execute(f"{PAIRS} ORDER BY ALL", {"ppm": 10.0}).fetchall() == [(1, 11), (1, 12), (2, 11)]


@pytest.mark.parametrize(
    ("query", "library", "ppm"), [(50.076887175067576, 50.07638640619583, 10.0), (50.26434399091862, 50.26429372657463, 1.0)]
)
def test_rounding_at_the_border_of_a_bin_loses_no_pair(con, query, library, ppm):
    # ln(query) lies a rounding error above the border of a bin one tolerance wide, ln(library) one below the border before.
    assert abs(library - query) <= query * ppm * 1e-6
    relation(con, "q", (1, query, "+", [1.0, 0.0]))
    relation(con, "l", (2, library, "+", [1.0, 0.0]))
    assert con.execute(PAIRS, {"ppm": ppm}).fetchall() == [(1, 2)]


def test_rows_that_cannot_be_compared_are_passed_over(con):
    rows = [(1, 100.0, "+", None), (2, 0.0, "+", [1.0, 0.0]), (3, -1.0, "+", [1.0, 0.0]), (4, None, "+", [1.0, 0.0])]
    relation(con, "q", *rows, (5, 100.0, None, [1.0, 0.0]), (6, 100.0, "+", [1.0, 0.0], "A"))
    assert con.execute("SELECT query_id, library_id FROM similarity_join('q', 'q')").fetchall() == [(6, 6)]
    assert con.execute("SELECT query_id, library_id, n_candidate_analytes FROM rank_analytes('q', 'q')").fetchall() == [
        (6, 6, 1)
    ]


BINS = similarity_connection()
MZ = st.floats(50, 2000, allow_nan=False)


@st.composite
def windows(draw):
    """Queries, and library spectra at random and around the edges of the queries' windows and bins."""
    ppm = draw(st.sampled_from([0.1, 1.0, 5.0, 10.0, 20.0, 1000.0]) | st.floats(0.05, 50_000))
    width = -math.log(1 - ppm * 1e-6)
    border = MZ.map(lambda mz: math.exp(round(math.log(mz) / width) * width))
    queries = draw(st.lists(MZ | border | MZ.map(lambda mz: round(mz, 4)), min_size=1, max_size=12))
    edge = st.sampled_from([-2.0, -1.000001, -1.0, -0.999999, 0.0, 0.5, 0.999999, 1.0, 1.000001, 2.0])
    step = st.sampled_from([-np.inf, 0.0, np.inf])
    near = st.builds(
        lambda mz, factor, to: (
            float(mz + factor * mz * ppm * 1e-6) if to == 0 else float(np.nextafter(mz + factor * mz * ppm * 1e-6, to))
        ),
        st.sampled_from(queries),
        edge,
        step,
    )
    library = draw(st.lists(near | MZ | border, min_size=1, max_size=30))
    modes = st.sampled_from(["positive", "negative"])
    return ppm, [(mz, draw(modes)) for mz in queries], [(mz, draw(modes)) for mz in library]


def vectorless(spectra):
    mz, modes = zip(*spectra, strict=True)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.ones(len(mz), np.float32)), 1)
    return pa.table(
        {"id": pa.array(range(len(mz)), pa.int64()), "precursor_mz": list(mz), "ion_mode": list(modes), "embedding": vectors}
    )


@settings(deadline=None, max_examples=150)
@given(windows())
def test_the_join_on_bins_finds_exactly_the_pairs_of_a_double_loop(drawn):
    ppm, queries, library = drawn
    BINS.register("q", vectorless(queries))
    BINS.register("l", vectorless(library))
    expected = [
        (i, j)
        for i, (query_mz, query_mode) in enumerate(queries)
        for j, (library_mz, library_mode) in enumerate(library)
        if query_mode == library_mode and abs(library_mz - query_mz) <= query_mz * ppm * 1e-6
    ]
    assert BINS.execute(f"{PAIRS} ORDER BY ALL", {"ppm": ppm}).fetchall() == expected


@pytest.mark.covers("macros/similarity/similarity_join")
def test_similarity_join(con):
    relation(con, "q", (1, 200.0, "+", [1.0, 0.0]), (2, 900.0, "+", [1.0, 0.0]))
    relation(
        con,
        "l",
        (13, 200.0, "+", [0.5, 0.0]),
        (12, 200.001, "+", [0.5, 1.0]),
        (11, 200.0, "+", [0.25, 0.0]),
        (10, 200.0, "-", [1.0, 0.0]),
        (9, 200.0, "+", [-1.0, 0.0]),
    )
    best = con.sql("FROM similarity_join('q', 'l', k := 3)")
    kinds = ["query_id BIGINT", "rank INTEGER", "library_id BIGINT", "score FLOAT", "ppm_error DOUBLE", "n_candidates INTEGER"]
    assert columns(best) == kinds
    # The tie between 12 and 13 goes to the smaller id, and every candidate in the window is counted.
    expected = [(1, 1, 12, 0.5, pytest.approx(5.0), 4), (1, 2, 13, 0.5, 0.0, 4), (1, 3, 11, 0.25, 0.0, 4)]
    assert best.fetchall() == expected
    more = con.sql("SELECT rank, library_id FROM similarity_join('q', 'l', k := 100)").fetchall()
    assert more == [(1, 12), (2, 13), (3, 11), (4, 9)]
    narrow = con.sql("SELECT rank, library_id, n_candidates FROM similarity_join('q', 'l', ppm := 1)").fetchall()
    assert narrow == [(1, 13, 3), (2, 11, 3), (3, 9, 3)]


@pytest.mark.covers("macros/similarity/nearest")
def test_nearest(con):
    relation(con, "q", (1, 200.0, "+", [1.0, 0.0]), (2, 300.0, "-", [0.0, 1.0]), (3, 300.0, "-", None))
    relation(
        con,
        "l",
        (14, 950.5, "+", [0.5, 0.5]),
        (13, 100.0, "+", [0.5, 0.0]),
        (12, 200.0, "+", [0.25, 0.0]),
        (11, 300.0, "-", [0.0, 1.0]),
        (10, 200.0, "+", None),
    )
    found = con.sql("FROM nearest('q', 'l', k := 2)")
    kinds = ["query_id BIGINT", "rank INTEGER", "library_id BIGINT", "score FLOAT", "mz_difference DOUBLE"]
    assert columns(found) == kinds
    assert found.fetchall() == [(1, 1, 13, 0.5, -100.0), (1, 2, 14, 0.5, 750.5), (2, 1, 11, 1.0, 0.0)]
    assert con.sql("SELECT library_id FROM nearest('q', 'l', k := 9) WHERE query_id = 1").fetchall() == [(13,), (14,), (12,)]


@pytest.mark.covers("macros/similarity/merged_pairs")
def test_merged_pairs(con):
    half, root = 0.5, math.sqrt(0.5)
    con.execute("CREATE TABLE l (id BIGINT, embedding FLOAT[2])")
    con.executemany("INSERT INTO l VALUES (?, ?)", [[10, [1, 0]], [11, [0, 1]], [12, [0, 1]], [20, [1, 0]], [30, [0, 1]]])
    con.execute("CREATE TABLE pairs (query_id BIGINT, library_id BIGINT, analyte_id VARCHAR, score FLOAT, ppm_error DOUBLE)")
    con.executemany(
        "INSERT INTO pairs VALUES (?, ?, ?, ?, ?)",
        [
            # Two spectra at right angles: half of each, (1/2 + 1/2) / sqrt(2). The third is the second again.
            (1, 12, "A", half, 3.0),
            (1, 11, "A", half, 2.0),
            (1, 10, "A", half, 1.0),
            (1, 20, "B", 0.25, -1.0),
            (1, 30, "B", -0.25, 0.0),  # merging it in would lower the score
            (2, 30, "B", -0.5, 0.0),
            (2, 11, None, 0.75, 0.0),
            (2, 12, "A", None, 0.0),
        ],
    )
    found = con.sql("FROM merged_pairs('pairs', 'l') ORDER BY query_id, analyte_id")
    assert columns(found) == [
        *("query_id BIGINT", "library_id BIGINT", "analyte_id VARCHAR", "score FLOAT", "ppm_error DOUBLE"),
    ]
    assert found.fetchall() == [
        (1, 10, "A", pytest.approx(root), 1.0),
        (1, 20, "B", 0.25, -1.0),
        (2, 30, "B", -0.5, 0.0),
    ]
    alone = con.sql("SELECT score FROM merged_pairs('pairs', 'l', spectra := 1) ORDER BY query_id, analyte_id").fetchall()
    assert alone == [(0.5,), (0.25,), (-0.5,)]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_merged_pairs_as_numpy_does(seed, most):
    chance = np.random.default_rng(seed)
    vectors = chance.normal(size=(12, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    queries = vectors[chance.integers(0, 12, 3)] + chance.normal(size=(3, 4)).astype(np.float32)
    queries = (queries / np.linalg.norm(queries, axis=1, keepdims=True)).astype(np.float32)
    analyte = chance.integers(0, 3, 12)
    con = similarity_connection()
    relation(
        con,
        "l",
        *((i, 100.0, "+", v.tolist(), "ABC"[a]) for i, (v, a) in enumerate(zip(vectors, analyte, strict=True))),
        dimension=4,
    )
    scores = queries @ vectors.T
    table = pa.table(
        {
            "query_id": np.repeat(np.arange(3), 12),
            "library_id": np.tile(np.arange(12), 3),
            "analyte_id": ["ABC"[a] for a in np.tile(analyte, 3)],
            "score": scores.ravel(),
            "ppm_error": np.zeros(36),
        }
    )
    con.register("pairs", table)
    found = con.execute("SELECT * FROM merged_pairs('pairs', 'l', spectra := $n)", {"n": most}).fetchall()
    expected = {}
    for query in range(3):
        for name in set(analyte.tolist()):
            rows = np.flatnonzero(analyte == name)
            rows = rows[np.argsort(-scores[query, rows], kind="stable")][:most]
            sums = np.cumsum(vectors[rows].astype(np.float64), axis=0)
            expected[query, "ABC"[name]] = (rows[0], max((sums @ queries[query]) / np.maximum(np.linalg.norm(sums, axis=1), 1)))
    assert {(q, a): best for q, best, a, _, _ in found} == {key: best for key, (best, _) in expected.items()}
    assert [score for *_, score, _ in sorted(found, key=lambda row: (row[0], row[2]))] == pytest.approx(
        [expected[key][1] for key in sorted(expected)], abs=1e-5
    )


@pytest.mark.covers("macros/similarity/rank_pairs")
def test_rank_pairs(con):
    con.execute(
        "CREATE TABLE pairs AS SELECT * FROM (VALUES (1, 11, 'B', 0.5::FLOAT, 1.0), (1, 10, 'B', 0.5, 2.0), "
        "(1, 12, 'A', 0.75, 0.0), (1, 13, 'C', 0.5, 0.0), (1, 14, NULL, 1.0, 0.0), (1, 15, 'D', NULL, 0.0), "
        "(2, 11, 'B', 0.0, 0.0)) AS t(query_id, library_id, analyte_id, score, ppm_error)"
    )
    assert con.sql("FROM rank_pairs('pairs', k := 2)").fetchall() == [
        (1, 1, "A", 12, 0.75, 0.0, 3, 0.25),
        (1, 2, "B", 10, 0.5, 2.0, 3, 0.0),
        (2, 1, "B", 11, 0.0, 0.0, 1, None),
    ]


@pytest.mark.covers("macros/similarity/rank_analytes")
def test_rank_analytes(con):
    relation(con, "q", (1, 200.0, "+", [1.0, 0.0]), (2, 200.0, "-", [1.0, 0.0]))
    relation(
        con,
        "l",
        (21, 200.001, "+", [0.75, 0.0], "B"),  # the better spectrum of B
        (20, 200.0, "+", [0.25, 0.0], "B"),
        (19, 200.0, "+", [0.5, 0.0], "D"),
        (18, 200.0, "+", [0.5, 0.0], "C"),  # ties with D: the smaller analyte id goes first
        (17, 199.999, "+", [0.5, 0.0], "C"),  # ties with 18: the smaller spectrum id stands for C
        (16, 200.0, "+", [1.0, 0.0], None),  # unknown
        (15, 200.0, "-", [1.0, 0.0], "A"),  # other ion mode
        (14, 200.1, "+", [1.0, 0.0], "E"),  # outside the window
        (13, 200.0, "+", [0.0, 1.0], "F"),
    )
    ranked = con.sql("FROM rank_analytes('q', 'l', k := 3)")
    kinds = ["query_id BIGINT", "rank INTEGER", "analyte_id VARCHAR", "library_id BIGINT", "score FLOAT", "ppm_error DOUBLE"]
    assert columns(ranked) == [*kinds, "n_candidate_analytes INTEGER", "score_gap FLOAT"]
    assert ranked.fetchall() == [
        (1, 1, "B", 21, 0.75, pytest.approx(5.0), 4, 0.25),
        (1, 2, "C", 17, 0.5, pytest.approx(-5.0), 4, 0.0),
        (1, 3, "D", 19, 0.5, 0.0, 4, 0.5),
        (2, 1, "A", 15, 1.0, 0.0, 1, None),
    ]
    # With k beyond the candidates all of them come, the last without a gap.
    last = con.sql(
        "SELECT rank, analyte_id, score, score_gap FROM rank_analytes('q', 'l', k := 99) WHERE query_id = 1"
    ).fetchall()
    assert last == [(1, "B", 0.75, 0.25), (2, "C", 0.5, 0.0), (3, "D", 0.5, 0.5), (4, "F", 0.0, None)]


@pytest.mark.parametrize("reverse", [False, True])
def test_ties_go_to_the_smaller_id_in_whatever_order_the_rows_lie(con, reverse):
    relation(con, "q", (1, 200.0, "+", [1.0, 0.0]))
    ids = sorted(range(10, 40), reverse=reverse)
    relation(con, "l", *((i, 200.0, "+", [0.5, 0.0], f"A{i % 3}") for i in ids))
    for macro in ("similarity_join", "nearest"):
        assert con.sql(f"SELECT library_id FROM {macro}('q', 'l', k := 4)").fetchall() == [(10,), (11,), (12,), (13,)]
    ranked = con.sql("SELECT analyte_id, library_id FROM rank_analytes('q', 'l', k := 2)").fetchall()
    assert ranked == [("A0", 12), ("A1", 10)]


def test_ids_may_be_text(con):
    relation(con, "q", ("query", 200.0, "+", [1.0, 0.0]), id_type="VARCHAR")
    relation(con, "l", ("MSB2", 200.0, "+", [0.5, 0.0], "A"), ("MSB1", 200.0, "+", [0.5, 0.0], "A"), id_type="VARCHAR")
    ranked = con.sql("SELECT query_id, rank, analyte_id, library_id, score FROM rank_analytes('q', 'l')").fetchall()
    assert ranked == [("query", 1, "A", "MSB1", 0.5)]


def test_relations_may_be_views_in_another_schema(con):
    relation(con, "q", (1, 200.0, "+", [1.0, 0.0], "A"))
    con.execute("CREATE SCHEMA other; CREATE VIEW other.v AS FROM q")
    assert con.sql("SELECT query_id, library_id, score FROM similarity_join('other.v', 'other.v')").fetchall() == [(1, 1, 1.0)]


def test_an_empty_relation_gives_no_row(con):
    relation(con, "q", (1, 200.0, "+", [1.0, 0.0], "A"))
    relation(con, "l")
    assert con.sql("FROM similarity_join('q', 'l')").fetchall() == []
    assert con.sql("FROM rank_analytes('l', 'q')").fetchall() == []
