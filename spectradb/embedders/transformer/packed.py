"""The network on a CPU in bfloat16, over tokens that lie end to end: no padding, and products of matrices of few sizes.

Where a CPU multiplies bfloat16 by itself, products take a fraction of their time in float32. Tokens of all spectra of a tile
are the rows of one matrix; rows are added up to one of a few sizes, as oneDNN prepares its code anew for every other one.
Spectra with the same number of peaks attend together. Sinusoids, pooling and hash stay in float32.

What lies beside a spectrum may change in which order its products are added, and so a number of its vector by some 3e-4; the
same spectra in the same order have the same vectors. The operations are internal ones of PyTorch, whose minor version the
package pins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

if TYPE_CHECKING:
    from spectradb.embedders.transformer.network import SpectrumEncoder, TransformerLayer
    from spectradb.embedders.transformer.tokens import PaddedPeaks

_ONEDNN = torch.ops.mkldnn
TOKENS_OF_A_TILE = 2048
SIZES = (32, 256, 512, 1024)


def multiplies_bfloat16() -> bool:
    """Return whether this CPU multiplies matrices of bfloat16 by instructions of its own."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    by_itself = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()  # noqa: SLF001 - no public name
    return by_itself and bool(_ONEDNN._is_mkldnn_bf16_supported())  # noqa: SLF001 - as above


class PackedEncoder:
    """A network's weights in bfloat16, and its forward pass over tiles.

    Parameters
    ----------
    model : SpectrumEncoder
        The network in float32, in evaluation mode, on the CPU.
    """

    def __init__(self, model: SpectrumEncoder) -> None:
        self._model = model
        self._layers = [_PackedLayer(layer) for layer in model.layers]  # type: ignore[arg-type]

    @staticmethod
    def tiles(lengths: npt.NDArray[np.int64], *, threads: int = 1) -> list[npt.NDArray[np.int64]]:
        """Cut spectra into tiles.

        Parameters
        ----------
        lengths : numpy.ndarray of shape (n,), int64
            Peaks per spectrum.
        threads : int
            How many tiles are worked on at once: few spectra become smaller tiles, so that each has one.

        Returns
        -------
        list of numpy.ndarray, int64
            Rows of each tile in ascending order of length; spectra without peaks are in none.
        """
        order = np.argsort(lengths, kind="stable")
        order = order[lengths[order] > 0]
        ends = np.cumsum(lengths[order] + 1)
        share = -(-int(ends[-1]) // threads) if len(ends) else 0
        at_most = min(TOKENS_OF_A_TILE, max(share, SIZES[0]))
        tiles, start, before = [], 0, 0
        while start < len(order):
            stop = max(int(np.searchsorted(ends, before + at_most, side="right")), start + 1)
            tiles.append(order[start:stop])
            start, before = stop, int(ends[stop - 1])
        return tiles

    def __call__(self, peaks: PaddedPeaks) -> tuple[torch.Tensor, torch.Tensor]:
        """Encode the spectra of one tile.

        Parameters
        ----------
        peaks : PaddedPeaks
            n spectra in ascending order of length, each with a peak; peaks stand in front of their padding.

        Returns
        -------
        hashed, encoded : torch.Tensor of shape (n, hash_dimension) and (n, dimension), float32
            As :meth:`SpectrumEncoder.forward`.
        """
        model, present = self._model, peaks.present
        lengths = peaks.lengths
        n_tokens = lengths + 1
        first = torch.cumsum(n_tokens, dim=0) - n_tokens
        owner, column = present.nonzero(as_tuple=True)
        of_peaks = first[owner] + column + 1
        total = int(n_tokens.sum())
        rows = next((size for size in SIZES if size >= total), -(-total // TOKENS_OF_A_TILE) * TOKENS_OF_A_TILE)
        tokens = torch.zeros(rows, model.config.width)
        tokens[first] = model.precursor_tokens(peaks.precursor_mz, peaks.ion_mode)
        tokens[of_peaks] = model.peak_tokens(
            peaks.mz[present], peaks.loss[present], peaks.intensity[present], peaks.precursor_mz[owner] > 0
        )
        groups = _groups(lengths)
        tokens = tokens.to(torch.bfloat16)
        for layer in self._layers:
            tokens = layer(tokens, groups)
        tokens = model.norm(tokens.float())
        encoded = self._pooled(tokens, peaks, groups)
        gates = None
        if model.config.gated:
            gates = torch.zeros(*present.shape, 2)
            gates[present] = model.gates_of(tokens[of_peaks])
        return model.peak_hash(peaks, gates), encoded

    def _pooled(self, tokens: torch.Tensor, peaks: PaddedPeaks, groups: list[_Group]) -> torch.Tensor:
        share = peaks.intensity.sqrt()
        share = share / share.sum(dim=1, keepdim=True).clamp_min(1e-9)
        parts = []
        for group in groups:
            own = group.of(tokens)
            weights = share[group.spectra, None, : group.n_tokens - 1]
            parts.append(torch.cat([own[:, 0], (weights @ own[:, 1:])[:, 0]], dim=1))
        return nn.functional.normalize(self._model.pooled(torch.cat(parts)), dim=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Neighbouring spectra of a tile that have the same number of tokens."""

    spectra: slice
    tokens: slice
    n_tokens: int

    def of(self, tokens: torch.Tensor) -> torch.Tensor:
        return tokens[self.tokens].view(-1, self.n_tokens, tokens.shape[1])


def _groups(lengths: torch.Tensor) -> list[_Group]:
    groups, spectrum, token = [], 0, 0
    for length, count in zip(*(found.tolist() for found in torch.unique_consecutive(lengths, return_counts=True)), strict=True):
        n_tokens = length + 1
        spectra, tokens = slice(spectrum, spectrum + count), slice(token, token + count * n_tokens)
        groups.append(_Group(spectra=spectra, tokens=tokens, n_tokens=n_tokens))
        spectrum, token = spectra.stop, tokens.stop
    return groups


class _PackedLinear:
    """A linear layer with its weights in bfloat16, in the order in which oneDNN reads them."""

    def __init__(self, linear: nn.Linear, *, activation: tuple[str, str] = ("none", "")) -> None:
        weight = linear.weight.detach().to(torch.bfloat16).contiguous()
        self._weight = _ONEDNN._reorder_linear_weight(weight)  # noqa: SLF001 - no public name
        self._bias = linear.bias.detach().to(torch.bfloat16)
        self._activation = activation

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        kind, form = self._activation
        made: torch.Tensor = _ONEDNN._linear_pointwise(rows, self._weight, self._bias, kind, [], form)  # noqa: SLF001
        return made

    def added_to(self, others: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        linear = _ONEDNN._linear_pointwise.binary  # noqa: SLF001 - no public name
        made: torch.Tensor = linear(rows, others, self._weight, self._bias, "add")
        return made


class _PackedNorm:
    def __init__(self, norm: nn.LayerNorm) -> None:
        self._shape, self._eps = list(norm.normalized_shape), norm.eps
        self._weight, self._bias = (value.detach().to(torch.bfloat16) for value in (norm.weight, norm.bias))

    def __call__(self, rows: torch.Tensor) -> torch.Tensor:
        return nn.functional.layer_norm(rows, self._shape, self._weight, self._bias, self._eps)


class _PackedLayer:
    def __init__(self, layer: TransformerLayer) -> None:
        self._n_heads = layer.n_heads
        self._attention_norm, self._feed_forward_norm = _PackedNorm(layer.attention_norm), _PackedNorm(layer.feed_forward_norm)
        self._queries_keys_values = _PackedLinear(layer.queries_keys_values)
        self._attended, self._outer = _PackedLinear(layer.attended), _PackedLinear(layer.outer)
        self._inner = _PackedLinear(layer.inner, activation=("gelu", "tanh"))

    def __call__(self, tokens: torch.Tensor, groups: list[_Group]) -> torch.Tensor:
        mixed = self._mixed(self._queries_keys_values(self._attention_norm(tokens)), groups)
        tokens = self._attended.added_to(tokens, mixed)
        return self._outer.added_to(tokens, self._inner(self._feed_forward_norm(tokens)))

    def _mixed(self, heads: torch.Tensor, groups: list[_Group]) -> torch.Tensor:
        mixed = torch.zeros(heads.shape[0], heads.shape[1] // 3, dtype=heads.dtype)
        for group in groups:
            own = group.of(heads)
            own = own.view(*own.shape[:2], 3, self._n_heads, -1)
            # The kernel of attention is no faster in bfloat16, and this is where rounding would cost most.
            queries, keys, values = own.permute(2, 0, 3, 1, 4).float()
            found = nn.functional.scaled_dot_product_attention(queries, keys, values)
            group.of(mixed).view(*own.shape[:2], self._n_heads, -1).copy_(found.transpose(1, 2))
        return mixed
