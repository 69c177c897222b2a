import numpy as np
import pytest
import torch
from made_spectra import batch_of, random_batch

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedders.transformer.checkpoint import Checkpoint
from spectradb.embedders.transformer.embedder import TransformerEmbedder, length_buckets
from spectradb.embedders.transformer.network import ModelConfig, SpectrumEncoder
from spectradb.embedders.transformer.tokens import pad_peaks
from spectradb.errors import BadParameter

CONFIG = ModelConfig(n_peaks=24, width=32, n_layers=2, n_heads=4, dimension=8, n_wavelengths=8)


def made(hash_share=0.6, name="made", seed=0, digest="d", half_products=False):
    torch.manual_seed(seed)
    model = SpectrumEncoder(CONFIG).eval()
    torch.nn.init.normal_(model.gates.weight, std=0.3)
    return TransformerEmbedder(
        Checkpoint(model=model, card={"name": name, "hash_share": hash_share, "model": {"n_peaks": 24}}, digest=digest),
        half_products=half_products,
    )


def test_the_stored_vector_fuses_hash_and_encoder_in_one_product():
    batch = random_batch(40)
    embedder = made(hash_share=0.6)
    hashed, encoded = embedder.embed_parts(batch)
    vectors = embedder.embed(batch)
    assert vectors.shape == (40, embedder.dimension) == (40, 520)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors @ vectors.T, 0.6 * hashed @ hashed.T + 0.4 * encoded @ encoded.T, atol=1e-5)
    expected = (batch.lengths > 0).astype(float)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), expected, atol=1e-5)


def test_batches_and_their_order_play_no_part():
    batch = random_batch(60)
    embedder = made()
    together = embedder.embed(batch)
    for start, stop in ((0, 1), (7, 20), (59, 60)):
        np.testing.assert_allclose(embedder.embed(batch.slice(start, stop)), together[start:stop], atol=1e-5)
    backwards = [list(zip(b.mz, b.intensity, strict=True)) for b in (batch.slice(i, i + 1) for i in range(60))][::-1]
    turned = batch_of(*backwards, precursor_mz=batch.precursor_mz[::-1], ion_mode=batch.ion_mode[::-1])
    np.testing.assert_allclose(embedder.embed(turned)[::-1], together, atol=1e-5)


def test_the_scale_of_intensities_plays_no_part():
    batch = random_batch(30)
    scaled = PeakBatch(
        offsets=batch.offsets,
        mz=batch.mz,
        intensity=batch.intensity * np.float32(1e7),
        precursor_mz=batch.precursor_mz,
        ion_mode=batch.ion_mode,
    )
    np.testing.assert_allclose(made().embed(batch), made().embed(scaled), atol=1e-4)


def test_the_vectors_are_those_of_the_bare_network():
    batch = random_batch(50, longest=40)
    embedder = made()
    with torch.inference_mode():
        hashed, encoded = embedder._checkpoint.model(pad_peaks(batch, n_peaks=24))
    for got, expected in zip(embedder.embed_parts(batch), (hashed, encoded), strict=True):
        np.testing.assert_allclose(got, expected.numpy(), atol=1e-5)


def test_half_precision_keeps_products():
    vectors = made().embed(random_batch(50))
    half = vectors.astype(np.float16).astype(np.float32)
    np.testing.assert_allclose(half @ half.T, vectors @ vectors.T, atol=2e-3)


def test_an_unknown_precursor_or_no_spectra_at_all_are_no_trouble():
    vectors = made().embed(batch_of([(100.0, 1.0), (120.0, 3.0)], precursor_mz=[np.nan], ion_mode=[0]))
    assert np.linalg.norm(vectors) == pytest.approx(1.0, abs=1e-5)
    assert made().embed(random_batch(0)).shape == (0, 520)
    assert (made().embed(batch_of([], [])) == 0).all()


@pytest.mark.parametrize(("hash_share", "dimension"), [(0.0, 8), (1.0, 512)])
def test_a_part_without_weight_takes_no_room(hash_share, dimension):
    embedder = made(hash_share=hash_share)
    assert embedder.dimension == dimension
    assert embedder.embed(random_batch(5)).shape == (5, dimension)


def test_the_fingerprint_tells_weights_and_settings_apart():
    fingerprints = {made().fingerprint, made(hash_share=0.7).fingerprint, made(digest="e").fingerprint}
    assert len(fingerprints) == 3
    assert made().fingerprint in fingerprints


def test_names_and_shares_that_cannot_be_are_refused():
    with pytest.raises(BadParameter, match="lower-case"):
        made(name="Not A Name")
    with pytest.raises(BadParameter, match="between 0 and 1"):
        made(hash_share=1.5)
    with pytest.raises(BadParameter, match="device"):
        made().embed(random_batch(2), device="tpu")


def test_groups_hold_every_spectrum_with_peaks_once_and_few_padded_tokens():
    lengths = np.random.default_rng(0).integers(0, 60, 500)
    groups = length_buckets(lengths, tokens=512)
    assert sorted(np.concatenate(groups).tolist()) == np.flatnonzero(lengths).tolist()
    assert all(len(rows) * (lengths[rows].max() + 1) <= 512 for rows in groups)
    padded = sum(len(rows) * (lengths[rows].max() + 1) for rows in groups)
    assert padded < 1.1 * (lengths[lengths > 0] + 1).sum()
    assert [g.tolist() for g in length_buckets(np.array([100]), tokens=10)] == [[0]]
