"""Spectral entropy similarity: literal scores, and those of ms_entropy."""

import ms_entropy
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from spectrum_pairs import batch, massbank_pairs, peaks

from spectradb.errors import BadParameter
from spectradb.similarity.entropy import EntropySimilarity
from spectradb.similarity.entropy_cleaning import clean


def pair(first, second, **settings):
    found = EntropySimilarity(**settings).scores(batch(first), batch(second), np.array([0]), np.array([0]))
    return found.score[0], found.matches[0]


def test_equal_and_foreign_spectra():
    first = [(100.0, 1.0), (200.0, 1.0)]
    assert pair(first, [(100.0, 7.0), (200.0, 7.0)]) == (pytest.approx(1), 2)
    assert pair(first, [(150.0, 1.0)]) == (0, 0)
    assert pair(first, []) == (0, 0)


def test_half_of_a_spectrum():
    # Halves of intensity 1/2 and a whole of 1, matching once: with f(x) = x log2 x, f(3/2) - f(1/2) - f(1), halved.
    expected = (1.5 * np.log2(1.5) + 0.5) / 2
    assert pair([(100.0, 1.0), (200.0, 1.0)], [(100.0, 3.0)]) == (pytest.approx(expected), 1)


def test_low_entropy_raises_small_peaks():
    # Shares 1/4 and 3/4: entropy 0.562, power 0.391, so the shares become those of (1/4)**0.391 and (3/4)**0.391.
    small, large = 0.25 ** (0.25 + 0.25 * 0.5623351446), 0.75 ** (0.25 + 0.25 * 0.5623351446)
    share = small / (small + large)
    f = lambda x: x * np.log2(x)  # noqa: E731
    expected = (f(1 + share) - f(share)) / 2
    assert pair([(100.0, 1.0), (200.0, 3.0)], [(100.0, 1.0)]) == (pytest.approx(expected), 1)


def cleaned(*spectra, min_distance=0.02, noise_threshold=0.01):
    made = batch(*spectra)
    offsets, mz, intensity = clean(
        made.offsets, made.mz.astype(np.float32), made.intensity, min_distance=min_distance, noise_threshold=noise_threshold
    )
    return offsets.tolist(), mz.tolist(), intensity.tolist()


def test_cleaning_merges_close_peaks_and_drops_noise():
    offsets, mz, intensity = cleaned([(100.0, 1.0), (100.01, 3.0), (200.0, 0.03), (300.0, 0.05)], [], [(50.0, 2.0)])
    assert offsets == [0, 2, 2, 3]
    assert mz == pytest.approx([100.0075, 300.0, 50.0])
    assert intensity == pytest.approx([4.0, 0.05, 2.0])


def test_of_equally_intense_peaks_the_lower_mz_goes_first():
    # 100.00 takes up 100.015, then 100.03 stands alone; the other way round it would take 100.015.
    _, mz, intensity = cleaned([(100.0, 2.0), (100.015, 1.0), (100.03, 2.0)])
    assert mz == pytest.approx([100.005, 100.03], abs=1e-4)
    assert intensity == [3.0, 2.0]


def as_package(spectra, left, right, **settings):
    theirs = [peaks(spectra, i).astype(np.float32) for i in range(len(spectra.offsets) - 1)]
    return [ms_entropy.calculate_entropy_similarity(theirs[i], theirs[j], **settings) for i, j in zip(left, right, strict=True)]


APART = st.lists(
    st.tuples(st.integers(0, 60).map(lambda step: 100 + 0.05 * step + 0.004 * (step % 3)), st.floats(0.015625, 1, width=32)),
    min_size=1,
    max_size=15,
    unique_by=lambda peak: round(peak[0], 1),
)
# Intensities that differ, since the package has no rule for equal ones.
CLOSE = st.lists(
    st.tuples(st.integers(0, 80), st.integers(1, 1000)), min_size=1, max_size=15, unique_by=lambda peak: peak[0]
).map(lambda drawn: [(100 + 0.0061 * step, 1.0 + height + 0.001 * step) for step, height in drawn])


@given(st.lists(APART, min_size=1, max_size=4), st.sampled_from([0.01, 0.02]))
def test_clean_spectra_score_as_in_ms_entropy(drawn, tolerance):
    spectra = batch(*drawn)
    for i in range(len(drawn)):  # scaled, as the package expects of spectra that it does not clean
        own = slice(spectra.offsets[i], spectra.offsets[i + 1])
        spectra.intensity[own] /= spectra.intensity[own].sum()
    left, right = (index.ravel() for index in np.indices((len(drawn), len(drawn))))
    found = EntropySimilarity(tolerance_da=tolerance, clean_spectra=False).scores(spectra, spectra, left, right)
    expected = as_package(spectra, left, right, ms2_tolerance_in_da=tolerance, clean_spectra=False)
    np.testing.assert_allclose(found.score, expected, atol=2e-6)


# Two steps of single precision at m/z 128: compilers round the m/z of merged peaks differently, and then a peak at the very
# edge of a tolerance is in for one program and out for the other.
EDGE_DA = 2 * float(np.spacing(np.float32(128)))


@given(st.lists(CLOSE, min_size=1, max_size=4), st.sampled_from([0.01, 0.02]))
@example([[(100.4575, 2.075)], [(100.4331, 179.071), (100.4514, 661.074)]], 0.01)  # 0.01 Da apart once merged
def test_spectra_to_be_cleaned_score_as_in_ms_entropy(drawn, tolerance):
    spectra = batch(*drawn)
    left, right = (index.ravel() for index in np.indices((len(drawn), len(drawn))))
    found = [
        EntropySimilarity(tolerance_da=tolerance + edge).scores(spectra, spectra, left, right).score
        for edge in (0.0, -EDGE_DA, EDGE_DA)
    ]
    expected = as_package(spectra, left, right, ms2_tolerance_in_da=tolerance)
    assert np.abs(np.array(found) - expected).min(axis=0).max() <= 2e-6


@pytest.mark.parametrize("tolerance", [0.01, 0.02])
def test_real_spectra_score_as_in_ms_entropy(tolerance):
    real = massbank_pairs()
    found = EntropySimilarity(tolerance_da=tolerance).scores(real.spectra, real.spectra, real.left, real.right)
    expected = as_package(real.spectra, real.left, real.right, ms2_tolerance_in_da=tolerance)
    differ = np.flatnonzero(np.abs(found.score - expected) > 1e-5)
    # Only where peaks of equal intensity lie close together, whose order the package leaves open.
    unruly = [
        len(set(peaks(real.spectra, i)[:, 1])) < len(peaks(real.spectra, i))
        or len(set(peaks(real.spectra, j)[:, 1])) < len(peaks(real.spectra, j))
        for i, j in zip(real.left[differ], real.right[differ], strict=True)
    ]
    assert unruly == [True] * len(differ)
    assert len(differ) < 0.005 * len(real.left)


@pytest.mark.parametrize("settings", [{"tolerance_da": 0}, {"noise_threshold": -0.1}, {"clean_spectra": 1}])
def test_settings_without_meaning(settings):
    with pytest.raises(BadParameter, match=next(iter(settings))):
        EntropySimilarity(**settings)
