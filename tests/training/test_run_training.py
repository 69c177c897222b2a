import json

import pyarrow as pa
import pytest
import torch
from made_spectra import isomer_table, write_arrow

from spectradb.arrays.annotated_spectra import load_training_data
from spectradb.embedders.transformer.checkpoint import load_checkpoint
from spectradb.errors import BadParameter, NoSpectra
from spectradb.models.seen_in_training import analyte_marks
from spectradb.training import run as run_training
from spectradb.training.config import TrainingConfig
from spectradb.training.loop import Trainer
from spectradb.training.run import main, train
from spectradb.training.runs.training_facts import training_facts

SETTINGS = {
    "name": "short",
    "seed": 3,
    "split": {"test_contributors": ["There"], "dev_contributors": ["Yonder"], "unseen_share": 0.3, "licenses": ["CC0"]},
    "model": {"n_peaks": 16, "width": 16, "n_layers": 1, "n_heads": 2, "n_wavelengths": 8, "dimension": 8},
    "sampler": {"batch_size": 32},
    "optimisation": {"n_steps": 4, "warmup_steps": 1},
}

TOML = """
name = "short"
[split]
unseen_share = 0.0
licenses = ["CC0"]
[model]
n_peaks = 16
width = 16
n_layers = 1
n_heads = 2
n_wavelengths = 8
dimension = 8
[optimisation]
n_steps = 2
warmup_steps = 1
"""


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
    return TrainingConfig.from_dict({**SETTINGS, **changes}, place="test")


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
        "facts": training_facts(data.take(rows)),
        "analyte_marks": analyte_marks(data.analytes[code] for code in set(data.analyte[rows].tolist())),
        "left_out": {
            "test_contributors": 80,
            "dev_contributors": 80,
            "unseen_analytes": 26,
            "license": 0,
            "unknown_ion_mode": 0,
        },
        "left_out_licenses": {},
    }
    assert set(card["metrics"]) == {"dev_contributors"}  # no laboratory but the dev one has what Here left out
    assert card["not_evaluated"] == {
        "left_out_molecules": "26 spectra of analytes kept unseen; none has its analyte among those of another contributor"
    }
    assert card["licence"] == "trained on spectra of CC0 54; training took no other licences"
    (row,) = [
        row
        for row in card["metrics"]["dev_contributors"]["rows"]
        if (row["subset"], row["candidates"], row["method"]) == ("all", "2 or more", "short")
    ]
    assert (row["n_queries"], row["n_analytes"], row["baseline"]) == (80, 40, "binned")
    assert card["software"]["torch"] == torch.__version__
    assert card["software"]["device"] == "cpu"
    assert card["limits"] == (
        "trained on spectra of positive mode (54); none of negative mode; precursor m/z 300.0000 to 309.0000 (90 % between "
        "300 and 309); adducts: [M+H]+ (54); instrument types: LC-ESI-QTOF (54); collision energies: 20 to 20 eV (54 spectra, "
        "median 20)"
    )
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


def licensed(tmp_path, *licences, n_windows=2):
    """Spectra that take turns in their licences."""
    table = isomer_table(n_windows=n_windows)
    column = [licences[i % len(licences)] for i in range(table.num_rows)]
    place = table.column_names.index("source_license")
    return write_arrow(table.set_column(place, "source_license", pa.array(column, pa.string())), tmp_path / "licensed.arrow")


def test_licences_that_leave_nothing_are_counted(tmp_path):
    data = load_training_data(licensed(tmp_path, "CC BY-NC", None, None))
    settings = config(split={"licenses": ["CC0", "CC BY"], "unseen_share": 0.0})
    with pytest.raises(NoSpectra) as caught:
        train(settings, data, tmp_path / "run")
    assert str(caught.value) == (
        "nothing is left to train short on. Of 48 spectra of known analytes were left out: 48 for their licence (no stated "
        "licence 32, CC BY-NC 16). The configuration permits CC0, CC BY: name other licences in its [split], or train with "
        "--any-licence a model that stays in house."
    )
    assert not (tmp_path / "run").exists()


def test_a_split_that_leaves_nothing_is_counted(data, tmp_path):
    settings = config(split={"test_contributors": ["Here", "There"], "dev_contributors": ["Yonder"], "unseen_share": 0.0})
    message = "left out: 160 of test contributors, 80 of dev contributors. Change .split. of the configuration"
    with pytest.raises(NoSpectra, match=message):
        train(settings, data, tmp_path / "run")


def test_licences_that_leave_too_little_are_counted(tmp_path):
    one_each = ["CC0" if i % 6 == 0 else "CC BY-NC" for i in range(48)]  # one spectrum of each analyte
    data = load_training_data(licensed(tmp_path, *one_each))
    with pytest.raises(NoSpectra, match=r"no analyte has two spectra.*left out: 40 for their licence \(CC BY-NC 40\)"):
        train(config(split={"licenses": ["CC0"], "unseen_share": 0.0}), data, tmp_path / "run")


def test_a_model_of_any_licence_stays_in_house(tmp_path):
    file = licensed(tmp_path, "CC BY-NC", None, "CC0")
    settings = tmp_path / "short.toml"
    settings.write_text(TOML)
    main([str(settings), str(file), str(tmp_path / "open"), "--no-metrics"])
    card = load_checkpoint(tmp_path / "open" / "short.safetensors").card
    assert card["data"]["licenses"] == {"CC0": 16}
    assert card["data"]["left_out_licenses"] == {"": 16, "CC BY-NC": 16}
    assert card["licence"] == "trained on spectra of CC0 16; training took no other licences"
    main([str(settings), str(file), str(tmp_path / "house"), "--no-metrics", "--any-licence"])
    card = load_checkpoint(tmp_path / "house" / "short.safetensors").card
    assert card["training"]["split"]["licenses"] == []
    assert card["licence"] == (
        "in house only, as no licence was asked for: trained on spectra of no stated licence 16, CC BY-NC 16, CC0 16"
    )
    assert card["not_evaluated"]["dev_contributors"] == "no evaluation was asked for"


def test_laboratories_that_are_not_there_keep_nothing_apart(data, tmp_path):
    settings = config(split={"test_contributors": ["Mars"], "dev_contributors": ["Moon"], "unseen_share": 0.0})
    card = load_checkpoint(train(settings, data, tmp_path)).card
    assert card["metrics"] == {}
    assert card["not_evaluated"] == {
        "test_contributors": "the configuration keeps Mars apart, but the libraries have no spectrum of theirs",
        "dev_contributors": "the configuration keeps Moon apart, but the libraries have no spectrum of theirs",
        "left_out_molecules": "no analyte was kept unseen (unseen_share is 0)",
    }
