import contextlib
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectradb.ingest.readers.numpress import decode_linear, decode_pic, decode_slof

FACTOR_100 = struct.pack(">d", 100.0)


def test_linear_literal():
    # 100.00 and 101.00, then residuals of extrapolation: 0 (head 8) gives 102.00, 5 (head 7) 103.05, -1 (head F) 104.09
    packed = FACTOR_100 + struct.pack("<II", 10000, 10100) + bytes([0x87, 0x5F, 0xF0])
    assert decode_linear(packed).tolist() == [100.0, 101.0, 102.0, 103.05, 104.09]


def test_linear_of_fewer_than_three():
    assert decode_linear(FACTOR_100).tolist() == []
    assert decode_linear(FACTOR_100 + struct.pack("<I", 10025)).tolist() == [100.25]
    assert decode_linear(FACTOR_100 + struct.pack("<II", 10025, 9975)).tolist() == [100.25, 99.75]


def test_pic_literal():
    # 100 = 0x64 (head 6, lowest half-byte first), 1 (head 7), 0 (head 8)
    assert decode_pic(bytes([0x64, 0x67, 0x18])).tolist() == [100.0, 1.0, 0.0]
    assert decode_pic(b"").tolist() == []


def test_slof_literal():
    packed = struct.pack(">d", 2.0) + struct.pack("<3H", 0, 2, 4)
    assert decode_slof(packed).tolist() == pytest.approx([0.0, math.e - 1, math.e**2 - 1])


@pytest.mark.parametrize(
    ("decode", "packed", "message"),
    [
        (decode_linear, b"1234567", "no scaling factor"),
        (decode_linear, struct.pack(">d", 0.0), "impossible scaling factor 0"),
        (decode_linear, struct.pack(">d", math.nan), "impossible scaling factor nan"),
        (decode_linear, FACTOR_100 + b"12345", "breaks off within its first two numbers"),
        (decode_linear, FACTOR_100 + struct.pack("<II", 1, 2) + b"\x12", "breaks off within a number"),
        (decode_linear, struct.pack(">d", 5e-324) + struct.pack("<II", 1, 2), "beyond all bounds"),
        (decode_pic, b"\x00\x00", "breaks off within a number"),
        (decode_slof, FACTOR_100 + b"123", "breaks off within a number"),
        (decode_slof, struct.pack(">d", 1.0) + b"\xff\xff", "beyond all bounds"),
    ],
)
def test_damage(decode, packed, message):
    with pytest.raises(ValueError, match=message):
        decode(packed)


def encode(numbers):
    """Half-bytes of signed 32-bit integers, written from the format's description."""
    halves = []
    for number in numbers:
        digits = [(number >> (4 * i)) & 15 for i in range(8)]
        filler = 15 if digits[7] == 15 else 0
        omitted = 0
        while omitted < (7 if filler else 8) and digits[7 - omitted] == filler:
            omitted += 1
        halves += [omitted + (8 if filler else 0), *digits[: 8 - omitted]]
    halves += [0] * (len(halves) % 2)
    return bytes(16 * high + low for high, low in zip(halves[::2], halves[1::2], strict=True))


@given(st.lists(st.integers(min_value=0, max_value=2**32 - 1)))
def test_pic_round_trip(numbers):
    assert decode_pic(encode(numbers)).tolist() == numbers


@given(st.lists(st.integers(min_value=0, max_value=2**28), min_size=2, max_size=200))
def test_linear_round_trip(numbers):
    residuals = [c - 2 * b + a for a, b, c in zip(numbers, numbers[1:], numbers[2:], strict=False)]
    packed = struct.pack(">d", 1.0) + struct.pack("<II", *numbers[:2]) + encode(residuals)
    assert decode_linear(packed).tolist() == numbers


@given(st.binary(max_size=200), st.sampled_from([decode_linear, decode_pic, decode_slof]))
def test_any_bytes_give_numbers_or_value_error(packed, decode):
    numbers = np.empty(0)
    with contextlib.suppress(ValueError):
        numbers = decode(packed)
    assert np.isfinite(numbers).all()


@given(st.lists(st.floats(min_value=10, max_value=5000), min_size=2, max_size=300))  # the reference refuses one
def test_same_as_the_reference(numbers):
    pynumpress = pytest.importorskip("pynumpress", reason="the reference implementation is not installed")
    values = np.sort(np.array(numbers))
    for encode_, decode, factor in (
        (pynumpress.encode_linear, decode_linear, 10_000.0),
        (pynumpress.encode_slof, decode_slof, pynumpress.optimal_slof_fixed_point(values)),
    ):
        packed = np.asarray(encode_(values, factor), dtype=np.uint8).tobytes()
        reference = {decode_linear: pynumpress.decode_linear, decode_slof: pynumpress.decode_slof}[decode]
        np.testing.assert_allclose(decode(packed), reference(np.frombuffer(packed, dtype=np.uint8)), rtol=1e-9)
    packed = np.asarray(pynumpress.encode_pic(values), dtype=np.uint8).tobytes()
    assert decode_pic(packed).tolist() == pynumpress.decode_pic(np.frombuffer(packed, dtype=np.uint8)).tolist()
