"""The training loop of an analogue model: one spectrum of each of many molecules, drawn to the place of its structure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from spectradb.embedders.analogue.checkpoint import STRUCTURE_MAP
from spectradb.embedders.analogue.features import context_features, hashed_features
from spectradb.embedders.analogue.network import AnalogueNetwork
from spectradb.errors import NoSpectra
from spectradb.similarity.molecules import molecules_of
from spectradb.training.analogue.augmentation import changed
from spectradb.training.analogue.space import map_from_bits, structure_space
from spectradb.training.runs.resumable import ResumableTrainer

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.arrays.annotated_spectra import TrainingData
    from spectradb.training.analogue.config import AnalogueConfig, AnalogueOptimisation

_FIRST_TEMPERATURE = 10.0
_FEWEST_MOLECULES = 2


class AnalogueModel(nn.Module):
    """What is trained: the network, and how the space of structures is mixed for soft labels.

    Parameters
    ----------
    config : AnalogueConfig
        Settings.
    """

    def __init__(self, config: AnalogueConfig) -> None:
        super().__init__()
        self.network = AnalogueNetwork(config.model)
        self.mixing = nn.Parameter(torch.eye(config.model.dimension))
        self.log_temperature = nn.Parameter(torch.tensor(math.log(_FIRST_TEMPERATURE)))


class AnalogueTrainer(ResumableTrainer):
    """One training run.

    Parameters
    ----------
    config : AnalogueConfig
        Settings.
    data : TrainingData
        All spectra, with structures; the split says which are trained on.
    device : torch.device
        Where to compute.

    Raises
    ------
    NoSpectra
        The split leaves spectra of fewer than two molecules of known structure.

    Attributes
    ----------
    model : AnalogueModel
        What is trained.
    n_spectra : int
        Spectra trained on.
    """

    average = None

    def __init__(self, config: AnalogueConfig, data: TrainingData, *, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.digest = data.digest
        found = molecules_of(data, data.training_rows(config.split))
        rows, molecule, self._bits = found.rows, found.molecule, found.bits
        if len(self._bits) < _FEWEST_MOLECULES:
            raise NoSpectra(
                f"there are spectra of {len(self._bits)} molecules to train {config.name} on, and it needs two or more. Import "
                "a library with structures"
            )
        self.n_spectra = len(rows)
        self._data = data.take(rows)
        self._order = np.argsort(molecule, kind="stable")
        self._first = np.searchsorted(molecule[self._order], np.arange(len(self._bits) + 1))
        self._space = structure_space(self._bits, dimension=config.model.dimension, config=config.space, seed=config.seed)
        self._points = torch.from_numpy(self._space.points).to(device)
        torch.manual_seed(config.seed)
        self.model: AnalogueModel = AnalogueModel(config).to(device)
        self.optimizer = _optimizer(self.model, config.optimisation)
        self.step = 0

    def train_step(self) -> float:
        """Train on one batch.

        Returns
        -------
        float
            Loss before the step.
        """
        settings = self.config.optimisation
        seed = (self.config.seed << 32) + self.step
        torch.manual_seed(seed)  # for dropout
        chance = np.random.default_rng(seed)
        n = len(self._bits)
        molecules = chance.permutation(n)[: settings.batch_size]
        others = chance.integers(n, size=settings.n_random)
        spectra = self._order[chance.integers(self._first[molecules], self._first[molecules + 1])]
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, settings)
        self.model.train()
        loss = self._loss(molecules, others, self._inputs(spectra, chance))
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip)
        self.optimizer.step()
        self.step += 1
        return float(loss.detach())

    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return what the model is used with, as it is now.

        Returns
        -------
        dict of str to numpy.ndarray, float32
            Parameters of the network, and the map from fingerprint bits to the mixed space.
        """
        tensors = {name: value.detach().cpu().numpy() for name, value in self.model.network.named_parameters()}
        mixed = self._space.points @ self.model.mixing.detach().cpu().numpy().T
        return {**tensors, STRUCTURE_MAP: map_from_bits(self._bits, mixed, ridge=self.config.space.ridge)}

    def _inputs(self, spectra: npt.NDArray[np.int64], chance: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        shape = self.config.model
        batch = changed(self._data.take(spectra).peaks, self.config.augmentation, chance)
        hashed = hashed_features(batch, shape) * np.float32(shape.feature_scale)
        return torch.from_numpy(hashed).to(self.device), torch.from_numpy(context_features(batch, shape)).to(self.device)

    def _loss(
        self, molecules: npt.NDArray[np.int64], others: npt.NDArray[np.int64], inputs: tuple[torch.Tensor, torch.Tensor]
    ) -> torch.Tensor:
        settings = self.config.optimisation
        points = self.model.network(*inputs)
        distance = (points - self._points[molecules]).square().sum(dim=1).mean()
        candidates = np.concatenate([molecules, others])
        similarity = self._space.kernel[np.ix_(molecules, candidates)].astype(np.float32)
        labels = torch.softmax(torch.from_numpy(similarity - 1.0).to(self.device) / settings.soft_width, dim=1)
        mixed = functional.normalize(self._points[candidates] @ self.model.mixing.T, dim=1)
        logits = self.model.log_temperature.exp() * (functional.normalize(points, dim=1) @ mixed.T)
        spread = -(labels * torch.log_softmax(logits, dim=1)).sum(dim=1).mean()
        loss: torch.Tensor = distance + settings.soft_weight * spread
        return loss


def learning_rate(step: int, settings: AnalogueOptimisation) -> float:
    """Return the learning rate of a step: linear warm-up, constant, then half a cosine down.

    Parameters
    ----------
    step : int
        Number of the step, from 0.
    settings : AnalogueOptimisation
        Highest rate, and when it changes.

    Returns
    -------
    float
        Learning rate.
    """
    if step < settings.warmup_steps:
        return settings.learning_rate * (step + 1) / settings.warmup_steps
    done = step / settings.n_steps - settings.flat_until
    fallen = 0.5 * (1.0 + math.cos(math.pi * min(max(done / max(1.0 - settings.flat_until, 1e-9), 0.0), 1.0)))
    return settings.learning_rate * (settings.final_share + (1.0 - settings.final_share) * fallen)


def _optimizer(model: AnalogueModel, settings: AnalogueOptimisation) -> torch.optim.AdamW:
    matrices = [value for value in model.network.parameters() if value.ndim > 1]
    others = [value for value in model.parameters() if all(value is not matrix for matrix in matrices)]
    groups = [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.98))
