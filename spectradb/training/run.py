"""Training from one exported file, on any machine that has PyTorch, NumPy, PyArrow and safetensors.

``python -m spectradb.training.run small data.arrow runs/small --device cuda``
"""

from __future__ import annotations

import argparse
import logging
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from spectradb.arrays.annotated_spectra import load_training_data
from spectradb.arrays.device import torch_device
from spectradb.embedders.transformer.checkpoint import load_checkpoint, save_checkpoint
from spectradb.embedders.transformer.embedder import TransformerEmbedder
from spectradb.errors import BadParameter, NoSpectra
from spectradb.evaluation.held_out import held_out_metrics
from spectradb.training.analogue.config import KIND, AnalogueConfig
from spectradb.training.analogue.run import train_analogue
from spectradb.training.config import TrainingConfig, read_settings
from spectradb.training.loop import Trainer
from spectradb.training.runs.left_out import left_out_sentence, not_evaluated, nothing_left
from spectradb.training.runs.model_card import model_card
from spectradb.training.runs.process import check_own, progress_shown, threads_set
from spectradb.training.runs.resumable import STATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.arrays.annotated_spectra import TrainingData

    #: Settings of what can be trained.
    Configuration = TrainingConfig | AnalogueConfig

log = logging.getLogger(__name__)


def train(
    config: Configuration,
    data: TrainingData,
    folder: Path,
    *,
    device: str = "cpu",
    threads: int | None = None,
    save_every_s: float = 180.0,
    with_metrics: bool = True,
    bar: bool = False,
) -> Path:
    """Train to the end, from where an earlier run in the folder stopped, and write the checkpoint.

    Parameters
    ----------
    config : TrainingConfig or AnalogueConfig
        Settings of an encoder or of an analogue model.
    data : TrainingData
        All spectra.
    folder : pathlib.Path
        Directory for the state, and for the checkpoint ``<name>.safetensors`` with its model card ``<name>.json``.
    device : str
        ``cpu``, ``cuda`` or ``cuda:<number>``.
    threads : int, optional
        Threads on the CPU; None: as PyTorch is set. No more than there are idle cores: threads wait for the slowest.
    save_every_s : float
        Seconds between two savings of the state, from which a killed run goes on.
    with_metrics : bool
        Whether to evaluate the result on what the split left out (dev contributors and molecules; never test contributors), for
        the model card.
    bar : bool
        Whether to show a progress bar, if tqdm is there.

    Returns
    -------
    pathlib.Path
        The checkpoint. Its hash share is the balance that training found; fit it on contributors left out.

    Raises
    ------
    BadParameter
        The folder holds another run's state or checkpoint, the number of threads is less than 1, or the device is absent.
    NoSpectra
        The split leaves nothing to train on; the message counts what left it out.
    """
    target = torch_device(device)
    checkpoint = folder / f"{config.name}.safetensors"
    if checkpoint.name == STATE:
        raise BadParameter(f"the name {config.name!r} is that of the file with the run's state. Name the encoder otherwise.")
    if isinstance(config, AnalogueConfig):
        train_analogue(
            config,
            data,
            checkpoint,
            device=target,
            threads=threads,
            save_every_s=save_every_s,
            with_metrics=with_metrics,
            bar=bar,
        )
        return checkpoint
    check_own(checkpoint, config, data)
    with threads_set(threads):
        trainer = _trainer(config, data, target)
        log.info("training %s on %d spectra, %d steps", config.name, trainer.n_spectra, config.optimisation.n_steps)
        with progress_shown(config.optimisation.n_steps, shown=bar) as on_step:
            trainer.run(folder, save_every_s=save_every_s, on_step=on_step)
        hash_scale, encoder_scale = trainer.average.log_scales.exp().tolist()
        place = torch.cuda.get_device_name(target) if target.type == "cuda" else target.type
        card = model_card(config, data, hash_share=hash_scale / (hash_scale + encoder_scale), device=place)
        save_checkpoint(checkpoint, trainer.average, card)
        if with_metrics:
            log.info("evaluating %s on what was left out", config.name)
            embedder = TransformerEmbedder(load_checkpoint(checkpoint))
            card["metrics"] = held_out_metrics(data, config.split, embedder, device=device)
            card["not_evaluated"] = not_evaluated(data, config.split, card["metrics"])
            save_checkpoint(checkpoint, trainer.average, card)
    return checkpoint


def any_config(source: str | Path) -> Configuration:
    """Read the settings of an encoder or of an analogue model.

    Parameters
    ----------
    source : str or pathlib.Path
        Name of a configuration that the package ships, or a TOML file; ``kind = "analogue"`` in it makes the difference.

    Returns
    -------
    TrainingConfig or AnalogueConfig
        The settings; those that the file does not name have their defaults.

    Raises
    ------
    BadParameter
        There is no such file, it is no TOML, or it names an unknown setting.
    """
    settings = read_settings(source)
    made = AnalogueConfig if settings.get("kind") == KIND else TrainingConfig
    return made.from_dict(settings, place=str(source))


def _trainer(config: TrainingConfig, data: TrainingData, device: torch.device) -> Trainer:
    if not len(data.training_rows(config.split)):
        raise NoSpectra(nothing_left(data, config.split, name=config.name))
    try:
        return Trainer(config, data, device=device)
    except NoSpectra as error:
        raise NoSpectra(f"{error}. {left_out_sentence(data, config.split)}") from error


def main(arguments: Sequence[str] | None = None) -> None:
    """Train as the command line says.

    Parameters
    ----------
    arguments : sequence of str, optional
        Configuration, data file, folder, and options; None: those of the process.
    """
    parser = argparse.ArgumentParser(prog="python -m spectradb.training.run", description="Train an encoder.")
    parser.add_argument("config", help="name of a shipped configuration, or a TOML file")
    parser.add_argument("data", type=Path, help="Arrow file that was exported from a lab")
    parser.add_argument("folder", type=Path, help="directory for the state and the checkpoint")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:<number>")
    parser.add_argument("--threads", type=int, help="threads on the CPU; default: all cores")
    parser.add_argument(
        "--any-licence", action="store_true", help="train on spectra of any licence, for a model that stays in house"
    )
    parser.add_argument("--no-metrics", action="store_true", help="do not evaluate the result")
    options = parser.parse_args(arguments)
    bar = sys.stderr.isatty() and find_spec("tqdm") is not None
    logging.basicConfig(level=logging.WARNING if bar else logging.INFO, format="%(asctime)s %(message)s")
    config = any_config(options.config)
    checkpoint = train(
        config.of_any_licence() if options.any_licence else config,
        load_training_data(options.data),
        options.folder,
        device=options.device,
        threads=options.threads,
        with_metrics=not options.no_metrics,
        bar=bar,
    )
    log.info("wrote %s", checkpoint)


if __name__ == "__main__":
    main()
