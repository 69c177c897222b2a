"""Spectra as they might have been measured: peaks missing, amplitudes changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectradb.arrays.peak_batch import PeakBatch

if TYPE_CHECKING:
    from spectradb.training.analogue.config import PeakChanges


def changed(batch: PeakBatch, changes: PeakChanges, chance: np.random.Generator) -> PeakBatch:
    """Drop peaks and change amplitudes.

    Parameters
    ----------
    batch : PeakBatch
        n spectra.
    changes : PeakChanges
        How much.
    chance : numpy.random.Generator
        Source of chance.

    Returns
    -------
    PeakBatch
        The spectra, changed; the base peak of each stays.
    """
    n, total = len(batch), len(batch.mz)
    row = np.repeat(np.arange(n), batch.lengths)
    highest = np.zeros(n, dtype=np.float32)
    np.maximum.at(highest, row, batch.intensity)
    amplitude = np.sqrt(batch.intensity.astype(np.float64) / highest[row])
    rate = chance.uniform(0.0, changes.dropout, n)
    kept = chance.random(total) >= rate[row] * (1.0 - amplitude)
    # An amplitude is the root of an intensity.
    factor = np.exp(2.0 * changes.jitter * chance.standard_normal(total))
    lengths = np.bincount(row[kept], minlength=n)
    return PeakBatch(
        offsets=np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)]),
        mz=batch.mz[kept],
        intensity=(amplitude**2 * factor).astype(np.float32)[kept],
        precursor_mz=batch.precursor_mz,
        ion_mode=batch.ion_mode,
    )
