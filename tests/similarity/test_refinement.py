"""Refined library vectors: the formula, what they depend on and what not, and that they tell isomers apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_spectra import isomer_table, write_arrow
from threadpoolctl import threadpool_info

from spectradb.arrays.annotated_spectra import load_training_data
from spectradb.embedders.binned import BinnedEmbedder
from spectradb.errors import BadParameter
from spectradb.evaluation.evaluate import method_scores
from spectradb.evaluation.queries import search_pairs
from spectradb.evaluation.refined import refined_scores
from spectradb.evaluation.window_search import ranks_of_truth
from spectradb.similarity.refined_vectors import Refinement, RefinementConfig

DIMENSION = 6


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def made_library(n, seed, n_analytes=8):
    """Random unit vectors in which an analyte has one precursor or two, and both ion modes."""
    chance = np.random.default_rng(seed)
    analyte = chance.integers(0, n_analytes, n)
    vectors = unit(chance.normal(size=(n_analytes, DIMENSION))[analyte] + 0.5 * chance.normal(size=(n, DIMENSION)))
    precursor_mz = 200.0 + analyte // 3 + 22.0 * chance.integers(0, 2, n) + chance.uniform(-5e-4, 5e-4, n)
    return vectors.astype(np.float32), analyte, precursor_mz, chance.choice([-1, 1], n)


def refinement(library, **config):
    vectors, analyte, precursor_mz, ion_mode = library
    return Refinement(
        vectors.__getitem__,
        analyte=analyte,
        precursor_mz=precursor_mz,
        ion_mode=ion_mode,
        ppm=10.0,
        config=RefinementConfig(**config),
    )


def by_plain_loops(library, row, neighbours, strength):
    """The formula as the module's docstring has it, in double precision, with the covariances of numpy."""
    vectors, analyte, precursor_mz, ion_mode = library
    vectors = vectors.astype(np.float64)
    same = ion_mode == ion_mode[row]
    near = same & (np.abs(precursor_mz - precursor_mz[row]) <= 1e-5 * precursor_mz[row])
    window = sorted(set(analyte[near]))
    mean = {a: vectors[same & (analyte == a)].mean(axis=0) for a in set(analyte[same])}
    similarity = {a: max(unit(m) @ unit(mean[w]) for w in window) for a, m in mean.items() if a not in window}
    nearest = [a for a in sorted(similarity, key=similarity.get, reverse=True)[:neighbours] if similarity[a] > 0]
    metric = np.eye(DIMENSION)
    for analytes in (window, nearest):
        spread = [np.cov(vectors[same & (analyte == a)], rowvar=False) for a in analytes if (same & (analyte == a)).sum() > 1]
        if spread:
            metric += strength * np.mean(spread, axis=0)
    return unit(np.linalg.inv(metric) @ vectors[row])


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(1, 60),
    seed=st.integers(0, 10**6),
    neighbours=st.integers(0, 9),
    strength=st.sampled_from([0.5, 20.0, 400.0]),
)
def test_the_formula(n, seed, neighbours, strength):
    library = made_library(n, seed)
    found = refinement(library, neighbours=neighbours, strength=strength).refined(np.arange(n))
    assert found.dtype == np.float32
    for row in range(n):
        np.testing.assert_allclose(found[row], by_plain_loops(library, row, neighbours, strength), atol=2e-4)


def test_rows_are_refined_alone_as_together():
    library = made_library(60, 3)
    refined = refinement(library)
    rows = np.array([41, 7, 7, 0, 59])
    together = refined.refined(rows)
    for row, vector in zip(rows, together, strict=True):
        np.testing.assert_allclose(refined.refined(np.array([row]))[0], vector, atol=1e-6)
    assert refined.refined(rows[:0]).shape == (0, DIMENSION)


def test_nothing_to_learn_from_refines_nothing():
    vectors, analyte, precursor_mz, ion_mode = made_library(20, 5)
    vectors[3] = 0.0
    alone = (vectors, np.arange(20), precursor_mz, ion_mode)  # one spectrum of each analyte
    several = (vectors, analyte, precursor_mz, ion_mode)
    rows = np.arange(20)
    np.testing.assert_allclose(refinement(alone).refined(rows), vectors, atol=1e-6)
    assert refinement(several, strength=0).refined(rows).tolist() == vectors.tolist()
    refined = refinement(several).refined(rows)
    assert not refined[3].any()
    assert np.isfinite(refined).all()
    assert np.abs(refined - vectors).max() > 0.05


def test_ion_modes_have_nothing_to_do_with_each_other():
    vectors, analyte, precursor_mz, ion_mode = made_library(60, 8)
    positive = np.flatnonzero(ion_mode > 0)
    both = refinement((vectors, analyte, precursor_mz, ion_mode)).refined(positive)
    apart = refinement((vectors[positive], analyte[positive], precursor_mz[positive], ion_mode[positive]))
    np.testing.assert_allclose(both, apart.refined(np.arange(len(positive))), atol=1e-6)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"neighbours": -1}, "neighbours is -1; give a whole number from 0 to 10,000"),
        ({"strength": -0.5}, "strength is -0.5; give a number of at least 0"),
        ({"strength": float("nan")}, "strength is nan"),
    ],
)
def test_values_without_meaning(config, message):
    with pytest.raises(BadParameter, match=message):
        RefinementConfig(**config)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Isomers told apart by weak peaks, beside strong ones that come and go in all molecules."""
    return load_training_data(write_arrow(isomer_table(n_windows=12), tmp_path_factory.mktemp("data") / "d.arrow"))


def share_first(data, pairs, scores):
    return float((ranks_of_truth(data, pairs, scores) == 1).mean())


def test_isomers_are_told_apart_by_what_does_not_vary(data):
    everything = np.ones(len(data), dtype=np.bool_)
    for one_by_one, left_out in ((False, [["Yonder"]]), (True, [["Here"], ["There"], ["Yonder"]])):
        pairs = search_pairs(data, [name for names in left_out for name in names], one_by_one=one_by_one)
        plain = method_scores(data, pairs, BinnedEmbedder())
        refined = refined_scores(data, pairs, BinnedEmbedder(), library=everything, left_out=left_out)
        assert list(refined) == ["binned refined", "binned refined merged"]
        assert share_first(data, pairs, refined["binned refined"]) > share_first(data, pairs, plain["binned"]) + 0.1
        nothing = refined_scores(
            data, pairs, BinnedEmbedder(), library=everything, left_out=left_out, config=RefinementConfig(strength=0)
        )
        np.testing.assert_allclose(nothing["binned refined"], plain["binned"], atol=1e-6)
        np.testing.assert_allclose(nothing["binned refined merged"], plain["binned merged"], atol=1e-6)


def test_spectra_that_are_left_out_refine_nothing(data):
    pairs = search_pairs(data, ["Yonder"])
    own = data.from_contributors(["Yonder"])
    everything = np.ones(len(data), dtype=np.bool_)
    left_out = refined_scores(data, pairs, BinnedEmbedder(), library=everything, left_out=[["Yonder"]])
    absent = refined_scores(data, pairs, BinnedEmbedder(), library=~own, left_out=[["Yonder"]])
    for name, scores in left_out.items():
        np.testing.assert_allclose(scores, absent[name], atol=1e-6)


def test_products_of_a_window_are_one_threads_and_the_limit_ends_with_the_work():
    vectors, *others = made_library(60, 3)
    seen = []

    def vectors_at(rows):
        seen.extend(pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas")
        return vectors[rows]

    before = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    names = ("analyte", "precursor_mz", "ion_mode")
    made = Refinement(vectors_at, **dict(zip(names, others, strict=True)), ppm=10.0, config=RefinementConfig(neighbours=2))
    made.refined(np.arange(60)[::-1])
    assert before
    assert seen[-1] == 1
    assert [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"] == before
