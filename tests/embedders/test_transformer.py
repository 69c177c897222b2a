import dataclasses

import pytest
import torch
from made_spectra import batch_of, random_batch

from spectradb.embedders.transformer.network import ModelConfig, SpectrumEncoder, encode_by_length
from spectradb.embedders.transformer.tokens import PaddedPeaks, pad_peaks
from spectradb.errors import BadParameter

TINY = ModelConfig(n_peaks=16, width=32, n_layers=2, n_heads=4, dimension=8, n_wavelengths=8)


def random_encoder(config=TINY):
    torch.manual_seed(0)
    model = SpectrumEncoder(config).eval()
    for value in model.parameters():
        torch.nn.init.normal_(value, std=0.3)
    return model


def test_rows_have_length_one_and_empty_spectra_are_zeros():
    batch = batch_of([(50.0, 3.0), (60.0, 1.0)], [], [(70.0, 1.0)])
    hashed, encoded = random_encoder()(pad_peaks(batch, n_peaks=16))
    assert hashed.shape == (3, 512)
    assert encoded.shape == (3, 8)
    for vectors in (hashed, encoded):
        assert vectors.norm(dim=1).tolist() == pytest.approx([1.0, 0.0, 1.0], abs=1e-5)


def test_padding_plays_no_part():
    peaks = pad_peaks(random_batch(20, longest=10), n_peaks=16)
    wider = PaddedPeaks(
        mz=torch.nn.functional.pad(peaks.mz, (0, 7)),
        intensity=torch.nn.functional.pad(peaks.intensity, (0, 7)),
        precursor_mz=peaks.precursor_mz,
        ion_mode=peaks.ion_mode,
    )
    model = random_encoder()
    for narrow, wide in zip(model(peaks), model(wider), strict=True):
        torch.testing.assert_close(narrow, wide, atol=1e-5, rtol=0)


def test_what_stands_in_padding_plays_no_part():
    peaks = pad_peaks(random_batch(20, longest=10), n_peaks=16)
    model = random_encoder()
    before = model(peaks)
    peaks.mz[~peaks.present] = 123.456
    for old, new in zip(before, model(peaks), strict=True):
        torch.testing.assert_close(old, new, atol=1e-5, rtol=0)


def test_the_order_of_peaks_plays_no_part():
    peaks = pad_peaks(random_batch(20), n_peaks=16)
    order = torch.randperm(peaks.mz.shape[1], generator=torch.Generator().manual_seed(1))
    shuffled = PaddedPeaks(
        mz=peaks.mz[:, order],
        intensity=peaks.intensity[:, order],
        precursor_mz=peaks.precursor_mz,
        ion_mode=peaks.ion_mode,
    )
    model = random_encoder()
    for old, new in zip(model(peaks), model(shuffled), strict=True):
        torch.testing.assert_close(old, new, atol=1e-5, rtol=0)


def test_groups_by_length_give_the_same_in_the_same_order():
    peaks = pad_peaks(random_batch(23), n_peaks=16)
    model = random_encoder()
    for whole, grouped in zip(model(peaks), encode_by_length(model, peaks, n_buckets=4), strict=True):
        torch.testing.assert_close(whole, grouped, atol=1e-5, rtol=0)


@pytest.mark.parametrize("changed", ["mz", "intensity", "precursor_mz", "ion_mode"])
def test_every_input_matters(changed):
    batch = batch_of([(50.0, 3.0), (60.0, 1.0)])
    peaks = pad_peaks(batch, n_peaks=16)
    model = random_encoder()
    _, before = model(peaks)
    getattr(peaks, changed)[0] = {"mz": 51.0, "intensity": 0.5, "precursor_mz": 301.0, "ion_mode": -1}[changed]
    _, after = model(peaks)
    assert (before - after).abs().max() > 1e-3


def test_gates_begin_at_one():
    torch.manual_seed(0)
    model = SpectrumEncoder(TINY).eval()
    peaks = pad_peaks(random_batch(10), n_peaks=16)
    torch.testing.assert_close(model(peaks)[0], model.peak_hash(peaks))


def test_the_strength_of_gates_goes_from_none_to_all():
    model = random_encoder()
    peaks = pad_peaks(random_batch(10), n_peaks=16)
    full = model(peaks)[0]
    plain = model.peak_hash(peaks)
    assert (full - plain).abs().max() > 1e-2
    model.config = dataclasses.replace(TINY, gate_strength=0.0)
    torch.testing.assert_close(model(peaks)[0], plain)
    model.config = dataclasses.replace(TINY, gate_strength=0.5)
    half = model(peaks)[0]
    present = peaks.present.any(dim=1)
    assert ((half * full).sum(dim=1) >= (plain * full).sum(dim=1))[present].all()


def test_sizes_that_do_not_fit_are_named():
    with pytest.raises(BadParameter, match="width a multiple of n_heads"):
        ModelConfig(width=30, n_heads=4)
