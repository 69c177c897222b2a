"""Open searches by vector indexes: approximate, with their recall measured; never by an index of another state."""

import json
import shutil

import lance
import lancedb
import numpy as np
import pytest
import tiny_lab as made_up
from click.testing import CliRunner

from spectradb import schemas
from spectradb.cli import main
from spectradb.errors import BadParameter
from spectradb.search.identify import identify
from spectradb.search.search_names import Naming
from spectradb.search.spec import SearchSpec
from spectradb.search.vectors.approximate import (
    CROSSOVER_QUERIES,
    CROSSOVER_QUERIES_STANDING,
    CROSSOVER_ROWS,
    MEASURED,
    Recall,
    approximate_analytes,
    is_approximate,
    recall,
    recorded_recall,
    together,
)
from spectradb.search.vectors.exact import Shortlists, nearest_analytes
from spectradb.store.indexes.ann_index import PARTITION_ROWS, vector_index, vector_index_path
from spectradb.store.indexes.mmap_index_format import IndexedVectors
from spectradb.workspace.connection import open_published

HITS = """
    SELECT query_id, rank, analyte_id, library_spectrum_id, round(score, 5), n_candidate_analytes
    FROM hits WHERE search_id = $s ORDER BY ALL
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with made_up.build(tmp_path_factory.mktemp("indexed")) as lab:
        yield lab


def unit(vectors):
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def library_of(vectors, *, content=1, n_negative=0, ids=None, analytes=None):
    n = len(vectors)
    ids = np.arange(n, dtype=np.int64) * 7 if ids is None else ids
    analytes = (np.arange(n) // 3).astype(np.int32) if analytes is None else analytes
    return IndexedVectors(ids, analytes, n_negative, vectors, np.ones(n, dtype=np.float32), content)


def nearest_rows(index, queries, n_rows=3):
    query, row = index.candidates(queries, n_rows, n_probes=99)
    return [sorted(row[query == number].tolist()) for number in range(len(queries))]


@pytest.fixture(scope="module")
def vectors():
    rng = np.random.default_rng(5)
    return unit(rng.standard_normal((600, 20)) + 4 * np.repeat(rng.standard_normal((200, 20)), 3, axis=0))


def test_hits_are_those_of_exact_search(lab):
    exact = lab.identify("kitchen", "reference", ppm=None, k=2, name="exact", index="exact")
    found = lab.identify("kitchen", "reference", ppm=None, k=2, name="approximate", index="approximate")
    assert exact.recall is None
    assert (found.recall.recall, found.recall.at, found.recall.n_sampled, found.recall.n_queries) == (1.0, 2, 7, 7)
    assert lab.sql(HITS, {"s": "approximate"}).fetchall() == lab.sql(HITS, {"s": "exact"}).fetchall()
    recorded = dict(lab.sql("SELECT search_id, settings FROM searches").fetchall())
    assert recorded["exact"] is None
    assert json.loads(recorded["approximate"]) == {
        "index": "approximate",
        "index_type": "IVF_RQ",
        "nprobes": 1,
        "recall": 1.0,
        "recall_at": 2,
        "recall_queries": 7,
        "recall_target": 0.95,
    }
    assert sorted(path.name for path in lab.indexes.glob("*.lance")) == [
        "reference__binned__negative.lance",
        "reference__binned__positive.lance",
    ]


def test_the_folder_of_indexes_is_a_lancedb_database(lab):
    lab.identify("kitchen", "reference", ppm=None, index="approximate")
    table = lancedb.connect(lab.indexes).open_table("reference__binned__positive")
    assert table.count_rows() == 7
    assert [index.index_type for index in table.list_indices()] == ["IvfRq"]


def test_analogues_by_an_index(lab):
    wanted = {"ppm": None, "k": 2, "method": "modified_cosine"}
    exact = lab.identify("kitchen", "reference", **wanted, index="exact")
    found = lab.identify("kitchen", "reference", **wanted, index="approximate")
    assert lab.sql(HITS, {"s": found.search_id}).fetchall() == lab.sql(HITS, {"s": exact.search_id}).fetchall()
    recorded = lab.sql("SELECT settings FROM searches WHERE search_id = $s", {"s": found.search_id}).fetchall()
    settings = json.loads(recorded[0][0])
    assert (settings["shortlist"], settings["recall"], settings["recall_at"]) == (20, 1.0, 4)


def test_spectra_at_hand_and_the_verbs(lab, tmp_path):
    peaks = lab.sql(
        "SELECT native_id, precursor_mz, mz, intensity FROM spectra WHERE collection = 'kitchen' AND ion_mode = 'positive'"
    )
    for _, precursor_mz, mz, intensity in peaks.fetchall():
        exact, found = (
            lab.search(mz, intensity, precursor_mz, library="reference", ppm=None, k=3, index=index).to_pylist()
            for index in ("exact", "approximate")
        )
        assert [(row["rank"], row["library_native_id"], row["name"]) for row in found] == [
            (row["rank"], row["library_native_id"], row["name"]) for row in exact
        ]
        np.testing.assert_allclose([row["score"] for row in found], [row["score"] for row in exact], atol=1e-6)
        assert [row["mz_difference"] for row in found] == [row["mz_difference"] for row in exact]
    file = tmp_path / "one.mgf"
    file.write_text("BEGIN IONS\nTITLE=a\nPEPMASS=195.0877\nCHARGE=1+\n138.066 100\n110.071 20\nEND IONS\n")
    called = ["search", str(lab.path), str(file), "--library", "reference", "--ion-mode", "positive", "--open"]
    said = CliRunner().invoke(main, [*called, "--index", "approximate", "--csv"])
    assert said.exit_code == 0, said.stderr
    assert "recall@7 1.000 on 1 of the queries, searched exactly too" in said.stderr
    exact = CliRunner().invoke(main, [*called, "--csv"]).stdout
    assert [line.rsplit(",")[-1] for line in said.stdout.splitlines()] == [line.rsplit(",")[-1] for line in exact.splitlines()]
    called = ["identify", str(lab.path), "--study", "kitchen", "--library", "reference", "--open", "--index", "approximate"]
    said = CliRunner().invoke(main, [*called, "--recall", "0.9", "--json"])
    assert json.loads(said.stdout)["recall"]["recall"] == 1.0
    assert "approximate by IVF_RQ, 1 partitions probed: recall@4 1.000 on 7" in CliRunner().invoke(main, called).stdout


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"ppm": None, "index": "guess"}, "no index 'guess'; there are: auto, exact, approximate"),
        ({"ppm": None, "target_recall": 1.5}, "recall 1.5 must be above 0 and at most 1"),
        ({"ppm": 10.0, "index": "approximate"}, "without a precursor filter: give --open"),
    ],
)
def test_what_cannot_be_asked_for(lab, wanted, said):
    with pytest.raises(BadParameter, match=said):
        lab.identify("kitchen", "reference", **wanted)
    with pytest.raises(BadParameter, match=said):
        lab.search([100.0], [1.0], 195.0877, library="reference", **wanted)


def test_a_search_by_peaks_has_no_use_for_an_index(lab):
    with pytest.raises(BadParameter, match="compares all spectra"):
        lab.search([100.0], [1.0], 195.0877, library="reference", method="cosine_greedy", ppm=None, index="approximate")


def test_the_choice_goes_by_size():
    large = {"n_rows": CROSSOVER_ROWS, "n_queries": CROSSOVER_QUERIES, "stands": False, "device": "cpu"}
    assert is_approximate("auto", **large)
    assert not is_approximate("auto", **{**large, "n_rows": CROSSOVER_ROWS - 1})
    assert not is_approximate("auto", **{**large, "n_queries": CROSSOVER_QUERIES - 1})
    assert not is_approximate("auto", **{**large, "device": "cuda"})
    assert not is_approximate("exact", **large)
    few = {**large, "n_queries": CROSSOVER_QUERIES_STANDING, "stands": True}
    assert is_approximate("auto", **few)
    assert not is_approximate("auto", **{**few, "n_queries": CROSSOVER_QUERIES_STANDING - 1})
    assert is_approximate("approximate", n_rows=1, n_queries=1, stands=False, device="cpu")


def lists(scores, analytes):
    return Shortlists(np.array(scores, np.float32), np.array(analytes, np.int32), np.array(analytes, np.int64))


def test_recall_by_hand():
    # Three of three, ties at the end included; one of two, since the library has two; no analyte at all does not count.
    exact = lists([[0.9, 0.8, 0.7], [0.9, 0.8, -np.inf], [-np.inf] * 3], [[1, 2, 3], [1, 2, -1], [-1, -1, -1]])
    found = lists([[0.9, 0.8, 0.7, 0.1], [0.9, 0.5, 0.4, 0.1], [-np.inf] * 4], [[1, 2, 8, 4], [1, 3, 4, 5], [-1] * 4])
    assert recall(found, exact) == 0.75
    assert recall(exact, lists([[-np.inf] * 3] * 3, [[-1] * 3] * 3)) == 1.0


def test_recalls_of_two_ion_modes_together():
    parts = [Recall(0.9, 10, 200, 1000, 0.95, 16, 5, 1.0), Recall(0.5, 8, 50, 3000, 0.95, 64, 0, 0.0)]
    whole = together(parts)
    assert whole == Recall(pytest.approx(0.6), 10, 250, 4000, 0.95, 64, 5, 1.0)
    assert whole.lines()[1:] == [
        "  vector index: 5 vectors written in 1.0 s",
        "  note: the recall asked for, 0.95, was not reached: search with --index exact",
    ]
    assert set(whole.settings) == set(MEASURED)
    assert recorded_recall(json.dumps({**whole.settings, "recall_target": 0.95}), 4000) == Recall(0.6, 10, 250, 4000, 0.95, 64)
    assert recorded_recall(None, 1) is None
    assert recorded_recall('{"shortlist": 20}', 1) is None
    assert together([]) is None


def test_more_is_looked_at_until_the_recall_is_reached(tmp_path):
    rng = np.random.default_rng(2)
    n = 5 * PARTITION_ROWS
    vectors, queries = (unit(rng.standard_normal((m, 16))) for m in (n, 300))
    library = library_of(vectors.astype(np.float16))
    index = vector_index(tmp_path / "indexes" / "a.lance", library, slice(0, n))
    exact = nearest_analytes(queries, library.blocks(slice(0, n), 8192), library.analytes, library.ids, 10)
    found, reached = approximate_analytes(queries, library, slice(0, n), index, library.analytes, 11, at=10, target=0.99)
    assert (reached.n_sampled, reached.n_queries, reached.n_built, reached.n_probes) == (200, 300, n, 5)
    assert reached.recall >= 0.99
    assert recall(found, exact) == pytest.approx(reached.recall, abs=0.02)
    same = found.row[:, :10] == exact.row
    np.testing.assert_allclose(found.score[:, :10][same], exact.score[same], atol=1e-6)


def test_queries_that_find_many_spectra_of_few_analytes_look_further(tmp_path, vectors):
    # The 590 spectra nearest to all queries are of one analyte.
    analytes = np.where(np.arange(600) < 590, 0, np.arange(600)).astype(np.int32)
    library = library_of(vectors, analytes=analytes)
    index = vector_index(tmp_path / "indexes" / "a.lance", library, slice(0, 600))
    found, reached = approximate_analytes(vectors[:4], library, slice(0, 600), index, analytes, 3, at=3, target=1.0)
    exact = nearest_analytes(vectors[:4], library.blocks(slice(0, 600), 99), analytes, library.ids, 3)
    assert reached.recall == 1.0
    assert found.analyte.tolist() == exact.analyte.tolist()


def test_an_index_follows_its_library(tmp_path, vectors):
    path = tmp_path / "indexes" / "a.lance"
    whole = slice(0, 600)
    first = vector_index(path, library_of(vectors), whole)
    assert first.n_changed == 600
    assert vector_index(path, library_of(vectors), whole).n_changed == 0
    # One spectrum goes, one has another vector, two come; the others stay indexed, and their rows are others now.
    ids = np.concatenate([[10_001], np.arange(600, dtype=np.int64)[1:] * 7, [10_002]])
    moved = np.concatenate([unit(vectors[:1] * -1), vectors[1:], unit(vectors[5:6] * -1 + 0.1)])
    moved[300] = -moved[300]
    after = library_of(moved, content=2, ids=ids)
    second = vector_index(path, after, slice(0, 601))
    assert second.n_changed == 5
    asked = moved[[0, 300, 600]]
    assert nearest_rows(second, asked, n_rows=1) == [[0], [300], [600]]
    # Vectors lie in threes; which of three is nearest the index, which keeps a few bits of each number, cannot tell.
    assert nearest_rows(second, moved[[17]], n_rows=3) == [[15, 16, 17]]
    # Whoever holds the former version searches that, also once it is no longer the latest.
    assert nearest_rows(first, vectors[[0, 300]], n_rows=3) == [[0, 1, 2], [300, 301, 302]]
    # Where much has changed, it is built anew.
    again = vector_index(path, library_of(moved[::-1].copy(), content=3, ids=ids), slice(0, 601))
    assert again.n_changed == 601
    assert nearest_rows(again, asked[:1], n_rows=1) == [[600]]


def test_new_spectra_are_indexed_once_they_are_many(tmp_path):
    rng = np.random.default_rng(4)
    n, more = 60_000, 5000
    vectors = unit(rng.standard_normal((n + more, 16))).astype(np.float16)
    path = tmp_path / "indexes" / "a.lance"
    vector_index(path, library_of(vectors[:n]), slice(0, n))
    grown = vector_index(path, library_of(vectors, content=2), slice(0, n + more))
    assert grown.n_changed == more
    assert sum(index.num_rows_indexed for index in grown.dataset.describe_indices()) == n + more
    asked = vectors[[3, n + 3]].astype(np.float32)
    assert nearest_rows(grown, asked, n_rows=1) == [[3], [n + 3]]


@pytest.mark.parametrize("damage", ["manifest", "index", "data", "gone", "strangers"])
def test_damage_is_mended(lab, damage):
    expected = lab.identify("kitchen", "reference", ppm=None, k=3, index="exact")
    lab.identify("kitchen", "reference", ppm=None, k=3, index="approximate")
    path = vector_index_path(lab.indexes, "reference", "binned", "positive")
    if damage == "gone":
        shutil.rmtree(path)
    elif damage == "strangers":
        dataset = lance.dataset(str(path))
        dataset.delete("true")
        dataset.tags.update(next(iter(dataset.tags.list())), lance.dataset(str(path)).version)
    else:
        pattern = {"manifest": "_versions/*.manifest", "index": "_indices/*/*", "data": "data/*.lance"}[damage]
        for file in path.glob(pattern):
            file.write_bytes(b"damaged")
    mended = lab.identify("kitchen", "reference", ppm=None, k=3, index="approximate", replace=True)
    assert mended.recall.n_built == 7
    assert lab.sql(HITS, {"s": mended.search_id}).fetchall() == lab.sql(HITS, {"s": expected.search_id}).fetchall()


def test_other_vectors_make_another_index(tmp_path):
    with made_up.build(tmp_path) as lab:
        lab.identify("kitchen", "reference", ppm=None, index="approximate", name="before")
        lab.embed("binned", refill=True)
        again = lab.identify("kitchen", "reference", ppm=None, index="approximate", name="refilled")
        # Embedded again, but no vector is another.
        assert again.recall.n_built == 0
        lab.identify("kitchen", "reference", ppm=None, index="approximate", name="after")
        assert lab.clean(older_than_days=0) > 0
        assert lab.identify("kitchen", "reference", ppm=None, index="approximate").recall.n_built == 0
        stranger = vector_index_path(lab.indexes, "forgotten", "binned", "positive")
        shutil.copytree(vector_index_path(lab.indexes, "reference", "binned", "positive"), stranger)
        lab.clean()
        assert not stranger.exists()
        assert vector_index_path(lab.indexes, "reference", "binned", "positive").exists()


def test_a_killed_search_is_taken_up_with_what_it_measured(lab):
    found = lab.identify("kitchen", "reference", ppm=None, k=3, index="approximate", name="killed")
    # As when the process was killed between recording and publishing.
    with open_published(lab.published) as con:
        spec = SearchSpec(study="kitchen", library="reference", model="binned", ppm=None, k=3, index="approximate")
        again = identify(lab.record, con, spec, naming=Naming(name="killed"), indexes=lab.indexes)
    assert again.search_id == "killed"
    assert again.n_hits == found.n_hits
    assert again.recall == Recall(1.0, 3, 7, 7, 0.95, 1)


@pytest.mark.covers("queries/adhoc/open_search_indexed")
def test_open_search_indexed(lab):
    con = open_published(lab.published)
    ids = dict(con.sql("SELECT native_id, spectrum_id FROM spectra").fetchall())
    con.execute("CREATE TEMP TABLE adhoc_queries AS SELECT 4 AS id, 200.0 AS precursor_mz, 'positive' AS ion_mode")
    pairs = [(4, ids["R2"], 0.5), (4, ids["R5"], 0.75), (4, ids["R3"], 0.5)]
    con.execute("CREATE TEMP TABLE nearest_pairs (query_id BIGINT, library_id BIGINT, score FLOAT)")
    con.executemany("INSERT INTO nearest_pairs VALUES (?, ?, ?)", pairs)
    found = con.sql(schemas.read("queries/adhoc/open_search_indexed"), params={"k": 2, "model": "binned"})
    assert found.columns == [
        "query_id", "rank", "analyte_id", "name", "analyte_name", "formula", "smiles", "adduct", "score", "expected_tanimoto",
        "mz_difference", "library_spectrum_id", "library_native_id", "library_precursor_mz", "precursor_source",
    ]  # fmt: skip
    smaller = min(("R2", "R3"), key=ids.get)
    rows = [(row[0], row[1], row[8], round(row[10], 2), row[12]) for row in found.fetchall()]
    assert rows == [
        (4, 1, 0.75, round(mz_of(con, "R5") - 200, 2), "R5"),
        (4, 2, 0.5, round(mz_of(con, smaller) - 200, 2), smaller),
    ], "open_search_indexed"


def mz_of(con, native_id):
    return con.execute("SELECT precursor_mz FROM spectra WHERE native_id = ?", [native_id]).fetchall()[0][0]


@pytest.mark.covers("queries/lab/vector_views")
def test_vector_views(lab):
    con = open_published(lab.published)
    names = ["kitchen__binned", "kitchen__default", "reference__binned", "reference__default"]
    assert con.sql(schemas.read("queries/lab/vector_views")).fetchall() == [(name,) for name in names], "vector_views"
