"""From the published checkpoint of DreaMS to safetensors, once; afterwards nothing is unpickled any more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from spectradb.embedders.dreams.card import CHECKPOINT_NAME, CHECKPOINT_PAGE, FORMAT
from spectradb.embedders.dreams.network import weight_shapes
from spectradb.embedders.dreams.unpickling import read_tensors
from spectradb.errors import BadModel

if TYPE_CHECKING:
    from pathlib import Path

REMEDY = f"Use {CHECKPOINT_NAME} of {CHECKPOINT_PAGE}."

# Heads of the pre-training, and a second name of the frequencies.
_DROPPED = re.compile(r"backbone\.(ff_out|ro_out|mz_masking_loss|fourier_enc\.Fourier frequencies)")
# Linear layers may have been trained without biases.
_OPTIONAL = re.compile(r"backbone\.ff_(peak|fourier)\.ff\.\d+\.bias")


def convert_checkpoint(checkpoint: Path, file: Path) -> None:
    """Convert a checkpoint, without executing what it pickles.

    Parameters
    ----------
    checkpoint : pathlib.Path
        ``embedding_model.ckpt``.
    file : pathlib.Path
        The safetensors file to write: the network's weights in float32, without the heads of the pre-training.

    Raises
    ------
    UnreadableFile
        The checkpoint is damaged, or none of PyTorch's.
    BadModel
        It is a checkpoint of another network.
    """
    shapes = weight_shapes()
    tensors, others = read_tensors(checkpoint, shapes)
    for name, shape in shapes.items():
        if name not in tensors and _OPTIONAL.fullmatch(name):
            tensors[name] = torch.zeros(shape)
    unknown = sorted(name for name in others if name.startswith(("backbone.", "head.")) and not _DROPPED.match(name))
    if unknown:
        some = ", ".join(unknown[:3])
        raise BadModel(
            f"{checkpoint}: {len(unknown)} weights, among them {some}, are none of DreaMS's embedding model. {REMEDY}"
        )
    _check(tensors, checkpoint)
    save_file(tensors, file, metadata={"format": FORMAT})


def load_weights(file: Path) -> dict[str, torch.Tensor]:
    """Read converted weights.

    Parameters
    ----------
    file : pathlib.Path
        A file that :func:`convert_checkpoint` wrote.

    Returns
    -------
    dict of str to torch.Tensor
        Weights by name, float32.

    Raises
    ------
    BadModel
        The file is damaged or holds other weights.
    """
    try:
        with safe_open(file, framework="pt") as opened:
            metadata = opened.metadata() or {}
        if metadata.get("format") != FORMAT:
            raise BadModel(f"{file}: not a checkpoint of DreaMS that spectradb has converted. {REMEDY}")
        tensors = load_file(file)
    except (SafetensorError, OSError) as error:
        raise BadModel(f"{file}: not a readable safetensors file ({error}). Add the model to the lab again.") from error
    _check(tensors, file)
    return tensors


def _check(tensors: dict[str, torch.Tensor], file: Path) -> None:
    shapes = weight_shapes()
    missing = [name for name in shapes if name not in tensors]
    if missing:
        raise BadModel(f"{file}: {len(missing)} of DreaMS's weights are missing, such as {missing[0]}. {REMEDY}")
    for name, shape in shapes.items():
        found = tuple(tensors[name].shape)
        if found != shape:
            raise BadModel(f"{file}: the weight {name} has shape {found} instead of {shape}. {REMEDY}")
        if not bool(torch.isfinite(tensors[name]).all()):
            raise BadModel(f"{file}: the weight {name} holds numbers that are not finite. {REMEDY}")
