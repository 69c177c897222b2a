import math

import numpy as np
import pytest
import torch
from made_spectra import batch_of, random_batch

from spectradb.embedders.transformer.tokens import pad_peaks, sinusoids, wavelengths


def test_the_most_intense_peaks_stay_in_mz_order():
    peaks = pad_peaks(batch_of([(50.0, 3.0), (60.0, 10.0), (70.0, 1.0), (80.0, 5.0)], [(90.0, 2.0)], []), n_peaks=3)
    assert peaks.mz.tolist() == [[50.0, 60.0, 80.0], [90.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert peaks.intensity.tolist() == [pytest.approx([0.3, 1.0, 0.5]), [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert peaks.lengths.tolist() == [3, 1, 0]


def test_peaks_need_not_come_in_order_and_equal_ones_are_chosen_by_mz():
    peaks = pad_peaks(batch_of([(80.0, 1.0), (50.0, 1.0), (60.0, 1.0)]), n_peaks=2)
    assert peaks.mz.tolist() == [[50.0, 60.0]]


def test_losses_are_counted_from_a_known_precursor_only():
    batch = batch_of([(100.0, 1.0)], [(100.0, 1.0), (120.0, 1.0)], precursor_mz=[np.nan, 250.0])
    assert pad_peaks(batch, n_peaks=4).loss.tolist() == [[0.0, 0.0], [150.0, 130.0]]


def test_an_intensity_that_vanishes_beside_the_base_peak_is_still_a_peak():
    peaks = pad_peaks(batch_of([(50.0, 1e-38), (60.0, 1e38)]), n_peaks=2)
    assert peaks.lengths.tolist() == [2]


def test_wavelengths_span_six_decades_in_equal_ratios():
    waves = wavelengths(7)
    assert waves.tolist() == pytest.approx([1e-3, 1e-2, 1e-1, 1, 10, 100, 1000])


def test_sinusoids_are_right_at_the_shortest_wavelength_of_a_heavy_ion():
    # 1999.9997 / 0.001 = 1999999.7 turns, of which float32 would make 1999999.75.
    waves = sinusoids(torch.tensor([1999.9997], dtype=torch.float64), torch.tensor([1e-3, 4.0], dtype=torch.float64))
    turns = (0.7, 1999.9997 / 4.0 % 1.0)
    expected = [math.sin(2 * math.pi * turn) for turn in turns] + [math.cos(2 * math.pi * turn) for turn in turns]
    assert waves.dtype == torch.float32
    assert waves[0].tolist() == pytest.approx(expected, abs=1e-5)


def test_compacting_keeps_each_peak_and_its_order():
    peaks = pad_peaks(random_batch(20), n_peaks=30)
    holes = torch.rand(peaks.mz.shape, generator=torch.Generator().manual_seed(1)) < 0.4
    peaks.intensity[holes] = 0.0
    compact = peaks.compact()
    for row in range(20):
        kept = peaks.present[row]
        n = int(kept.sum())
        assert compact.mz[row, :n].tolist() == peaks.mz[row][kept].tolist()
        assert not compact.present[row, n:].any()
    assert compact.mz.shape[1] == int(peaks.lengths.max())


def test_compacting_to_a_number_keeps_the_most_intense():
    peaks = pad_peaks(batch_of([(50.0, 3.0), (60.0, 10.0), (70.0, 1.0), (80.0, 5.0)]), n_peaks=4).compact(n_peaks=2)
    assert peaks.mz.tolist() == [[60.0, 80.0]]
