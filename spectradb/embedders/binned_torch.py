"""The definition of :mod:`spectradb.embedders.binned` in PyTorch, for GPUs. Importing this module imports PyTorch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from spectradb.arrays.device import torch_device
from spectradb.embedders.binned_constants import (
    ENTROPY_LIMIT,
    ENTROPY_OFFSET,
    ENTROPY_SLOPE,
    FRAGMENT,
    KIND_STRIDE,
    KINDS,
    LAST_POSITION,
    LOSS,
    SPLITMIX64,
)

if TYPE_CHECKING:
    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.embedders.binned import BinnedEmbedder

CHUNK_SPECTRA, CHUNK_PEAKS = 2**15, 2**22  # under 1 GB on the GPU at 512 dimensions


def embed(batch: PeakBatch, *, embedder: BinnedEmbedder, device: str) -> npt.NDArray[np.float32]:
    """Embed a batch of spectra with PyTorch.

    Parameters
    ----------
    batch : PeakBatch
        n spectra.
    embedder : BinnedEmbedder
        Settings.
    device : str
        ``cpu``, ``cuda`` or ``cuda:<number>``.

    Returns
    -------
    numpy.ndarray of shape (n, dimension), float32
        As :meth:`BinnedEmbedder.embed`; a GPU adds in no fixed order, so the last digits may vary.

    Raises
    ------
    BadParameter
        The device is unknown or absent.
    """
    target = torch_device(device)
    vectors = np.empty((len(batch), embedder.dimension), dtype=np.float32)
    for start, chunk in batch.chunks(max_spectra=CHUNK_SPECTRA, max_peaks=CHUNK_PEAKS):
        rows = _sums(chunk, embedder, target)
        norms = torch.linalg.vector_norm(rows, dim=1, keepdim=True)
        unit = rows / torch.where(norms == 0, 1.0, norms)
        vectors[start : start + len(chunk)] = unit.to(torch.float32).cpu().numpy()
    return vectors


def _sums(batch: PeakBatch, embedder: BinnedEmbedder, device: torch.device) -> torch.Tensor:
    n = len(batch)
    mz = torch.tensor(batch.mz, device=device)
    precursor_mz = torch.tensor(batch.precursor_mz, device=device)
    lengths = torch.tensor(batch.lengths, device=device)
    row = torch.repeat_interleave(torch.arange(n, device=device), lengths)
    weight = _entropy_weights(torch.tensor(batch.intensity, device=device).to(torch.float64), row, n)
    sums = torch.zeros(n * embedder.dimension, dtype=torch.float64, device=device)
    loss = precursor_mz[row] - mz  # NaN where the precursor is unknown, and then nothing of what follows is true
    weight = torch.where(loss.abs() <= embedder.precursor_tolerance, embedder.precursor_weight * weight, weight)
    real = loss >= embedder.min_loss
    for scale, width in enumerate(embedder.bin_widths):
        kinds = KINDS * scale
        _add_hashed(sums, row, mz / width, weight, kind=kinds + FRAGMENT, dimension=embedder.dimension)
        if embedder.loss_weight:
            weights = embedder.loss_weight * weight[real]
            _add_hashed(sums, row[real], loss[real] / width, weights, kind=kinds + LOSS, dimension=embedder.dimension)
    return sums.reshape(n, embedder.dimension)


def _entropy_weights(intensity: torch.Tensor, row: torch.Tensor, n: int) -> torch.Tensor:
    amplitude = torch.sqrt(intensity)
    share = amplitude / _row_sums(amplitude, row, n)[row]
    log_share = torch.log(share)
    entropy = -_row_sums(share * log_share, row, n)
    exponent = torch.where(entropy < ENTROPY_LIMIT, ENTROPY_OFFSET + ENTROPY_SLOPE * entropy, 1.0)
    return torch.exp(exponent[row] * log_share)


def _row_sums(values: torch.Tensor, row: torch.Tensor, n: int) -> torch.Tensor:
    return torch.zeros(n, dtype=values.dtype, device=values.device).index_add_(0, row, values)


def _add_hashed(
    sums: torch.Tensor, row: torch.Tensor, position: torch.Tensor, weight: torch.Tensor, *, kind: int, dimension: int
) -> None:
    position = torch.clamp(position, max=LAST_POSITION)
    below = torch.floor(position)
    share_above = position - below
    lower_bin = below.to(torch.int64)
    for bins, weights in ((lower_bin, weight * (1.0 - share_above)), (lower_bin + 1, weight * share_above)):
        hashes = _splitmix64(bins + kind * KIND_STRIDE)
        slot = _shifted(hashes, 32) % dimension
        signed = torch.where((hashes & 1) == 1, -weights, weights)
        sums.index_add_(0, row * dimension + slot, signed)


def _splitmix64(keys: torch.Tensor) -> torch.Tensor:
    # PyTorch multiplies int64 only; products of two's complements have the same bits as those of unsigned numbers.
    step, first, second = (constant - 2**64 if constant >= 2**63 else constant for constant in SPLITMIX64)
    mixed = keys + step
    mixed = (mixed ^ _shifted(mixed, 30)) * first
    mixed = (mixed ^ _shifted(mixed, 27)) * second
    return mixed ^ _shifted(mixed, 31)


def _shifted(bits: torch.Tensor, places: int) -> torch.Tensor:
    # int64 shifts drag the sign bit along; the mask takes the copies of it away.
    return (bits >> places) & ((1 << (64 - places)) - 1)
