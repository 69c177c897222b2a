"""Small models to add to a lab, and what the tests of models ask of a lab again and again."""

import torch
from click.testing import CliRunner
from exported_models import SETTINGS, write_onnx, write_torchscript

from spectradb.cli import main
from spectradb.embedders.transformer.checkpoint import save_checkpoint
from spectradb.embedders.transformer.network import ModelConfig, SpectrumEncoder

MZ, INTENSITY, PRECURSOR = [70.5, 110.25, 140.0], [10.0, 100.0, 40.0], 200.0
FROM_SQL = f"SELECT embed_{{}}({MZ}, {INTENSITY}, {PRECURSOR}, 'positive')"


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def files(lab):
    folder = lab.path / "models"
    return sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []


def written(lab, kind="onnx", **settings):
    """A model outside the lab."""
    (lab.path.parent / "made").mkdir(exist_ok=True)
    write, suffix = (write_onnx, "onnx") if kind == "onnx" else (write_torchscript, "pt")
    return write(lab.path.parent / "made" / f"theirs.{suffix}", settings={**SETTINGS, **settings})


def encoder(lab, name="theirs"):
    """A small encoder of spectradb."""
    (lab.path.parent / "made").mkdir(exist_ok=True)
    config = ModelConfig(n_peaks=24, width=32, n_layers=1, n_heads=4, dimension=8, n_wavelengths=8, hash_dimension=16)
    torch.manual_seed(0)
    file = lab.path.parent / "made" / f"{name}.safetensors"
    save_checkpoint(file, SpectrumEncoder(config), {"name": name, "hash_share": 0.5, "model": {**config_dict(config)}})
    return file


def config_dict(config):
    return {name: getattr(config, name) for name in config.__dataclass_fields__}
