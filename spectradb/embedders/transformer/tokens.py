"""From peaks to what a transformer reads: padded tensors, and sinusoids of m/z and neutral loss.

The most intense peaks of each spectrum, in m/z order, become rows of padded tensors. A mass x becomes sin and cos of 2 pi x / w
for wavelengths w from 1e-3 to 1e3 Da in geometric steps, so that a token carries both the nominal mass and its mass defect. The
phase x / w reaches 1e6 turns, of which float32 keeps too few digits: its fraction is taken in float64 first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

if TYPE_CHECKING:
    from spectradb.arrays.peak_batch import PeakBatch

SHORTEST_WAVELENGTH, LONGEST_WAVELENGTH = 1e-3, 1e3  # Da


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PaddedPeaks:
    """Peaks of n spectra in rows of length L; an intensity of 0 marks padding.

    Parameters
    ----------
    mz : torch.Tensor of shape (n, L), float64
        m/z; 0 in padding.
    intensity : torch.Tensor of shape (n, L), float32
        Intensities relative to the base peak, in (0, 1]; 0 in padding.
    precursor_mz : torch.Tensor of shape (n,), float64
        Precursor m/z; 0 where unknown.
    ion_mode : torch.Tensor of shape (n,), int64
        +1 positive, -1 negative, 0 unknown.
    """

    mz: torch.Tensor
    intensity: torch.Tensor
    precursor_mz: torch.Tensor
    ion_mode: torch.Tensor

    def __len__(self) -> int:
        """Return the number of spectra."""
        return len(self.mz)

    @property
    def present(self) -> torch.Tensor:
        """Which entries are peaks, of shape (n, L), bool."""
        return self.intensity > 0

    @property
    def lengths(self) -> torch.Tensor:
        """Peaks per spectrum, of shape (n,), int64."""
        return self.present.sum(dim=1)

    @property
    def loss(self) -> torch.Tensor:
        """Neutral loss of each peak in Da, of shape (n, L), float64; 0 in padding and where the precursor is unknown."""
        known = self.present & (self.precursor_mz > 0)[:, None]
        return torch.where(known, self.precursor_mz[:, None] - self.mz, 0.0)

    def to(self, device: torch.device) -> PaddedPeaks:
        """Copy to a device.

        Parameters
        ----------
        device : torch.device
            Where to.

        Returns
        -------
        PaddedPeaks
            The same spectra there.
        """
        return PaddedPeaks(
            mz=self.mz.to(device),
            intensity=self.intensity.to(device),
            precursor_mz=self.precursor_mz.to(device),
            ion_mode=self.ion_mode.to(device),
        )

    def take(self, rows: torch.Tensor, *, length: int | None = None) -> PaddedPeaks:
        """Pick spectra.

        Parameters
        ----------
        rows : torch.Tensor of shape (m,), int64
            Which.
        length : int, optional
            Columns to keep, for rows whose peaks stand in front; None: all.

        Returns
        -------
        PaddedPeaks
            m spectra.
        """
        return PaddedPeaks(
            mz=self.mz[rows, :length],
            intensity=self.intensity[rows, :length],
            precursor_mz=self.precursor_mz[rows],
            ion_mode=self.ion_mode[rows],
        )

    def compact(self, *, n_peaks: int | None = None) -> PaddedPeaks:
        """Move peaks in front of padding, in the order in which they stand, and cut off columns that hold padding alone.

        Parameters
        ----------
        n_peaks : int, optional
            Keep this many of the most intense peaks of each spectrum; None: all.

        Returns
        -------
        PaddedPeaks
            The same spectra, at least one column wide.
        """
        present = self.present
        if n_peaks is not None and self.mz.shape[1] > n_peaks:
            rank = torch.argsort(torch.argsort(self.intensity, dim=1, descending=True, stable=True), dim=1)
            present = present & (rank < n_peaks)
        width = max(int(present.sum(dim=1).max()), 1) if len(self) else 1
        order = torch.argsort((~present).to(torch.uint8), dim=1, stable=True)[:, :width]
        kept = torch.gather(present, 1, order)
        return PaddedPeaks(
            mz=torch.where(kept, torch.gather(self.mz, 1, order), 0.0),
            intensity=torch.where(kept, torch.gather(self.intensity, 1, order), 0.0),
            precursor_mz=self.precursor_mz,
            ion_mode=self.ion_mode,
        )


def pad_peaks(batch: PeakBatch, *, n_peaks: int) -> PaddedPeaks:
    """Pad the most intense peaks of each spectrum to one length.

    Parameters
    ----------
    batch : PeakBatch
        n spectra.
    n_peaks : int
        Peaks to keep per spectrum; of equally intense ones those of lower m/z.

    Returns
    -------
    PaddedPeaks
        Rows in m/z order, as long as the longest spectrum but at most ``n_peaks``, on the CPU.
    """
    n = len(batch)
    kept = _most_intense(batch, n_peaks)
    lengths = np.minimum(batch.lengths, n_peaks)
    width = max(int(lengths.max(initial=0)), 1)
    filled = np.arange(width) < lengths[:, None]
    mz = np.zeros((n, width))
    mz[filled] = batch.mz[kept]
    intensity = np.zeros((n, width), dtype=np.float32)
    intensity[filled] = batch.intensity[kept]
    base = intensity.max(axis=1, keepdims=True, initial=np.finfo(np.float32).tiny)
    # A ratio that underflowed would read as padding.
    relative = np.where(filled, np.maximum(intensity / base, np.float32(1e-9)), np.float32(0.0))
    return PaddedPeaks(
        mz=torch.from_numpy(mz),
        intensity=torch.from_numpy(relative),
        precursor_mz=torch.from_numpy(np.nan_to_num(batch.precursor_mz, nan=0.0, posinf=0.0, neginf=0.0)),
        ion_mode=torch.from_numpy(batch.ion_mode.astype(np.int64)),
    )


def _most_intense(batch: PeakBatch, n_peaks: int) -> npt.NDArray[np.int64]:
    """Choose peaks of each spectrum, in the order of spectra and then of m/z. What is in order and short is not sorted."""
    row = np.repeat(np.arange(len(batch)), batch.lengths)
    chosen = np.ones(len(row), dtype=np.bool_)
    long = np.flatnonzero((batch.lengths > n_peaks)[row])
    if len(long):
        by_intensity = long[np.lexsort((batch.mz[long], -batch.intensity[long], row[long]))]
        # Rows stay where they are, so that the column of a place is the rank of the peak that stands there.
        column = long - batch.offsets[:-1][row[long]]
        chosen[by_intensity[column >= n_peaks]] = False
    kept = np.flatnonzero(chosen)
    if ((batch.mz[1:] < batch.mz[:-1]) & (row[1:] == row[:-1])).any():
        kept = kept[np.lexsort((batch.mz[kept], row[kept]))]
    return kept


def wavelengths(n: int) -> torch.Tensor:
    """Return wavelengths in geometric steps.

    Parameters
    ----------
    n : int
        How many, at least 2.

    Returns
    -------
    torch.Tensor of shape (n,), float64
        From 1e-3 to 1e3 Da.
    """
    return torch.logspace(math.log10(SHORTEST_WAVELENGTH), math.log10(LONGEST_WAVELENGTH), n, dtype=torch.float64)


def sinusoids(mass: torch.Tensor, wavelength: torch.Tensor) -> torch.Tensor:
    """Turn masses into waves.

    Parameters
    ----------
    mass : torch.Tensor of any shape, float64
        m/z or neutral losses in Da.
    wavelength : torch.Tensor of shape (n,), float64
        Da.

    Returns
    -------
    torch.Tensor of shape (*mass.shape, 2 n), float32
        Sines, then cosines, of 2 pi mass / wavelength.
    """
    turns = mass[..., None] / wavelength
    angle = ((turns - turns.floor()) * (2.0 * math.pi)).to(torch.float32)
    return torch.cat([angle.sin(), angle.cos()], dim=-1)
