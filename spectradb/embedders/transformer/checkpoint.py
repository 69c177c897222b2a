"""Trained encoders on disk: weights as safetensors, and a model card as JSON beside them. Loading executes nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from spectradb.embedders.toml_sections import section_from_dict
from spectradb.embedders.transformer.network import ModelConfig, SpectrumEncoder
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "spectradb-encoder-1"


# Of anything that a card sizes without a tensor that shows it.
_LARGEST_SIZE = 1 << 16


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Checkpoint:
    """A trained encoder.

    Parameters
    ----------
    model : SpectrumEncoder
        Network in float32, in evaluation mode.
    card : dict
        Model card; see :func:`spectradb.training.runs.model_card.model_card`.
    digest : str
        SHA-256 of the weights file.
    """

    model: SpectrumEncoder
    card: dict[str, Any]
    digest: str


def save_checkpoint(file: Path, model: SpectrumEncoder, card: dict[str, Any], *, half: bool = True) -> None:
    """Write weights and model card.

    Parameters
    ----------
    file : pathlib.Path
        ``<name>.safetensors``; the card goes into ``<name>.json``, with the SHA-256 of the weights. Each is replaced
        as a whole.
    model : SpectrumEncoder
        Network.
    card : dict
        Values that JSON can hold.
    half : bool
        Whether to keep weights in float16.
    """
    dtype = torch.float16 if half else torch.float32
    tensors = {name: value.detach().to("cpu", dtype).contiguous() for name, value in model.state_dict().items()}
    content = save(tensors, metadata={"format": FORMAT})
    described = {**card, "format": FORMAT, "weights_sha256": hashlib.sha256(content).hexdigest()}
    text = json.dumps(described, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    _replace(file, content)
    _replace(file.with_suffix(".json"), text.encode())


def load_checkpoint(file: Path) -> Checkpoint:
    """Read weights and model card.

    Parameters
    ----------
    file : pathlib.Path
        ``<name>.safetensors``, with ``<name>.json`` beside it.

    Returns
    -------
    Checkpoint
        The encoder on the CPU.

    Raises
    ------
    BadParameter
        A file is missing or damaged, or the two do not fit together.
    """
    card_file = file.with_suffix(".json")
    for needed in (file, card_file):
        if not needed.is_file():
            raise BadParameter(f"{needed}: no such file. A checkpoint is a .safetensors file with its .json card beside it.")
    try:
        card = json.loads(card_file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadParameter(f"{card_file}: not valid JSON ({error}). Copy the checkpoint again.") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT or not isinstance(card.get("model"), dict):
        raise BadParameter(f"{card_file}: no model card of format {FORMAT}. Copy the card that belongs to the weights.")
    content = file.read_bytes()
    try:
        tensors = load(content)
    except SafetensorError as error:
        raise BadParameter(f"{file}: not a safetensors file ({error}). Copy the checkpoint again.") from error
    digest = hashlib.sha256(content).hexdigest()
    if card.get("weights_sha256", digest) != digest:
        raise BadParameter(f"{file}: not the weights that the model card {card_file} describes. Copy both files again.")
    config = section_from_dict(ModelConfig, card["model"], place=f"{card_file}, model")
    if not _fits(config, tensors):
        raise BadParameter(f"{file}: the weights do not fit the model card {card_file}. Copy both files again.")
    model = SpectrumEncoder(config)
    try:
        model.load_state_dict({name: tensor.to(torch.float32) for name, tensor in tensors.items()})
    except RuntimeError as error:
        raise BadParameter(f"{file}: the weights do not fit the model card {card_file}: {error}") from error
    return Checkpoint(model=model.eval(), card=card, digest=digest)


def _fits(config: ModelConfig, tensors: dict[str, torch.Tensor]) -> bool:
    """Tell whether weights have the shapes that a card promises, without the memory for those."""
    sizes = (config.n_peaks, config.hash_dimension, config.width, config.dimension, config.n_wavelengths, config.expansion)
    if max(sizes) > _LARGEST_SIZE or config.n_layers > len(tensors):
        return False
    with torch.device("meta"):
        wanted = SpectrumEncoder(config).state_dict()
    return {name: value.shape for name, value in tensors.items()} == {name: value.shape for name, value in wanted.items()}


def _replace(file: Path, content: bytes) -> None:
    beside = file.with_name(f"{file.name}.new")
    beside.write_bytes(content)
    beside.replace(file)
