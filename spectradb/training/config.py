"""Training settings as TOML files; those that the package ships are ``tiny``, ``small`` and ``base``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from spectradb.embedders.transformer.network import ModelConfig
from spectradb.errors import BadParameter
from spectradb.spelling import known_names
from spectradb.training.augmentation import AugmentationConfig
from spectradb.training.runs.settings import TrainingSettings
from spectradb.training.sampler import SamplerConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimisationConfig:
    """How the weights are found.

    Parameters
    ----------
    n_steps : int
        Batches in all; the learning rate falls to 0 at the last.
    warmup_steps : int
        Batches over which the learning rate rises.
    learning_rate : float
        Its highest value.
    decay_share : float
        Share of the steps after the warm-up over which the learning rate falls, half a cosine long. Before them it is constant,
        so that a run may be lengthened or shortened without beginning anew.
    weight_decay : float
        Of matrices; vectors and scales do not decay.
    ema_decay : float
        Of the moving average of the weights, which is what is kept.
    global_weight : float
        Weight of the loss against all analytes of the batch, beside 1 for the loss inside the window.
    encoder_weight : float
        Weight of the loss of the pooled vector alone, without the hash.
    each_positive : bool
        Whether every spectrum of the analyte is drawn near, or the nearest suffices.
    foreign_negatives : bool
        Whether the loss of hash and encoder together passes over spectra of the row's own contributor, as a search in a library
        from elsewhere does. The loss of the pooled vector alone never does: it shall learn to see past laboratories.
    """

    n_steps: int = 4000
    warmup_steps: int = 200
    learning_rate: float = 1e-3
    decay_share: float = 1.0
    weight_decay: float = 0.05
    ema_decay: float = 0.999
    global_weight: float = 0.2
    encoder_weight: float = 0.3
    each_positive: bool = False
    foreign_negatives: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig(TrainingSettings):
    """All that decides what training gives, apart from the data.

    Parameters
    ----------
    name : str
        Name of the embedder.
    seed : int
        Source of chance.
    split, model, sampler, augmentation, optimisation
        Settings of the parts.

    Raises
    ------
    BadParameter
        The name cannot be part of a column's name in SQL.
    """

    model: ModelConfig = field(default_factory=ModelConfig)
    sampler: SamplerConfig = field(default_factory=SamplerConfig)
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    optimisation: OptimisationConfig = field(default_factory=OptimisationConfig)


def training_config(source: str | Path) -> TrainingConfig:
    """Read settings.

    Parameters
    ----------
    source : str or pathlib.Path
        Name of a configuration that the package ships, or a TOML file.

    Returns
    -------
    TrainingConfig
        The settings; those that the file does not name have their defaults.

    Raises
    ------
    BadParameter
        There is no such file, it is no TOML, or it names an unknown setting.
    """
    return TrainingConfig.from_dict(read_settings(source), place=str(source))


def read_settings(source: str | Path) -> dict[str, Any]:
    """Read a configuration, whatever it configures.

    Parameters
    ----------
    source : str or pathlib.Path
        Name of a configuration that the package ships, or a TOML file.

    Returns
    -------
    dict
        What it says.

    Raises
    ------
    BadParameter
        There is no such file, or it is no TOML.
    """
    shipped = resources.files("spectradb.training").joinpath("configs", f"{source}.toml")
    place = shipped if isinstance(source, str) and shipped.is_file() else Path(source)
    if not place.is_file():
        known = sorted(entry.name.removesuffix(".toml") for entry in shipped_configs())
        raise BadParameter(f"{source}: no such configuration. Name a TOML file, or one of: {known_names(str(source), known)}")
    try:
        return tomllib.loads(place.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadParameter(f"{source}: not valid TOML: {error}. Correct the file.") from error


def shipped_configs() -> list[Any]:
    """List the configurations that the package ships.

    Returns
    -------
    list of importlib.resources.abc.Traversable
        TOML files.
    """
    folder = resources.files("spectradb.training").joinpath("configs")
    return [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
