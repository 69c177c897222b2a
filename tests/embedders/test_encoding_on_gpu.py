"""What a GPU is given to do, done on the CPU step by step: the same padding, the same vectors."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedders.transformer import gpu as encoding_on_gpu
from spectradb.embedders.transformer.embedder import length_buckets
from spectradb.embedders.transformer.network import ModelConfig, SpectrumEncoder
from spectradb.embedders.transformer.padding_torch import pad_on
from spectradb.embedders.transformer.tokens import pad_peaks

CPU = torch.device("cpu")
PEAKS = st.lists(st.tuples(st.integers(50, 400), st.integers(1, 6)), max_size=12)
SPECTRA = st.lists(PEAKS, max_size=6)


def made(drawn):
    flat = [peak for spectrum in drawn for peak in spectrum]
    return PeakBatch(
        offsets=np.cumsum([0, *map(len, drawn)]).astype(np.int64),
        mz=np.array([mz for mz, _ in flat], dtype=np.float64),
        intensity=np.array([height for _, height in flat], dtype=np.float32),
        precursor_mz=np.array([np.nan if i % 3 == 2 else 400.0 + i for i in range(len(drawn))]),
        ion_mode=np.array([i % 3 - 1 for i in range(len(drawn))], dtype=np.int8),
    )


@given(SPECTRA, st.integers(1, 8))
def test_padding_as_by_numpy(drawn, n_peaks):
    batch = made(drawn)
    expected, found = pad_peaks(batch, n_peaks=n_peaks), pad_on(batch, n_peaks=n_peaks, device=CPU)
    for column in ("mz", "intensity", "precursor_mz", "ion_mode"):
        ours, theirs = getattr(found, column), getattr(expected, column)
        assert ours.dtype == theirs.dtype
        assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize(
    "device", ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"))]
)
def test_vectors_of_chunks(device, monkeypatch):
    monkeypatch.setattr(encoding_on_gpu, "CHUNK_SPECTRA", 7)
    rng = np.random.default_rng(5)
    drawn = [[(int(mz), 1 + i) for i, mz in enumerate(rng.integers(50, 390, rng.integers(0, 30)))] for _ in range(40)]
    batch = made([[], *drawn, []])
    torch.manual_seed(0)
    model = SpectrumEncoder(ModelConfig(n_peaks=12, width=16, n_layers=2, n_heads=2, dimension=8, n_wavelengths=4)).eval()
    with torch.inference_mode():
        expected = model(pad_peaks(batch, n_peaks=12))
    target = torch.device(device)
    model = model.to(target)
    settings = {"buckets": lambda lengths: length_buckets(lengths, tokens=64), "device": target, "weights": (0.5, 2.0)}
    for found in (
        encoding_on_gpu.encode_batch(model, batch, **settings),
        encoding_on_gpu.encode_padded(model, pad_peaks(batch, n_peaks=12), **settings),
    ):
        np.testing.assert_allclose(found, np.hstack([0.5 * expected[0].numpy(), 2.0 * expected[1].numpy()]), atol=4e-6)
        assert not found[[0, -1]].any()
        assert found[1:-1].any()
    alone = encoding_on_gpu.encode_batch(model, batch, **settings | {"weights": (0.0, 1.0)})
    np.testing.assert_allclose(alone, expected[1].numpy(), atol=2e-6)
