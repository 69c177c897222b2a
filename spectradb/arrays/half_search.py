"""Finding the half-precision vectors behind single-precision ones, so that an index keeps half the bytes and loses nothing.

A lab records vectors of unit length rounded to half precision, and publishes them brought back to unit length. Such a vector is
``w * c`` with ``w`` in half precision and one factor ``c`` close to 1. Rounding it nearly always gives ``w`` again. Where few
components carry the length, ``c`` may be so far from 1 that the largest component lands beside its place: then its neighbours
are tried, and each gives the factor. Whatever is found is multiplied out and compared before it is taken.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from spectradb.arrays.compiled import compiled

Single = npt.NDArray[np.float32]
Bits = npt.NDArray[np.uint16]

# Largest relative and absolute difference of a component multiplied out: single precision rounds by 6e-8.
_RELATIVE, _ABSOLUTE = 1e-6, 1e-9
_SMALLEST_NORMAL, _LARGEST = 2.0**-14, 65504.0
# One unit in the last place of half precision, as a share of a component, and a little beyond.
_NEIGHBOURS = (0.0, -(2.0**-10), 2.0**-10, -(2.0**-11), 2.0**-11)

#: What :func:`find_half` says of rows: all found, one that is not such a vector, one that is not finite.
FOUND, NOT_HALF, NOT_FINITE = 0, 1, 2


@compiled()
def find_half(vectors: Single, halves: Bits, scales: Single) -> int:
    """Find, for each vector, one in half precision and the factor that brings it back.

    Parameters
    ----------
    vectors : numpy.ndarray of float32, shape (n, dimension)
        Vectors.
    halves : numpy.ndarray of uint16, shape (n, stride)
        Is filled with the bits of the half-precision vectors, from column ``dimension`` on with zeros.
    scales : numpy.ndarray of float32, shape (n,)
        Is filled with the factors: 1 where the vector itself is half precision, else one over the half-precision vector's
        length.

    Returns
    -------
    int
        :data:`FOUND`, or the first reason why there is no such thing; then the rest is not filled in.
    """
    dimension = vectors.shape[1]
    rounded = np.empty(dimension, np.float32)
    bits = rounded.view(np.uint32)
    for row in range(len(vectors)):
        vector = vectors[row]
        largest = _largest(vector)
        if not math.isfinite(largest):
            return NOT_FINITE
        if largest > _LARGEST:
            return NOT_HALF
        scales[row] = 0
        for change in _NEIGHBOURS:
            _round(vector, np.float32(1 + change), rounded)
            if change == 0 and _is_same(vector, rounded):
                scales[row] = 1
            else:
                length = math.sqrt(_square_length(rounded))
                scale = np.float32(1 / length) if length > 0 else np.float32(0)
                if _is_near(vector, rounded, scale):
                    scales[row] = scale
            if scales[row] > 0:
                break
        if scales[row] == 0:
            return NOT_HALF
        for j in range(dimension):
            sign, rest = bits[j] >> 16 & 0x8000, bits[j] & 0x7FFFFFFF
            # Below the normal numbers a half is a whole multiple of 2**-24.
            tiny = np.uint32(abs(rounded[j]) * np.float32(2**24))
            halves[row, j] = sign | (tiny if rest < 0x38800000 else (rest - 0x38000000) >> 13)
        halves[row, dimension:] = 0
    return FOUND


@compiled()
def _round(vector: Single, factor: np.float32, rounded: Single) -> None:
    """Round a multiple of a vector to the numbers of half precision."""
    # The factor is met by the largest component only roughly: what counts is that it lands on the right one of them, from which
    # the factor follows exactly.
    if factor != 1:
        top = 0
        for j in range(len(vector)):
            if abs(vector[j]) > abs(vector[top]):
                top = j
        factor = _rounded(vector[top] * factor) / vector[top]
    for j in range(len(vector)):
        rounded[j] = _rounded(vector[j] * factor)


@compiled()
def _rounded(value: np.float32) -> np.float32:
    """Round to 11 bits (Veltkamp's splitting; Dekker, Numerische Mathematik 18, 1971), or to multiples of 2**-24."""
    high = value * np.float32(8193)
    normal = high - (high - value)
    tiny = np.rint(value * np.float32(2**24)) * np.float32(2**-24)
    return normal if abs(value) >= np.float32(_SMALLEST_NORMAL) else tiny


@compiled()
def _is_same(vector: Single, rounded: Single) -> bool:
    different = 0
    for j in range(len(vector)):
        different += vector[j] != rounded[j]
    return different == 0


@compiled()
def _is_near(vector: Single, rounded: Single, scale: np.float32) -> bool:
    far = 0
    for j in range(len(vector)):
        difference = abs(rounded[j] * scale - vector[j])
        far += difference > np.float32(_RELATIVE) * abs(vector[j]) + np.float32(_ABSOLUTE)
    return far == 0


@compiled(fastmath={"reassoc", "contract"})
def _square_length(vector: Single) -> float:
    total = 0.0
    for j in range(len(vector)):
        total += np.float64(vector[j]) * np.float64(vector[j])
    return total


@compiled()
def _largest(vector: Single) -> float:
    """Return the largest absolute component; not finite where one is not."""
    largest, unfit = np.float32(0), 0
    for j in range(len(vector)):
        largest = max(largest, abs(vector[j]))
        unfit += not math.isfinite(vector[j])
    return math.inf if unfit else float(largest)
