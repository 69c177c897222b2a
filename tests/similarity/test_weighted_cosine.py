"""The weighted cosine: literal scores, and an independent computation signal by signal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectrum_pairs import SPECTRUM, batch, massbank_pairs, peaks

from spectradb.errors import BadParameter
from spectradb.similarity.weighted_cosine import WEIGHTS, WeightedCosine


def reference(query, library, weights, tolerance_ppm, tolerance_da, minimum_matches):
    """Align signal by signal, write both vectors over the union of signals down, take their cosine."""
    by_height = sorted(map(tuple, query), key=lambda peak: -peak[1])
    pairs = []
    for mz, height in sorted(map(tuple, library), key=lambda peak: -peak[1]):
        tolerance = max(tolerance_da, tolerance_ppm * 1e-6 * mz)
        near = [peak for peak in by_height if mz - tolerance <= peak[0] <= mz + tolerance]
        if near:
            by_height.remove(near[0])
        pairs.append(((mz, height), near[0] if near else None))
    n = sum(other is not None for _, other in pairs)
    pairs += [(None, peak) for peak in by_height]
    power, mz_power = WEIGHTS[weights]
    vectors = np.array([[0 if one is None else one[1] ** power * one[0] ** mz_power for one in both] for both in pairs])
    if n < max(1, minimum_matches):
        return 0.0, n
    a, b = vectors.T
    return a @ b / (np.sqrt(a @ a) * np.sqrt(b @ b)), n


def pair(query, library, **settings):
    found = WeightedCosine(**settings).scores(batch(query), batch(library), np.array([0]), np.array([0]))
    return found.score[0], found.matches[0]


def test_each_set_of_weights():
    query, library = [(100.0, 4.0), (200.0, 9.0)], [(100.0005, 1.0), (300.0, 16.0)]
    # Signals at 100 match; those at 200 and 300 meet zeros.
    expected = {
        "NONE": 4 / (97 * 257) ** 0.5,
        "SQRT": 2 / (13 * 17) ** 0.5,
        "MASSBANK": 2 * 1.0005**0 * 1.00001 / ((4 + 9 * 16) * (1.00002 + 16 * 81)) ** 0.5,
    }
    for weights, score in expected.items():
        assert pair(query, library, weights=weights) == (pytest.approx(score, rel=1e-5), 1)
    (power, mz_power), (gc_power, gc_mz_power) = WEIGHTS["NIST11-LC"], WEIGHTS["NIST-GC"]
    assert (power, mz_power, gc_power, gc_mz_power) == (0.53, 1.3, 0.6, 3.0)


def test_the_tolerance_is_the_larger_one_and_of_the_library_signal():
    # 10 ppm of 1000.01000005 reach down to 1000.0, those of 1000.0 not quite up to it.
    assert pair([(1000.0, 1.0)], [(1000.01000005, 1.0)])[1] == 1
    assert pair([(1000.01000005, 1.0)], [(1000.0, 1.0)])[1] == 0
    assert pair([(100.0, 1.0)], [(100.004, 1.0)])[1] == 0
    assert pair([(100.0, 1.0)], [(100.004, 1.0)], tolerance_da=0.005)[1] == 1
    assert pair([(100.0, 1.0)], [(100.004, 1.0)], tolerance_ppm=0, tolerance_da=0.003)[1] == 0


def test_the_most_intense_library_signal_chooses_the_most_intense_query_signal():
    query = [(100.0, 1.0), (100.0008, 4.0)]
    library = [(100.0001, 1.0), (100.0006, 9.0)]
    assert pair(query, library, weights="NONE") == (pytest.approx((9 * 4 + 1) / (17 * 82) ** 0.5), 2)
    assert pair(query, [(100.0006, 9.0)], weights="NONE") == (pytest.approx(36 / (17 * 81) ** 0.5), 1)


def test_too_few_matches_score_nothing():
    query = [(100.0, 1.0), (200.0, 1.0)]
    assert pair(query, query, minimum_matches=2) == (pytest.approx(1), 2)
    assert pair(query, query, minimum_matches=3) == (0, 2)


@given(
    st.lists(SPECTRUM, min_size=1, max_size=4),
    st.sampled_from(sorted(WEIGHTS)),
    st.sampled_from([(10.0, 0.0), (50.0, 0.0), (10.0, 0.01), (0.0, 0.03)]),
    st.integers(0, 3),
)
def test_any_spectra_score_as_signal_by_signal(drawn, weights, tolerances, minimum):
    spectra = batch(*drawn)
    left, right = (index.ravel() for index in np.indices((len(drawn), len(drawn))))
    score = WeightedCosine(weights=weights, tolerance_ppm=tolerances[0], tolerance_da=tolerances[1], minimum_matches=minimum)
    found = score.scores(spectra, spectra, left, right)
    for p in range(len(left)):
        expected = reference(peaks(spectra, left[p]), peaks(spectra, right[p]), weights, *tolerances, minimum)
        assert (found.score[p], found.matches[p]) == (pytest.approx(expected[0], abs=1e-9), expected[1])


def test_real_spectra_score_as_signal_by_signal():
    real = massbank_pairs()
    left, right = real.left[:1500], real.right[:1500]
    for weights in WEIGHTS:
        found = WeightedCosine(weights=weights).scores(real.spectra, real.spectra, left, right)
        expected = [
            reference(peaks(real.spectra, i), peaks(real.spectra, j), weights, 10.0, 0.0, 1)
            for i, j in zip(left, right, strict=True)
        ]
        np.testing.assert_allclose(found.score, [score for score, _ in expected], atol=1e-9)
        np.testing.assert_array_equal(found.matches, [n for _, n in expected])


@pytest.mark.parametrize(
    "settings",
    [{"weights": "sqrt"}, {"tolerance_ppm": 0.0}, {"tolerance_ppm": 1e6}, {"tolerance_da": -1}, {"minimum_matches": -1}],
)
def test_settings_without_meaning(settings):
    with pytest.raises(BadParameter, match="WeightedCosine"):
        WeightedCosine(**settings)
