"""The analogue network on a CPU, in NumPy: a lab is searched for analogues without loading PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    Singles = npt.NDArray[np.float32]
    Weights = Mapping[str, Singles]

_EPSILON = np.float32(1e-5)
_SLOPE, _CUBE = np.float32(np.sqrt(2.0 / np.pi)), np.float32(0.044715)


def forward(weights: Weights, hashed: Singles, context: Singles) -> Singles:
    """Compute the learned vectors of spectra.

    Parameters
    ----------
    weights : mapping of str to numpy.ndarray, float32
        Parameters of :class:`spectradb.embedders.analogue.network.AnalogueNetwork`, by name.
    hashed : numpy.ndarray of shape (n, features), float32
        Hashed features, at the length that the network expects.
    context : numpy.ndarray of shape (n, context), float32
        Precursor and ion mode.

    Returns
    -------
    numpy.ndarray of shape (n, dimension), float32
        Points in the space of structures, of any length.
    """
    hidden = hashed @ weights["hashed.weight"].T + weights["hashed.bias"] + context @ weights["context.weight"].T
    hidden = _gelu(_normed(weights, "entry", hidden))
    inside = _gelu(_linear(weights, "first", _normed(weights, "inner", hidden)))
    hidden = hidden + _linear(weights, "second", inside)
    return _linear(weights, "last", _normed(weights, "exit", hidden))


def _linear(weights: Weights, name: str, rows: Singles) -> Singles:
    return rows @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _normed(weights: Weights, name: str, rows: Singles) -> Singles:
    centred = rows - rows.mean(axis=1, keepdims=True)
    variance = np.einsum("ij,ij->i", centred, centred)[:, None] / np.float32(rows.shape[1])
    scaled: Singles = centred / np.sqrt(variance + _EPSILON)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def _gelu(rows: Singles) -> Singles:
    inner: Singles = np.tanh(_SLOPE * (rows + _CUBE * rows * rows * rows))
    return np.asarray(np.float32(0.5) * rows * (np.float32(1.0) + inner), dtype=np.float32)
