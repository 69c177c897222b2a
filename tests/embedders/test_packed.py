"""Products in bfloat16 over packed tokens, beside the network in float32."""

import numpy as np
import pytest
from made_spectra import batch_of, random_batch
from test_transformer_embedder import made

from spectradb.embedders.transformer.packed import PackedEncoder, multiplies_bfloat16

pytestmark = pytest.mark.skipif(not multiplies_bfloat16(), reason="this CPU does not multiply bfloat16 by itself")


def test_vectors_are_those_of_float32_but_for_the_rounding_of_products():
    batch = random_batch(80, longest=40)
    for half, full in zip(made(half_products=True).embed_parts(batch), made().embed_parts(batch), strict=True):
        present = batch.lengths > 0
        assert (np.einsum("ij,ij->i", half, full)[present] > 0.9999).all()
        assert (half[~present] == 0).all()


def test_what_is_embedded_beside_a_spectrum_plays_no_part_beyond_rounding():
    batch, embedder = random_batch(120), made(half_products=True)
    together = embedder.embed(batch)
    np.testing.assert_array_equal(embedder.embed(batch), together)
    for start, stop in ((0, 1), (7, 40), (119, 120)):
        np.testing.assert_allclose(embedder.embed(batch.slice(start, stop)), together[start:stop], atol=1e-3)


def test_an_unknown_precursor_and_a_single_peak_are_embedded_alike():
    batch = batch_of([(100.0, 1.0)], [(100.0, 1.0), (120.0, 3.0)], precursor_mz=[np.nan, 130.0], ion_mode=[0, -1])
    np.testing.assert_allclose(made(half_products=True).embed(batch), made().embed(batch), atol=5e-3)


def test_tiles_hold_every_spectrum_with_peaks_once_by_length():
    lengths = np.random.default_rng(0).integers(0, 60, 500)
    tiles = PackedEncoder.tiles(lengths)
    rows = np.concatenate(tiles)
    assert sorted(rows.tolist()) == np.flatnonzero(lengths).tolist()
    assert (np.diff(lengths[rows]) >= 0).all()
    assert max((lengths[tile] + 1).sum() for tile in tiles) <= 2048
    assert len(PackedEncoder.tiles(lengths[:30], threads=2)) > len(PackedEncoder.tiles(lengths[:30]))
    assert PackedEncoder.tiles(np.zeros(3, dtype=np.int64), threads=2) == []
