"""Trying a model on a few made-up spectra before a lab takes it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.errors import BadModel

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.embedders.embedder import Embedder

_TOLERANCE = 1e-3  # half precision, in which vectors are stored, is no finer
_ALIKE = 1e-6


def probe(model: Embedder, *, place: Path) -> None:
    """Embed made-up spectra and check what every embedder promises.

    Parameters
    ----------
    model : Embedder
        The model.
    place : pathlib.Path
        Its file, for messages.

    Raises
    ------
    BadModel
        It fails, its vectors are all alike, or a vector depends on chance or on what else is embedded with it.
    """
    batch = made_up_spectra()
    together = model.embed(batch)
    apart = np.concatenate([model.embed(batch.slice(i, i + 1)) for i in range(len(batch))])
    if np.abs(model.embed(batch) - together).max() > _TOLERANCE:
        raise BadModel(f"{place}: the model gives other vectors each time. Export it in evaluation mode, without dropout.")
    if np.abs(apart - together).max() > _TOLERANCE:
        raise BadModel(
            f"{place}: a spectrum's vector depends on what else is in its batch. Export the model in evaluation mode; if it "
            'takes no mask, set padding to "fixed" or max_batch to 1 in its JSON file.'
        )
    if np.abs(together[:-1] - together[0]).max() < _ALIKE:
        raise BadModel(f"{place}: the model gives every spectrum the same vector. Check what its JSON file says of its inputs.")


def made_up_spectra() -> PeakBatch:
    """Make spectra of 1, 3, 40 and 150 peaks in both ion modes, and one without peaks.

    Returns
    -------
    PeakBatch
        5 spectra.
    """
    lengths = np.array([1, 3, 40, 150, 0])
    place = np.arange(int(lengths.sum()))
    # Whole multiples of the golden ratio, modulo 1: evenly spread, and the same everywhere.
    share = np.asarray(place * 0.6180339887498949 % 1.0, dtype=np.float64)
    row = np.repeat(np.arange(len(lengths)), lengths)
    mz = 50.0 + 300.0 * share
    return PeakBatch(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        mz=mz[np.lexsort((mz, row))],
        intensity=(1.0 + 99.0 * (place * 0.7548776662466927 % 1.0)).astype(np.float32),
        precursor_mz=np.array([181.0707, 255.1016, 361.2010, 402.1547, 300.0]),
        ion_mode=np.array([1, -1, 1, -1, 1], dtype=np.int8),
    )
