"""Embedding spectra from SQL and into columns: the bridge from Arrow lists to the encoder's arrays and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb.arrays.half_precision import narrowed, widened
from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedders.embedder import PreparingEmbedder

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from spectradb.embedders.embedder import Embedder


def half_precision_vectors(model: Embedder, batch: PeakBatch, *, device: str = "cpu") -> np.ndarray[Any, np.dtype[np.float16]]:
    """Embed a batch as it is stored: in half precision.

    Parameters
    ----------
    model : Embedder
        The model.
    batch : PeakBatch
        n spectra.
    device : str
        ``"cpu"`` or ``"cuda"``.

    Returns
    -------
    numpy.ndarray of float16, shape (n, dimension)
        Vectors of unit length; zero for a spectrum without peaks.
    """
    return narrowed(model.embed(batch, device=device))


def prepared_vectors(
    model: Embedder, batch: PeakBatch, *, device: str = "cpu"
) -> Callable[[], np.ndarray[Any, np.dtype[np.float16]]]:
    """Do the part of :func:`half_precision_vectors` that needs no model, and leave the rest for later.

    Parameters
    ----------
    model, batch, device
        As for :func:`half_precision_vectors`.

    Returns
    -------
    callable
        Computes and returns the vectors.
    """
    if not isinstance(model, PreparingEmbedder):
        return lambda: half_precision_vectors(model, batch, device=device)
    prepared = model.prepare(batch)
    return lambda: narrowed(model.embed_prepared(prepared, device=device))


def as_arrow(vectors: np.ndarray[Any, np.dtype[np.float32]]) -> pa.FixedSizeListArray:
    """Hand vectors to a database.

    Parameters
    ----------
    vectors : numpy.ndarray of float32, shape (n, dimension)
        Vectors.

    Returns
    -------
    pyarrow.FixedSizeListArray
        n lists of ``dimension`` numbers.
    """
    return pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])


def embed_array(load: Callable[[], Embedder]) -> Callable[..., pa.Array]:
    """Make the Arrow function behind ``embed`` in SQL.

    Parameters
    ----------
    load : callable
        Returns the model; called with every batch, so that nothing is loaded before it is needed.

    Returns
    -------
    callable
        Takes mz, intensity, precursor_mz and ion_mode as Arrow arrays of n spectra, returns n vectors as FLOAT[dimension].
    """

    def embed(
        mz: pa.ChunkedArray, intensity: pa.ChunkedArray, precursor_mz: pa.ChunkedArray, ion_mode: pa.ChunkedArray
    ) -> pa.Array:
        model = load()
        batch = PeakBatch.from_arrow(mz=mz, intensity=intensity, precursor_mz=precursor_mz, ion_mode=ion_mode)
        return as_arrow(widened(half_precision_vectors(model, batch)))

    return embed
