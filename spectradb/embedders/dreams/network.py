"""The network of DreaMS (Bushuiev et al. 2025, doi 10.1038/s41587-025-02663-3), for inference.

Tokens are (m/z, intensity): the precursor with intensity 1.1, then 100 peaks in m/z order with intensities relative to the base
peak, zeros where a spectrum has fewer. For each token:

- f = cos and sin of (2 pi m/z) b, for 5,997 frequencies b, in float32 throughout: the phases have few digits after the point,
  and the weights were trained on what is left of them;
- four = five layers of ReLU(linear) on f, 980 wide; peak = ReLU(linear) on (m/z / 1000, intensity), 44 wide;
- x = (peak, four), 1,024 wide.

Seven pre-norm layers follow, of attention with 8 heads and of ReLU feed-forward, 4 times as wide, without biases, and a last
layer norm. To the scaled product of query i and key j the attention adds sum_d(four_i - four_j), which within a softmax over j
is the same as -sum_d four_j. Padding takes part as a key; as a query it attends to all 101 tokens alike. The vector is a
linear function of what the precursor's token became.

All padding tokens of a spectrum stay equal from layer to layer, because they begin equal and attend alike. So one token stands
for p of them here: as a key that counts p times, which is ln p added to its score. This gives the vectors of 101 tokens at the
cost of the peaks that there are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Mapping

N_PEAKS = 100
PRECURSOR_INTENSITY = 1.1
MZ_SCALE = 1000.0  # Da, of the m/z that stand beside intensities; the frequencies take them raw
WIDTH, N_HEADS, N_LAYERS = 1024, 8, 7
N_FREQUENCIES, FOURIER_HIDDEN, FOURIER_WIDTH, PEAK_WIDTH = 5997, 512, 980, 44
_FOURIER_STEPS = (0, 3, 6, 9, 12)
_TWO_PI = 2.0 * math.pi


def weight_shapes() -> dict[str, tuple[int, ...]]:
    """List the network's weights.

    Returns
    -------
    dict of str to tuple of int
        Names as in the published checkpoint, and shapes.
    """
    shapes: dict[str, tuple[int, ...]] = {"backbone.fourier_enc.b": (1, N_FREQUENCIES)}
    shapes |= _linear("backbone.ff_peak.ff.0", 2, PEAK_WIDTH)
    widths = (2 * N_FREQUENCIES, *[FOURIER_HIDDEN] * (len(_FOURIER_STEPS) - 1), FOURIER_WIDTH)
    for step, before, after in zip(_FOURIER_STEPS, widths[:-1], widths[1:], strict=True):
        shapes |= _linear(f"backbone.ff_fourier.ff.{step}", before, after)
    encoder = "backbone.transformer_encoder"
    for layer in range(N_LAYERS):
        shapes[f"{encoder}.atts.{layer}.weights"] = (4 * WIDTH, WIDTH)
        shapes[f"{encoder}.ffs.{layer}.in_proj.weight"] = (4 * WIDTH, WIDTH)
        shapes[f"{encoder}.ffs.{layer}.out_proj.weight"] = (WIDTH, 4 * WIDTH)
    for scale in range(2 * N_LAYERS + 1):
        shapes |= {f"{encoder}.scales.{scale}.{part}": (WIDTH,) for part in ("weight", "bias")}
    return shapes | _linear("head", WIDTH, WIDTH)


def _linear(name: str, before: int, after: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (after, before), f"{name}.bias": (after,)}


class DreamsNetwork:
    """The network with its weights.

    Parameters
    ----------
    weights : mapping of str to torch.Tensor
        Those of :func:`weight_shapes`, float32, all on one device.
    """

    def __init__(self, weights: Mapping[str, torch.Tensor]) -> None:
        self._weights = {name.removeprefix("backbone.").removeprefix("transformer_encoder."): weights[name] for name in weights}

    def to(self, device: torch.device) -> DreamsNetwork:
        """Copy to a device.

        Parameters
        ----------
        device : torch.device
            Where to.

        Returns
        -------
        DreamsNetwork
            The same network there.
        """
        return DreamsNetwork({name: weight.to(device) for name, weight in self._weights.items()})

    def __call__(self, mz: torch.Tensor, intensity: torch.Tensor, precursor_mz: torch.Tensor) -> torch.Tensor:
        """Compute the vectors of spectra.

        Parameters
        ----------
        mz, intensity : torch.Tensor of shape (n, L), float32, L at most 100
            Peaks in front, in m/z order, with intensities relative to the base peak; 0 behind them.
        precursor_mz : torch.Tensor of shape (n,), float32
            m/z of the precursor, above 0.

        Returns
        -------
        torch.Tensor of shape (n, 1024), float32
            Vectors, not normalised.
        """
        x, key_score, as_padding = self._tokens(mz, intensity, precursor_mz)
        for layer in range(N_LAYERS):
            x = x + self._attention(layer, self._norm(2 * layer, x), key_score, as_padding)
            inner = functional.relu(
                functional.linear(self._norm(2 * layer + 1, x), self._weights[f"ffs.{layer}.in_proj.weight"])
            )
            x = x + functional.linear(inner, self._weights[f"ffs.{layer}.out_proj.weight"])
        return self._linear("head", self._norm(2 * N_LAYERS, x[:, 0]))

    def _tokens(
        self, mz: torch.Tensor, intensity: torch.Tensor, precursor_mz: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Make the tokens precursor, padding, peaks, and what each as a key adds to the scores of others and of the padding."""
        zero = torch.zeros_like(precursor_mz)[:, None]
        all_mz = torch.cat([precursor_mz[:, None], zero, mz], dim=1)
        all_intensity = torch.cat([zero + PRECURSOR_INTENSITY, zero, intensity], dim=1)
        present = mz > 0
        times = torch.cat([zero + 1.0, N_PEAKS - present.sum(dim=1, keepdim=True), present], dim=1)
        # What fills up the rows of shorter spectra counts for nothing, and its features need not be computed.
        counts = times > 0
        four = torch.zeros((*all_mz.shape, FOURIER_WIDTH), dtype=torch.float32, device=mz.device)
        four[counts] = self._fourier(all_mz[counts])
        peak = functional.relu(self._linear("ff_peak.ff.0", torch.stack([all_mz / MZ_SCALE, all_intensity], dim=-1)))
        often = torch.log(times)
        return torch.cat([peak, four], dim=-1), often - four.sum(dim=-1), often

    def _fourier(self, mz: torch.Tensor) -> torch.Tensor:
        phase = (_TWO_PI * mz)[:, None] * self._weights["fourier_enc.b"]
        four = torch.cat([phase.cos(), phase.sin()], dim=-1)
        for step in _FOURIER_STEPS:
            four = functional.relu(self._linear(f"ff_fourier.ff.{step}", four))
        return four

    def _attention(self, layer: int, x: torch.Tensor, key_score: torch.Tensor, as_padding: torch.Tensor) -> torch.Tensor:
        n, length, _ = x.shape
        weights = self._weights[f"atts.{layer}.weights"]
        projected = functional.linear(x, weights[: 3 * WIDTH])
        query, key, value = projected.view(n, length, 3, N_HEADS, WIDTH // N_HEADS).permute(2, 0, 3, 1, 4)
        score = query @ key.transpose(-2, -1) / math.sqrt(WIDTH // N_HEADS) + key_score[:, None, None, :]
        score[:, :, 1] = as_padding[:, None, :]
        mixed = (score.softmax(dim=-1) @ value).transpose(1, 2).reshape(n, length, WIDTH)
        return functional.linear(mixed, weights[3 * WIDTH :])

    def _norm(self, scale: int, x: torch.Tensor) -> torch.Tensor:
        return functional.layer_norm(
            x, (WIDTH,), self._weights[f"scales.{scale}.weight"], self._weights[f"scales.{scale}.bias"]
        )

    def _linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return functional.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])
