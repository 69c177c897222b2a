"""From peaks to the arrays that an exported model takes, as its settings say (:mod:`spectradb.embedders.exported.settings`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedders.exported.settings import AXES

if TYPE_CHECKING:
    from spectradb.embedders.exported.settings import ExportedSettings

FloatArray = npt.NDArray[np.float64]


def model_inputs(batch: PeakBatch, settings: ExportedSettings) -> list[np.ndarray[Any, Any]]:
    """Make the inputs of a model.

    Parameters
    ----------
    batch : PeakBatch
        n spectra, n at least 1, each with peaks, and with a precursor m/z where the settings read it.
    settings : ExportedSettings
        How.

    Returns
    -------
    list of numpy.ndarray
        One array per input, in the settings' order, types and shapes.
    """
    mz, intensity, present = _tokens(batch, settings)
    parts: dict[str, np.ndarray[Any, Any]] = {
        "peaks": np.stack([mz, intensity], axis=-1),
        "mz": mz,
        "intensity": intensity,
        "mask": present,
        "padding_mask": ~present,
        "precursor_mz": np.nan_to_num(batch.precursor_mz) / settings.mz_scale,
        "ion_mode": batch.ion_mode,
        "n_tokens": present.sum(axis=1),
    }
    return [_shaped(parts[one.holds], AXES[one.holds], one.shape).astype(one.dtype) for one in settings.inputs]


def taken(batch: PeakBatch, rows: npt.NDArray[np.int64]) -> PeakBatch:
    """Pick spectra of a batch.

    Parameters
    ----------
    batch : PeakBatch
        Spectra.
    rows : numpy.ndarray of shape (m,), int64
        Which.

    Returns
    -------
    PeakBatch
        m spectra, in the order of ``rows``.
    """
    lengths = batch.lengths[rows]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
    peaks = np.arange(offsets[-1]) + np.repeat(batch.offsets[rows] - offsets[:-1], lengths)
    return PeakBatch(
        offsets=offsets,
        mz=batch.mz[peaks],
        intensity=batch.intensity[peaks],
        precursor_mz=batch.precursor_mz[rows],
        ion_mode=batch.ion_mode[rows],
    )


def _tokens(batch: PeakBatch, settings: ExportedSettings) -> tuple[FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Make m/z, intensity and presence of tokens, each of shape (n, tokens)."""
    n = len(batch)
    row = np.repeat(np.arange(n), batch.lengths)
    intensity = batch.intensity.astype(np.float64)
    relative = intensity / np.maximum.reduceat(intensity, batch.offsets[:-1])[row]
    kept = np.flatnonzero(relative >= settings.min_relative_intensity)
    kept = kept[np.lexsort((batch.mz[kept], -relative[kept], row[kept]))]
    rank = _rank(row[kept], n)
    if settings.n_peaks is not None:
        kept = kept[rank < settings.n_peaks]
    if settings.peak_order == "mz":
        kept = kept[np.lexsort((batch.mz[kept], row[kept]))]
    row, mz = row[kept], batch.mz[kept] / settings.mz_scale
    values = _scaled(_transformed(relative[kept], settings.intensity_transform), row, n, settings.intensity_norm)

    first = 0 if settings.precursor_token is None else 1
    counts = np.bincount(row, minlength=n)
    width = first + (settings.n_peaks if settings.padding == "fixed" and settings.n_peaks else int(counts.max()))
    place = (row, first + _rank(row, n))
    tokens_mz, tokens_intensity = np.zeros((n, width)), np.zeros((n, width))
    tokens_mz[place], tokens_intensity[place] = mz, values
    if settings.precursor_token is not None:
        tokens_mz[:, 0] = batch.precursor_mz / settings.mz_scale
        tokens_intensity[:, 0] = settings.precursor_token
    return tokens_mz, tokens_intensity, np.arange(width) < (first + counts)[:, None]


def _rank(row: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    """Count the entries of each row from 0, where rows ascend."""
    counts = np.bincount(row, minlength=n)
    return np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)


def _transformed(relative: FloatArray, transform: str) -> FloatArray:
    if transform == "sqrt":
        return np.sqrt(relative)
    return np.log1p(relative) if transform == "log1p" else relative


def _scaled(values: FloatArray, row: npt.NDArray[np.int64], n: int, norm: str) -> FloatArray:
    if norm == "max":
        largest = np.zeros(n)
        np.maximum.at(largest, row, values)
        return values / largest[row]
    if norm == "sum":
        return values / np.bincount(row, values, minlength=n)[row]
    return values / np.sqrt(np.bincount(row, values**2, minlength=n))[row] if norm == "unit" else values


def _shaped(array: np.ndarray[Any, Any], axes: tuple[str, ...], shape: tuple[str | int, ...]) -> np.ndarray[Any, Any]:
    """Put named axes into the order of a shape, with axes of length 1 where it has ones."""
    turned = array.transpose([axes.index(str(axis)) for axis in shape if axis != 1])
    ones = [i for i, axis in enumerate(shape) if axis == 1]
    return np.ascontiguousarray(np.expand_dims(turned, tuple(ones)))
