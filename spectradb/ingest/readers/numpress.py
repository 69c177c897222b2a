"""Decoding of MS-Numpress arrays (Teleman et al., Mol Cell Proteomics 2014, 13, 1537).

The reference decoder is C++ and ends the whole process when an array is damaged, so it is not used here. Integers are stored
in half-bytes, each with a head that says how many follow. Only the walk from head to head is sequential; the rest is arrays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# By value of the head: how many of the eight half-bytes of a 32-bit integer are left out (0 to 8 zeros, or 1 to 7 times 0xF).
_OMITTED = (0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7)
_STEP = tuple(9 - omitted for omitted in _OMITTED)  # half-bytes from one head to the next


def decode_linear(packed: bytes) -> NDArray[np.float64]:
    """Decode linear prediction: fixed-point numbers stored as residuals of extrapolating the last two.

    Parameters
    ----------
    packed : bytes
        Scaling factor (8 bytes, big-endian double), the first two integers (4 bytes each, little-endian), residuals.

    Returns
    -------
    numpy.ndarray of shape (n_items,), float64
        The numbers, as a rule m/z.

    Raises
    ------
    ValueError
        The array is damaged.
    """
    scale = _scale(packed)
    if len(packed) not in {8, 12} and len(packed) < 16:
        raise ValueError(f"a Numpress array of {len(packed)} bytes breaks off within its first two numbers")
    first = np.frombuffer(packed[8:16], dtype="<u4").astype(np.int64)
    if len(first) < 2:
        return _divided(first, scale)
    steps = np.cumsum(np.concatenate([first[1:] - first[:1], _integers(packed[16:])]))
    return _divided(np.concatenate([first[:1], first[0] + np.cumsum(steps)]), scale)


def decode_pic(packed: bytes) -> NDArray[np.float64]:
    """Decode positive integers.

    Parameters
    ----------
    packed : bytes
        The integers, in half-bytes.

    Returns
    -------
    numpy.ndarray of shape (n_items,), float64
        The numbers, as a rule ion counts.

    Raises
    ------
    ValueError
        The array is damaged.
    """
    return (_integers(packed) & 0xFFFFFFFF).astype(np.float64)


def decode_slof(packed: bytes) -> NDArray[np.float64]:
    """Decode short logged floats: ``exp(item / scale) - 1`` of 16-bit integers.

    Parameters
    ----------
    packed : bytes
        Scaling factor (8 bytes, big-endian double), then 2 bytes (little-endian) an item.

    Returns
    -------
    numpy.ndarray of shape (n_items,), float64
        The numbers, as a rule intensities.

    Raises
    ------
    ValueError
        The array is damaged.
    """
    scale = _scale(packed)
    if len(packed) % 2:
        raise ValueError(f"a Numpress array of {len(packed)} bytes breaks off within a number")
    with np.errstate(over="ignore"):
        numbers = np.expm1(_divided(np.frombuffer(packed[8:], dtype="<u2"), scale))
    return _finite(numbers)


def _scale(packed: bytes) -> float:
    if len(packed) < 8:
        raise ValueError(f"a Numpress array of {len(packed)} bytes has no scaling factor")
    scale = float(np.frombuffer(packed[:8], dtype=">f8")[0])
    if not np.isfinite(scale) or scale <= 0:
        raise ValueError(f"a Numpress array has the impossible scaling factor {scale:g}")
    return scale


def _divided(numbers: NDArray[Any], scale: float) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        return _finite(numbers / scale)


def _finite(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    if not np.isfinite(numbers).all():
        raise ValueError("a Numpress array holds numbers beyond all bounds")
    return numbers


def _integers(packed: bytes) -> NDArray[np.int64]:
    """Read signed 32-bit integers from half-bytes, of which the high one of a byte comes first."""
    whole = np.frombuffer(packed, dtype=np.uint8)
    halves = np.column_stack([whole >> 4, whole & 15]).ravel()
    end = len(halves)
    heads, reached = _walk(halves)
    if len(heads) and heads[-1] == end - 1 and halves[-1] == 0:
        heads = heads[:-1]  # a last half-byte of 0 only fills its byte: an integer with that head has eight more
    elif reached != end:
        raise ValueError("a Numpress array breaks off within a number")
    head = halves[heads]
    kept = 8 - np.array(_OMITTED)[head]
    numbers = np.zeros(len(heads), dtype=np.int64)
    padded = np.concatenate([halves, np.zeros(8, dtype=np.uint8)]).astype(np.int64)
    for i in range(8):  # least significant half-byte first
        numbers += np.where(i < kept, padded[heads + 1 + i] << (4 * i), 0)
    # Of what was left out, ones make the number negative; with nothing left out the highest half-byte itself does.
    numbers -= np.where(head > 8, np.int64(1) << (4 * kept), 0)
    return np.where(numbers >= 2**31, numbers - 2**32, numbers)


def _walk(halves: NDArray[np.uint8]) -> tuple[NDArray[np.int64], int]:
    heads = []
    position = 0
    values = halves.tobytes()
    end = len(values)
    while position < end:
        heads.append(position)
        position += _STEP[values[position]]
    return np.array(heads, dtype=np.int64), position
