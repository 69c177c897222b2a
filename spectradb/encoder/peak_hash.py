"""The hash vector of :mod:`spectradb.encoder.binned` over padded peaks, each weighted by a gate that a network may learn.

With gates of 1 it is the same vector, for spectra that padding did not shorten. Gates multiply the weights of fragments and of
neutral losses before they are hashed, so that what a network learns here is which peaks tell molecules apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from spectradb.encoder.binned import BinnedEmbedder, splitmix64
from spectradb.encoder.binned_constants import ENTROPY_LIMIT, ENTROPY_OFFSET, ENTROPY_SLOPE, FRAGMENT, KIND_STRIDE, LOSS

if TYPE_CHECKING:
    from spectradb.encoder.tokens import PaddedPeaks

LARGEST_MASS = 4096.0  # Da; whatever lies beyond shares the last bin


class PeakHash(nn.Module):
    """Signed feature hash of fragments and neutral losses, as a module without parameters.

    Parameters
    ----------
    dimension : int
        Slots.
    """

    def __init__(self, dimension: int = 512) -> None:
        super().__init__()
        self.settings = BinnedEmbedder(dimension=dimension)
        n_bins = int(LARGEST_MASS / self.settings.bin_width) + 2
        hashes = splitmix64(np.arange(n_bins) + np.array([[FRAGMENT], [LOSS]]) * KIND_STRIDE)
        slots = ((hashes >> np.uint64(32)) % np.uint64(dimension)).astype(np.int64)
        signs = np.where(hashes & np.uint64(1), np.float32(-1), np.float32(1)).astype(np.float32)
        self.register_buffer("slots", torch.from_numpy(slots), persistent=False)
        self.register_buffer("signs", torch.from_numpy(signs), persistent=False)
        self.slots: torch.Tensor
        self.signs: torch.Tensor

    def forward(self, peaks: PaddedPeaks, gates: torch.Tensor | None = None) -> torch.Tensor:
        """Hash spectra.

        Parameters
        ----------
        peaks : PaddedPeaks
            n spectra of up to L peaks.
        gates : torch.Tensor of shape (n, L, 2), float32, optional
            Factors for each peak's fragment and neutral loss; None: 1.

        Returns
        -------
        torch.Tensor of shape (n, dimension), float32
            L2-normalised rows; zeros for a spectrum without peaks.
        """
        weight = entropy_weights(peaks.intensity)
        fragment_weight, loss_weight = weight, self.settings.loss_weight * weight
        if gates is not None:
            fragment_weight, loss_weight = fragment_weight * gates[..., 0], loss_weight * gates[..., 1]
        loss = peaks.loss
        loss_weight = torch.where(loss >= self.settings.min_loss, loss_weight, 0.0)
        sums = torch.zeros(len(peaks), self.settings.dimension, device=weight.device)
        for kind, mass, weights in ((FRAGMENT, peaks.mz, fragment_weight), (LOSS, loss, loss_weight)):
            position = mass.clamp(0.0, LARGEST_MASS) / self.settings.bin_width
            below = position.floor()
            share_above = (position - below).to(torch.float32)
            lower_bin = below.to(torch.int64)
            for bins, share in ((lower_bin, 1.0 - share_above), (lower_bin + 1, share_above)):
                sums = sums.scatter_add(1, self.slots[kind][bins], weights * share * self.signs[kind][bins])
        return nn.functional.normalize(sums, dim=1, eps=1e-12)


def entropy_weights(intensity: torch.Tensor) -> torch.Tensor:
    """Weigh the square roots of intensities by spectral entropy.

    Parameters
    ----------
    intensity : torch.Tensor of shape (n, L), float32
        Intensities; 0 is padding.

    Returns
    -------
    torch.Tensor of shape (n, L), float32
        As :func:`spectradb.encoder.binned.entropy_weights`; 0 in padding.
    """
    present = intensity > 0
    amplitude = intensity.sqrt()
    share = amplitude / amplitude.sum(dim=1, keepdim=True).clamp_min(1e-30)
    log_share = torch.where(present, share.clamp_min(1e-30).log(), 0.0)
    entropy = -(share * log_share).sum(dim=1, keepdim=True)
    exponent = torch.where(entropy < ENTROPY_LIMIT, ENTROPY_OFFSET + ENTROPY_SLOPE * entropy, 1.0)
    return torch.where(present, (exponent * log_share).exp(), 0.0)
