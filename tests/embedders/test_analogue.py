"""The analogue model: its vectors, its two implementations, and what is said of damaged files."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from made_spectra import batch_of, random_batch

from spectradb.embedders.analogue.checkpoint import STRUCTURE_MAP, load_analogue, save_analogue, weight_shapes
from spectradb.embedders.analogue.embedder import AnalogueEmbedder
from spectradb.embedders.analogue.features import context_features, folded, hashed_features
from spectradb.embedders.analogue.forward import forward
from spectradb.embedders.analogue.network import loaded_network
from spectradb.embedders.analogue.shape import AnalogueShape
from spectradb.embedders.binned import BinnedEmbedder
from spectradb.errors import BadParameter

SHAPE = AnalogueShape(features=1024, n_wavelengths=6, width=16, dimension=8, hash_dimension=512, learned_share=0.25)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    chance = np.random.default_rng(1)
    weights = {name: 0.3 * chance.standard_normal(shape).astype(np.float32) for name, shape in weight_shapes(SHAPE).items()}
    made = tmp_path_factory.mktemp("model") / "made.safetensors"
    save_analogue(made, weights, {"name": "made", "model": dataclasses.asdict(SHAPE)})
    return made


def test_one_product_adds_the_binned_and_the_learned_one(file):
    batch = random_batch(30)
    embedder = AnalogueEmbedder.from_file(file)
    vectors = embedder.embed(batch)
    assert vectors.shape == (30, embedder.dimension) == (30, 520)
    assert vectors.dtype == np.float32
    binned = BinnedEmbedder().embed(batch)
    learned = vectors[:, embedder.n_binned :] / np.sqrt(0.25)
    np.testing.assert_allclose(vectors @ vectors.T, 0.75 * binned @ binned.T + 0.25 * learned @ learned.T, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), (batch.lengths > 0).astype(float), atol=1e-5)


def test_folded_features_are_those_of_fewer_slots():
    batch = random_batch(20)
    whole = folded(hashed_features(batch, SHAPE), 512)
    norms = np.linalg.norm(whole, axis=1, keepdims=True)
    np.testing.assert_allclose(whole / np.where(norms > 0, norms, 1), BinnedEmbedder().embed(batch), atol=1e-6)


def test_numpy_and_pytorch_compute_the_same(file):
    checkpoint = load_analogue(file)
    batch = random_batch(25)
    hashed, context = hashed_features(batch, SHAPE), context_features(batch, SHAPE)
    with torch.inference_mode():
        expected = loaded_network(SHAPE, checkpoint.weights)(torch.from_numpy(hashed), torch.from_numpy(context)).numpy()
    np.testing.assert_allclose(forward(checkpoint.weights, hashed, context), expected, atol=1e-4)


def test_precursors_are_waves_and_what_is_unknown_is_zero():
    batch = batch_of([(50.0, 1.0)], [(50.0, 1.0)], precursor_mz=[1000.0, np.nan], ion_mode=[-1, 0])
    shape = AnalogueShape(n_wavelengths=2, shortest_da=4000.0, longest_da=8000.0)
    # A quarter and an eighth of a turn: sines, cosines, ion mode, m/z over 500.
    root = np.sqrt(0.5)
    expected = [[1.0, root, 0.0, root, -1.0, 2.0], [0.0] * 6]
    np.testing.assert_allclose(context_features(batch, shape), expected, atol=1e-6)


def test_batches_play_no_part(file):
    batch = random_batch(600)
    embedder = AnalogueEmbedder.from_file(file)
    together = embedder.embed(batch)
    np.testing.assert_allclose(embedder.embed(batch.slice(510, 520)), together[510:520], atol=1e-5)


def test_structures_are_placed_by_their_bits(file):
    checkpoint = load_analogue(file)
    bits = np.zeros((2, 4096), dtype=np.uint8)
    bits[0, [3, 70]] = 1
    expected = checkpoint.weights[STRUCTURE_MAP][[3, 70]].sum(axis=0)
    placed = AnalogueEmbedder(checkpoint).embed_structures(bits)
    np.testing.assert_allclose(placed, [expected / np.linalg.norm(expected), np.zeros(8)], atol=1e-5)


def test_other_weights_are_another_fingerprint(file, tmp_path):
    first = AnalogueEmbedder.from_file(file)
    checkpoint = load_analogue(file)
    changed = {**checkpoint.weights, "last.bias": checkpoint.weights["last.bias"] + 1}
    save_analogue(tmp_path / "made.safetensors", changed, checkpoint.card)
    assert AnalogueEmbedder.from_file(tmp_path / "made.safetensors").fingerprint != first.fingerprint
    assert AnalogueEmbedder.from_file(file).fingerprint == first.fingerprint


def test_damaged_files_are_refused(file, tmp_path):
    copy = tmp_path / "made.safetensors"
    card = json.loads(file.with_suffix(".json").read_text())

    def refused(content, described, match):
        copy.write_bytes(content)
        copy.with_suffix(".json").write_text(described if isinstance(described, str) else json.dumps(described))
        with pytest.raises(BadParameter, match=match):
            load_analogue(copy)

    good = file.read_bytes()
    with pytest.raises(BadParameter, match=r"made\.safetensors: no such file"):
        load_analogue(copy)
    refused(good, "{", "not valid JSON")
    refused(good, {**card, "format": "spectradb-encoder-1"}, "no model card of format spectradb-analogue-1")
    refused(good[:-2], card, "not the weights that the model card")
    unsigned = {name: value for name, value in card.items() if name != "weights_sha256"}
    refused(b"none", unsigned, "not a safetensors file")
    refused(good, {**card, "model": {**card["model"], "width": 17}}, "the weights do not fit the model card")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"width": 0}, "sizes must be positive"),
        ({"longest_da": 0.1}, "longest_da above shortest_da"),
        ({"hash_dimension": 500}, "must be a multiple"),
        ({"learned_share": 1.5}, "must be between 0 and 1"),
    ],
)
def test_shapes_that_mean_nothing_are_refused(change, match):
    with pytest.raises(BadParameter, match=match):
        AnalogueShape(**change)


def test_names_and_devices_are_checked(file):
    checkpoint = load_analogue(file)
    with pytest.raises(BadParameter, match="must be lower-case letters"):
        AnalogueEmbedder(dataclasses.replace(checkpoint, card={**checkpoint.card, "name": "No name"}))
    with pytest.raises(BadParameter, match="is not one of cpu, cuda"):
        AnalogueEmbedder(checkpoint).embed(random_batch(2), device="gpu")
