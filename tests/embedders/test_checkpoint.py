import json
import pickle

import pytest
import torch
from made_spectra import random_batch

from spectradb.embedders.transformer.checkpoint import load_checkpoint, save_checkpoint
from spectradb.embedders.transformer.network import ModelConfig, SpectrumEncoder
from spectradb.embedders.transformer.tokens import pad_peaks
from spectradb.errors import BadParameter

CONFIG = ModelConfig(n_peaks=16, width=32, n_layers=1, n_heads=4, dimension=8, n_wavelengths=8)
SHAPE = {"n_peaks": 16, "width": 32, "n_layers": 1, "n_heads": 4, "dimension": 8, "n_wavelengths": 8}


@pytest.fixture
def saved(tmp_path):
    torch.manual_seed(0)
    model = SpectrumEncoder(CONFIG).eval()
    torch.nn.init.normal_(model.gates.weight)
    file = tmp_path / "made.safetensors"
    save_checkpoint(file, model, {"name": "made", "model": SHAPE, "hash_share": 0.5}, half=False)
    return model, file


def test_what_was_saved_comes_back(saved):
    model, file = saved
    loaded = load_checkpoint(file)
    peaks = pad_peaks(random_batch(20), n_peaks=16)
    for old, new in zip(model(peaks), loaded.model(peaks), strict=True):
        assert torch.equal(old, new)
    assert loaded.card["name"] == "made"
    assert not loaded.model.training


def test_half_precision_halves_the_file_and_changes_little(saved, tmp_path):
    model, file = saved
    save_checkpoint(tmp_path / "half.safetensors", model, {"name": "half", "model": SHAPE, "hash_share": 0.5})
    half = load_checkpoint(tmp_path / "half.safetensors")
    assert (tmp_path / "half.safetensors").stat().st_size < 0.6 * file.stat().st_size
    peaks = pad_peaks(random_batch(20), n_peaks=16)
    for old, new in zip(model(peaks), half.model(peaks), strict=True):
        assert (old * new).sum(dim=1)[peaks.present.any(dim=1)].min() > 0.999
    assert half.model.norm.weight.dtype == torch.float32


class Boom:
    def __reduce__(self):
        return (pytest.fail, ("a checkpoint ran code",))


def test_a_pickle_is_refused_unopened(saved):
    _, file = saved
    file.write_bytes(pickle.dumps(Boom()))
    with pytest.raises(BadParameter, match="not a safetensors file"):
        load_checkpoint(file)
    torch.save({"weights": Boom()}, file)
    with pytest.raises(BadParameter, match="not a safetensors file"):
        load_checkpoint(file)


def test_weights_of_another_run_are_refused(saved, tmp_path):
    model, file = saved
    with torch.no_grad():
        model.norm.weight += 1
    save_checkpoint(tmp_path / "other.safetensors", model, {"name": "other", "model": SHAPE, "hash_share": 0.5})
    file.write_bytes((tmp_path / "other.safetensors").read_bytes())
    with pytest.raises(BadParameter, match=r"not the weights that the model card .*made\.json describes"):
        load_checkpoint(file)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        f"{name}.{kind}" for name in ("made", "other") for kind in ("json", "safetensors")
    ]


def test_damage_is_named(saved):
    _, file = saved
    card = file.with_suffix(".json")
    good = json.loads(card.read_text())
    card.write_text("{")
    with pytest.raises(BadParameter, match=r"made\.json: not valid JSON"):
        load_checkpoint(file)
    card.write_text(json.dumps({**good, "format": "other"}))
    with pytest.raises(BadParameter, match="no model card of format"):
        load_checkpoint(file)
    card.write_text(json.dumps({**good, "model": {**SHAPE, "width": 64}}))
    with pytest.raises(BadParameter, match="do not fit the model card"):
        load_checkpoint(file)
    card.write_text(json.dumps(good))
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(BadParameter, match="not a safetensors file"):
        load_checkpoint(file)
    card.unlink()
    with pytest.raises(BadParameter, match=r"made\.json: no such file"):
        load_checkpoint(file)
