"""Training from one exported file, on any machine that has PyTorch, NumPy, PyArrow and safetensors.

``python -m spectradb.encoder.run_training small data.arrow runs/small --device cuda``
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from spectradb.encoder.checkpoint import save_checkpoint
from spectradb.encoder.device import torch_device
from spectradb.encoder.training import Trainer
from spectradb.encoder.training_config import training_config
from spectradb.encoder.training_data import load_training_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.encoder.training_config import TrainingConfig
    from spectradb.encoder.training_data import TrainingData

LIMITS = (
    "Trained on reference standards of small molecules; peptides, lipids at low resolution and multiply charged ions are rare. "
    "Molecules that differ in stereochemistry, and many positional isomers, have the same spectrum and the same vector."
)


def train(config: TrainingConfig, data: TrainingData, folder: Path, *, device: str, save_every_s: float = 180.0) -> Path:
    """Train to the end and write the checkpoint.

    Parameters
    ----------
    config : TrainingConfig
        Settings.
    data : TrainingData
        All spectra.
    folder : pathlib.Path
        Directory for the state, and for the checkpoint ``<name>.safetensors`` with its model card.
    device : str
        ``cpu``, ``cuda`` or ``cuda:<number>``.
    save_every_s : float
        Seconds between two savings of the state, from which a killed run goes on.

    Returns
    -------
    pathlib.Path
        The checkpoint. Its hash share is the balance that training found; fit it on contributors left out.

    Raises
    ------
    BadParameter
        The folder holds another run's state, or the device is absent.
    NoSpectra
        The split leaves nothing to train on.
    """
    trainer = Trainer(config, data, device=torch_device(device))
    trainer.run(folder, save_every_s=save_every_s)
    checkpoint = folder / f"{config.name}.safetensors"
    hash_scale, encoder_scale = trainer.average.log_scales.exp().tolist()
    save_checkpoint(checkpoint, trainer.average, model_card(config, data, hash_share=hash_scale / (hash_scale + encoder_scale)))
    return checkpoint


def model_card(
    config: TrainingConfig, data: TrainingData, *, hash_share: float, metrics: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Say what a checkpoint was made from.

    Parameters
    ----------
    config : TrainingConfig
        Settings.
    data : TrainingData
        All spectra.
    hash_share : float
        Weight of the hash in the stored vector.
    metrics : dict, optional
        What an evaluation gave.

    Returns
    -------
    dict
        Values that JSON can hold.
    """
    seen = data.take(data.training_rows(config.split))
    names, counts = np.unique(seen.contributor, return_counts=True)
    licenses, of_license = np.unique(seen.license.astype(str), return_counts=True)
    settings = config.as_dict()
    return {
        "name": config.name,
        "model": settings.pop("model"),
        "hash_share": round(hash_share, 4),
        "training": settings,
        "data": {
            "sha256": data.digest,
            "spectra": len(seen),
            "analytes": len(np.unique(seen.analyte)),
            "contributors": {data.contributors[code]: int(n) for code, n in zip(names, counts, strict=True)},
            "licenses": {str(name): int(n) for name, n in zip(licenses, of_license, strict=True)},
        },
        "metrics": metrics or {},
        "limits": LIMITS,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the command line says.

    Parameters
    ----------
    arguments : sequence of str, optional
        Configuration, data file, folder, and options; None: those of the process.
    """
    parser = argparse.ArgumentParser(prog="python -m spectradb.encoder.run_training", description="Train an encoder.")
    parser.add_argument("config", help="name of a shipped configuration, or a TOML file")
    parser.add_argument("data", type=Path, help="Arrow file that was exported from a lab")
    parser.add_argument("folder", type=Path, help="directory for the state and the checkpoint")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:<number>")
    parser.add_argument("--threads", type=int, help="threads on the CPU; default: all cores")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    config = training_config(Path(options.config) if options.config.endswith(".toml") else options.config)
    checkpoint = train(config, load_training_data(options.data), options.folder, device=options.device)
    logging.getLogger(__name__).info("wrote %s", checkpoint)


if __name__ == "__main__":
    main()
