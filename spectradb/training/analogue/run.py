"""Training an analogue model from end to end: the run, its checkpoint, and the card with what it does on what was left out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import torch

from spectradb.embedders.analogue.checkpoint import load_analogue, save_analogue
from spectradb.embedders.analogue.embedder import AnalogueEmbedder
from spectradb.errors import NoSpectra
from spectradb.evaluation.analogue_card import ANALOGUES, held_out_analogues
from spectradb.similarity.structures import FINGERPRINTS
from spectradb.training.analogue.loop import AnalogueTrainer
from spectradb.training.runs.left_out import left_out_counts, left_out_sentence, nothing_left
from spectradb.training.runs.model_card import model_card
from spectradb.training.runs.process import check_own, progress_shown, threads_set

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.arrays.annotated_spectra import TrainingData
    from spectradb.training.analogue.config import AnalogueConfig

log = logging.getLogger(__name__)


def train_analogue(
    config: AnalogueConfig,
    data: TrainingData,
    checkpoint: Path,
    *,
    device: torch.device,
    threads: int | None = None,
    save_every_s: float = 180.0,
    with_metrics: bool = True,
    bar: bool = False,
) -> None:
    """Train to the end, from where an earlier run in the folder stopped, and write the model.

    Parameters
    ----------
    config : AnalogueConfig
        Settings.
    data : TrainingData
        All spectra, with structures.
    checkpoint : pathlib.Path
        ``<name>.safetensors``; its card and the run's state go beside it.
    device : torch.device
        Where to compute.
    threads, save_every_s, with_metrics, bar
        As for :func:`spectradb.training.run.train`.

    Raises
    ------
    BadParameter
        The folder holds another run's state or model, or the number of threads is less than 1.
    NoSpectra
        The split leaves nothing to train on, or no structures.
    """
    check_own(checkpoint, config, data)
    with threads_set(threads):
        trainer = _trainer(config, data, device)
        log.info("training %s on %d spectra, %d steps", config.name, trainer.n_spectra, config.optimisation.n_steps)
        with progress_shown(config.optimisation.n_steps, shown=bar) as on_step:
            trainer.run(checkpoint.parent, save_every_s=save_every_s, on_step=on_step)
        place = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
        card = _card(config, data, trainer, place)
        weights = trainer.weights()
        save_analogue(checkpoint, weights, card)
        if with_metrics:
            log.info("evaluating %s on what was left out", config.name)
            embedder = AnalogueEmbedder(load_analogue(checkpoint))
            card["metrics"] = held_out_analogues(data, config.split, embedder, device=device.type)
            card["not_evaluated"] = _not_evaluated(data, config, card["metrics"])
            save_analogue(checkpoint, weights, card)


def _trainer(config: AnalogueConfig, data: TrainingData, device: torch.device) -> AnalogueTrainer:
    if not len(data.training_rows(config.split)):
        raise NoSpectra(nothing_left(data, config.split, name=config.name))
    try:
        return AnalogueTrainer(config, data, device=device)
    except NoSpectra as error:
        raise NoSpectra(f"{error}. {left_out_sentence(data, config.split)}") from error


def _card(config: AnalogueConfig, data: TrainingData, trainer: AnalogueTrainer, place: str) -> dict[str, Any]:
    card = model_card(config, data, metrics=None, device=place)
    card["not_evaluated"] = _not_evaluated(data, config, None)
    card["structures"] = FINGERPRINTS
    permitted = len(data.training_rows(config.split))
    if trainer.n_spectra < permitted:
        card["data"]["without_structure"] = permitted - trainer.n_spectra
    return card


def _not_evaluated(data: TrainingData, config: AnalogueConfig, metrics: dict[str, Any] | None) -> dict[str, str]:
    if metrics is None:
        return {ANALOGUES: "no evaluation was asked for"}
    if ANALOGUES in metrics:
        return {}
    kept = left_out_counts(data, config.split)["unseen_analytes"]
    if not kept:
        return {ANALOGUES: f"no analyte was kept unseen (unseen_share is {config.split.unseen_share:g})"}
    return {ANALOGUES: f"{kept:,} spectra of analytes kept unseen; nothing is left to ask for, or to search"}
