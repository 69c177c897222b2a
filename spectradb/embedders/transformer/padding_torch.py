""":func:`spectradb.embedders.transformer.tokens.pad_peaks` in PyTorch, for GPUs, which pad faster than peaks reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from spectradb.embedders.transformer.tokens import PaddedPeaks

if TYPE_CHECKING:
    from spectradb.arrays.peak_batch import PeakBatch


def pad_on(batch: PeakBatch, *, n_peaks: int, device: torch.device) -> PaddedPeaks:
    """Pad the most intense peaks of each spectrum to one length, on a device, without waiting for it.

    Parameters
    ----------
    batch : PeakBatch
        n spectra.
    n_peaks : int
        Peaks to keep per spectrum.
    device : torch.device
        Where to.

    Returns
    -------
    PaddedPeaks
        As :func:`spectradb.embedders.transformer.tokens.pad_peaks` gives, on the device.
    """
    n, total = len(batch), len(batch.mz)
    width = max(int(np.minimum(batch.lengths, n_peaks).max(initial=0)), 1)
    mz, intensity = _sent(batch.mz, device), _sent(batch.intensity, device)
    lengths = _sent(batch.lengths, device)
    row = torch.repeat_interleave(torch.arange(n, device=device), lengths, output_size=total)
    first = (torch.cumsum(lengths, dim=0) - lengths)[row]
    in_order = _by_row(torch.argsort(mz, stable=True), row)
    mz, intensity = mz[in_order], intensity[in_order]
    # A peak's rank by intensity is the column of its place in that order, since spectra stay where they are.
    column = torch.arange(total, device=device) - first
    rank = torch.empty_like(column)
    rank[_by_row(torch.argsort(intensity, descending=True, stable=True), row)] = column
    kept = rank < n_peaks
    before = torch.cumsum(kept, dim=0) - kept.to(torch.int64)
    # What is not kept goes to one place behind all rows: to leave it out would be to wait for its number.
    place = torch.where(kept, row * width + before - before[first], n * width)
    padded_mz = torch.zeros(n * width + 1, dtype=torch.float64, device=device).scatter_(0, place, mz)[:-1].view(n, width)
    padded = torch.zeros(n * width + 1, dtype=torch.float32, device=device).scatter_(0, place, intensity)[:-1].view(n, width)
    base = padded.amax(dim=1, keepdim=True).clamp_min(torch.finfo(torch.float32).tiny)
    relative = torch.where(padded > 0, (padded / base).clamp_min(1e-9), 0.0)
    precursor_mz = np.nan_to_num(batch.precursor_mz, nan=0.0, posinf=0.0, neginf=0.0)
    return PaddedPeaks(
        mz=padded_mz,
        intensity=relative,
        precursor_mz=_sent(precursor_mz, device),
        ion_mode=_sent(batch.ion_mode.astype(np.int64), device),
    )


def _by_row(order: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
    return order[torch.argsort(row[order], stable=True)]


def _sent(values: npt.NDArray[np.generic], device: torch.device) -> torch.Tensor:
    copied: torch.Tensor = torch.tensor(values)
    # From pinned memory the copy runs beside what the GPU is at; from other memory it would wait for that.
    return copied.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else copied
