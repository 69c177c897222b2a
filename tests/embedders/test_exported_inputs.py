"""What an exported model is handed."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_spectra import batch_of, random_batch

from spectradb.embedders.exported.inputs import model_inputs, taken
from spectradb.embedders.exported.settings import settings_from_json

PEAKS = [{"name": "x", "holds": "peaks"}]
BATCH = batch_of([(100.0, 4.0), (150.0, 16.0), (200.0, 1.0)], [(120.0, 9.0)], precursor_mz=[300.0, 250.0], ion_mode=[1, -1])


def made(batch=BATCH, inputs=PEAKS, **settings):
    content = {"format": "spectradb-exported-1", "dimension": 8, "padding": "batch", "inputs": inputs, **settings}
    return model_inputs(batch, settings_from_json(content, place="x.json"))


def rows(**settings):
    (array,) = made(**settings)
    assert array.dtype == np.float32
    return array.tolist()


def test_peaks_relative_to_the_base_peak_padded_to_the_longest():
    assert rows() == [[[100.0, 0.25], [150.0, 1.0], [200.0, 0.0625]], [[120.0, 1.0], [0.0, 0.0], [0.0, 0.0]]]


def test_padding_to_a_fixed_length_counts_the_precursor_token():
    found = rows(n_peaks=2, padding="fixed", precursor_token=2)
    assert found == [[[300.0, 2.0], [100.0, 0.25], [150.0, 1.0]], [[250.0, 2.0], [120.0, 1.0], [0.0, 0.0]]]


def test_peaks_by_intensity_and_a_scale_of_mz():
    found = rows(peak_order="intensity", mz_scale=100, n_peaks=2)
    assert found == [[[1.5, 1.0], [1.0, 0.25]], [[np.float32(1.2), 1.0], [0.0, 0.0]]]


def test_of_equally_intense_peaks_those_of_lower_mz_are_kept():
    batch = batch_of([(100.0, 1.0), (110.0, 2.0), (120.0, 2.0), (130.0, 2.0)])
    assert rows(batch=batch, n_peaks=2) == [[[110.0, 1.0], [120.0, 1.0]]]
    assert rows(batch=batch, n_peaks=2, peak_order="intensity") == [[[110.0, 1.0], [120.0, 1.0]]]


def test_weak_peaks_are_dropped():
    assert rows(min_relative_intensity=0.1)[0] == [[100.0, 0.25], [150.0, 1.0]]
    assert rows(min_relative_intensity=0.25)[0] == [[100.0, 0.25], [150.0, 1.0]]
    assert rows(min_relative_intensity=1)[0] == [[150.0, 1.0]]


@pytest.mark.parametrize(
    ("transform", "norm", "expected"),
    [
        ("none", "none", [0.25, 1.0, 0.0625]),
        ("sqrt", "none", [0.5, 1.0, 0.25]),
        ("log1p", "none", [math.log(1.25), math.log(2), math.log(1.0625)]),
        ("log1p", "max", [math.log2(1.25), 1.0, math.log2(1.0625)]),
        ("sqrt", "sum", [0.5 / 1.75, 1 / 1.75, 0.25 / 1.75]),
        ("none", "unit", [x / math.sqrt(1.06640625) for x in (0.25, 1.0, 0.0625)]),
    ],
)
def test_intensities_are_transformed_then_scaled(transform, norm, expected):
    (array,) = made(intensity_transform=transform, intensity_norm=norm)
    np.testing.assert_allclose(array[0, :, 1], expected, rtol=1e-6)


def test_every_input_in_its_type_and_shape():
    inputs = [
        {"name": "turned", "holds": "peaks", "shape": ["spectrum", "channel", "token"], "dtype": "float64"},
        {"name": "mz", "holds": "mz", "shape": ["token", "spectrum"], "dtype": "float16"},
        {"name": "intensity", "holds": "intensity", "shape": [1, "spectrum", "token", 1]},
        {"name": "mask", "holds": "mask", "dtype": "bool"},
        {"name": "padding", "holds": "padding_mask", "dtype": "int32"},
        {"name": "precursor", "holds": "precursor_mz", "shape": ["spectrum", 1]},
        {"name": "mode", "holds": "ion_mode", "dtype": "int64"},
        {"name": "n", "holds": "n_tokens", "dtype": "int64"},
    ]
    turned, mz, intensity, mask, padding, precursor, mode, n = made(inputs=inputs, n_peaks=2, mz_scale=10)
    assert turned.dtype == np.float64
    assert turned.tolist() == [[[10.0, 15.0], [0.25, 1.0]], [[12.0, 0.0], [1.0, 0.0]]]
    assert mz.dtype == np.float16
    assert mz.tolist() == [[10.0, 12.0], [15.0, 0.0]]
    assert intensity.shape == (1, 2, 2, 1)
    assert mask.dtype == np.bool_
    assert mask.tolist() == [[True, True], [True, False]]
    assert padding.dtype == np.int32
    assert padding.tolist() == [[0, 0], [0, 1]]
    assert precursor.tolist() == [[30.0], [25.0]]
    assert mode.tolist() == [1, -1]
    assert n.tolist() == [2, 1]
    assert all(array.flags.c_contiguous for array in (turned, mz, intensity))


def test_an_unknown_precursor_that_is_not_read_is_no_trouble():
    batch = batch_of([(100.0, 1.0)], precursor_mz=[np.nan])
    assert rows(batch=batch) == [[[100.0, 1.0]]]


@given(st.integers(0, 1000), st.integers(1, 12), st.booleans())
def test_each_row_is_what_the_spectrum_alone_gives(seed, n_peaks, precursor):
    batch = random_batch(8, seed=seed, longest=20)
    batch = taken(batch, np.flatnonzero(batch.lengths > 0))
    if len(batch) == 0:
        return
    settings = {"n_peaks": n_peaks, "precursor_token": 1.5 if precursor else None, "intensity_norm": "sum"}
    together = rows(batch=batch, **settings)
    for i in range(len(batch)):
        (alone,) = rows(batch=batch.slice(i, i + 1), **settings)
        assert together[i][: len(alone)] == alone
        assert not np.any(together[i][len(alone) :])


def test_spectra_are_picked_in_any_order():
    batch = random_batch(6, seed=3)
    picked = taken(batch, np.array([4, 0, 4]))
    for i, row in enumerate((4, 0, 4)):
        one, same = picked.slice(i, i + 1), batch.slice(row, row + 1)
        np.testing.assert_array_equal(one.mz, same.mz)
        np.testing.assert_array_equal(one.intensity, same.intensity)
        assert one.precursor_mz == same.precursor_mz
        assert one.ion_mode == same.ion_mode
