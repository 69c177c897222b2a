"""Similarity of spectra by their peaks for SQL: the scores of ``spectradb.similarity`` over Arrow arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.similarity.methods import peak_score

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from spectradb.similarity.methods import Setting


def score_array(method: str) -> Callable[..., pa.Array]:
    """Make the Arrow function behind a score in SQL.

    Parameters
    ----------
    method : str
        Name of a score with a tolerance in Da.

    Returns
    -------
    callable
        Takes mz_a, intensity_a, mz_b, intensity_b and tolerance_da as Arrow arrays of n rows, returns n scores.
    """

    def score(
        mz_a: pa.ChunkedArray,
        intensity_a: pa.ChunkedArray,
        mz_b: pa.ChunkedArray,
        intensity_b: pa.ChunkedArray,
        tolerance_da: pa.ChunkedArray,
    ) -> pa.Array:
        return _scores(method, spectra(mz_a, intensity_a), spectra(mz_b, intensity_b), {"tolerance_da": tolerance_da})

    return score


def modified_score_array(method: str) -> Callable[..., pa.Array]:
    """Make the Arrow function behind a modified score, which knows the precursors, in SQL.

    Parameters
    ----------
    method : str
        Name of a score with a tolerance in Da.

    Returns
    -------
    callable
        Takes mz_a, intensity_a, precursor_mz_a, mz_b, intensity_b, precursor_mz_b and tolerance_da as Arrow arrays of n rows,
        returns n scores.
    """

    def score(
        mz_a: pa.ChunkedArray,
        intensity_a: pa.ChunkedArray,
        precursor_mz_a: pa.ChunkedArray,
        mz_b: pa.ChunkedArray,
        intensity_b: pa.ChunkedArray,
        precursor_mz_b: pa.ChunkedArray,
        tolerance_da: pa.ChunkedArray,
    ) -> pa.Array:
        sides = spectra(mz_a, intensity_a, precursor_mz_a), spectra(mz_b, intensity_b, precursor_mz_b)
        return _scores(method, *sides, {"tolerance_da": tolerance_da})

    return score


def weighted_cosine_array(
    mz_a: pa.ChunkedArray,
    intensity_a: pa.ChunkedArray,
    mz_b: pa.ChunkedArray,
    intensity_b: pa.ChunkedArray,
    tolerance_ppm: pa.ChunkedArray,
    weights: pa.ChunkedArray,
) -> pa.Array:
    """Score queries and library spectra by MZmine's weighted cosine.

    Parameters
    ----------
    mz_a, intensity_a : pyarrow.ChunkedArray of n lists
        Peaks of the queries.
    mz_b, intensity_b : pyarrow.ChunkedArray of n lists
        Peaks of the library spectra.
    tolerance_ppm : pyarrow.ChunkedArray of n numbers
        Tolerance in ppm.
    weights : pyarrow.ChunkedArray of n strings
        Names of weights.

    Returns
    -------
    pyarrow.Array of float64
        n scores.
    """
    settings = {"tolerance_ppm": tolerance_ppm, "weights": weights}
    return _scores("weighted_cosine", spectra(mz_a, intensity_a), spectra(mz_b, intensity_b), settings)


def spectra(mz: pa.ChunkedArray, intensity: pa.ChunkedArray, precursor_mz: pa.ChunkedArray | None = None) -> PeakBatch:
    """Build a batch with peaks by rising m/z, in whatever order they come.

    Parameters
    ----------
    mz, intensity : pyarrow.ChunkedArray of n lists
        Peaks; those that are not positive and finite are dropped.
    precursor_mz : pyarrow.ChunkedArray of n numbers, optional
        m/z of the precursors; unknown when None.

    Returns
    -------
    PeakBatch
        The n spectra.
    """
    modes = pa.nulls(len(mz), pa.string())
    if precursor_mz is None:
        precursor_mz = pa.nulls(len(mz), pa.float64())
    batch = PeakBatch.from_arrow(mz=mz, intensity=intensity, precursor_mz=precursor_mz, ion_mode=modes)
    spectrum = np.repeat(np.arange(len(batch)), batch.lengths)
    if not np.any((np.diff(batch.mz) < 0) & (np.diff(spectrum) == 0)):
        return batch
    order = np.lexsort((batch.mz, spectrum))
    return PeakBatch(
        offsets=batch.offsets,
        mz=batch.mz[order],
        intensity=batch.intensity[order],
        precursor_mz=batch.precursor_mz,
        ion_mode=batch.ion_mode,
    )


def _scores(method: str, a: PeakBatch, b: PeakBatch, settings: Mapping[str, pa.ChunkedArray]) -> pa.Array:
    """Score row by row; settings are mostly the same in all rows, and rows that share them are scored at once."""
    scores = np.zeros(len(a))
    rows: dict[tuple[Setting, ...], list[int]] = {}
    for row, values in enumerate(zip(*(column.to_pylist() for column in settings.values()), strict=True)):
        rows.setdefault(values, []).append(row)
    for values, chosen in rows.items():
        score = peak_score(method, dict(zip(settings, values, strict=True)))
        index = np.asarray(chosen, dtype=np.int64)
        scores[index] = score.scores(a, b, index, index).score
    return pa.array(scores)
