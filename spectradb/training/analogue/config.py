"""Settings of the training of an analogue model; a configuration is one where it says ``kind = "analogue"``."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from spectradb.arrays.annotated_spectra import SplitConfig
from spectradb.embedders.analogue.shape import AnalogueShape
from spectradb.embedders.embedder import EMBEDDER_NAME
from spectradb.embedders.toml_sections import section_from_dict
from spectradb.errors import BadParameter

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
class AnalogueConfig:
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

    name: str
    seed: int = 0
    split: SplitConfig = field(default_factory=SplitConfig)
    model: AnalogueShape = field(default_factory=AnalogueShape)
    space: SpaceConfig = field(default_factory=SpaceConfig)
    augmentation: PeakChanges = field(default_factory=PeakChanges)
    optimisation: AnalogueOptimisation = field(default_factory=AnalogueOptimisation)

    def __post_init__(self) -> None:
        """Check the name: a mistake in it should not show only when training has ended."""
        if not EMBEDDER_NAME.fullmatch(self.name):
            raise BadParameter(f"name = {self.name!r} must be lower-case letters, digits and underscores. Correct it.")

    def of_any_licence(self) -> AnalogueConfig:
        """Take spectra of any licence, and of none stated; what is trained so stays in house, and its card says so.

        Returns
        -------
        AnalogueConfig
            The same settings otherwise.
        """
        return dataclasses.replace(self, split=dataclasses.replace(self.split, licenses=()))

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as values that JSON can hold.

        Returns
        -------
        dict
            One entry per setting, nested by part.
        """
        return {"kind": KIND, **dataclasses.asdict(self)}


def analogue_config_from_dict(settings: dict[str, Any], *, place: str) -> AnalogueConfig:
    """Check settings and give them their types.

    Parameters
    ----------
    settings : dict
        As :meth:`AnalogueConfig.as_dict` gives.
    place : str
        Where they come from, for messages.

    Returns
    -------
    AnalogueConfig
        The settings.

    Raises
    ------
    BadParameter
        A setting is unknown or has the wrong type, or there is no name.
    """
    parts = {
        "split": SplitConfig,
        "model": AnalogueShape,
        "space": SpaceConfig,
        "augmentation": PeakChanges,
        "optimisation": AnalogueOptimisation,
    }
    plain = {name: value for name, value in settings.items() if name not in {*parts, "kind"}}
    if "name" not in plain:
        raise BadParameter(f'{place}: no name. Add name = "...", by which the embedder is to be known.')
    made: dict[str, Any] = {
        name: section_from_dict(kind, settings.get(name, {}), place=f"{place}, [{name}]") for name, kind in parts.items()
    }
    whole = section_from_dict(AnalogueConfig, plain, place=place)
    return dataclasses.replace(whole, **made)
