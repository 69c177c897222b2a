"""A training run that goes on where it was killed: its loop, and its state on disk."""

from __future__ import annotations

import json
import logging
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Self

log = logging.getLogger(__name__)
LOG_EVERY = 50
STATE = "state.safetensors"


class ResumableTrainer(ABC):
    """What all training runs share. Every random choice of a step must follow from the seed and the number of the step.

    Attributes
    ----------
    config : object
        Settings, with ``as_dict()`` and ``optimisation.n_steps``.
    digest : str
        SHA-256 of the data.
    device : torch.device
        Where it computes.
    model : torch.nn.Module
        What is trained.
    average : torch.nn.Module or None
        The moving average of its weights, if one is kept.
    optimizer : torch.optim.Optimizer
        Its optimizer.
    step : int
        Batches done.
    """

    config: Any
    digest: str
    device: torch.device
    model: torch.nn.Module
    average: torch.nn.Module | None
    optimizer: torch.optim.Optimizer
    step: int

    @abstractmethod
    def train_step(self) -> float:
        """Train on one batch.

        Returns
        -------
        float
            Loss before the step.
        """

    def run(
        self,
        folder: Path,
        *,
        save_every_s: float = 180.0,
        stop_after: int | None = None,
        on_save: Callable[[Self], None] | None = None,
        on_step: Callable[[Self, float], None] | None = None,
    ) -> None:
        """Train to the last step, from where an earlier run in the same folder stopped.

        Parameters
        ----------
        folder : pathlib.Path
            Directory for the state.
        save_every_s : float
            Seconds between two savings.
        stop_after : int, optional
            Stop, with the state saved, after this step; None: the last.
        on_save : callable, optional
            Called with the trainer after each saving, such as to evaluate it.
        on_step : callable, optional
            Called with the trainer and the loss after each step, such as to show progress.

        Raises
        ------
        BadParameter
            The folder holds the state of a run with other settings or data.
        """
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / STATE).exists():
            self.load(folder / STATE)
        last = self.config.optimisation.n_steps if stop_after is None else stop_after
        saved = logged = time.monotonic()
        since = self.step
        total = 0.0
        while self.step < last:
            loss = self.train_step()
            total += loss
            if on_step is not None:
                on_step(self, loss)
            now = time.monotonic()
            if self.step % LOG_EVERY == 0:
                rate = (self.step - since) / (now - logged)
                log.info("step %d loss %.4f, %.2f steps/s", self.step, total / (self.step - since), rate)
                logged, since, total = now, self.step, 0.0
            if now - saved > save_every_s or self.step >= last:
                self.save(folder / STATE)
                if on_save is not None:
                    on_save(self)
                saved = time.monotonic()

    def save(self, file: Path) -> None:
        """Write all that a resumed run needs.

        Parameters
        ----------
        file : pathlib.Path
            State file; replaced as a whole.
        """
        tensors: dict[str, torch.Tensor] = {}
        for name, value in self.model.named_parameters():
            tensors[f"model/{name}"] = value.detach()
            for key, moment in self.optimizer.state[value].items():
                tensors[f"{key}/{name}"] = moment.detach()
        if self.average is not None:
            tensors |= {f"average/{name}": value for name, value in self.average.named_parameters()}
        tensors = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
        beside = file.with_suffix(".new")
        save_file(tensors, beside, metadata=self._identity())
        beside.replace(file)

    def load(self, file: Path) -> None:
        """Take up the state of an earlier run.

        Parameters
        ----------
        file : pathlib.Path
            State file.

        Raises
        ------
        BadParameter
            It belongs to a run with other settings or data.
        """
        with safe_open(file, framework="pt") as state:
            identity = dict(state.metadata() or {})
        if identity != self._identity():
            raise BadParameter(f"{file}: the state of a run with other settings or data. Name another folder, or remove it.")
        tensors = load_file(file)
        with torch.no_grad():
            for name, value in self.average.named_parameters() if self.average is not None else ():
                value.copy_(tensors[f"average/{name}"])
            for name, value in self.model.named_parameters():
                value.copy_(tensors[f"model/{name}"])
                if f"step/{name}" not in tensors:
                    continue  # a parameter that this configuration does not use
                keys = {"exp_avg": self.device, "exp_avg_sq": self.device, "step": torch.device("cpu")}
                self.optimizer.state[value] = {key: tensors[f"{key}/{name}"].to(place) for key, place in keys.items()}
                self.step = int(tensors[f"step/{name}"])  # the optimizer's own count, so that the two cannot disagree

    def _identity(self) -> dict[str, str]:
        return {"config": json.dumps(self.config.as_dict(), sort_keys=True), "data": self.digest}
