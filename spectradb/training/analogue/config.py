"""Settings of the training of an analogue model; a configuration is one where it says ``kind = "analogue"``."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from spectradb.embedders.analogue.shape import AnalogueShape
from spectradb.training.runs.settings import TrainingSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a configuration of an analogue model says it is.
KIND = "analogue"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceConfig:
    """The space of structures.

    Parameters
    ----------
    landmarks : int
        Structures, drawn at random where there are more, whose similarities span the space; work grows with its square.
    iterations : int
        Of the search for the largest eigenvectors.
    ridge : float
        Penalty of the map from fingerprint bits to the space.
    """

    landmarks: int = 8192
    iterations: int = 8
    ridge: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalogueOptimisation:
    """How the weights are found.

    Parameters
    ----------
    n_steps : int
        Batches in all.
    batch_size : int
        Different molecules in a batch, one random spectrum of each.
    n_random : int
        Molecules among which the soft labels are spread, besides those of the batch.
    learning_rate : float
        Its highest value.
    warmup_steps : int
        Batches over which it rises.
    flat_until : float
        Share of the steps after which it falls, half a cosine long.
    final_share : float
        Share of the highest value at which it ends.
    weight_decay : float
        Of matrices; vectors and the mixing of the space do not decay.
    clip : float
        Longest gradient.
    soft_weight : float
        Weight of the soft labels beside the squared distance, which has 1.
    soft_width : float
        Difference of similarity over which a label falls to 1/e.
    """

    n_steps: int = 900
    batch_size: int = 256
    n_random: int = 1024
    learning_rate: float = 2e-3
    warmup_steps: int = 40
    flat_until: float = 0.4
    final_share: float = 0.01
    weight_decay: float = 0.05
    clip: float = 5.0
    soft_weight: float = 0.3
    soft_width: float = 0.08


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakChanges:
    """How spectra are changed while they are trained on.

    Parameters
    ----------
    dropout : float
        Largest rate at which peaks are dropped; of each spectrum one between 0 and it. A peak goes with the probability rate
        times one less its relative amplitude, the root of its intensity over that of the base peak.
    jitter : float
        Standard deviation of the logarithm of the factors on amplitudes.
    """

    dropout: float = 0.5
    jitter: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalogueConfig(TrainingSettings):
    """All that decides what training an analogue model gives, apart from the data.

    Parameters
    ----------
    name : str
        Name of the embedder.
    seed : int
        Source of chance.
    split, model, space, augmentation, optimisation
        Settings of the parts.

    Raises
    ------
    BadParameter
        The name cannot be part of a column's name in SQL.
    """

    model: AnalogueShape = field(default_factory=AnalogueShape)
    space: SpaceConfig = field(default_factory=SpaceConfig)
    augmentation: PeakChanges = field(default_factory=PeakChanges)
    optimisation: AnalogueOptimisation = field(default_factory=AnalogueOptimisation)

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any], *, place: str) -> Self:
        """Check settings, as those of every training; what says of which kind they are is none of them.

        Parameters
        ----------
        settings : Mapping
            As :meth:`as_dict` gives.
        place : str
            Where they come from, for messages.

        Returns
        -------
        AnalogueConfig
            The settings.
        """
        named = {name: value for name, value in settings.items() if name != "kind"}
        return super(AnalogueConfig, cls).from_dict(named, place=place)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings, and of which kind they are, as values that JSON can hold.

        Returns
        -------
        dict
            One entry per setting, nested by part.
        """
        return {"kind": KIND, **dataclasses.asdict(self)}
