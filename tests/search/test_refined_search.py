"""identify by refined library vectors: the hits, what refines them and what does not, and what is recorded."""

import json

import numpy as np
import pytest
from laboratories import ISOLEUCINE, LEUCINE
from tiny_lab import build as build_tiny

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.search.methods import refined_search
from spectradb.search.methods.refined import resolve_refined
from spectradb.search.vectors.origins import VectorOrigins
from spectradb.similarity.refined_vectors import Refinement, RefinementConfig
from spectradb.workspace.connection import open_published

HITS = (
    "SELECT q.native_id AS query, rank, h.analyte_id, l.native_id AS library, score, matched_peaks, ppm_error, "
    "n_candidate_analytes, score_gap FROM hits AS h JOIN spectra AS q ON q.spectrum_id = query_id "
    "JOIN spectra AS l ON l.spectrum_id = library_spectrum_id WHERE search_id = $search ORDER BY 1, 2"
)


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory):
    with build_tiny(tmp_path_factory.mktemp("kitchen")) as lab:
        yield lab


def hits(lab, **search):
    report = lab.identify(**{"method": "refined", **search})
    return lab.sql(HITS, {"search": report.search_id}).fetchall()


def vectors_of(lab, collection):
    """Columns and vectors of the spectra of a collection."""
    table = lab.sql(f"FROM vectors.{collection}__binned ORDER BY id").to_arrow_table()
    embedding = np.stack(table["embedding"].to_numpy(zero_copy_only=False)).astype(np.float32)
    return {name: np.array(table[name].to_pylist()) for name in table.column_names[:-1]}, embedding


def test_every_query_meets_a_library_refined_without_its_laboratory(lab):
    spectra, vectors = vectors_of(lab, "shared")
    _, number = np.unique(spectra["analyte_id"], return_inverse=True)
    name_of = dict(lab.sql("SELECT spectrum_id, native_id FROM spectra").fetchall())
    expected = {}
    for query in range(len(vectors)):
        there = np.flatnonzero(spectra["contributor"] != spectra["contributor"][query])
        refinement = Refinement(
            vectors[there].__getitem__,
            analyte=number[there],
            precursor_mz=spectra["precursor_mz"][there],
            ion_mode=np.ones(len(there)),
            ppm=10.0,
            config=RefinementConfig(strength=50.0),
        )
        scores = refinement.refined(np.arange(len(there))) @ vectors[query]
        for row, score in zip(there, scores, strict=True):
            if spectra["peaks_hash"][row] != spectra["peaks_hash"][query]:
                key = name_of[spectra["id"][query]], spectra["analyte_id"][row]
                expected[key] = max(expected.get(key, -1.0), float(score))
    rows = hits(
        lab, study="shared", library="shared", left_out="contributor", settings={"spectra": 1, "strength": 50}, name="own"
    )
    assert {(row[0], row[2]): row[4] for row in rows} == pytest.approx(expected, abs=1e-5)
    assert len({query for query, _ in expected}) == 7
    plain = dict.fromkeys(expected)
    for row in hits(lab, study="shared", library="shared", left_out="contributor", method="embedding", name="plain"):
        plain[row[0], row[2]] = row[4]
    assert max(abs(plain[key] - expected[key]) for key in expected) > 0.01


@pytest.mark.parametrize("left_out", [None, "copies", "contributor"])
def test_without_strength_it_is_merged(lab, left_out):
    search = {"study": "shared", "library": "shared", "left_out": left_out}
    refined = hits(lab, **search, settings={"strength": 0, "spectra": 3}, name="refined")
    merged = hits(lab, **search, method="merged", settings={"spectra": 3}, engine="sql", name="merged")
    assert len(refined) == len(merged) > 0
    for left, right in zip(refined, merged, strict=True):
        assert (*left[:4], left[5], left[7]) == (*right[:4], right[5], right[7])
        np.testing.assert_allclose(np.array(left[4::4], float), np.array(right[4::4], float), atol=1e-6)


@pytest.mark.parametrize("rows_at_once", [1, 3])
def test_a_search_in_parts_is_the_same_search(lab, monkeypatch, rows_at_once):
    search = {"study": "shared", "library": "shared", "left_out": "contributor"}
    whole = hits(lab, **search, name="whole")
    monkeypatch.setattr(refined_search, "_ROWS_AT_ONCE", rows_at_once)
    assert hits(lab, **search, name="parts") == whole


def test_parts_hold_every_window():
    chance = np.random.default_rng(4)

    def spectra(n):
        zeros = np.zeros(n, int)
        return VectorOrigins(np.arange(n), zeros, chance.integers(0, 2, n), zeros, chance.uniform(100, 101, n))

    queries, library = spectra(80), spectra(200)
    for ppm in (10.0, 900.0):
        found = {}
        for asked, rows in refined_search._parts(queries, library, ppm):
            assert len(np.unique(rows)) == len(rows)
            for query in asked.tolist():
                assert query not in found
                found[query] = set(rows.tolist())
        for query in range(80):
            same = library.ion_mode == queries.ion_mode[query]
            away = np.abs(library.precursor_mz - queries.precursor_mz[query])
            window = np.flatnonzero(same & (away <= queries.precursor_mz[query] * ppm * 1e-6))
            assert set(window.tolist()) <= found.get(query, set())
    used = {row for rows in found.values() for row in rows}
    assert len(used) > 100


@pytest.mark.covers("queries/identify/identify_refined", "queries/identify/vector_origins")
def test_literal_rows(kitchen):
    statement = schemas.read("queries/identify/vector_origins")
    found = kitchen.sql(
        f"SELECT s.native_id, o.* EXCLUDE (spectrum_id, peaks_hash) FROM ({statement.strip().rstrip(';')}) AS o "
        "JOIN spectra AS s USING (spectrum_id) ORDER BY ALL LIMIT 3",
        {"collection": "reference", "model": "binned", "as_queries": False, "contributors": None, "query_range": None},
    )
    assert found.columns == ["native_id", "analyte_id", "precursor_mz", "ion_mode", "contributor"]
    assert found.fetchall() == [
        ("R1", LEUCINE, 132.1019, "positive", None),
        ("R2", LEUCINE, 132.1019, "positive", None),
        ("R3", ISOLEUCINE, 132.1019, "positive", None),
    ]
    # Two library spectra with vectors of the query: the relation is compared, not the column of the lab.
    con = open_published(kitchen.published)
    con.execute(
        "CREATE TEMP TABLE refined_queries AS SELECT id FROM vectors.kitchen__binned AS v "
        "JOIN spectra AS s ON s.spectrum_id = v.id WHERE s.native_id = 'coffee:1'; "
        "CREATE TEMP TABLE refined_library AS SELECT s.spectrum_id AS id, "
        "list_transform(v.embedding::FLOAT[], lambda x: x * if(s.native_id = 'R3', 1, 0.5))::FLOAT[512] AS embedding "
        "FROM spectra AS s, vectors.kitchen__binned AS v "
        "WHERE s.native_id IN ('R2', 'R3') AND v.id IN (SELECT id FROM refined_queries)"
    )
    statement = schemas.read("queries/identify/identify_refined")
    values = {"search_id": "s", "ppm": 10.0, "k": 10, "fragment_tolerance_da": 0.01, "left_out": None, "spectra": 8}
    values |= {"study": "kitchen", "library": "reference", "model": "binned"}
    found = con.execute(statement, values)
    columns = [column[0] for column in found.description]
    assert columns == kitchen.connection().table("hits").columns[: len(columns)]
    assert columns[-1] == "score_gap"
    rows = [(row[2], row[3], round(row[5], 4), row[6], row[8]) for row in found.fetchall()]
    assert rows == [(1, ISOLEUCINE, 1.0, 1, 2), (2, LEUCINE, 0.5, 4, 2)]


def test_what_is_recorded(kitchen):
    assert hits(kitchen, study="kitchen", library="reference", name="refined")
    columns = "method, model, settings, n_queries, n_answered"
    ((method, model, settings, *counts),) = kitchen.sql(
        f"SELECT {columns} FROM searches WHERE search_id = 'refined'"
    ).fetchall()
    assert (method, model, counts) == ("refined", "binned", [7, 6])
    assert json.loads(settings) == {"spectra": 8, "neighbours": 20, "strength": 400.0}
    one = kitchen.identify("kitchen", "reference", method="refined", settings={"spectra": "1", "neighbours": "5"}, name="one")
    assert one.n_hits == 9
    assert [path.name for path in kitchen.indexes.iterdir()] == ["reference__binned.spectra-index"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"weight": 1}, "the method refined has no setting 'weight'; it has: spectra, neighbours, strength"),
        ({"spectra": 0}, "^refined: spectra is 0; give a whole number from 1 to 64"),
        ({"neighbours": "-3"}, "^refined: neighbours is -3"),
        ({"strength": "strong"}, "^refined: strength 'strong'; give numbers, such as spectra=8"),
    ],
)
def test_settings_without_meaning(settings, message):
    with pytest.raises(BadParameter, match=message):
        resolve_refined(settings)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "native"}, "the engine native does not search by refined: search with --engine sql"),
        ({"ppm": None}, "does not search by refined: give --ppm"),
        ({"ray": "local"}, "the method refined runs in one process: leave out --ray"),
    ],
)
def test_what_it_does_not_do(kitchen, options, message):
    n_before = kitchen.record.dataset("searches").count_rows()
    with pytest.raises(BadParameter, match=message):
        kitchen.identify("kitchen", "reference", method="refined", **options)
    with pytest.raises(BadParameter, match="the method refined is for searches that are recorded: use identify"):
        kitchen.search([60.0], [1.0], 200.0, library="reference", method="refined")
    assert kitchen.record.dataset("searches").count_rows() == n_before
