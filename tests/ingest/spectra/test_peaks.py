import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectradb.errors import BadParameter
from spectradb.ingest.spectra.peaks import PeakRecipe, clean_peaks, hash_peaks, total_ion_current

DEFAULT = PeakRecipe()
TINY, HUGE = float(np.finfo(np.float32).tiny), float(np.finfo(np.float32).max)

odd = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -1.0, 1e-300, 1e300])
masses = st.one_of(st.sampled_from([100.0, 100.5, 200.0, 300.25]), st.floats(1, 2000), odd)
heights = st.one_of(st.sampled_from([1.0, 10.0, 1000.0]), st.floats(1e-3, 1e6), odd)
batches = st.lists(st.lists(st.tuples(masses, heights), max_size=12), max_size=6)
recipes = st.builds(PeakRecipe, max_peaks=st.integers(1, 8), min_relative_intensity=st.sampled_from([0.0, 0.001, 0.1, 1.0]))


def ragged(spectra):
    offsets = np.cumsum([0, *(len(peaks) for peaks in spectra)]).astype(np.int64)
    flat = [peak for peaks in spectra for peak in peaks]
    mz, intensity = (np.array([peak[i] for peak in flat], dtype=np.float64) for i in (0, 1))
    return offsets, mz, intensity


def split(offsets, mz, intensity):
    return [list(zip(mz[a:b].tolist(), intensity[a:b].tolist(), strict=True)) for a, b in itertools.pairwise(offsets)]


def clean(spectra, recipe=DEFAULT):
    return split(*clean_peaks(*ragged(spectra), recipe))


def plainly_clean(peaks, recipe):
    usable = [(mz, height) for mz, height in peaks if math.isfinite(mz) and mz > 0 and TINY <= height <= HUGE]
    merged = {}
    for mz, height in usable:
        merged.setdefault(mz, []).append(height)
    summed = [(mz, min(math.fsum(each), HUGE)) for mz, each in sorted(merged.items())]
    if not summed:
        return []
    base = max(height for _, height in summed)
    best = sorted(summed, key=lambda peak: (-peak[1], peak[0]))[: recipe.max_peaks]
    return sorted(peak for peak in best if peak[1] >= recipe.min_relative_intensity * base)


def test_cleaning_by_hand():
    spectra = [
        [(200.0, 5.0), (100.0, 10.0), (150.0, 0.0), (math.nan, 3.0), (120.0, math.inf), (-5.0, 2.0)],
        [],
        [(100.0, 1.0), (100.0, 2.0), (300.0, 0.0029), (400.0, 0.0031)],
    ]
    assert clean(spectra) == [[(100.0, 10.0), (200.0, 5.0)], [], [(100.0, 3.0), (400.0, 0.0031)]]


def test_the_most_intense_stay_and_ties_go_to_the_lower_mz():
    peaks = [(100.0, 5.0), (200.0, 9.0), (300.0, 5.0), (400.0, 5.0)]
    recipe = PeakRecipe(max_peaks=3)
    assert clean([peaks, peaks[::-1], peaks[:2]], recipe) == [
        [(100.0, 5.0), (200.0, 9.0), (300.0, 5.0)],
        [(100.0, 5.0), (200.0, 9.0), (300.0, 5.0)],
        [(100.0, 5.0), (200.0, 9.0)],
    ]


def test_intensities_that_float32_cannot_hold_are_dropped():
    assert clean([[(100.0, 1e39), (200.0, 1e-40), (300.0, 1.0)]]) == [[(300.0, 1.0)]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_of_intensity_stays(dtype):
    offsets, mz, intensity = ragged([[(100.0, 1.0)]])
    assert clean_peaks(offsets, mz, intensity.astype(dtype), DEFAULT)[2].dtype == dtype


@pytest.mark.parametrize("spectra", [[], [[]], [[], []], [[(math.nan, 1.0)], [(1.0, -1.0)]]])
def test_nothing_left_is_no_error(spectra):
    offsets, mz, intensity = clean_peaks(*ragged(spectra), DEFAULT)
    assert offsets.tolist() == [0] * (len(spectra) + 1)
    assert len(mz) == len(intensity) == 0
    assert len(hash_peaks(offsets, mz, intensity)) == len(spectra)


@given(spectra=batches, recipe=recipes)
def test_cleaning_agrees_with_plain_python(spectra, recipe):
    found = clean(spectra, recipe)
    expected = [plainly_clean(peaks, recipe) for peaks in spectra]
    assert [[mz for mz, _ in peaks] for peaks in found] == [[mz for mz, _ in peaks] for peaks in expected]
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose([height for _, height in ours], [height for _, height in theirs], rtol=1e-12)


@given(spectra=batches, recipe=recipes)
def test_cleaning_twice_changes_nothing(spectra, recipe):
    once = clean(spectra, recipe)
    assert clean(once, recipe) == once


@given(spectra=batches)
def test_total_ion_current_counts_finite_positive_intensities(spectra):
    spectra = [[(mz, height) for mz, height in peaks if height != 1e300] for peaks in spectra]
    offsets, _, intensity = ragged(spectra)
    expected = [math.fsum(height for _, height in peaks if math.isfinite(height) and height > 0) for peaks in spectra]
    np.testing.assert_allclose(total_ion_current(offsets, intensity), expected, rtol=1e-12)


def mixed(value):
    value = (value + 0x9E3779B97F4A7C15) % 2**64
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB % 2**64
    return value ^ (value >> 31)


def plainly_hashed(peaks):
    base = max((height for _, height in peaks), default=1.0)
    total = sum(mixed(round(mz * 1e4) << 10 | round(height / base * 1000)) for mz, height in peaks) % 2**64
    return mixed(total ^ mixed(len(peaks))) >> 1


def test_hash_is_the_same_everywhere():
    spectra = [[(100.0, 1.0), (200.0, 2.0)], [], [(195.0877, 999.0)]]
    assert hash_peaks(*ragged(spectra)).tolist() == [2228588533516967841, 6017775124710473527, 1592323106092225677]


@given(st.lists(st.lists(st.tuples(st.floats(1, 2000), st.floats(1e-3, 1e6)), max_size=12), max_size=6))
def test_hash_agrees_with_plain_python(spectra):
    assert hash_peaks(*ragged(spectra)).tolist() == [plainly_hashed(peaks) for peaks in spectra]


@given(
    peaks=st.dictionaries(st.integers(500_000, 20_000_000), st.integers(1, 1000), min_size=1, max_size=20),
    scale=st.floats(1e-3, 1e6),
    seed=st.integers(0, 99),
)
def test_hash_ignores_scale_and_order(peaks, scale, seed):
    # per mille of the base peak and 1e-4 Da exactly, so that no value lies on the edge of rounding
    exact = [(mz / 1e4, float(height)) for mz, height in (peaks | {19_999_999: 1000}).items()]
    shuffled = [exact[i] for i in np.random.default_rng(seed).permutation(len(exact))]
    rescaled = [(mz + 2e-5, height * scale) for mz, height in shuffled]
    first, second = hash_peaks(*ragged([exact, rescaled]))
    assert first == second
    assert 0 <= first < 2**63


@pytest.mark.parametrize(
    "other",
    [
        [(100.0, 1.0), (200.0, 2.0), (300.0, 2.0)],
        [(100.0, 1.0), (200.0002, 2.0)],
        [(100.0, 1.01), (200.0, 2.0)],
        [(100.0, 2.0), (200.0, 1.0)],
        [(200.0, 2.0)],
        [],
    ],
)
def test_hash_tells_spectra_apart(other):
    first, second = hash_peaks(*ragged([[(100.0, 1.0), (200.0, 2.0)], other]))
    assert first != second


@given(spectra=batches)
def test_hash_of_a_spectrum_does_not_depend_on_its_neighbours(spectra):
    cleaned = clean(spectra)
    together = hash_peaks(*ragged(cleaned)).tolist()
    assert together == [int(hash_peaks(*ragged([peaks]))[0]) for peaks in cleaned]


def test_recipe_survives_json():
    recipe = PeakRecipe(name="narrow", version=3, max_peaks=64, min_relative_intensity=0.01)
    assert PeakRecipe.from_json(recipe.to_json()) == recipe
    assert DEFAULT.to_json() == '{"max_peaks": 256, "min_relative_intensity": 0.001, "name": "default", "version": 1}'


@pytest.mark.parametrize("text", ["", "[]", '{"peaks": 5}', '{"max_peaks": 0}'])
def test_bad_recipes_are_refused(text):
    with pytest.raises(BadParameter):
        PeakRecipe.from_json(text)


@pytest.mark.parametrize("limits", [{"max_peaks": 0}, {"min_relative_intensity": -0.1}, {"min_relative_intensity": 1.1}])
def test_limits_without_meaning_are_refused(limits):
    with pytest.raises(BadParameter, match=next(iter(limits))):
        PeakRecipe(**limits)
