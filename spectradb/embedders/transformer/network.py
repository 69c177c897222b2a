"""The network: a pre-norm transformer over peak tokens and one precursor token, pooled to a unit vector.

Beside the pooled vector it weighs the peaks for the hash vector of :mod:`spectradb.embedders.transformer.peak_hash`, with gates
that begin at 1.
There is no positional encoding: m/z says where a peak stands, and the order of tokens plays no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from spectradb.embedders.transformer.peak_hash import PeakHash
from spectradb.embedders.transformer.tokens import sinusoids, wavelengths
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from spectradb.embedders.transformer.tokens import PaddedPeaks

LARGEST_LOG_GATE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelConfig:
    """Shape of the network.

    Parameters
    ----------
    n_peaks : int
        Most intense peaks that become tokens.
    width : int
        Features per token.
    n_layers, n_heads : int
        Layers, and attention heads in each.
    expansion : int
        Width of the feed-forward layers relative to ``width``.
    dimension : int
        Length of the pooled vector.
    n_wavelengths : int
        Wavelengths for m/z and as many for neutral losses.
    dropout : float
        Share of activations dropped in training.
    hash_dimension : int
        Slots of the hash vector.
    gated : bool
        Whether the network weighs the peaks of the hash vector.
    neutral_losses : bool
        Whether a peak's token tells its neutral loss, beside its m/z.
    gate_strength : float
        Factor on the logarithms of these weights. 1 in training; below 1, fitted on laboratories left out, it takes back a
        share of what was learned about the laboratories that were not.

    Raises
    ------
    BadParameter
        A size is not positive, or ``width`` is no multiple of ``n_heads``.
    """

    n_peaks: int = 48
    width: int = 160
    n_layers: int = 3
    n_heads: int = 8
    expansion: int = 4
    dimension: int = 128
    n_wavelengths: int = 64
    dropout: float = 0.1
    hash_dimension: int = 512
    gated: bool = True
    neutral_losses: bool = True
    gate_strength: float = 1.0

    def __post_init__(self) -> None:
        """Check the sizes."""
        sizes = (self.n_peaks, self.width, self.n_layers, self.n_heads, self.expansion, self.dimension, self.hash_dimension)
        if min(sizes) < 1 or self.n_wavelengths < 2 or self.width % self.n_heads or not 0 <= self.dropout < 1:
            raise BadParameter(f"{self}: sizes must be positive, width a multiple of n_heads, and dropout within [0, 1)")


class SpectrumEncoder(nn.Module):
    """Spectra to two unit vectors: weighted hash and pooled transformer output.

    Parameters
    ----------
    config : ModelConfig
        Its shape.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.register_buffer("wavelength", wavelengths(config.n_wavelengths), persistent=False)
        self.wavelength: torch.Tensor
        self.mz_features = nn.Linear(2 * config.n_wavelengths, width)
        self.loss_features = nn.Linear(2 * config.n_wavelengths, width, bias=False)
        self.intensity_features = nn.Linear(2, width, bias=False)
        self.mode_features = nn.Embedding(3, width)
        self.layers = nn.ModuleList(TransformerLayer(config) for _ in range(config.n_layers))
        self.norm = nn.LayerNorm(width)
        self.pooled = nn.Linear(2 * width, config.dimension)
        self.gates = nn.Linear(width, 2)
        nn.init.zeros_(self.gates.weight)
        nn.init.zeros_(self.gates.bias)
        self.peak_hash = PeakHash(config.hash_dimension)
        # Logarithms of the factors by which hash and encoder products enter the loss: sharpness and balance of the two.
        self.log_scales = nn.Parameter(torch.tensor([2.7, 1.6]))

    def forward(self, peaks: PaddedPeaks) -> tuple[torch.Tensor, torch.Tensor]:
        """Encode spectra.

        Parameters
        ----------
        peaks : PaddedPeaks
            n spectra.

        Returns
        -------
        hashed : torch.Tensor of shape (n, hash_dimension), float32
            Hash vectors, gated if the configuration says so.
        encoded : torch.Tensor of shape (n, dimension), float32
            Pooled vectors. Rows of both are L2-normalised; zeros for a spectrum without peaks.
        """
        present = peaks.present
        tokens = self._tokens(peaks, present)
        attended = nn.functional.pad(present, (1, 0), value=True)
        mask = attended[:, None, None, :]
        for layer in self.layers:
            tokens = layer(tokens, mask)
        tokens = self.norm(tokens)
        share = torch.where(present, peaks.intensity.sqrt(), 0.0)
        share = share / share.sum(dim=1, keepdim=True).clamp_min(1e-9)
        mean = (share[:, :, None] * tokens[:, 1:]).sum(dim=1)
        encoded = self.pooled(torch.cat([tokens[:, 0], mean], dim=1)).float()
        encoded = nn.functional.normalize(encoded, dim=1) * present.any(dim=1, keepdim=True)
        gates = self.gates_of(tokens[:, 1:]) if self.config.gated else None
        return self.peak_hash(peaks, gates), encoded

    def _tokens(self, peaks: PaddedPeaks, present: torch.Tensor) -> torch.Tensor:
        known = (peaks.precursor_mz > 0)[:, None].expand(present.shape)
        of_peaks = self.peak_tokens(peaks.mz, peaks.loss, peaks.intensity, known)
        return torch.cat([self.precursor_tokens(peaks.precursor_mz, peaks.ion_mode)[:, None], of_peaks], dim=1)

    def peak_tokens(self, mz: torch.Tensor, loss: torch.Tensor, intensity: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
        """Make tokens of peaks.

        Parameters
        ----------
        mz, loss : torch.Tensor of one shape, float64
            m/z and neutral losses, Da.
        intensity : torch.Tensor of that shape, float32
            Relative to the base peak; 0 in padding.
        known : torch.Tensor of that shape, bool
            Whether the precursor's m/z is known, and so the loss.

        Returns
        -------
        torch.Tensor of shape (*mz.shape, width), float32
            A token for each peak.
        """
        strength = torch.stack(
            [intensity.sqrt(), torch.where(intensity > 0, intensity.clamp_min(1e-6).log() / 7.0, 0.0)], dim=-1
        )
        of_peaks: torch.Tensor = self.mz_features(sinusoids(mz, self.wavelength)) + self.intensity_features(strength)
        if self.config.neutral_losses:
            of_peaks = of_peaks + self.loss_features(sinusoids(loss, self.wavelength) * known[..., None])
        return of_peaks

    def precursor_tokens(self, precursor_mz: torch.Tensor, ion_mode: torch.Tensor) -> torch.Tensor:
        """Make the token that stands for each precursor.

        Parameters
        ----------
        precursor_mz : torch.Tensor of shape (n,), float64
            m/z; 0 where unknown.
        ion_mode : torch.Tensor of shape (n,), int64
            +1 positive, -1 negative, 0 unknown.

        Returns
        -------
        torch.Tensor of shape (n, width), float32
            Tokens.
        """
        of_precursor = self.mz_features(sinusoids(precursor_mz, self.wavelength) * (precursor_mz > 0)[:, None])
        with_mode: torch.Tensor = of_precursor + self.mode_features(ion_mode + 1)
        return with_mode

    def gates_of(self, tokens: torch.Tensor) -> torch.Tensor:
        """Weigh the peaks of the hash.

        Parameters
        ----------
        tokens : torch.Tensor of shape (..., width)
            Tokens of peaks, behind all layers.

        Returns
        -------
        torch.Tensor of shape (..., 2), float32
            Factors for each peak's fragment and neutral loss.
        """
        log_gates = LARGEST_LOG_GATE * torch.tanh(self.gates(tokens).float() / LARGEST_LOG_GATE)
        return (self.config.gate_strength * log_gates).exp()


class TransformerLayer(nn.Module):
    """Self-attention and feed-forward, each behind a layer norm and added to its input.

    Parameters
    ----------
    config : ModelConfig
        Shape.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.width
        self.n_heads = config.n_heads
        self.attention_norm = nn.LayerNorm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.feed_forward_norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, config.expansion * width)
        self.outer = nn.Linear(config.expansion * width, width)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Let tokens see each other.

        Parameters
        ----------
        tokens : torch.Tensor of shape (n, T, width)
            Tokens.
        mask : torch.Tensor of shape (n, 1, 1, T), bool
            True for tokens that may be attended to.

        Returns
        -------
        torch.Tensor of shape (n, T, width)
            Tokens.
        """
        n, length, width = tokens.shape
        heads = self.queries_keys_values(self.attention_norm(tokens)).view(n, length, 3, self.n_heads, -1)
        queries, keys, values = heads.permute(2, 0, 3, 1, 4)
        mixed = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
        mixed = mixed.transpose(1, 2).reshape(n, length, width)
        tokens = tokens + self.dropout(self.attended(mixed))
        hidden = nn.functional.gelu(self.inner(self.feed_forward_norm(tokens)), approximate="tanh")
        added: torch.Tensor = self.dropout(self.outer(hidden))
        return tokens + added


def encode_by_length(model: SpectrumEncoder, peaks: PaddedPeaks, *, n_buckets: int = 4) -> tuple[torch.Tensor, torch.Tensor]:
    """Encode spectra in groups of similar length, so that little is spent on padding.

    Parameters
    ----------
    model : SpectrumEncoder
        The network.
    peaks : PaddedPeaks
        n spectra whose peaks stand in front of their padding.
    n_buckets : int
        Groups.

    Returns
    -------
    hashed, encoded : torch.Tensor of shape (n, hash_dimension) and (n, dimension)
        As :meth:`SpectrumEncoder.forward`, in the order of ``peaks``.
    """
    lengths = peaks.lengths
    order = torch.argsort(lengths, stable=True)
    buckets = [rows for rows in torch.tensor_split(order, n_buckets) if len(rows)]
    parts = [model(peaks.take(rows, length=max(int(lengths[rows[-1]]), 1))) for rows in buckets]
    back = torch.argsort(order)
    return torch.cat([part[0] for part in parts])[back], torch.cat([part[1] for part in parts])[back]
