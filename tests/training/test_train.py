"""Training as a verb of the lab."""

import json
import shutil
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from spectradb.cli import main
from spectradb.embedders.transformer.embedder import TransformerEmbedder
from spectradb.errors import BadParameter, NoCollection
from spectradb.facade.lab import connect

pytestmark = pytest.mark.long

SETTINGS = """
name = "short"
[split]
unseen_share = 0.0
[model]
n_peaks = 16
width = 16
n_layers = 1
n_heads = 2
n_wavelengths = 8
dimension = 8
[sampler]
batch_size = 16
[optimisation]
n_steps = {n_steps}
warmup_steps = 1
"""


@pytest.fixture
def settings(tmp_path):
    file = tmp_path / "short.toml"
    file.write_text(SETTINGS.format(n_steps=3))
    return file


@pytest.fixture
def own_lab(tiny_lab):
    """The tiny lab, opened apart, to be read only."""
    with connect(tiny_lab.path) as lab:
        yield lab


def test_a_lab_trains_an_encoder_that_embeds(own_lab, settings, tmp_path):
    report = own_lab.train(settings, out=tmp_path / "run", threads=1)
    assert report.n_exported == 8  # of nine, one is a copy; nothing of the study
    assert report.card["data"]["spectra"] == 8
    assert report.checkpoint == tmp_path / "run" / "short.safetensors"
    assert report.lines() == [
        "short: trained on 8 spectra of 5 analytes by 1 contributors; 8 spectra exported",
        "left out of training: nothing",
        "not evaluated: dev_contributors: the configuration keeps no dev contributors apart",
        "not evaluated: left_out_molecules: no analyte was kept unseen (unseen_share is 0)",
        "licence: in house only, as no licence was asked for: trained on spectra of no stated licence 8",
        f"checkpoint: {report.checkpoint}",
    ]
    assert TransformerEmbedder.from_file(report.checkpoint).dimension == 520
    again = own_lab.train(settings, out=tmp_path / "run", threads=1)
    assert again.card == report.card


def test_libraries_are_chosen(own_lab, settings, tmp_path):
    assert own_lab.train(settings, out=tmp_path / "run", threads=1, library=["reference"]).n_exported == 8
    with pytest.raises(NoCollection, match="the lab has no library 'kitchen'; it has: reference"):
        own_lab.train(settings, out=tmp_path / "other", library=["kitchen"])
    assert not (tmp_path / "other").exists()


def test_a_run_on_other_spectra_is_refused(tiny_lab, fresh_lab, settings, tmp_path):
    tiny_lab.train(settings, out=tmp_path / "run", threads=1)
    msp = "Name: A\nDB#: {0}\nPrecursorMZ: 100.0\nIon_mode: positive\nSMILES: CCO\nNum Peaks: 2\n50.0 {0}\n60.0 9\n\n"
    (tmp_path / "l.msp").write_text(msp.format(1) + msp.format(2))
    fresh_lab.import_library("other", tmp_path / "l.msp")
    with pytest.raises(BadParameter, match="holds a run on other spectra: the lab has changed since"):
        fresh_lab.train(settings, out=tmp_path / "run", threads=1)


def test_a_killed_training_goes_on(own_lab, tmp_path):
    settings = tmp_path / "short.toml"
    settings.write_text(SETTINGS.format(n_steps=12))
    killed = """
import os, signal, sys
from pathlib import Path
from spectradb.training.loop import Trainer
from spectradb.facade.lab import connect
save = Trainer.save
def save_and_die(self, file):
    save(self, file)
    os.kill(os.getpid(), signal.SIGKILL)
Trainer.save = save_and_die
run = Trainer.run
Trainer.run = lambda self, folder, **settings: run(self, folder, **(settings | {"save_every_s": 0.0}))
connect(Path(sys.argv[1])).train(sys.argv[2], out=sys.argv[3], threads=1)
"""
    command = [sys.executable, "-c", killed, str(own_lab.path), str(settings), str(tmp_path / "killed")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == -signal.SIGKILL
    assert sorted(entry.name for entry in (tmp_path / "killed").iterdir()) == ["data.arrow", "state.safetensors"]
    resumed = own_lab.train(settings, out=tmp_path / "killed", threads=1)
    whole = own_lab.train(settings, out=tmp_path / "whole", threads=1)
    assert resumed.checkpoint.read_bytes() == whole.checkpoint.read_bytes()


def _invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def test_the_command_tells_how_it_goes(tiny_lab, settings, tmp_path):
    told = _invoke("train", tiny_lab.path, settings, "--out", tmp_path / "run", "--threads", 1)
    assert told.exit_code == 0
    assert "training short on 8 spectra, 3 steps" in told.stderr
    assert told.stdout.splitlines()[-1] == f"checkpoint: {tmp_path / 'run' / 'short.safetensors'}"
    as_json = _invoke("train", tiny_lab.path, settings, "--out", tmp_path / "run", "--threads", 1, "--json")
    assert json.loads(as_json.stdout) == {
        "model": "short",
        "checkpoint": str(tmp_path / "run" / "short.safetensors"),
        "exported": 8,
        "spectra": 8,
        "analytes": 5,
        "licenses": {"": 8},
        "left_out": dict.fromkeys(
            ("test_contributors", "dev_contributors", "unseen_analytes", "license", "unknown_ion_mode"), 0
        ),
        "left_out_licenses": {},
        "metrics": {},
        "not_evaluated": {
            "dev_contributors": "the configuration keeps no dev contributors apart",
            "left_out_molecules": "no analyte was kept unseen (unseen_share is 0)",
        },
        "licence": "in house only, as no licence was asked for: trained on spectra of no stated licence 8",
    }
    quiet = _invoke("train", tiny_lab.path, settings, "--out", tmp_path / "run", "--threads", 1, "-q")
    assert (quiet.stdout, quiet.stderr) == ("", "")


def test_the_command_says_what_is_wrong(tiny_lab, settings, tmp_path):
    unknown = _invoke("train", tiny_lab.path, "huge", "--out", tmp_path / "run")
    assert unknown.exit_code == 1
    assert unknown.stderr == "Error: huge: no such configuration. Name a TOML file, or one of: analogue, base, small, tiny\n"
    assert _invoke("train", tiny_lab.path, settings, "--out", tmp_path / "run", "--library", "none").exit_code == 1
    assert not (tmp_path / "run").exists()


def test_licences_are_asked_for_unless_told_otherwise(tiny_lab, tmp_path):
    asked = tmp_path / "short.toml"
    asked.write_text(SETTINGS.format(n_steps=2).replace("[split]", '[split]\nlicenses = ["CC0"]'))
    refused = _invoke("train", tiny_lab.path, asked, "--out", tmp_path / "run", "--threads", 1)
    assert refused.exit_code == 1
    assert refused.stderr.endswith(
        "Error: nothing is left to train short on. Of 8 spectra of known analytes were left out: 8 for their licence (no "
        "stated licence 8). The configuration permits CC0: name other licences in its [split], or train with --any-licence a "
        "model that stays in house.\n"
    )
    taken = _invoke("train", tiny_lab.path, asked, "--out", tmp_path / "run", "--threads", 1, "--any-licence")
    assert taken.exit_code == 0
    assert "licence: in house only, as no licence was asked for: trained on spectra of no stated licence 8" in taken.stdout


def test_a_model_that_stays_in_house_is_listed_as_such(tiny_lab, settings, tmp_path):
    shutil.copytree(tiny_lab.path, tmp_path / "lab")
    with connect(tmp_path / "lab") as lab:
        report = lab.train(settings, out=tmp_path / "run", threads=1)
        added = lab.add_model("own", report.checkpoint)
        assert added.in_house
        lab.embed("own")
        ((licence,),) = lab.sql("SELECT licence FROM models WHERE name = 'own'").fetchall()
        assert licence.startswith("in house only, as no licence was asked for: trained on spectra of no stated licence 8")
    listed = _invoke("model", "list", tmp_path / "lab").stdout.splitlines()
    assert [line.endswith("; in house only") for line in listed] == [False, True, False, False, False]
    shown = _invoke("model", "show", tmp_path / "lab", "own").stdout
    assert "  licence: in house only, " in shown
    assert "  limits: trained on spectra of positive mode (" in shown
    assert "analyte_marks" not in shown
    assert "models: own: transformer, 520 dimensions; in house only" in _invoke("info", tmp_path / "lab").stdout
    as_json = json.loads(_invoke("model", "list", tmp_path / "lab", "--json").stdout)
    assert {card["name"]: card["in_house"] for card in as_json} == {
        "binned": False,
        "own": True,
        "spectradb_analogue": False,
        "spectradb_base": False,
        "spectradb_small": False,
    }


def test_shipped_models_tell_their_facts(tiny_lab):
    for name in ("spectradb_analogue", "spectradb_base", "spectradb_small"):
        about = tiny_lab.model(name).about
        assert about["licence"].startswith("trained on spectra of dl-de/by-2-0 19,161, CC BY ")
        assert about["limits"].startswith("trained on spectra of positive mode (")
        assert sum(about["data"]["facts"]["ion_modes"].values()) in {about["data"]["spectra"], 39014}
