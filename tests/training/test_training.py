import dataclasses
import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
from made_spectra import isomer_table, write_arrow

from spectradb.arrays.annotated_spectra import SplitConfig, load_training_data
from spectradb.embedders.transformer.checkpoint import Checkpoint
from spectradb.embedders.transformer.embedder import TransformerEmbedder
from spectradb.embedders.transformer.network import SpectrumEncoder
from spectradb.errors import BadParameter
from spectradb.evaluation.window_search import candidate_pairs, pair_scores, ranks_of_truth
from spectradb.models.registry import WEIGHTS
from spectradb.training.config import OptimisationConfig, TrainingConfig, training_config
from spectradb.training.loop import Trainer, learning_rate
from spectradb.training.run import main

pytestmark = pytest.mark.long

CPU = torch.device("cpu")
RESUMED = """
import sys
from pathlib import Path
import torch
from spectradb.training.loop import Trainer
from spectradb.training.config import training_config
from spectradb.arrays.annotated_spectra import SplitConfig, load_training_data
torch.set_num_threads(1)
trainer = Trainer(training_config(Path(sys.argv[1])), load_training_data(Path(sys.argv[2])), device=torch.device("cpu"))
trainer.run(Path(sys.argv[3]), save_every_s=0.0, on_save=lambda t: print(t.step, flush=True))
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write_arrow(isomer_table(n_windows=40), tmp_path_factory.mktemp("data") / "data.arrow")


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def accuracy(model, data, *, part):
    """Top-1 of one laboratory's spectra among those of another, on molecules that training never saw."""
    embedder = TransformerEmbedder(
        Checkpoint(model=model.eval(), card={"name": "x", "hash_share": 0.5, "model": {}}, digest="")
    )
    vectors = dict(zip(("hash", "encoder"), embedder.embed_parts(data.peaks), strict=True))[part]
    unseen = np.array([name >= "W030" for name in data.analytes])[data.analyte]
    pairs = candidate_pairs(
        data,
        queries=np.flatnonzero(unseen & data.from_contributors(["Yonder"])),
        library=np.flatnonzero(unseen & data.from_contributors(["Here"])),
    )
    return (ranks_of_truth(data, pairs, pair_scores(vectors, pairs)) == 1).mean()


def test_training_beats_an_untrained_net_on_molecules_and_a_laboratory_never_seen(file):
    data = load_training_data(file)
    seen = data.take(np.flatnonzero([data.analytes[a] < "W030" for a in data.analyte]))
    config = training_config("tiny")
    config = dataclasses.replace(config, split=dataclasses.replace(config.split, dev_contributors=("Yonder",)))
    trainer = Trainer(config, seen, device=CPU)
    untrained = {part: accuracy(trainer.average, data, part=part) for part in ("hash", "encoder")}
    while trainer.step < config.optimisation.n_steps:
        trainer.train_step()
    trained = {part: accuracy(trainer.average, data, part=part) for part in ("hash", "encoder")}
    assert trained["hash"] > untrained["hash"] + 0.1
    assert trained["encoder"] > untrained["encoder"] + 0.1


def test_a_killed_run_ends_where_an_uninterrupted_one_does(file, tmp_path):
    settings = tmp_path / "short.toml"
    text = 'name = "short"\n[model]\nn_peaks = 16\nwidth = 16\nn_layers = 1\nn_heads = 2\nn_wavelengths = 8\ndimension = 8\n'
    settings.write_text(text + "[sampler]\nbatch_size = 32\n[optimisation]\nn_steps = 60\nwarmup_steps = 5\n")
    whole = Trainer(training_config(settings), load_training_data(file), device=CPU)
    whole.run(tmp_path / "whole")
    command = [sys.executable, "-c", RESUMED, str(settings), str(file), str(tmp_path / "killed")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if int(line) >= 10:
                os.kill(process.pid, signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    resumed = Trainer(training_config(settings), load_training_data(file), device=CPU)
    resumed.run(tmp_path / "killed", stop_after=0)  # takes up the state and does nothing
    assert 10 <= resumed.step < 60
    resumed.run(tmp_path / "killed")
    assert resumed.step == 60
    for kept, expected in zip(resumed.average.parameters(), whole.average.parameters(), strict=True):
        torch.testing.assert_close(kept, expected, rtol=0, atol=0)


def test_the_state_of_another_run_is_refused(file, tmp_path):
    config = training_config("tiny")
    data = load_training_data(file)
    Trainer(config, data, device=CPU).run(tmp_path, stop_after=1)
    other = Trainer(dataclasses.replace(config, seed=99), data, device=CPU)
    with pytest.raises(BadParameter, match="other settings or data"):
        other.run(tmp_path)


def test_the_learning_rate_rises_and_falls_to_nothing():
    settings = OptimisationConfig(n_steps=110, warmup_steps=10, learning_rate=2.0)
    assert learning_rate(0, settings) == pytest.approx(0.2)
    assert learning_rate(10, settings) == pytest.approx(2.0)
    assert learning_rate(60, settings) == pytest.approx(1.0)
    assert learning_rate(110, settings) == pytest.approx(0.0)
    late = dataclasses.replace(settings, decay_share=0.4)
    assert learning_rate(70, late) == pytest.approx(2.0)
    assert learning_rate(90, late) == pytest.approx(1.0)
    assert learning_rate(110, late) == pytest.approx(0.0)


@pytest.mark.parametrize("name", ["tiny", "small", "base"])
def test_shipped_configurations_are_sound_and_survive_json(name):
    config = training_config(name)
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.as_dict())), place="card") == config
    model = SpectrumEncoder(config.model)
    assert sum(value.numel() for value in model.parameters()) * 2 < 30e6  # bytes in half precision
    assert set(config.split.licenses) <= {"CC0", "CC BY", "CC BY-SA", "dl-de/by-2-0"}


def test_without_dev_contributors_all_but_the_test_contributors_are_trained_on(file, tmp_path):
    settings = tmp_path / "lolo.toml"
    settings.write_text('name = "lolo"\n[split]\ntest_contributors = ["There"]\ndev_contributors = []\nunseen_share = 0.0\n')
    data = load_training_data(file)
    assert Trainer(training_config(settings), data, device=CPU).n_spectra == 2 * len(data) // 3


def test_small_and_base_leave_the_same_out_for_testing():
    small, base = training_config("small").split, training_config("base").split
    assert small.without() == base
    assert len(small.test_contributors) >= 3


@pytest.mark.parametrize("name", ["small", "base"])
def test_shipped_encoders_were_trained_as_their_configuration_says(name):
    card = json.loads((WEIGHTS / f"spectradb_{name}.json").read_text())
    settings = json.loads(json.dumps(training_config(name).as_dict()))
    # Settings that came later have defaults that leave things as they were.
    assert {**settings.pop("model"), **card["model"]} == json.loads(json.dumps(training_config(name).as_dict()["model"]))
    assert settings == card["training"]


def test_mistakes_in_a_configuration_are_named(tmp_path):
    file = tmp_path / "bad.toml"
    for text, message in (
        ("seed = 1", "no name"),
        ('name = "x"\n[model]\nwidht = 3', "no setting is called 'widht'"),
        ('name = "x"\n[model]\nwidth = "3"', "width = '3' must be of type int"),
        ("name = ", "not valid TOML"),
        ('name = "My Model"', "name = 'My Model' must be lower-case letters"),
        ('name = "x"\n[split]\nunseen_share = 2.0', "unseen_share is 2.0"),
    ):
        file.write_text(text)
        with pytest.raises(BadParameter, match=message):
            training_config(file)
    with pytest.raises(BadParameter, match="Name a TOML file, or one of: analogue, base, small, tiny"):
        training_config("huge")


def test_the_command_line_trains_and_leaves_a_checkpoint_with_its_card(file, tmp_path):
    settings = tmp_path / "short.toml"
    text = 'name = "short"\n[model]\nn_peaks = 16\nwidth = 16\nn_layers = 1\nn_heads = 2\nn_wavelengths = 8\ndimension = 8\n'
    settings.write_text(text + '[split]\ndev_contributors = ["There"]\n[optimisation]\nn_steps = 3\nwarmup_steps = 1\n')
    main([str(settings), str(file), str(tmp_path / "run"), "--threads", "1"])
    embedder = TransformerEmbedder.from_file(tmp_path / "run" / "short.safetensors")
    assert embedder.name == "short"
    card = embedder.card
    data = load_training_data(file)
    n_here = int(data.from_contributors(["Here"])[data.training_rows(SplitConfig())].sum())
    assert card["data"]["contributors"] == {name: {"spectra": n_here, "analytes": n_here // 2} for name in ("Here", "Yonder")}
    assert card["data"]["licenses"] == {"CC0": 2 * n_here}
    assert card["data"]["sha256"] == data.digest
    assert card["training"]["seed"] == 0
    assert embedder.embed(data.peaks).shape == (len(data), 520)
