"""DreaMS's network against plain numpy, from a checkpoint as published ones are, with random weights of full size."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from dreams_checkpoint import FREQUENCIES, random_state, reference_vector, save_checkpoint
from empty_lab import empty_lab
from made_files import entry, write_mgf
from made_spectra import batch_of
from safetensors import safe_open
from safetensors.torch import save_file

from spectradb.embedders.dreams import card, conversion
from spectradb.embedders.dreams.conversion import convert_checkpoint, load_weights
from spectradb.embedders.dreams.embedder import DreamsEmbedder
from spectradb.embedders.dreams.network import N_FREQUENCIES, weight_shapes
from spectradb.errors import BadModel, BadParameter

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def state():
    return random_state()


@pytest.fixture(scope="module")
def lab(state, tmp_path_factory):
    """A lab with the model; its file and the checkpoint are large and go when the module is done."""
    folder = tmp_path_factory.mktemp("dreams")
    checkpoint = folder / "embedding_model.ckpt"
    save_checkpoint(state, checkpoint)
    with empty_lab(folder / "lab") as made:
        made.import_library("here", write_mgf(folder / "here.mgf", entry("P1", seed=1), entry("P2", seed=2, n_peaks=9)))
        made.import_study("there", write_mgf(folder / "there.mgf", entry("N", seed=3, ion_mode="negative"), entry("Q", seed=2)))
        made.add_model("dreams", checkpoint)
        checkpoint.unlink()
        yield made
    (folder / "lab" / "models" / "dreams.safetensors").unlink()


@pytest.fixture(scope="module")
def converted(lab):
    return lab.path / "models" / "dreams.safetensors"


@pytest.fixture(scope="module")
def embedder(converted):
    return DreamsEmbedder.from_file(converted, name="dreams", digest="d")


def spectra(*lengths, seed=1):
    chance = np.random.default_rng(seed)
    rows = [
        list(zip(np.sort(chance.uniform(50, 900, n)), chance.uniform(1, 1000, n).astype(np.float32), strict=True))
        for n in lengths
    ]
    return batch_of(*rows, precursor_mz=chance.uniform(100, 999, len(lengths)))


def test_the_frequencies_are_those_of_the_description():
    assert len(FREQUENCIES) == N_FREQUENCIES == 5997
    assert FREQUENCIES[0] == np.float32(5000.0)
    assert FREQUENCIES[-1] == np.float32(1 / 999)


def test_vectors_equal_those_of_plain_numpy(state, embedder):
    """Few peaks, many, and more than are kept."""
    batch = spectra(3, 40, 130)
    vectors = embedder.embed(batch)
    assert vectors.shape == (3, 1024)
    assert vectors.dtype == np.float32
    for i in range(len(batch)):
        one = batch.slice(i, i + 1)
        expected = reference_vector(state, one.mz, one.intensity, one.precursor_mz[0])
        np.testing.assert_allclose(vectors[i], expected, atol=1e-5)
    # Were they all alike, the test would say little.
    assert (vectors @ vectors.T)[np.triu_indices(3, 1)].max() < 0.99


def test_vectors_do_not_depend_on_batches_order_or_scale(embedder):
    batch = spectra(1, 5, 17, 60, 2)
    vectors = embedder.embed(batch)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    for i in range(len(batch)):
        np.testing.assert_allclose(embedder.embed(batch.slice(i, i + 1))[0], vectors[i], atol=1e-5)
    scaled = dataclasses.replace(batch, intensity=batch.intensity * np.float32(4096))
    np.testing.assert_allclose(embedder.embed(scaled), vectors, atol=1e-5)


def test_spectra_without_peaks_or_precursor_have_no_direction(embedder):
    batch = batch_of([], [(100.0, 1.0)], [(100.0, 1.0)], precursor_mz=[200.0, np.nan, 200.0])
    vectors = embedder.embed(batch)
    assert not vectors[:2].any()
    assert np.linalg.norm(vectors[2]) == pytest.approx(1.0, abs=1e-6)
    assert embedder.embed(batch.slice(0, 0)).shape == (0, 1024)


def test_tf32_stays_off_while_it_embeds_and_as_it_was_afterwards(embedder, monkeypatch):
    matmul = torch.backends.cuda.matmul
    before = matmul.fp32_precision
    seen = []
    network = embedder._networks[torch.device("cpu")]
    monkeypatch.setitem(
        embedder._networks, torch.device("cpu"), lambda *peaks: seen.append(matmul.fp32_precision) or network(*peaks)
    )
    matmul.fp32_precision = "tf32"
    try:
        embedder.embed(spectra(1))
        assert seen == ["ieee"]
        assert matmul.fp32_precision == "tf32"
    finally:
        matmul.fp32_precision = before


def test_what_it_says_of_itself(embedder, converted):
    assert (embedder.name, embedder.kind, embedder.dimension) == ("dreams", "dreams", card.DIMENSION)
    assert embedder.ion_modes == ("positive",)
    assert json.loads(json.dumps(embedder.preprocessing)) == embedder.preprocessing
    assert "MoNA" in embedder.card["training_data"]
    assert "negative" in embedder.card["limits"]
    other = DreamsEmbedder(load_weights(converted), name="dreams", digest="e")
    assert other.fingerprint != embedder.fingerprint
    with pytest.raises(BadParameter, match="device"):
        embedder.embed(spectra(1), device="tpu")


def test_the_converted_file_holds_the_network_alone(converted, state):
    with safe_open(converted, framework="np") as opened:
        assert opened.metadata() == {"format": "spectradb-dreams-1"}
        names = set(opened.keys())
        np.testing.assert_array_equal(opened.get_tensor("head.weight"), state["head.weight"])
    assert names == set(weight_shapes()) == {name for name in state if "_out.ff" not in name and "ro_out" not in name}


def small_state(**changes):
    """A state dict whose weights have the right names, and shapes of their own."""
    return {name: np.zeros(changes.get(name, (1,)), np.float32) for name in weight_shapes()}


def test_checkpoints_of_other_networks_are_refused(tmp_path):
    file, made = tmp_path / "x.ckpt", tmp_path / "x.safetensors"
    some = small_state()
    cases = {
        "shape .* instead of": some,
        "1 of DreaMS's weights are missing, such as head.bias": {
            name: value for name, value in some.items() if name != "head.bias"
        },
        "atts.0.biases": {**some, "backbone.transformer_encoder.atts.0.biases": np.zeros(1, np.float32)},
    }
    for reason, state in cases.items():
        save_checkpoint(state, file)
        with pytest.raises(BadModel, match=reason) as caught:
            convert_checkpoint(file, made)
        assert str(file) in str(caught.value)
        assert "embedding_model.ckpt of https://zenodo.org/records/10997887" in str(caught.value)
        assert not made.exists()


def test_missing_biases_of_the_input_layers_are_zero(tmp_path, state, monkeypatch):
    few = {name: shape for name, shape in weight_shapes().items() if ".ff_peak." in name}
    monkeypatch.setattr(conversion, "weight_shapes", lambda: few)
    weight = "backbone.ff_peak.ff.0.weight"
    save_checkpoint({weight: state[weight], "backbone.ff_out.ff.0.weight": np.ones(3, np.float32)}, tmp_path / "x.ckpt")
    convert_checkpoint(tmp_path / "x.ckpt", tmp_path / "x.safetensors")
    found = load_weights(tmp_path / "x.safetensors")
    np.testing.assert_array_equal(found[weight].numpy(), state[weight])
    assert not found["backbone.ff_peak.ff.0.bias"].any()
    assert found["backbone.ff_peak.ff.0.bias"].shape == (44,)


def test_weights_that_are_none_are_refused(tmp_path):
    file = tmp_path / "x.safetensors"
    file.write_bytes(b"nothing")
    with pytest.raises(BadModel, match="not a readable safetensors file"):
        load_weights(file)
    save_file({"a": torch.ones(1)}, file)
    with pytest.raises(BadModel, match="not a checkpoint of DreaMS"):
        load_weights(file)
    save_file({"a": torch.ones(1)}, file, metadata={"format": card.FORMAT})
    with pytest.raises(BadModel, match="weights are missing"):
        load_weights(file)


def test_in_a_lab_the_column_the_function_and_the_network_agree(lab, state):
    report = lab.embed("dreams")
    assert report.lines() == [
        "dreams: 4 spectra embedded in 1024 dimensions, 0 already present",
        "  note: 1 spectra are of negative ion mode, on which dreams was not trained",
    ]
    rows = lab.sql(
        "SELECT mz, intensity, precursor_mz, embedding_dreams, embed_dreams(mz, intensity, precursor_mz, ion_mode) "
        "FROM spectra WHERE native_id IN ('P2', 'Q') ORDER BY native_id"
    ).fetchall()
    # Equal but for one step of half precision: sums over batches of other sizes round otherwise on some processors.
    for row in rows:
        np.testing.assert_allclose(row[3], row[4], rtol=2**-9, atol=1e-6)
    mz, intensity, precursor_mz, stored, _ = rows[0]
    np.testing.assert_allclose(stored, reference_vector(state, mz, intensity, precursor_mz), atol=1e-3)
    lab.identify("there", "here", model="dreams", name="by_dreams")
    found = lab.sql("SELECT query_id, rank, score > 0.5 FROM hits WHERE search_id = 'by_dreams'").fetchall()
    assert len(found) == 1
    (card_of_it,) = lab.sql("SELECT kind, dimension, training_data FROM models WHERE name = 'dreams'").fetchall()
    assert card_of_it == ("dreams", 1024, json.dumps(card.CARD["training_data"]))
