"""Open searches: exact nearest analytes, recorded as any search; analogues by a score of peaks on a shortlist."""

import json

import duckdb
import numpy as np
import pyarrow as pa
import pytest
import tiny_lab as made_up
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tiny_lab import CAFFEINE, CITRIC_ACID, ISOLEUCINE, LEUCINE, SALICYLIC_ACID

from spectradb import schemas
from spectradb.cli import main
from spectradb.errors import BadParameter, UnreadableFile
from spectradb.evaluation.analogue_shortlist import Mixture
from spectradb.search.vectors.exact import nearest_analytes
from spectradb.similarity.methods import peak_score
from spectradb.store.indexes.collection_indexes import collection_index
from spectradb.store.indexes.mmap_index_format import open_search_index
from spectradb.workspace.connection import open_published

NEAREST = """
    WITH best AS (
        SELECT query_id, l.analyte_id, min({s: -score, id: library_id}) AS hit
        FROM nearest('vectors.kitchen__binned', 'vectors.reference__binned', k := 1000)
        JOIN spectra AS l ON l.spectrum_id = library_id
        WHERE l.analyte_id IS NOT NULL GROUP BY ALL
    )
    SELECT query_id, row_number() OVER (PARTITION BY query_id ORDER BY hit.s, analyte_id) AS rank, analyte_id, hit.id, -hit.s
    FROM best ORDER BY query_id, rank
"""
NAMED = """
    SELECT q.native_id, rank, h.analyte_id, l.native_id, matched_peaks, round(ppm_error), n_candidate_analytes
    FROM hits AS h JOIN spectra AS q ON q.spectrum_id = query_id JOIN spectra AS l ON l.spectrum_id = library_spectrum_id
    WHERE search_id = $search ORDER BY 1, 2
"""


@pytest.fixture
def lab(tmp_path):
    with made_up.build(tmp_path) as lab:
        yield lab


def one_by_one(queries, vectors, analytes, ids, k):
    """Rank the analytes of each query by comparing everything."""
    ranked = []
    for scores in queries @ vectors.T:
        best = {}
        for row, (score, analyte) in enumerate(zip(scores, analytes, strict=True)):
            if analyte >= 0 and (analyte not in best or (-score, ids[row]) < best[analyte][:2]):
                best[analyte] = (-score, ids[row], row)
        ranked.append(sorted((score, analyte, row) for analyte, (score, _, row) in best.items())[:k])
    return [[(-score, analyte, row) for score, analyte, row in one] for one in ranked]


# "cpu:0" takes the way of accelerators.
@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
@given(
    library=st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2), st.integers(-1, 5)), min_size=1, max_size=40),
    queries=st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=5),
    k=st.integers(1, 8),
    size=st.integers(1, 41),
    seed=st.integers(0, 99),
)
def test_nearest_analytes_are_those_of_every_pair(device, library, queries, k, size, seed):
    vectors = np.array([row[:2] for row in library], dtype=np.float32)
    analytes = np.array([row[2] for row in library], dtype=np.int32)
    ids = np.random.default_rng(seed).permutation(len(library)).astype(np.int64)
    asked = np.array(queries, dtype=np.float32)
    blocks = ((first, vectors[first : first + size]) for first in range(0, len(vectors), size))
    found = nearest_analytes(asked, blocks, analytes, ids, k, device=device)
    rows = [
        [(score, analyte, row) for score, analyte, row in zip(*one, strict=True) if analyte >= 0]
        for one in zip(found.score.tolist(), found.analyte.tolist(), found.row.tolist(), strict=True)
    ]
    assert rows == one_by_one(asked, vectors, analytes.tolist(), ids.tolist(), k)


def test_many_queries_and_rows():
    rng = np.random.default_rng(3)
    vectors, queries = (rng.standard_normal((n, 16), dtype=np.float32) for n in (20_000, 2500))
    analytes = rng.integers(-1, 3000, 20_000).astype(np.int32)
    blocks = ((first, vectors[first : first + 8192]) for first in range(0, 20_000, 8192))
    found = nearest_analytes(queries, blocks, analytes, np.arange(20_000), 5)
    some = [0, 1023, 1024, 2499]
    expected = one_by_one(queries[some], vectors, analytes.tolist(), range(20_000), 5)
    assert found.analyte[some].tolist() == [[analyte for _, analyte, _ in one] for one in expected]
    np.testing.assert_allclose(found.score[some], [[score for score, _, _ in one] for one in expected], rtol=1e-4)


@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
def test_a_score_is_the_same_however_the_work_is_divided(device):
    """A matrix product's last digits depend on its shape; an answer must not."""
    rng = np.random.default_rng(5)
    vectors, queries = (rng.standard_normal((n, 96), dtype=np.float32) for n in (3000, 40))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[1500:] = vectors[:1500]  # ties, which must not be broken by where a row lies
    analytes = np.repeat(np.arange(1500), 2).astype(np.int32)

    def found(some, size):
        blocks = ((first, vectors[first : first + size]) for first in range(0, len(vectors), size))
        return nearest_analytes(some, blocks, analytes, np.arange(3000), 7, device=device)

    whole = found(queries, 3000)
    exact = np.einsum("qkd,qd->qk", vectors[whole.row].astype(np.float64), queries.astype(np.float64))
    assert np.array_equal(whole.score, exact.astype(np.float32))
    for size in (1, 611):
        parts = [found(queries[rows], size) for rows in (slice(0, 1), slice(1, 4), slice(4, 40))]
        for column in ("score", "analyte", "row"):
            assert np.array_equal(getattr(whole, column), np.concatenate([getattr(part, column) for part in parts]))


def test_an_open_search_is_exact_and_recorded(lab):
    report = lab.identify("kitchen", "reference", ppm=None, k=9)
    assert (report.search_id, report.n_queries, report.n_answered) == ("kitchen-reference-binned-open-k9", 7, 7)
    found = lab.sql(
        "SELECT query_id, rank, analyte_id, library_spectrum_id, score FROM hits WHERE search_id = $s ORDER BY ALL",
        {"s": report.search_id},
    ).fetchall()
    expected = lab.sql(NEAREST).fetchall()
    assert len(found) == 22
    assert [row[:4] for row in found] == [row[:4] for row in expected]
    np.testing.assert_allclose([row[4] for row in found], [row[4] for row in expected], atol=1e-6)
    rows = lab.sql(NAMED, {"search": report.search_id}).fetchall()
    assert next(row for row in rows if row[0] == "lemon:3")[:2] == ("lemon:3", 1)
    assert ("coffee:3", 1, CAFFEINE, "R5", 3, 1.0, 4) in rows
    assert ("lemon:1", 2, SALICYLIC_ACID, "R8", 0, -282669.0, 2) in rows
    recorded = lab.sql("SELECT method, model, settings, ppm, k FROM searches WHERE search_id <> 'first'").fetchall()
    assert recorded == [("embedding", "binned", None, None, 9)]


def test_gaps_and_ranks_do_not_depend_on_k(lab):
    for k in (1, 2, 9):
        lab.identify("kitchen", "reference", ppm=None, k=k, name=f"k{k}")
    query = "SELECT * EXCLUDE (search_id, probability, q_value) FROM hits WHERE search_id = $s AND rank <= $k ORDER BY ALL"
    for k in (1, 2):
        assert lab.sql(query, {"s": f"k{k}", "k": k}).fetchall() == lab.sql(query, {"s": "k9", "k": k}).fetchall()


def test_every_analyte_of_the_ion_mode_can_be_found(lab):
    report = lab.identify("kitchen", "reference", ppm=None)
    judged = lab.sql(
        "SELECT native_id, answerable, correct FROM search_truth($s) JOIN spectra ON spectrum_id = query_id",
        {"s": report.search_id},
    )
    told = {name: (answerable, correct) for name, answerable, correct in judged.fetchall()}
    assert told["coffee:1"] == (True, True)
    assert told["lemon:3"] == (False, False)


def test_analogues(lab):
    report = lab.identify("kitchen", "reference", ppm=None, k=2, method="modified_cosine")
    assert (report.method, report.model, report.n_hits) == ("modified_cosine", "binned", 14)
    settings = json.loads(lab.sql("SELECT settings FROM searches WHERE method = 'modified_cosine'").fetchall()[0][0])
    assert settings == {"shortlist": 20, "tolerance_da": 0.01, "mz_power": 0.0, "intensity_power": 0.5}
    peaks = (
        "SELECT modified_cosine(q.mz, q.intensity, q.precursor_mz, l.mz, l.intensity, l.precursor_mz, 0.01), score "
        "FROM hits JOIN spectra AS q ON q.spectrum_id = query_id JOIN spectra AS l ON l.spectrum_id = library_spectrum_id "
        "WHERE search_id = $s"
    )
    pairs = lab.sql(peaks, {"s": report.search_id}).fetchall()
    np.testing.assert_allclose([a for a, _ in pairs], [b for _, b in pairs], atol=1e-6)
    rows = lab.sql(NAMED, {"search": report.search_id}).fetchall()
    assert [(query, analyte) for query, rank, analyte, *_ in rows if rank == 1][:5] == [
        ("coffee:1", LEUCINE),
        ("coffee:2", LEUCINE),
        ("coffee:3", CAFFEINE),
        ("coffee:4", ISOLEUCINE),
        ("lemon:1", CITRIC_ACID),
    ]


def test_analogues_by_vectors_and_peaks_together(lab):
    report = lab.identify("kitchen", "reference", ppm=None, k=2, method="analogue", settings={"least_matches": "0"})
    settings = json.loads(
        lab.sql("SELECT settings FROM searches WHERE search_id = $s", {"s": report.search_id}).fetchall()[0][0]
    )
    assert settings == {
        "shortlist": 20,
        "weight": 0.2,
        "peak_method": "modified_cosine",
        "least_matches": 0,
        "consensus": 0.0,
        "tolerance_da": 0.01,
        "mz_power": 0.0,
        "intensity_power": 0.5,
    }
    # The library has five analytes, so that all are on the shortlist, each by its spectrum nearest by vectors.
    expected = (
        "WITH mixed AS (SELECT q.spectrum_id, l.analyte_id, l.spectrum_id AS entry, "
        "array_inner_product(q.embedding_binned, l.embedding_binned) AS alike, "
        "modified_cosine(q.mz, q.intensity, q.precursor_mz, l.mz, l.intensity, l.precursor_mz, 0.01) AS peaks "
        "FROM spectra AS q JOIN spectra AS l ON l.collection = 'reference' AND q.collection = 'kitchen' "
        "AND q.ion_mode = l.ion_mode), listed AS (FROM mixed QUALIFY row_number() OVER "
        "(PARTITION BY spectrum_id, analyte_id ORDER BY alike DESC, entry) = 1) "
        "SELECT spectrum_id, max(0.8 * alike + 0.2 * (peaks + 1) / 2) FROM listed GROUP BY ALL ORDER BY ALL"
    )
    found = "SELECT query_id, score FROM hits WHERE search_id = $s AND rank = 1 ORDER BY ALL"
    best, hits = lab.sql(expected).fetchall(), lab.sql(found, {"s": report.search_id}).fetchall()
    assert [row[0] for row in best] == [row[0] for row in hits]
    np.testing.assert_allclose([row[1] for row in best], [row[1] for row in hits], atol=1e-6)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"ppm": 10.0}, "without a precursor filter: add --open"),
        ({"ppm": None, "settings": {"weight": "much"}}, "weight is 'much'; give a number"),
        ({"ppm": None, "settings": {"weight": 1.5}}, "give a number from 0"),
        ({"ppm": None, "settings": {"least_matches": 2.5}}, "give a whole number"),
        ({"ppm": None, "settings": {"least_matches": -1}}, "least_matches is -1"),
        ({"ppm": None, "settings": {"height": 1}}, "no setting 'height'"),
        ({"ppm": None, "settings": {"consensus": 0.5}}, "no structure of the library has a place among vectors: run"),
    ],
)
def test_settings_of_analogues_without_meaning(lab, asked, says):
    with pytest.raises(BadParameter, match=says):
        lab.identify("kitchen", "reference", method="analogue", **asked)


def test_what_an_open_search_does_not_do(lab):
    with pytest.raises(BadParameter, match="leaves out no contributor: give --ppm"):
        lab.identify("reference", "reference", ppm=None, left_out="contributor")
    with pytest.raises(BadParameter, match="does not search by fused"):
        lab.identify("kitchen", "reference", ppm=None, method="fused", settings={"weight": 0.3})
    with pytest.raises(BadParameter, match="does not search by merged"):
        lab.identify("kitchen", "reference", ppm=None, method="merged")
    with pytest.raises(BadParameter, match="device"):
        lab.identify("kitchen", "reference", ppm=None, device="abacus")
    assert lab.sql("SELECT count(*) FROM searches").fetchall() == [(1,)]


def test_contributors_and_the_verb(lab):
    called = ["identify", str(lab.path), "--study", "kitchen", "--library", "reference", "--open", "-k", "1", "--json"]
    said = CliRunner().invoke(main, called)
    assert said.exit_code == 0, said.stderr
    assert json.loads(said.stdout)["n_hits"] == 7
    assert "7 of 7 answered by binned, open" in CliRunner().invoke(main, ["info", str(lab.path)]).stdout


@pytest.mark.covers("queries/identify/open/open_queries")
def test_open_queries(lab):
    statement = schemas.read("queries/identify/open/open_queries")
    of_study = {"study": "kitchen", "model": "binned"}
    found = lab.sql(statement, {**of_study, "contributors": None, "query_range": None}).to_arrow_table()
    expected = lab.sql(
        "SELECT spectrum_id, precursor_mz, ion_mode, embedding_binned FROM spectra WHERE collection = 'kitchen' ORDER BY 1"
    )
    assert [tuple(row.values()) for row in found.to_pylist()] == [(*row[:3], list(row[3])) for row in expected.fetchall()], (
        "open_queries"
    )
    assert found.num_rows == 7
    assert lab.sql(statement, {**of_study, "contributors": ["Eawag"], "query_range": None}).fetchall() == []
    ids = found["id"].to_pylist()
    some = lab.sql(statement, {**of_study, "contributors": None, "query_range": ids[1:3]}).fetchall()
    assert [row[0] for row in some] == ids[1:3]


@pytest.mark.covers(
    "queries/identify/open/identify_open",
    "queries/identify/score_shortlist",
    "queries/identify/score_shortlist_analogue",
)
def test_identify_open_and_score_shortlist(lab):
    con = open_published(lab.published)
    ids = dict(con.sql("SELECT native_id, spectrum_id FROM spectra").fetchall())
    pairs = [("coffee:1", "R2", 0.75), ("coffee:1", "R3", 0.5), ("coffee:1", "R6", 0.25), ("lemon:3", "R7", 0.125)]
    columns = {
        "query_id": [ids[query] for query, _, _ in pairs],
        "library_id": [ids[library] for _, library, _ in pairs],
        "score": pa.array([score for _, _, score in pairs], pa.float32()),
        "n_library_analytes": [4, 4, 4, 2],
    }
    con.register("nearest_pairs", pa.table(columns))
    found = con.sql(
        schemas.read("queries/identify/open/identify_open"), params={"search_id": "s", "k": 2, "fragment_tolerance_da": 0.01}
    )
    assert found.columns == con.table("hits").columns[: len(found.columns)]
    assert found.columns[-1] == "score_gap"
    rows = [row[:1] + row[2:5] + (row[5], row[6], round(row[7]), *row[8:]) for row in found.fetchall()]
    by_query = sorted(rows, key=lambda row: -row[4])
    assert by_query == [
        ("s", 1, LEUCINE, ids["R2"], 0.75, 4, -1, 4, 0.25),
        ("s", 2, ISOLEUCINE, ids["R3"], 0.5, 1, -1, 4, 0.25),
        ("s", 1, CITRIC_ACID, ids["R7"], 0.125, 0, -251587, 2, None),
    ], "identify_open"
    con.create_function("peak_score", lambda scorer, query, library: float(library % scorer), ["BIGINT"] * 3, "FLOAT")
    scored = con.sql(schemas.read("queries/identify/score_shortlist"), params={"scorer": 7}).fetchall()
    assert scored == [
        (ids[query], ids[library], float(ids[library] % 7), n)
        for (query, library, _), n in zip(pairs, (4, 4, 4, 2), strict=True)
    ], "score_shortlist"
    asked = {"scorer": 7, "weight": 0.25, "consensus": 0.0, "voters": 2, "spread": 0.1}
    statement = schemas.read("queries/identify/score_shortlist_analogue")
    plain = [
        (ids[query], ids[library], 0.75 * score + 0.25 * (ids[library] % 7), n)
        for (query, library, score), n in zip(pairs, (4, 4, 4, 2), strict=True)
    ]
    assert sorted(con.sql(statement, params=asked).fetchall()) == sorted(plain), "score_shortlist_analogue"


@pytest.mark.covers("queries/identify/score_shortlist_analogue", "queries/identify/has_structure_places")
def test_a_shortlist_gains_by_what_its_first_agree_on():
    con = duckdb.connect()
    con.execute(
        "CREATE TABLE spectra AS FROM (VALUES (11, 'A', 'lib'), (12, 'B', 'lib'), (13, 'C', 'lib'), (14, 'D', 'other')) "
        "AS t(spectrum_id, analyte_id, collection)"
    )
    con.execute(
        "CREATE TABLE analytes AS SELECT id AS analyte_id, place::FLOAT[2] AS structure_embedding_analogue FROM (VALUES "
        "('A', [1, 0]), ('B', [0, 1]), ('C', [0.6, 0.8]), ('D', NULL)) AS t(id, place)"
    )
    con.execute(
        "CREATE TABLE nearest_pairs AS SELECT 1 AS query_id, id AS library_id, score::FLOAT AS score, 4 AS "
        "n_library_analytes FROM (VALUES (11, 0.6), (12, 0.7), (13, 0.5), (14, 0.1)) AS t(id, score)"
    )
    con.create_function("peak_score", lambda scorer, query, library: {11: 0.6, 12: 0.1, 13: 0.5, 14: 0.1}[library],
                        ["BIGINT"] * 3, "FLOAT")  # fmt: skip
    asked = {"scorer": 7, "weight": 0.5, "consensus": 0.25, "voters": 2, "spread": 0.1}
    found = con.execute(schemas.read("queries/identify/score_shortlist_analogue"), asked).fetchall()
    alike, of_peaks = (np.array([row], dtype=np.float32) for row in ([0.6, 0.7, 0.5, 0.1], [0.6, 0.1, 0.5, 0.1]))
    places = np.array([[[1, 0], [0, 1], [0.6, 0.8], [0, 0]]], dtype=np.float32)
    expected = Mixture(weight=0.5, consensus=0.25, voters=2, spread=0.1).scores(alike, of_peaks, places)[0]
    assert [row[:2] + row[3:] for row in sorted(found)] == [(1, library, 4) for library in (11, 12, 13, 14)]
    np.testing.assert_allclose([row[2] for row in sorted(found)], expected, atol=1e-6)
    placed = schemas.read("queries/identify/has_structure_places")
    assert [con.execute(placed, {"library": name}).fetchall() for name in ("lib", "other")] == [[(True,)], [(False,)]]


@pytest.mark.parametrize("place", [20, 260, 4096, -1])
def test_damage_anywhere_is_noticed(lab, place):
    con = open_published(lab.published)
    index = collection_index(con, lab.indexes, collection="reference", model="binned", rebuild=True)
    vectors = open_search_index(index.path)
    assert (len(vectors.ids), vectors.n_negative, vectors.stored.shape) == (9, 2, (9, 512))
    lengths = np.concatenate([np.linalg.norm(block, axis=1) for _, block in vectors.blocks(slice(0, 9), 4)])
    np.testing.assert_allclose(lengths, 1, atol=1e-6)
    content = bytearray(index.path.read_bytes())
    content[place] ^= 1
    index.path.unlink()
    index.path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="damaged"):
        open_search_index(index.path)
    before = lab.sql(NEAREST).fetchall()
    report = lab.identify("kitchen", "reference", ppm=None, k=9)
    found = lab.sql(
        "SELECT query_id, rank, analyte_id, library_spectrum_id FROM hits WHERE search_id = $s ORDER BY ALL",
        {"s": report.search_id},
    ).fetchall()
    assert found == [row[:4] for row in before]


def test_no_pair_of_another_ion_mode(lab):
    report = lab.identify("kitchen", "reference", ppm=None)
    modes = lab.sql(
        "SELECT count(*) FROM hits JOIN spectra AS q ON q.spectrum_id = query_id "
        "JOIN spectra AS l ON l.spectrum_id = library_spectrum_id WHERE search_id = $s AND q.ion_mode <> l.ion_mode",
        {"s": report.search_id},
    )
    assert modes.fetchall() == [(0,)]


def test_plain_duckdb_reads_an_open_search(lab):
    lab.identify("kitchen", "reference", ppm=None, name="open")
    lab.close()
    with duckdb.connect(str(lab.published), read_only=True) as con:
        assert con.sql("SELECT count(*) FROM identifications WHERE search_id = 'open'").fetchall() == [(7,)]
        # The library lacks the analytes of lemon:3 and coffee:4; coffee:2 is answered with an isomer.
        assert con.sql("SELECT n_queries, n_answerable, n_correct FROM top_k_accuracy('open')").fetchall() == [(6, 4, 3)]


def test_the_methods_are_those_of_the_scores(lab):
    for method in ("cosine_greedy", "entropy_similarity", "weighted_cosine"):
        report = lab.identify("kitchen", "reference", ppm=None, method=method, k=1)
        settings = json.loads(
            lab.sql("SELECT settings FROM searches WHERE search_id = $s", {"s": report.search_id}).fetchall()[0][0]
        )
        assert settings.pop("shortlist") == 10
        tolerance = {} if method == "weighted_cosine" else {"tolerance_da": 0.01}
        assert settings == peak_score(method, tolerance).settings()
