"""The hash vector of :mod:`spectradb.embedders.binned` over padded peaks, each weighted by a gate that a network may learn.

With gates of 1 it is the same vector, for spectra that padding did not shorten. Gates multiply the weights of fragments and of
neutral losses before they are hashed, so that what a network learns here is which peaks tell molecules apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from spectradb.embedders.binned import BinnedEmbedder, splitmix64
from spectradb.embedders.binned_constants import (
    ENTROPY_LIMIT,
    ENTROPY_OFFSET,
    ENTROPY_SLOPE,
    FRAGMENT,
    KIND_STRIDE,
    KINDS,
    LOSS,
)

if TYPE_CHECKING:
    from spectradb.embedders.transformer.tokens import PaddedPeaks

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
        kinds = np.arange(KINDS * len(self.settings.bin_widths))
        n_bins = int(LARGEST_MASS / min(self.settings.bin_widths)) + 2
        hashes = splitmix64(np.arange(n_bins) + kinds[:, None] * KIND_STRIDE)
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
        settings = self.settings
        weight = entropy_weights(peaks.intensity)
        loss = peaks.loss
        at_precursor = (peaks.precursor_mz > 0)[:, None] & (loss.abs() <= settings.precursor_tolerance)
        weight = torch.where(at_precursor, settings.precursor_weight * weight, weight)
        of_fragments = weight if gates is None else weight * gates[..., 0]
        of_losses = settings.loss_weight * (weight if gates is None else weight * gates[..., 1])
        of_losses = torch.where(loss >= settings.min_loss, of_losses, 0.0)
        sums = torch.zeros(len(peaks), settings.dimension, device=weight.device)
        for scale, width in enumerate(settings.bin_widths):
            for kind, mass, weights in ((FRAGMENT, peaks.mz, of_fragments), (LOSS, loss, of_losses)):
                position = mass.clamp(0.0, LARGEST_MASS) / width
                below = position.floor()
                share_above = (position - below).to(torch.float32)
                lower_bin = below.to(torch.int64)
                for bins, share in ((lower_bin, 1.0 - share_above), (lower_bin + 1, share_above)):
                    slots, signs = self.slots[KINDS * scale + kind], self.signs[KINDS * scale + kind]
                    sums = sums.scatter_add(1, slots[bins], weights * share * signs[bins])
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
        As :func:`spectradb.embedders.binned.entropy_weights`; 0 in padding.
    """
    present = intensity > 0
    amplitude = intensity.sqrt()
    share = amplitude / amplitude.sum(dim=1, keepdim=True).clamp_min(1e-30)
    log_share = torch.where(present, share.clamp_min(1e-30).log(), 0.0)
    entropy = -(share * log_share).sum(dim=1, keepdim=True)
    exponent = torch.where(entropy < ENTROPY_LIMIT, ENTROPY_OFFSET + ENTROPY_SLOPE * entropy, 1.0)
    return torch.where(present, (exponent * log_share).exp(), 0.0)
