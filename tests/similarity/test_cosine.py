"""Cosine scores: literal ones, and those of matchms on real and on awkward spectra."""

import matchms.similarity as in_matchms
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from spectrum_pairs import SPECTRUM, batch, by_matchms, massbank_pairs

from spectradb.errors import BadParameter
from spectradb.similarity.assignment import _best_of_groups
from spectradb.similarity.cosine import CosineGreedy, CosineHungarian, ModifiedCosine, ModifiedCosineHungarian

SCORES = {
    CosineGreedy: in_matchms.CosineGreedy,
    CosineHungarian: in_matchms.CosineHungarian,
    ModifiedCosine: in_matchms.ModifiedCosineGreedy,
    ModifiedCosineHungarian: in_matchms.ModifiedCosineHungarian,
}


def pair(score, first, second, precursors=(500.0, 500.0)):
    found = score.scores(batch(first, second, precursor_mz=list(precursors)), batch(first, second), *np.array([[0], [1]]))
    return pytest.approx(found.score[0]), found.matches[0]


def test_peaks_within_the_tolerance_match():
    first, second = [(100.0, 9.0), (200.0, 16.0)], [(100.01, 4.0), (200.011, 1.0)]
    # Square roots 3 and 4, 2 and 1; only the first peaks match.
    assert pair(CosineGreedy(tolerance_da=0.0101), first, second) == (6 / (5 * 5**0.5), 1)
    assert pair(CosineGreedy(tolerance_da=0.02), first, second) == (10 / (5 * 5**0.5), 2)
    assert pair(CosineGreedy(tolerance_da=0.02, intensity_power=1.0), first, second) == (52 / (337 * 17) ** 0.5, 2)


def test_the_weight_of_a_peak():
    first = [(100.0, 1.0), (300.0, 1.0)]
    assert pair(CosineGreedy(mz_power=1.0), first, [(300.0, 7.0)]) == (3 / 10**0.5, 1)


def test_conflicting_matches_greedy_and_optimal():
    first, second = [(100.0, 16.0), (100.1, 9.0)], [(100.05, 16.0), (99.95, 9.0)]
    # Roots: 4 and 3. Greedy takes 4 * 4, which leaves 100.1 nothing; the best are 4 * 3 and 3 * 4.
    assert pair(CosineGreedy(tolerance_da=0.06), first, second) == (16 / 25, 1)
    assert pair(CosineHungarian(tolerance_da=0.06), first, second) == (24 / 25, 2)


def test_a_modified_cosine_matches_shifted_peaks():
    first, second = [(100.0, 9.0), (214.0, 16.0)], [(100.0, 9.0), (200.0, 16.0)]
    assert pair(CosineGreedy(), first, second, (314.0, 300.0)) == (9 / 25, 1)
    spectra = batch(first, second, precursor_mz=[314.0, 300.0])
    found = ModifiedCosine().scores(spectra, spectra, np.array([0, 1, 0]), np.array([1, 0, 0]))
    assert found.score.tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert found.matches.tolist() == [2, 2, 2]


def test_a_shift_within_the_tolerance_is_none():
    spectra = batch([(100.0, 1.0)], [(100.015, 1.0)], precursor_mz=[300.0, 299.99])
    assert ModifiedCosine(tolerance_da=0.01).scores(spectra, spectra, np.array([0]), np.array([1])).matches.tolist() == [0]


def test_two_sides_and_empty_spectra():
    queries, library = batch([(100.0, 1.0)], []), batch([], [(50.0, 1.0)], [(100.0, 5.0)])
    found = CosineGreedy().scores(queries, library, np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 0, 2]))
    assert found.score.tolist() == [0, 0, 1, 0, 0]
    assert found.matches.tolist() == [0, 0, 1, 0, 0]
    assert found.score.dtype == np.float64
    assert found.matches.dtype == np.int32


@pytest.mark.parametrize("kind", SCORES)
def test_no_pairs(kind):
    spectra, none = batch([(100.0, 1.0)]), np.empty(0, np.int64)
    assert kind().scores(spectra, spectra, none, none).score.tolist() == []


@settings(max_examples=40)
@given(st.lists(SPECTRUM, min_size=2, max_size=6), st.sampled_from([0.001, 0.005, 0.01, 0.5]), st.sampled_from([0.5, 1.0]))
def test_any_spectra_score_as_in_matchms(drawn, tolerance, power):
    precursors = [500 + 0.005 * (i**3 % 7) for i in range(len(drawn))]
    spectra = batch(*drawn, precursor_mz=precursors)
    left, right = (index.ravel() for index in np.indices((len(drawn), len(drawn))))
    for kind, theirs in SCORES.items():
        found = kind(tolerance_da=tolerance, intensity_power=power).scores(spectra, spectra, left, right)
        scores, matches = by_matchms(
            theirs(tolerance=tolerance, mz_power=0.0, intensity_power=power), spectra, left.tolist(), right.tolist()
        )
        np.testing.assert_allclose(found.score, scores, atol=1e-9, err_msg=kind.__name__)
        np.testing.assert_array_equal(found.matches, matches, err_msg=kind.__name__)


@pytest.mark.parametrize("kind", SCORES)
@pytest.mark.parametrize(("tolerance", "mz_power", "intensity_power"), [(0.01, 0.0, 0.5), (0.1, 0.0, 0.5), (0.02, 1.3, 0.53)])
def test_real_spectra_score_as_in_matchms(kind, tolerance, mz_power, intensity_power):
    real = massbank_pairs()
    left, right = np.r_[real.left, real.far_left], np.r_[real.right, real.far_right]
    powers = {"mz_power": mz_power, "intensity_power": intensity_power}
    found = kind(tolerance_da=tolerance, **powers).scores(real.spectra, real.spectra, left, right)
    scores, matches = by_matchms(SCORES[kind](tolerance=tolerance, **powers), real.spectra, left, right)
    np.testing.assert_allclose(found.score, scores, atol=1e-9)
    np.testing.assert_array_equal(found.matches, matches)
    assert np.count_nonzero(found.matches) > 2000


def test_the_number_of_pairs_and_threads_changes_nothing():
    rng = np.random.default_rng(3)
    spectra = batch(*[[(mz, mz) for mz in rng.uniform(50, 60, 30)] for _ in range(50)])
    left, right = rng.integers(0, 50, (2, 40_000))
    scorer = CosineGreedy(tolerance_da=0.1).prepare(spectra, spectra)
    at_once = scorer.scores(left, right)
    few = [scorer.scores(left[start : start + 1000], right[start : start + 1000]) for start in range(0, 40_000, 1000)]
    np.testing.assert_array_equal(at_once.score, np.concatenate([part.score for part in few]))
    np.testing.assert_array_equal(at_once.matches, np.concatenate([part.matches for part in few]))
    assert len(set(at_once.matches.tolist())) > 10


@pytest.mark.parametrize(
    "wrong", [{"tolerance_da": 0}, {"tolerance_da": float("nan")}, {"mz_power": -1}, {"intensity_power": "x"}]
)
def test_settings_without_meaning(wrong):
    with pytest.raises(BadParameter, match=next(iter(wrong))):
        CosineGreedy(**wrong)


def test_indices_that_name_no_spectrum():
    spectra = batch([(100.0, 1.0)])
    for left, right in ([[0], [1]], [[-1], [0]]):
        with pytest.raises(BadParameter, match="outside its 1 spectra"):
            CosineGreedy().scores(spectra, spectra, np.array(left), np.array(right))
    with pytest.raises(BadParameter, match="one length"):
        CosineGreedy().scores(spectra, spectra, np.array([0, 0]), np.array([0]))


def test_a_modified_cosine_needs_precursors():
    spectra = batch([(100.0, 1.0)], precursor_mz=[float("nan")])
    with pytest.raises(BadParameter, match="precursor m/z"):
        ModifiedCosine().prepare(spectra, spectra)


def test_choices_of_different_numbers_of_matches_with_one_sum():
    # Roots 2 and 1 against 1 and 2: 100.00 meets both, 100.02 the second only; 2 * 1 + 1 * 2 is as much as 2 * 2.
    edges = np.array([0, 0, 1], np.int32), np.array([0, 1, 1], np.int32)
    assert _best_of_groups(*edges, np.array([2.0, 4.0, 2.0]))[2] is False
    assert _best_of_groups(*edges, np.array([2.0, 4.0, 2.1])) == (4.1, 2, True)
    spectra = batch([(100.0, 4.0), (100.02, 1.0)], [(99.995, 1.0), (100.01, 4.0)])
    scores, matches = by_matchms(in_matchms.CosineHungarian(tolerance=0.011, intensity_power=0.5), spectra, [0, 1], [1, 0])
    found = CosineHungarian(tolerance_da=0.011).scores(spectra, spectra, np.array([0, 1]), np.array([1, 0]))
    assert found.score.tolist() == pytest.approx(scores.tolist())
    assert found.score.tolist() == pytest.approx([0.8, 0.8])
    assert found.matches.tolist() == matches.tolist()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=12, unique=True),
    st.lists(st.floats(0.01, 1), min_size=12, max_size=12),
)
def test_groups_take_the_greatest_sum(edges, weights):
    first, second = (np.array(side, dtype=np.int32) for side in zip(*sorted(edges), strict=True))
    product = np.array(weights[: len(edges)])
    cost = np.zeros((5, 5))
    cost[first, second] = -product
    rows, columns = linear_sum_assignment(cost)
    total, n, is_clear = _best_of_groups(first, second, product)
    if is_clear:
        assert (total, n) == (pytest.approx(-cost[rows, columns].sum()), np.count_nonzero(cost[rows, columns]))
    else:
        assert (total, n) == (0.0, 0)
