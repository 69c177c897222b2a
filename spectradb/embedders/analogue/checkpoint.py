"""Analogue models on disk: weights as safetensors, and a model card as JSON beside them. Loading executes nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from spectradb.embedders.analogue.shape import AnalogueShape
from spectradb.embedders.toml_sections import section_from_dict
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

FORMAT = "spectradb-analogue-1"
#: The ridge map from fingerprint bits to the space of structures, among the weights.
STRUCTURE_MAP = "structure_map"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class AnalogueCheckpoint:
    """A trained analogue model.

    Parameters
    ----------
    shape : AnalogueShape
        Sizes of the network.
    weights : dict of str to numpy.ndarray, float32
        Its parameters, and ``structure_map`` of shape (4096, dimension).
    card : dict
        Model card.
    digest : str
        SHA-256 of the weights file.
    """

    shape: AnalogueShape
    weights: dict[str, npt.NDArray[np.float32]]
    card: dict[str, Any]
    digest: str


def save_analogue(file: Path, weights: Mapping[str, npt.NDArray[np.float32]], card: Mapping[str, Any]) -> None:
    """Write weights, in half precision, and model card.

    Parameters
    ----------
    file : pathlib.Path
        ``<name>.safetensors``; the card goes into ``<name>.json``, with the SHA-256 of the weights. Each is replaced
        as a whole.
    weights : mapping of str to numpy.ndarray, float32
        Parameters.
    card : mapping
        Values that JSON can hold.
    """
    tensors = {name: np.ascontiguousarray(value.astype(np.float16)) for name, value in weights.items()}
    content = save(tensors, metadata={"format": FORMAT})
    described = {**card, "format": FORMAT, "weights_sha256": hashlib.sha256(content).hexdigest()}
    text = json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    for target, data in ((file, content), (file.with_suffix(".json"), text.encode())):
        beside = target.with_name(f"{target.name}.new")
        beside.write_bytes(data)
        beside.replace(target)


def load_analogue(file: Path) -> AnalogueCheckpoint:
    """Read weights and model card.

    Parameters
    ----------
    file : pathlib.Path
        ``<name>.safetensors``, with ``<name>.json`` beside it.

    Returns
    -------
    AnalogueCheckpoint
        The model.

    Raises
    ------
    BadParameter
        A file is missing or damaged, or the two do not fit together.
    """
    card_file = file.with_suffix(".json")
    for needed in (file, card_file):
        if not needed.is_file():
            raise BadParameter(f"{needed}: no such file. A model is a .safetensors file with its .json card beside it.")
    try:
        card = json.loads(card_file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadParameter(f"{card_file}: not valid JSON ({error}). Copy the model again.") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT or not isinstance(card.get("model"), dict):
        raise BadParameter(f"{card_file}: no model card of format {FORMAT}. Copy the card that belongs to the weights.")
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if card.get("weights_sha256", digest) != digest:
        raise BadParameter(f"{file}: not the weights that the model card {card_file} describes. Copy both files again.")
    try:
        tensors = {name: value.astype(np.float32) for name, value in load(content).items()}
    except SafetensorError as error:
        raise BadParameter(f"{file}: not a safetensors file ({error}). Copy the model again.") from error
    shape = section_from_dict(AnalogueShape, card["model"], place=f"{card_file}, model")
    wanted = weight_shapes(shape)
    found = {name: value.shape for name, value in tensors.items()}
    if found != wanted:
        raise BadParameter(f"{file}: the weights do not fit the model card {card_file}. Copy both files again.")
    return AnalogueCheckpoint(shape=shape, weights=tensors, card=card, digest=digest)


def weight_shapes(shape: AnalogueShape) -> dict[str, tuple[int, ...]]:
    """List the parameters of a model.

    Parameters
    ----------
    shape : AnalogueShape
        Sizes of the network.

    Returns
    -------
    dict of str to tuple of int
        The shape of each.
    """
    width, dimension = shape.width, shape.dimension
    linear = {"hashed": (width, shape.features), "first": (width, width), "second": (width, width), "last": (dimension, width)}
    named: dict[str, tuple[int, ...]] = {STRUCTURE_MAP: (4096, dimension), "context.weight": (width, shape.context)}
    for name, size in linear.items():
        named |= {f"{name}.weight": size, f"{name}.bias": size[:1]}
    for name in ("entry", "inner", "exit"):
        named |= {f"{name}.weight": (width,), f"{name}.bias": (width,)}
    return named
