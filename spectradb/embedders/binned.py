"""The embedder that needs no training: binned fragments and neutral losses, hashed into a fixed number of slots.

For peaks i of one spectrum, with m/z m_i, intensity I_i and precursor m/z M:

1. Weight. a_i = sqrt(I_i), p_i = a_i / sum(a), S = -sum(p ln p), the spectral entropy in nats. If S < 3, w_i = p_i ** (0.25 +
   0.25 S), else w_i = p_i: spectra with few peaks are flattened (Li et al. 2021, doi 10.1038/s41592-021-01331-z). A peak within
   0.02 Da of M counts 0.3 of that: the precursor tells at which energy a spectrum was taken, and all candidates have the same.
2. Features. A mass x stands at x / b on a scale whose whole numbers are the bins, and is split linearly between the two bins
   beside it, so that no shift of m/z makes a vector jump. There are two scales, b = 0.03 and b = 0.2 Da: one for masses as
   exact as they should be, one for those that are not. Fragments (kind 0): x = m_i, weight w_i. Neutral losses (kind 1): x =
   M - m_i where x >= 0.5 Da, weight w_i. Below 0.5 Da lies the precursor itself, which is no loss: the lightest real one is a
   hydrogen atom, 1.008 Da.
3. Hash. h = splitmix64((kind + 2 * scale) * 2**32 + bin), the mixing function of Steele, Lea and Flood 2014 (doi
   10.1145/2660193.2660195), scale being 0 or 1. The feature is added to slot (h >> 32) mod 512, with a minus sign if h is odd:
   signs let the features that share a slot cancel on average, and a dot product stays unbiased (Weinberger et al. 2009, doi
   10.1145/1553374.1553516).
4. The sums are scaled to length 1.

The widths and weights were chosen on MassBank by searching each laboratory's spectra among those of all others, without the
laboratories on which results are reported; the optimum is flat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from spectradb.arrays.half_precision import unit_rows
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
from spectradb.embedders.embedder import fingerprint
from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from spectradb.arrays.peak_batch import PeakBatch

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# Chunks whose sums and peaks stay in a processor's cache.
CHUNK_SPECTRA, CHUNK_PEAKS = 512, 2**15


@dataclass(frozen=True, slots=True, kw_only=True)
class BinnedEmbedder:
    """Hashed bins of fragments and neutral losses; see the module's text for the definition.

    Parameters
    ----------
    dimension : int
        Slots.
    bin_widths : tuple of float
        Da; one scale of bins each.
    loss_weight : float
        Weight of a neutral loss relative to its fragment; 0 leaves losses out.
    min_loss : float
        Smallest neutral loss, Da, above 0.
    precursor_weight : float
        Factor on the weight of peaks at the precursor's m/z.
    precursor_tolerance : float
        Da; how near to the precursor's m/z they are.

    Raises
    ------
    BadParameter
        A setting is out of range.
    """

    dimension: int = 512
    bin_widths: tuple[float, ...] = (0.03, 0.2)
    loss_weight: float = 1.0
    min_loss: float = 0.5
    precursor_weight: float = 0.3
    precursor_tolerance: float = 0.02

    def __post_init__(self) -> None:
        """Check the settings."""
        positive = (self.dimension, self.min_loss, len(self.bin_widths), *self.bin_widths)
        others = (self.loss_weight, self.precursor_weight, self.precursor_tolerance)
        if not (all(value > 0 for value in positive) and all(value >= 0 for value in others)):
            raise BadParameter(
                f"{self} has a setting out of range: only factors and tolerances may be 0, and none may be negative"
            )

    @property
    def name(self) -> str:
        """Name in SQL and in column names."""
        return "binned"

    @property
    def kind(self) -> str:
        """Family of the method."""
        return "hash"

    @property
    def preprocessing(self) -> dict[str, Any]:
        """Everything that changes the vectors."""
        return {
            "dimension": self.dimension,
            "bin_widths": list(self.bin_widths),
            "bin_split": "linear",
            "loss_weight": self.loss_weight,
            "min_loss": self.min_loss,
            "precursor_weight": self.precursor_weight,
            "precursor_tolerance": self.precursor_tolerance,
            "intensity": "sqrt",
            "entropy_weighting": {"limit": ENTROPY_LIMIT, "offset": ENTROPY_OFFSET, "slope": ENTROPY_SLOPE},
            "hash": "splitmix64, signed",
        }

    @property
    def fingerprint(self) -> str:
        """Hash of kind and preprocessing."""
        return fingerprint(kind=self.kind, preprocessing=self.preprocessing)

    def embed(self, batch: PeakBatch, *, device: str = "cpu") -> npt.NDArray[np.float32]:
        """Embed a batch of spectra.

        Parameters
        ----------
        batch : PeakBatch
            n spectra. Ion mode and charge play no part; without a precursor m/z, neither do neutral losses.
        device : str
            ``cpu`` (NumPy), ``cuda`` or ``cuda:<number>`` (PyTorch; agrees with ``cpu`` to within 1e-5).

        Returns
        -------
        numpy.ndarray of shape (n, dimension), float32
            L2-normalised rows; zeros for a spectrum without peaks.

        Raises
        ------
        BadParameter
            The device is unknown or absent.
        """
        if device != "cpu":
            from spectradb.embedders import binned_torch  # noqa: PLC0415 - the CPU path must not load PyTorch

            return binned_torch.embed(batch, embedder=self, device=device)
        vectors = np.empty((len(batch), self.dimension), dtype=np.float32)
        for start, chunk in batch.chunks(max_spectra=CHUNK_SPECTRA, max_peaks=CHUNK_PEAKS):
            vectors[start : start + len(chunk)] = unit_rows(self._sums(chunk))
        return vectors

    def _sums(self, batch: PeakBatch) -> FloatArray:
        row = np.repeat(np.arange(len(batch)), batch.lengths)
        weight = entropy_weights(batch.intensity, row=row, n=len(batch))
        loss = batch.precursor_mz[row] - batch.mz  # NaN where the precursor is unknown: then all that follows is false
        weight[np.abs(loss) <= self.precursor_tolerance] *= self.precursor_weight
        real = loss >= self.min_loss
        sums = np.zeros(len(batch) * self.dimension)
        for scale, width in enumerate(self.bin_widths):
            kinds = KINDS * scale
            sums += self._hashed(row, batch.mz / width, weight, kind=kinds + FRAGMENT, n=len(batch))
            if self.loss_weight:
                weights = self.loss_weight * weight[real]
                sums += self._hashed(row[real], loss[real] / width, weights, kind=kinds + LOSS, n=len(batch))
        return sums.reshape(len(batch), self.dimension)

    def _hashed(self, row: IntArray, position: FloatArray, weight: FloatArray, *, kind: int, n: int) -> FloatArray:
        position = np.minimum(position, LAST_POSITION)
        below = np.floor(position)
        share_above = position - below
        lower_bin = below.astype(np.int64)
        bins = np.concatenate([lower_bin, lower_bin + 1])
        weights = np.concatenate([weight * (1.0 - share_above), weight * share_above])
        hashes = splitmix64(bins + kind * KIND_STRIDE)
        slot = ((hashes >> np.uint64(32)) % np.uint64(self.dimension)).astype(np.int64)
        signed = np.where(hashes & np.uint64(1), -weights, weights)
        cell = np.tile(row * self.dimension, 2) + slot
        return np.bincount(cell, signed, minlength=n * self.dimension).astype(np.float64, copy=False)


def entropy_weights(intensity: npt.NDArray[np.float32], *, row: IntArray, n: int) -> FloatArray:
    """Weigh the square roots of intensities by spectral entropy.

    Parameters
    ----------
    intensity : numpy.ndarray of shape (total,), float32
        Positive intensities.
    row : numpy.ndarray of shape (total,), int64
        Spectrum of each peak.
    n : int
        Spectra.

    Returns
    -------
    numpy.ndarray of shape (total,), float64
        The w_i of the module's text; independent of the intensities' scale. After Li et al. 2021, doi
        10.1038/s41592-021-01331-z, applied to square roots.
    """
    amplitude = np.sqrt(intensity.astype(np.float64))
    share = amplitude / np.bincount(row, amplitude, minlength=n)[row]
    log_share = np.log(share)
    entropy = -np.bincount(row, share * log_share, minlength=n)
    exponent = np.where(entropy < ENTROPY_LIMIT, ENTROPY_OFFSET + ENTROPY_SLOPE * entropy, 1.0)
    return np.asarray(np.exp(exponent[row] * log_share), dtype=np.float64)


def splitmix64(keys: IntArray) -> npt.NDArray[np.uint64]:
    """Mix whole numbers into evenly spread 64-bit hashes.

    Parameters
    ----------
    keys : numpy.ndarray of any shape, int64
        Keys.

    Returns
    -------
    numpy.ndarray of the same shape, uint64
        The first output of the SplitMix64 generator seeded with each key (Steele, Lea and Flood 2014, doi
        10.1145/2660193.2660195).
    """
    step, first, second = (np.uint64(constant) for constant in SPLITMIX64)
    mixed = keys.astype(np.uint64) + step
    mixed = (mixed ^ (mixed >> np.uint64(30))) * first
    mixed = (mixed ^ (mixed >> np.uint64(27))) * second
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)
