"""Inner products as DuckDB computes them, bit by bit: in single precision, one component after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectradb.arrays.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray


@compiled()
def products_in_order(query: NDArray[np.float32], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply one vector with each row of a matrix, as ``array_inner_product`` of DuckDB 1 does.

    DuckDB 2 adds in another order, so that its last digit may be another one.

    Parameters
    ----------
    query : numpy.ndarray of float32, shape (d,)
        The vector.
    vectors : numpy.ndarray of float32, shape (n, d)
        The matrix.

    Returns
    -------
    numpy.ndarray of float32, shape (n,)
        Inner products. Additions of one row wait for each other, so four rows are multiplied at a time.
    """
    n, dimension = vectors.shape
    found = np.empty(n, dtype=np.float32)
    whole = n - n % 4
    for row in range(0, whole, 4):
        sum0, sum1, sum2, sum3 = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
        for i in range(dimension):
            sum0 += query[i] * vectors[row, i]
            sum1 += query[i] * vectors[row + 1, i]
            sum2 += query[i] * vectors[row + 2, i]
            sum3 += query[i] * vectors[row + 3, i]
        found[row], found[row + 1], found[row + 2], found[row + 3] = sum0, sum1, sum2, sum3
    for row in range(whole, n):
        total = np.float32(0)
        for i in range(dimension):
            total += query[i] * vectors[row, i]
        found[row] = total
    return found
