"""PeakBatch: Arrow lists of every shape become the same flat arrays."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.errors import BadParameter

MZ = [[100.0, 200.0], None, [], [50.5]]
INTENSITY = [[1.0, 2.0], None, [], [4.0]]
PRECURSOR = [300.0, 150.0, None, 60.0]
ION_MODE = ["positive", "negative", None, "neither"]


def make(mz=MZ, intensity=INTENSITY, precursor_mz=PRECURSOR, ion_mode=ION_MODE, *, list_type=pa.list_, **more):
    return PeakBatch.from_arrow(
        mz=pa.array(mz, list_type(pa.float64())),
        intensity=pa.array(intensity, list_type(pa.float32())),
        precursor_mz=pa.array(precursor_mz, pa.float64()),
        ion_mode=pa.array(ion_mode, pa.string()),
        **more,
    )


def assert_same(left, right):
    for name in ("offsets", "mz", "intensity", "precursor_mz", "ion_mode"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name), strict=True)


def assert_is_the_example(batch):
    np.testing.assert_array_equal(batch.offsets, np.array([0, 2, 2, 2, 3], np.int64), strict=True)
    np.testing.assert_array_equal(batch.mz, np.array([100.0, 200.0, 50.5]), strict=True)
    np.testing.assert_array_equal(batch.intensity, np.array([1, 2, 4], np.float32), strict=True)
    np.testing.assert_array_equal(batch.precursor_mz, np.array([300.0, 150.0, np.nan, 60.0]), strict=True)
    np.testing.assert_array_equal(batch.ion_mode, np.array([1, -1, 0, 0], np.int8), strict=True)


@pytest.mark.parametrize("list_type", [pa.list_, pa.large_list, pa.list_view])
def test_lists_of_any_kind(list_type):
    batch = make(list_type=list_type)
    assert_is_the_example(batch)
    assert len(batch) == 4
    assert batch.lengths.tolist() == [2, 0, 0, 1]
    assert batch.charge is None


def test_fixed_size_lists_and_double_intensities():
    batch = PeakBatch.from_arrow(
        mz=pa.array([[1.0, 2.0], None, [3.0, 4.0]], pa.list_(pa.float64(), 2)),
        intensity=pa.array([[5.0, 6.0], None, [7.0, 8.0]], pa.list_(pa.float64())),
        precursor_mz=pa.array([9.0, 9.0, 9.0]),
        ion_mode=pa.array(["positive"] * 3),
    )
    assert batch.mz.tolist() == [1, 2, 3, 4]
    assert batch.intensity.dtype == np.float32
    assert batch.offsets.tolist() == [0, 2, 2, 4]


def test_a_null_list_hides_the_values_behind_it():
    values = pa.array([1.0, 2.0, 3.0])
    hidden = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), values, mask=pa.array([False, True, False]))
    batch = PeakBatch.from_arrow(
        mz=hidden, intensity=hidden, precursor_mz=pa.array([5.0] * 3), ion_mode=pa.array(["positive"] * 3)
    )
    assert batch.mz.tolist() == [1.0, 3.0]
    assert batch.lengths.tolist() == [1, 0, 1]


def test_sliced_and_chunked_columns_and_dictionary_ion_modes():
    padded = [[7.0, 8.0, 9.0]]
    mz = pa.array(padded + MZ + padded, pa.list_(pa.float64())).slice(1, 4)
    intensity = pa.array(padded + INTENSITY + padded, pa.large_list(pa.float32())).slice(1, 4)
    precursor_mz = pa.array([1.0, *PRECURSOR]).slice(1)
    ion_mode = pa.array(["negative", *ION_MODE]).slice(1)
    assert_is_the_example(PeakBatch.from_arrow(mz=mz, intensity=intensity, precursor_mz=precursor_mz, ion_mode=ion_mode))
    assert_is_the_example(
        PeakBatch.from_arrow(
            mz=pa.chunked_array([mz.slice(0, 1), mz.slice(1)]),
            intensity=pa.chunked_array([intensity.slice(0, 3), intensity.slice(3)]),
            precursor_mz=pa.chunked_array([precursor_mz.slice(0, 2), precursor_mz.slice(2)]),
            ion_mode=pa.chunked_array([ion_mode]).dictionary_encode(),
        )
    )


def test_no_spectra():
    empty = make([], [], [], [])
    chunkless = PeakBatch.from_arrow(
        mz=pa.chunked_array([], pa.list_(pa.float64())),
        intensity=pa.chunked_array([], pa.list_(pa.float32())),
        precursor_mz=pa.chunked_array([], pa.float64()),
        ion_mode=pa.chunked_array([], pa.string()),
    )
    assert len(empty) == len(chunkless) == 0
    assert empty.offsets.tolist() == chunkless.offsets.tolist() == [0]
    assert list(empty.chunks(max_spectra=1, max_peaks=1)) == []


def test_charge():
    batch = make(charge=pa.array([1, None, -2, 0], pa.int32()))
    np.testing.assert_array_equal(batch.charge, np.array([1, 0, -2, 0], np.int8), strict=True)
    assert batch.slice(2, 4).charge.tolist() == [-2, 0]


def test_unusable_peaks_are_dropped():
    nan, inf = float("nan"), float("inf")
    batch = PeakBatch.from_arrow(
        mz=pa.array([[1.0, None, 3.0, nan], [5.0, 0.0, -7.0, inf], [9.0, 10.0, 11.0, 12.0, 13.0]]),
        intensity=pa.array([[1.0, 2.0, None, 4.0], [5.0, 6.0, 7.0, 8.0], [0.0, -1.0, nan, 1e300, 13.0]]),
        precursor_mz=pa.array([1.0, 2.0, 3.0]),
        ion_mode=pa.array(["positive"] * 3),
    )
    assert batch.mz.tolist() == [1.0, 5.0, 13.0]
    assert batch.intensity.tolist() == [1.0, 5.0, 13.0]
    assert batch.offsets.tolist() == [0, 1, 2, 3]


def test_unequal_numbers_of_mz_and_intensities_name_the_spectrum():
    with pytest.raises(BadParameter, match="spectrum 3 of the batch has 1 m/z and 2 intensities"):
        make(intensity=[[1.0, 2.0], None, [], [4.0, 5.0]])


def test_columns_of_unequal_length():
    with pytest.raises(BadParameter, match=r"\[4, 4, 3, 4\] rows"):
        make(precursor_mz=[1.0, 2.0, 3.0])


def test_slice_is_a_view_with_offsets_from_zero():
    batch = make()
    part = batch.slice(1, 9)
    assert part.offsets.tolist() == [0, 0, 0, 1]
    assert part.mz.tolist() == [50.5]
    assert part.ion_mode.tolist() == [-1, 0, 0]
    assert np.shares_memory(part.mz, batch.mz)
    assert len(batch.slice(3, 2)) == 0
    with pytest.raises(BadParameter, match="negative"):
        batch.slice(-1, 2)


@given(lengths=st.lists(st.integers(0, 6), max_size=20), max_spectra=st.integers(1, 5), max_peaks=st.integers(1, 8))
def test_chunks_cover_the_batch_in_order_and_keep_their_bounds(lengths, max_spectra, max_peaks):
    mz = np.arange(1.0, sum(lengths) + 1)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    n = len(lengths)
    batch = PeakBatch(
        offsets=offsets,
        mz=mz,
        intensity=mz.astype(np.float32),
        precursor_mz=np.arange(n, dtype=np.float64),
        ion_mode=np.zeros(n, np.int8),
    )
    chunks = list(batch.chunks(max_spectra=max_spectra, max_peaks=max_peaks))
    assert [start for start, _ in chunks] == np.cumsum([0, *(len(chunk) for _, chunk in chunks)]).tolist()[: len(chunks)]
    assert np.concatenate([[], *(chunk.precursor_mz for _, chunk in chunks)]).tolist() == list(range(n))
    assert np.concatenate([[], *(chunk.mz for _, chunk in chunks)]).tolist() == mz.tolist()
    for _, chunk in chunks:
        assert 1 <= len(chunk) <= max_spectra
        assert len(chunk.mz) <= max_peaks or len(chunk) == 1


@given(
    spectra=st.lists(
        st.none() | st.lists(st.tuples(st.floats(1, 2000), st.floats(0.5, 1e6, width=32)), max_size=5),
        max_size=12,
    ),
    cut=st.integers(0, 12),
)
def test_from_arrow_agrees_with_a_loop_over_spectra(spectra, cut):
    rows = [row or [] for row in spectra[cut:]]
    column = [None if row is None else [mz for mz, _ in row] for row in spectra]
    intensities = [None if row is None else [intensity for _, intensity in row] for row in spectra]
    n = len(spectra)
    batch = PeakBatch.from_arrow(
        mz=pa.array(column, pa.list_(pa.float64())).slice(cut),
        intensity=pa.array(intensities, pa.list_(pa.float32())).slice(cut),
        precursor_mz=pa.array([1.0] * n, pa.float64()).slice(cut),
        ion_mode=pa.array(["negative"] * n, pa.string()).slice(cut),
    )
    assert [list(batch.slice(i, i + 1).mz) for i in range(len(batch))] == [[mz for mz, _ in row] for row in rows]
    assert batch.intensity.tolist() == [intensity for row in rows for _, intensity in row]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"offsets": np.array([0, 2, 3], np.int32)}, "offsets is int32"),
        ({"offsets": np.array([], np.int64)}, "rise from 0"),
        ({"offsets": np.array([1, 2, 3])}, "rise from 0"),
        ({"offsets": np.array([0, 3, 2])}, "rise from 0"),
        ({"offsets": np.array([0, 4, 3])}, "rise from 0"),
        ({"intensity": np.ones(2, np.float32)}, "3 m/z but 2 intensities"),
        ({"precursor_mz": np.ones(3)}, "2 values each"),
        ({"charge": np.ones(1, np.int8)}, "2 values each"),
        ({"charge": np.ones(2)}, "charge is float64"),
        ({"mz": np.array([1.0, 2.0, np.nan])}, "spectrum 1, peak 0: m/z nan, intensity 1.0"),
        ({"intensity": np.array([1, 0, 1], np.float32)}, "spectrum 0, peak 1: m/z 2.0, intensity 0.0"),
    ],
)
def test_arrays_that_do_not_fit_together(change, message):
    fitting = {
        "offsets": np.array([0, 2, 3]),
        "mz": np.array([1.0, 2.0, 3.0]),
        "intensity": np.ones(3, np.float32),
        "precursor_mz": np.ones(2),
        "ion_mode": np.zeros(2, np.int8),
    }
    assert len(PeakBatch(**fitting)) == 2
    with pytest.raises(BadParameter, match=message):
        PeakBatch(**(fitting | change))


def test_from_arrow_equals_the_constructor():
    batch = make()
    assert_same(
        batch, PeakBatch(**{name: getattr(batch, name) for name in ("offsets", "mz", "intensity", "precursor_mz", "ion_mode")})
    )
