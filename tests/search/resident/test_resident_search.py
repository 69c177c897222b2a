"""A library in memory answers as the published file does, row by row, and leaves to it what it cannot answer."""

import threading

import duckdb
import numpy as np
import pytest

from spectradb import schemas
from spectradb.arrays.matchms_spectra import QuerySpectrum
from spectradb.errors import ModelChanged
from spectradb.ingest.spectra.peaks import PeakRecipe, are_clean, clean_peaks
from spectradb.models.registry import Embedders
from spectradb.search.adhoc import one_spectrum, search
from spectradb.search.resident import search as resident
from spectradb.search.resident.products import engine_fuses, products_in_order
from spectradb.search.resident.search import search_resident
from spectradb.search.resident.turns import Turns
from spectradb.search.spec import AT_HAND, SearchSpec
from spectradb.workspace.connection import OpenedLab

SPECTRA = {
    "leucine, or isoleucine": ([43.0542, 44.0495, 86.0964], [20, 30, 1000], 132.1019, "positive"),
    "caffeine, unsorted, with a peak twice and one of nothing": (
        [138.0662, 110.0713, 110.0713, 50],
        [90, 9, 9, 0],
        195.0876,
        "positive",
    ),
    "citric acid": ([85.0295, 111.0088], [380, 1000], 191.0198, "negative"),
    "no candidate": ([85.0295], [380], 500.0, "negative"),
    "of the other ion mode": ([93.0346], [1000], 137.0244, "positive"),
    "salicylic acid": ([93.0346], [5], 137.0245, "negative"),
}
VECTORS = {"relation": "vectors.reference__binned"}


def spec(**ways):
    return SearchSpec(**{"study": AT_HAND, "library": "reference", "model": "binned", **ways})


def spectrum(mz, intensity, precursor_mz, ion_mode="positive"):
    return QuerySpectrum(np.array(mz, dtype=float), np.array(intensity, dtype=float), precursor_mz, ion_mode)


@pytest.fixture(scope="module")
def opened(tiny_lab):
    lab = OpenedLab(tiny_lab.published)
    yield lab
    lab.close()


def in_memory(opened, *spectra, embedders=None, **ways):
    return search_resident(opened, spectra, spec(**ways), embedders=embedders or Embedders(), at_once=True)


@pytest.mark.parametrize("ways", [{}, {"k": 1}, {"k": 2, "ppm": 40000.0}, {"ppm": 0.3}], ids=str)
@pytest.mark.parametrize("name", SPECTRA)
def test_answers_are_those_of_the_file(opened, name, ways):
    mz, intensity, precursor_mz, ion_mode = SPECTRA[name]
    found = in_memory(opened, spectrum(*SPECTRA[name]), **ways)
    of_file = search(opened.cursor(), one_spectrum(mz, intensity, precursor_mz, ion_mode=ion_mode), spec(**ways))
    assert found.schema == of_file.schema
    assert found.equals(of_file)
    if "ppm" not in ways:
        assert (found.num_rows == 0) == (name in {"no candidate", "of the other ion mode"})


def test_several_spectra_are_answered_in_their_order(opened):
    found = in_memory(opened, *(spectrum(*values) for values in SPECTRA.values()), k=1)
    assert found.select(["query_id", "rank", "name", "n_candidate_analytes"]).to_pylist() == [
        {"query_id": 0, "rank": 1, "name": "D-Leucine", "n_candidate_analytes": 2},
        {"query_id": 1, "rank": 1, "name": "Caffeine", "n_candidate_analytes": 1},
        {"query_id": 2, "rank": 1, "name": "Citric acid", "n_candidate_analytes": 1},
        {"query_id": 5, "rank": 1, "name": "Salicylic acid", "n_candidate_analytes": 1},
    ]


def test_a_lab_answers_from_memory_once_it_was_asked_some_times(tiny_lab, monkeypatch):
    tiny_lab.close()
    counted = []
    monkeypatch.setattr(resident, "read_library", lambda *given, **way: counted.append(given) or read(*given, **way))
    mz, intensity, precursor_mz, _ = SPECTRA["citric acid"]
    answers = []
    for asked in range(resident.SEARCHES_BEFORE + 3):
        assert len(counted) == (asked > resident.SEARCHES_BEFORE)
        answers.append(tiny_lab.search(mz, intensity, precursor_mz, library="reference", ion_mode="negative"))
    assert all(answer.equals(answers[0]) for answer in answers[1:])
    assert answers[0]["name"].to_pylist() == ["Citric acid"]


read = resident.read_library


@pytest.mark.parametrize(
    ("odd", "ways"),
    [
        (spectrum([100.0], [1.0], 132.1), {"method": "cosine_greedy"}),
        (spectrum([100.0], [1.0], 132.1), {"ppm": None}),
        (spectrum([100.0], [0.0], 132.1), {}),
        (spectrum([], [], 132.1), {}),
        (spectrum([100.0, 101.0], [1.0], 132.1), {}),
        (spectrum([100.0], [1.0], -1.0), {}),
        (spectrum([100.0], [1.0], float("nan")), {}),
        (spectrum([100.0], [1.0], 132.1, "both"), {}),
    ],
)
def test_other_searches_are_left_to_the_file(opened, odd, ways):
    assert in_memory(opened, odd, **ways) is None


def test_a_library_too_large_for_memory_is_left_to_the_file(tiny_lab, monkeypatch):
    monkeypatch.setattr(resident, "MOST_BYTES", 10_000)
    opened = OpenedLab(tiny_lab.published)
    assert in_memory(opened, spectrum(*SPECTRA["citric acid"])) is None
    opened.close()


def test_vectors_of_another_version_of_the_model_are_not_compared(opened, monkeypatch):
    assert in_memory(opened, spectrum(*SPECTRA["citric acid"])).num_rows == 1
    changed = Embedders().embedder("binned").__class__(min_loss=0.6)
    monkeypatch.setattr(Embedders, "embedder", lambda self, name: changed)
    with pytest.raises(ModelChanged, match="vectors by binned were made by another version of the model"):
        in_memory(opened, spectrum(*SPECTRA["citric acid"]))


def test_inner_products_round_once_or_twice():
    random = np.random.default_rng(5)
    for n in (0, 1, 3, 4, 9):
        query, vectors = random.normal(size=33).astype(np.float32), random.normal(size=(n, 33)).astype(np.float32)
        twice, once = np.zeros(n, np.float32), np.zeros(n, np.float32)
        for i in range(33):
            twice = twice + query[i] * vectors[:, i]
            # The product of two single-precision numbers is exact in double precision.
            once = (once.astype(float) + float(query[i]) * vectors[:, i].astype(float)).astype(np.float32)
        assert products_in_order(query, vectors, False).tolist() == twice.tolist()
        fused = products_in_order(query, vectors, True)
        assert fused.tolist() in (once.tolist(), twice.tolist()), "a processor may know no fused addition"


@pytest.mark.covers("queries/adhoc/inner_products")
def test_the_engine_is_asked_how_it_adds_up():
    with duckdb.connect() as con:
        con.execute("CREATE TABLE made_up_vectors (place INTEGER, query FLOAT[2], row FLOAT[2])")
        con.execute("INSERT INTO made_up_vectors VALUES (2, [1, 2], [3, 4]), (1, [1, 2], [0, -1])")
        assert con.execute(schemas.read("queries/adhoc/inner_products")).fetchall() == [(-2,), (11,)]
        random, fused = np.random.default_rng(8), engine_fuses()
        assert fused is not None, "the engine adds up in neither way: nothing is answered from memory"
        query, vectors = random.normal(size=64).astype(np.float32), random.normal(size=(200, 64)).astype(np.float32)
        in_sql = "SELECT array_inner_product($1::FLOAT[64], unnest($2::FLOAT[64][]))"
        found = con.execute(in_sql, [query.tolist(), vectors.tolist()]).fetchall()
    assert [product for (product,) in found] == products_in_order(query, vectors, fused).tolist()


def test_an_engine_that_adds_up_in_its_own_way_answers_itself(tiny_lab, monkeypatch):
    monkeypatch.setattr(resident, "engine_fuses", lambda: None)
    opened = OpenedLab(tiny_lab.published)
    assert in_memory(opened, spectrum(*SPECTRA["citric acid"])) is None
    opened.close()


def test_clean_peaks_are_told_from_others():
    random, recipe = np.random.default_rng(7), PeakRecipe(max_peaks=6, min_relative_intensity=0.1)
    told = {True: 0, False: 0}
    for _ in range(400):
        mz = np.sort(random.integers(1, 9, size=random.integers(1, 8)).astype(float))
        intensity = random.integers(1, 30, size=len(mz)).astype(float)
        if random.random() < 0.2:
            (mz if random.random() < 0.5 else intensity)[random.integers(len(mz))] = random.choice(
                [np.nan, np.inf, 0, -1, 1e-40]
            )
        clean = are_clean(mz, intensity, recipe)
        _, mz_kept, intensity_kept = clean_peaks(np.array([0, len(mz)]), mz, intensity, recipe)
        assert clean == (np.array_equal(mz, mz_kept) and np.array_equal(intensity, intensity_kept) and len(mz) > 0)
        told[clean] += 1
    assert min(told.values()) > 50


def test_turns_are_taken_in_the_order_of_arrival():
    turns, order, arrived = Turns(1), [], []

    def take(number):
        arrived.append(number)
        with turns.taken():
            order.append(number)

    with turns.taken():
        threads = []
        for number in range(5):
            threads.append(threading.Thread(target=take, args=(number,)))
            threads[-1].start()
            while len(turns._waiting) <= number:
                threading.Event().wait(0.001)
        assert order == []
    for thread in threads:
        thread.join()
    assert order == arrived == [0, 1, 2, 3, 4]
    with turns.taken():
        assert turns._free == 0
    assert turns._free == 1


@pytest.mark.covers("queries/adhoc/library_records")
def test_records_of_a_library(opened):
    rows = opened.cursor().execute(schemas.read("queries/adhoc/library_records"), {"library": "reference"}).fetchall()
    assert [row[6] for row in rows] == sorted(row[6] for row in rows)
    name, smiles, key = "Caffeine", "Cn1c(=O)c2c(ncn2C)n(C)c1=O", "RYYVLZVUVIJVGH"
    stated = (195.0877, "stated")
    assert sorted((row[7], *row[:6], *row[8:]) for row in rows)[3:5] == [
        ("R4", key, name, name, "C8H10N4O2", smiles, "[M+H]+", *stated),
        ("R5", key, name, name, "C8H10N4O2", smiles, "[M+H]+", *stated),
    ]


@pytest.mark.covers("queries/adhoc/resident_order")
def test_order_of_a_library_in_memory(opened):
    rows = opened.cursor().execute(schemas.read("queries/adhoc/resident_order"), VECTORS).fetchall()
    assert [(mz, positive) for _, _, mz, positive in rows] == [
        (137.0244, False),
        (191.0197, False),
        (132.1019, True),
        (132.1019, True),
        (132.1019, True),
        (139.039, True),
        (195.0877, True),
        (195.0877, True),
        (195.0877, True),
    ]
    assert [row[0] for row in rows[2:5]] == sorted(row[0] for row in rows[2:5])
    assert [analyte for _, analyte, _, _ in rows if analyte[0] in "KY"] == [
        "YGSDEFSMJLZEOE",
        "KRKNYBCHXYNGOX",
        "YGSDEFSMJLZEOE",
    ]


@pytest.mark.covers("queries/adhoc/model_fingerprint")
def test_fingerprint_of_a_model(opened):
    told = opened.cursor().execute(schemas.read("queries/adhoc/model_fingerprint"), {"model": "binned"}).fetchall()
    assert told == [(Embedders().embedder("binned").fingerprint,)]
