"""The space of structures: points whose dot products are the similarities of structures.

K is the mean of the Tanimoto similarities by Morgan and by path fingerprints; with its largest eigenvectors U and eigenvalues L
on n landmarks, phi(m) = K(m, landmarks) U L ** -0.5, so that phi(a) . phi(b) is nearly K(a, b), for other molecules too (the
method of Nyström). Whoever regresses spectra on phi learns the mean of phi given a spectrum, and the largest dot product is
then the largest similarity to be expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spectradb.similarity.structures import mean_tanimoto

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.training.analogue.config import SpaceConfig

    Bits = npt.NDArray[np.uint8]
    Singles = npt.NDArray[np.float32]

_OVERSAMPLED = 32  # eigenvectors followed beside those wanted, so that the last of these are found well
_ROWS_AT_ONCE = 1024
_SMALLEST = 1e-6  # of eigenvalues that count


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class StructureSpace:
    """n structures in the space that they span.

    Parameters
    ----------
    kernel : numpy.ndarray of shape (n, n), float16
        Similarities.
    points : numpy.ndarray of shape (n, dimension), float32
        Their phi; columns beyond the number of eigenvectors are zeros.
    """

    kernel: npt.NDArray[np.float16]
    points: Singles


def structure_space(bits: Bits, *, dimension: int, config: SpaceConfig, seed: int) -> StructureSpace:
    """Build the space of some structures.

    Parameters
    ----------
    bits : numpy.ndarray of shape (n, 4096), uint8
        From :func:`spectradb.similarity.structures.fingerprint_bits`.
    dimension : int
        Eigenvectors.
    config : SpaceConfig
        Settings.
    seed : int
        Source of chance.

    Returns
    -------
    StructureSpace
        2 n**2 bytes of similarities, and the points.
    """
    n = len(bits)
    kernel = np.empty((n, n), dtype=np.float16)
    for start in range(0, n, _ROWS_AT_ONCE):
        kernel[start : start + _ROWS_AT_ONCE] = mean_tanimoto(bits[start : start + _ROWS_AT_ONCE], bits)
    chance = np.random.default_rng(seed)
    chosen = np.sort(chance.permutation(n)[: config.landmarks])
    inner = kernel[np.ix_(chosen, chosen)].astype(np.float32)
    basis = chance.standard_normal((len(chosen), min(dimension + _OVERSAMPLED, len(chosen)))).astype(np.float32)
    for _ in range(config.iterations):
        basis = np.linalg.qr(inner @ basis)[0]
    values, vectors = np.linalg.eigh((basis.T @ (inner @ basis)).astype(np.float64))
    values, vectors = values[::-1][:dimension], vectors[:, ::-1][:, :dimension]
    values, vectors = values[values > _SMALLEST], vectors[:, values > _SMALLEST]
    towards = (basis @ vectors.astype(np.float32)) / np.sqrt(values).astype(np.float32)
    points = np.zeros((n, dimension), dtype=np.float32)
    for start in range(0, n, _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        points[part, : len(values)] = kernel[part][:, chosen].astype(np.float32) @ towards
    return StructureSpace(kernel=kernel, points=points)


def map_from_bits(bits: Bits, points: Singles, *, ridge: float) -> Singles:
    """Fit the map by which structures that were not trained on are placed.

    Parameters
    ----------
    bits : numpy.ndarray of shape (n, 4096), uint8
        Fingerprints.
    points : numpy.ndarray of shape (n, dimension), float32
        Where they lie.
    ridge : float
        Penalty.

    Returns
    -------
    numpy.ndarray of shape (4096, dimension), float32
        W, by which ``bits @ W`` is near to ``points``, by ridge regression.
    """
    rows = bits.astype(np.float32)
    # Whichever of the two systems of equations is smaller: both have the same solution.
    if len(rows) < rows.shape[1]:
        gram = rows @ rows.T + ridge * np.eye(len(rows), dtype=np.float32)
        return np.asarray(rows.T @ np.linalg.solve(gram, points), dtype=np.float32)
    gram = rows.T @ rows + ridge * np.eye(rows.shape[1], dtype=np.float32)
    return np.asarray(np.linalg.solve(gram, rows.T @ points), dtype=np.float32)
