"""What the analogue network reads of a spectrum: hashed fragments and losses, the precursor's m/z as waves, the ion mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectradb.embedders.binned import BinnedEmbedder

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.embedders.analogue.shape import AnalogueShape

    Singles = npt.NDArray[np.float32]

#: m/z that the input counts as 1.
MZ_SCALE = 500.0


def hashed_features(batch: PeakBatch, shape: AnalogueShape) -> Singles:
    """Hash the fragments and neutral losses of spectra.

    Parameters
    ----------
    batch : PeakBatch
        n spectra.
    shape : AnalogueShape
        Number of slots.

    Returns
    -------
    numpy.ndarray of shape (n, features), float32
        As :class:`spectradb.embedders.binned.BinnedEmbedder` does it, with more slots; rows of unit length.
    """
    return BinnedEmbedder(dimension=shape.features).embed(batch)


def context_features(batch: PeakBatch, shape: AnalogueShape) -> Singles:
    """Describe precursors and ion modes.

    Parameters
    ----------
    batch : PeakBatch
        n spectra.
    shape : AnalogueShape
        Wavelengths.

    Returns
    -------
    numpy.ndarray of shape (n, 2 * n_wavelengths + 2), float32
        Sines, then cosines of 2 pi M / l for the precursor's m/z M and each wavelength l; the ion mode as +1 or -1; M / 500.
        Zeros stand for what is unknown.
    """
    wavelengths = np.geomspace(shape.shortest_da, shape.longest_da, shape.n_wavelengths)
    angle = 2.0 * np.pi * batch.precursor_mz[:, None] / wavelengths
    parts = [np.sin(angle), np.cos(angle), batch.ion_mode[:, None], batch.precursor_mz[:, None] / MZ_SCALE]
    return np.asarray(np.nan_to_num(np.concatenate(parts, axis=1)), dtype=np.float32)


def folded(hashed: Singles, dimension: int) -> npt.NDArray[np.float64]:
    """Fold hashed features into fewer slots.

    A feature's slot is its hash modulo their number, so that slots which are equal modulo a divisor are one slot of the
    shorter vector: the sum is what :class:`spectradb.embedders.binned.BinnedEmbedder` with that dimension makes, but for its
    length.

    Parameters
    ----------
    hashed : numpy.ndarray of shape (n, features), float32
        From :func:`hashed_features`.
    dimension : int
        A divisor of ``features``.

    Returns
    -------
    numpy.ndarray of shape (n, dimension), float64
        Sums.
    """
    return np.asarray(hashed.reshape(len(hashed), -1, dimension).sum(axis=1, dtype=np.float64))
