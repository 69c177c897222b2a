import json

import pytest
import torch
from made_spectra import isomer_table, write_arrow

from spectradb.encoder import run_training
from spectradb.encoder.checkpoint import load_checkpoint
from spectradb.encoder.run_training import train
from spectradb.encoder.training import Trainer
from spectradb.encoder.training_config import config_from_dict
from spectradb.encoder.training_data import load_training_data
from spectradb.errors import BadParameter

SETTINGS = {
    "name": "short",
    "seed": 3,
    "split": {"test_contributors": ["There"], "dev_contributors": ["Yonder"], "unseen_share": 0.3, "licenses": ["CC0"]},
    "model": {"n_peaks": 16, "width": 16, "n_layers": 1, "n_heads": 2, "n_wavelengths": 8, "dimension": 8},
    "sampler": {"batch_size": 32},
    "optimisation": {"n_steps": 4, "warmup_steps": 1},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return load_training_data(write_arrow(isomer_table(n_windows=10), tmp_path_factory.mktemp("data") / "data.arrow"))


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def config(**changes):
    return config_from_dict({**SETTINGS, **changes}, place="test")


def test_the_card_says_what_it_was_made_from_and_how_it_did(data, tmp_path):
    card = load_checkpoint(train(config(), data, tmp_path, threads=1)).card
    rows = data.training_rows(config().split)
    assert card["training"]["split"] == SETTINGS["split"]
    assert card["training"]["seed"] == 3
    assert card["training"]["optimisation"]["n_steps"] == 4
    # 10 windows of 4 isomers, 2 spectra of each by each of three laboratories; 13 of the 40 are left out by hash.
    assert len(rows) == 2 * (40 - 13)
    assert card["data"] == {
        "sha256": data.digest,
        "spectra": 54,
        "analytes": 27,
        "contributors": {"Here": {"spectra": 54, "analytes": 27}},
        "licenses": {"CC0": 54},
        "left_out": {
            "test_contributors": 80,
            "dev_contributors": 80,
            "unseen_analytes": 26,
            "license": 0,
            "unknown_ion_mode": 0,
        },
    }
    assert set(card["metrics"]) == {"dev_contributors"}  # no laboratory but the dev one has what Here left out
    (row,) = [
        row
        for row in card["metrics"]["dev_contributors"]["rows"]
        if (row["subset"], row["candidates"], row["method"]) == ("all", "2 or more", "short")
    ]
    assert (row["n_queries"], row["n_analytes"], row["baseline"]) == (80, 40, "binned")
    assert card["software"]["torch"] == torch.__version__
    assert card["software"]["device"] == "cpu"
    assert "stereochemistry" in card["limits"]
    assert 0 < card["hash_share"] < 1
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["short.json", "short.safetensors", "state.safetensors"]


def test_a_finished_run_stays_as_it_is(data, tmp_path):
    first = train(config(), data, tmp_path, with_metrics=False)
    before = first.read_bytes(), first.with_suffix(".json").read_bytes()
    assert train(config(), data, tmp_path, with_metrics=False) == first
    assert (first.read_bytes(), first.with_suffix(".json").read_bytes()) == before


def test_an_interrupted_run_goes_on(data, tmp_path, monkeypatch):
    whole = train(config(), data, tmp_path / "whole", with_metrics=False)
    steps = []
    step = Trainer.train_step

    def interrupted(self):
        steps.append(self.step)
        if len(steps) == 3:
            raise KeyboardInterrupt
        return step(self)

    monkeypatch.setattr(Trainer, "train_step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(config(), data, tmp_path / "run", save_every_s=0.0, with_metrics=False)
    assert not (tmp_path / "run" / "short.safetensors").exists()
    resumed = train(config(), data, tmp_path / "run", with_metrics=False)
    assert steps == [0, 1, 2, 2, 3]
    assert resumed.read_bytes() == whole.read_bytes()


def test_another_run_is_not_overwritten(data, tmp_path):
    checkpoint = train(config(), data, tmp_path, with_metrics=False)
    before = checkpoint.read_bytes()
    with pytest.raises(BadParameter, match=r"short\.safetensors: made with other settings or data\. Name another folder"):
        train(config(seed=4), data, tmp_path)
    with pytest.raises(BadParameter, match=r"state\.safetensors: the state of a run with other settings or data"):
        train(config(name="other"), data, tmp_path)
    (tmp_path / "state.safetensors").unlink()
    with pytest.raises(BadParameter, match=r"short\.safetensors: made with other settings or data"):
        train(config(optimisation={"n_steps": 5}), data, tmp_path)
    assert checkpoint.read_bytes() == before


def test_mistakes_are_said_before_anything_is_written(data, tmp_path):
    for settings, more, message in (
        (config(), {"threads": 0}, "0 threads cannot compute"),
        (config(name="state"), {}, "the name 'state' is that of the file with the run's state"),
        (config(), {"device": "tpu"}, "device 'tpu' is not one of"),
    ):
        with pytest.raises(BadParameter, match=message):
            train(settings, data, tmp_path / "run", **more)
    assert not (tmp_path / "run").exists()


def test_the_number_of_threads_holds_for_the_run_alone(data, tmp_path, monkeypatch):
    torch.set_num_threads(2)
    used = []
    metrics = run_training.held_out_metrics
    monkeypatch.setattr(
        run_training, "held_out_metrics", lambda *given, **more: used.append(torch.get_num_threads()) or metrics(*given, **more)
    )
    train(config(), data, tmp_path, threads=1)
    assert (used, torch.get_num_threads()) == ([1], 2)


def test_a_bar_shows_all_steps(data, tmp_path, capsys):
    train(config(), data, tmp_path, bar=True, with_metrics=False)
    assert "4/4" in capsys.readouterr().err


def test_the_card_is_plain_json(data, tmp_path):
    checkpoint = train(config(), data, tmp_path)
    text = checkpoint.with_suffix(".json").read_text()
    assert "NaN" not in text
    assert json.loads(text) == load_checkpoint(checkpoint).card
