"""What a training run needs of its process: threads, a progress bar, and a check that a folder holds no other run."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from spectradb.arrays.annotated_spectra import TrainingData
    from spectradb.training.runs.model_card import RunConfig
    from spectradb.training.runs.resumable import ResumableTrainer


def check_own(checkpoint: Path, config: RunConfig, data: TrainingData) -> None:
    """Refuse to overwrite the checkpoint of another run; the trainer does so for states.

    Parameters
    ----------
    checkpoint : pathlib.Path
        The file to be written.
    config : RunConfig
        Settings of the run.
    data : TrainingData
        Its spectra.

    Raises
    ------
    BadParameter
        The file and its card are there, and of other settings or data, or the card cannot be read.
    """
    card_file = checkpoint.with_suffix(".json")
    if not (checkpoint.exists() and card_file.exists()):
        return
    try:
        card: dict[str, Any] = json.loads(card_file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadParameter(f"{card_file}: not valid JSON ({error}). Remove the checkpoint.") from error
    settings = json.loads(json.dumps(config.as_dict()))
    model = settings.pop("model")
    if (card.get("model"), card.get("training"), card.get("data", {}).get("sha256")) != (model, settings, data.digest):
        raise BadParameter(f"{checkpoint}: made with other settings or data. Name another folder, or remove the checkpoint.")


@contextmanager
def threads_set(number: int | None) -> Iterator[None]:
    """Compute with some threads for the length of a block.

    Parameters
    ----------
    number : int, optional
        Threads on the CPU; None: as PyTorch is set.

    Raises
    ------
    BadParameter
        The number is less than 1.
    """
    before = torch.get_num_threads()
    if number is not None:
        if number < 1:
            raise BadParameter(f"{number} threads cannot compute. Give at least 1.")
        torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def progress_shown(n_steps: int, *, shown: bool) -> Iterator[Callable[[ResumableTrainer, float], None] | None]:
    """Show a progress bar for the length of a block, if tqdm is there.

    Parameters
    ----------
    n_steps : int
        Steps in all.
    shown : bool
        Whether to.

    Yields
    ------
    callable or None
        To be called with the trainer and the loss after each step.
    """
    try:
        from tqdm import tqdm  # noqa: PLC0415 - training runs without it, too
    except ImportError:
        shown = False
    if not shown:
        yield None
        return
    with tqdm(total=n_steps, unit=" steps", desc="train") as progress:

        def show(trainer: ResumableTrainer, loss: float) -> None:
            if progress.n == 0:
                progress.initial = progress.n = trainer.step - 1  # where an earlier run stopped
            progress.set_postfix(loss=f"{loss:.3f}", refresh=False)
            progress.update(trainer.step - progress.n)

        yield show
