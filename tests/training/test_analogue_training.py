"""Training of the analogue model: the space of structures, what it learns, going on after a kill, and the verb."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from made_spectra import batch_of, family_table, isomer_table, write_arrow

from spectradb.arrays.annotated_spectra import SplitConfig, load_training_data
from spectradb.embedders.analogue.checkpoint import STRUCTURE_MAP
from spectradb.embedders.analogue.shape import AnalogueShape
from spectradb.errors import BadParameter, NoSpectra
from spectradb.facade.lab import connect
from spectradb.similarity.structures import fingerprint_bits, mean_tanimoto
from spectradb.training.analogue.augmentation import changed
from spectradb.training.analogue.config import (
    AnalogueConfig,
    AnalogueOptimisation,
    PeakChanges,
    SpaceConfig,
)
from spectradb.training.analogue.loop import AnalogueTrainer, learning_rate
from spectradb.training.analogue.space import map_from_bits, structure_space
from spectradb.training.run import any_config, main

CPU = torch.device("cpu")
SMALL = AnalogueShape(features=512, n_wavelengths=4, width=32, dimension=24)
SMILES = ["C" * n + end for n in range(2, 12) for end in ("O", "N", "C(=O)O", "c1ccccc1")]
TOML = """
kind = "analogue"
name = "short"
[split]
unseen_share = 0.3
[model]
features = 512
n_wavelengths = 4
width = 8
dimension = 8
[optimisation]
n_steps = {n_steps}
batch_size = 16
n_random = 8
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write_arrow(family_table(), tmp_path_factory.mktemp("data") / "data.arrow")


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_dot_products_of_points_are_similarities():
    bits = fingerprint_bits(SMILES)
    whole = structure_space(bits, dimension=len(SMILES), config=SpaceConfig(), seed=0)
    similarity = mean_tanimoto(bits, bits)
    np.testing.assert_allclose(whole.kernel, similarity, atol=1e-3)
    np.testing.assert_allclose(whole.points @ whole.points.T, similarity, atol=5e-3)
    # From half of the structures and few eigenvectors it is nearly so, for the other half too.
    part = structure_space(bits, dimension=12, config=SpaceConfig(landmarks=20), seed=0)
    apart = ~np.eye(len(bits), dtype=bool)
    assert np.corrcoef((part.points @ part.points.T)[apart], similarity[apart])[0, 1] > 0.9


def test_points_beyond_the_number_of_structures_are_zeros():
    space = structure_space(fingerprint_bits(SMILES[:3]), dimension=8, config=SpaceConfig(), seed=0)
    assert space.points.shape == (3, 8)
    assert not space.points[:, 3:].any()


def test_structures_are_mapped_by_ridge_regression():
    chance = np.random.default_rng(0)
    bits = (chance.random((30, 40)) < 0.3).astype(np.uint8)
    points = chance.standard_normal((30, 2)).astype(np.float32)
    expected = np.linalg.solve(bits.T.astype(float) @ bits + 0.5 * np.eye(40), bits.T @ points)
    np.testing.assert_allclose(map_from_bits(bits, points, ridge=0.5), expected, atol=1e-3)
    np.testing.assert_allclose(
        map_from_bits(bits[:, :10], points, ridge=0.5),
        np.linalg.solve(bits[:, :10].T.astype(float) @ bits[:, :10] + 0.5 * np.eye(10), bits[:, :10].T @ points),
        atol=1e-3,
    )


def test_base_peaks_stay_and_weak_ones_go():
    spectra = [[(50.0 + i, 1.0) for i in range(50)] + [(120.0, 1e6)]] * 200
    made = changed(batch_of(*spectra), PeakChanges(dropout=1.0, jitter=0.0), np.random.default_rng(0))
    assert (np.add.reduceat(made.mz == 120.0, made.offsets[:-1]) == 1).all()
    # Of the weak ones half go, as rates are even between 0 and 1.
    assert made.lengths.mean() - 1 == pytest.approx(25, abs=3)
    assert made.lengths.std() > 10
    same = changed(batch_of(*spectra), PeakChanges(dropout=0.0, jitter=0.0), np.random.default_rng(0))
    assert same.lengths.tolist() == [51] * 200


def test_spectra_are_drawn_to_their_structures(file):
    settings = AnalogueOptimisation(n_steps=60, batch_size=64, n_random=32, warmup_steps=5)
    config = AnalogueConfig(name="x", split=SplitConfig(unseen_share=0.0), model=SMALL, optimisation=settings)
    trainer = AnalogueTrainer(config, load_training_data(file), device=CPU)
    first = np.mean([trainer.train_step() for _ in range(5)])
    while trainer.step < settings.n_steps:
        last = trainer.train_step()
    assert last < 0.7 * first
    assert trainer.weights()[STRUCTURE_MAP].shape == (4096, 24)


def test_a_run_that_goes_on_ends_where_an_uninterrupted_one_does(file, tmp_path):
    config = AnalogueConfig(name="x", model=SMALL, optimisation=AnalogueOptimisation(n_steps=6, batch_size=16, n_random=8))
    data = load_training_data(file)
    whole = AnalogueTrainer(config, data, device=CPU)
    whole.run(tmp_path / "whole")
    AnalogueTrainer(config, data, device=CPU).run(tmp_path / "parts", stop_after=3)
    resumed = AnalogueTrainer(config, data, device=CPU)
    resumed.run(tmp_path / "parts")
    assert resumed.step == 6
    for name, value in whole.weights().items():
        np.testing.assert_array_equal(resumed.weights()[name], value)
    other = AnalogueTrainer(dataclasses.replace(config, seed=9), data, device=CPU)
    with pytest.raises(BadParameter, match="other settings or data"):
        other.run(tmp_path / "parts")


def test_the_learning_rate_rises_stays_and_falls():
    settings = AnalogueOptimisation(n_steps=100, warmup_steps=10, learning_rate=2.0, flat_until=0.4, final_share=0.1)
    assert learning_rate(0, settings) == pytest.approx(0.2)
    assert learning_rate(10, settings) == learning_rate(40, settings) == pytest.approx(2.0)
    assert learning_rate(70, settings) == pytest.approx(1.1)
    assert learning_rate(100, settings) == pytest.approx(0.2)


def test_spectra_without_structures_cannot_train_it(tmp_path):
    table = isomer_table(n_windows=1)
    data = load_training_data(write_arrow(table, tmp_path / "d.arrow"))
    with pytest.raises(NoSpectra, match=r"spectra of 0 molecules to train x on, and it needs two or more\. Import"):
        AnalogueTrainer(AnalogueConfig(name="x", model=SMALL), data, device=CPU)


def test_settings_are_checked():
    with pytest.raises(BadParameter, match=r"a\.toml: no name"):
        AnalogueConfig.from_dict({"kind": "analogue"}, place="a.toml")
    with pytest.raises(BadParameter, match=r"a\.toml, \[space\]: no setting is called 'height'"):
        AnalogueConfig.from_dict({"name": "x", "space": {"height": 1}}, place="a.toml")
    with pytest.raises(BadParameter, match="must be lower-case letters"):
        AnalogueConfig(name="No Name")
    shipped = any_config("analogue")
    assert isinstance(shipped, AnalogueConfig)
    assert shipped.split.test_contributors == ("LCSB", "Athens_Univ", "Washington_State_Univ")
    assert shipped.of_any_licence().split.licenses == ()
    assert any_config("small").as_dict()["model"]["n_layers"] == 3


def test_the_card_says_how_alike_answers_on_left_out_molecules_are(file, tmp_path):
    (tmp_path / "short.toml").write_text(TOML.format(n_steps=2))
    arguments = [str(tmp_path / "short.toml"), str(file), str(tmp_path / "run"), "--threads", "1"]
    main(arguments)
    card = json.loads((tmp_path / "run" / "short.json").read_text())
    assert card["training"]["kind"] == "analogue"
    assert card["data"]["left_out"]["unseen_analytes"] > 0
    rows = card["metrics"]["left_out_molecules"]["rows"]
    assert [(row["ion_mode"], row["method"]) for row in rows] == [
        *(("negative", name) for name in ("binned", "short")),
        *(("positive", name) for name in ("binned", "short")),
    ]
    assert rows[0]["difference_morgan"] is None
    assert rows[1]["low_rdkit"] <= rows[1]["difference_rdkit"] <= rows[1]["high_rdkit"]
    assert "expected_similarity" not in card["metrics"]  # so few molecules were left out
    assert not card["not_evaluated"]
    assert card["licence"].startswith("in house only")
    weights = (tmp_path / "run" / "short.safetensors").read_bytes()
    main([*arguments, "--no-metrics"])
    assert (tmp_path / "run" / "short.safetensors").read_bytes() == weights


def test_a_lab_trains_one_and_takes_it_in(tiny_lab, fresh_lab, tmp_path):
    settings = tmp_path / "short.toml"
    settings.write_text(TOML.format(n_steps=2).replace("0.3", "0.0"))
    report = tiny_lab.train(settings, out=tmp_path / "run", threads=1)
    lines = report.lines()
    assert lines[0].startswith("short: trained on ")
    assert lines[2] == "not evaluated: left_out_molecules: no analyte was kept unseen (unseen_share is 0)"
    added = fresh_lab.add_model("own", report.checkpoint)
    assert (added.kind, added.dimension, added.problem) == ("analogue", 520, None)
    with connect(fresh_lab.path) as lab:
        assert lab.model("own").fingerprint == added.fingerprint
