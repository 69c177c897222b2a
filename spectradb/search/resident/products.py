"""Inner products as DuckDB computes them, bit by bit: in single precision, one component after the other.

Some builds of DuckDB round each product before they add it, others only the sum (a fused multiply-add): which, depends on its
version and on the processor. So the engine is asked.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.arrays.compiled import compiled
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rows and length of the vectors that the engine is asked for: so many that two ways of adding never agree by chance.
_ASKED = (50, 203)


@compiled()
def _rounded_twice(total: np.float32, first: np.float32, second: np.float32) -> np.float32:
    return total + first * second


@compiled(fastmath={"contract"})
def _rounded_once(total: np.float32, first: np.float32, second: np.float32) -> np.float32:
    return total + first * second


@compiled()
def products_in_order(query: NDArray[np.float32], vectors: NDArray[np.float32], fused: bool) -> NDArray[np.float32]:  # noqa: FBT001 - compiled
    """Multiply one vector with each row of a matrix.

    Parameters
    ----------
    query : numpy.ndarray of float32, shape (d,)
        The vector.
    vectors : numpy.ndarray of float32, shape (n, d)
        The matrix.
    fused : bool
        Round only sums, where the processor can; else each product, too.

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
        if fused:
            for i in range(dimension):
                sum0 = _rounded_once(sum0, query[i], vectors[row, i])
                sum1 = _rounded_once(sum1, query[i], vectors[row + 1, i])
                sum2 = _rounded_once(sum2, query[i], vectors[row + 2, i])
                sum3 = _rounded_once(sum3, query[i], vectors[row + 3, i])
        else:
            for i in range(dimension):
                sum0 = _rounded_twice(sum0, query[i], vectors[row, i])
                sum1 = _rounded_twice(sum1, query[i], vectors[row + 1, i])
                sum2 = _rounded_twice(sum2, query[i], vectors[row + 2, i])
                sum3 = _rounded_twice(sum3, query[i], vectors[row + 3, i])
        found[row], found[row + 1], found[row + 2], found[row + 3] = sum0, sum1, sum2, sum3
    for row in range(whole, n):
        total = np.float32(0)
        if fused:
            for i in range(dimension):
                total = _rounded_once(total, query[i], vectors[row, i])
        else:
            for i in range(dimension):
                total = _rounded_twice(total, query[i], vectors[row, i])
        found[row] = total
    return found


@functools.cache
def engine_fuses() -> bool | None:
    """Ask the engine how it adds up inner products.

    Returns
    -------
    bool or None
        What ``fused`` of :func:`products_in_order` is to be. None: it adds in neither way.
    """
    # The compiler, which takes long to load, is left to the first search.
    n, dimension = _ASKED
    random = np.random.default_rng(1)
    query, vectors = (random.normal(size=shape).astype(np.float32) for shape in (dimension, (n, dimension)))
    table = pa.table(
        {
            "place": range(n),
            "query": pa.FixedSizeListArray.from_arrays(np.tile(query, n), dimension),
            "row": pa.FixedSizeListArray.from_arrays(vectors.ravel(), dimension),
        }
    )
    with duckdb.connect() as con:
        con.register("made_up_vectors", table)
        found = to_arrow(con, schemas.read("queries/adhoc/inner_products"))["product"].to_numpy()
    twice, once = np.zeros(n, dtype=np.float32), np.zeros(n, dtype=np.float32)
    for i in range(dimension):
        twice += query[i] * vectors[:, i]
        # The product of two numbers in single precision is exact in double precision.
        once = (once.astype(np.float64) + np.float64(query[i]) * vectors[:, i].astype(np.float64)).astype(np.float32)
    ways = [fused for fused, added in ((False, twice), (True, once)) if np.array_equal(added, found)]
    return ways[0] if ways else None
