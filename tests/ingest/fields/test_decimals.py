import math
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spectradb.ingest.fields.decimals import Marks, UnclearNumber, marks, number
from spectradb.ingest.readers.peaklines import BadPeaks, UnclearPeaks, parse_counted, parse_pairs

COMMA, POINT, BOTH = Marks(comma=True), Marks(point=True), Marks(comma=True, point=True)


@pytest.mark.parametrize(
    ("text", "seen", "value"),
    [
        ("281.2013306", Marks(), 281.2013306),
        ("281,2013306", Marks(), 281.2013306),
        ("12,0", Marks(), 12.0),
        (",5", Marks(), 0.5),
        ("0,250", Marks(), 0.25),
        ("1234,567", Marks(), 1234.567),
        ("1,2E+03", Marks(), 1200.0),
        ("1e5", Marks(), 1e5),
        ("1.234,5", Marks(), 1234.5),
        ("1,234.5", Marks(), 1234.5),
        ("1,234,567", Marks(), 1234567.0),
        ("1.234.567", Marks(), 1234567.0),
        ("1'234.5", Marks(), 1234.5),
        ("1.250", Marks(), 1.25),
        ("1,250", COMMA, 1.25),
        ("1,250", POINT, 1250.0),
    ],
)
def test_numbers(text, seen, value):
    assert number(text, seen) == value


@pytest.mark.parametrize(
    ("text", "seen"),
    [("1,250", Marks()), ("1,250", BOTH), ("1.250", COMMA), ("1.250", BOTH)]
    + [(text, Marks()) for text in ("", "1_000", "1,2,3", "12,34.5", "1,23,456", "1.2.3", "12 5", "x", "1,", "1e", "0x1")],
)
def test_unclear_numbers(text, seen):
    with pytest.raises(UnclearNumber):
        number(text, seen)


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-Inf", "1.#QNAN"])
def test_words_for_no_number_are_not_finite(text):
    assert math.isnan(number(text))


@pytest.mark.parametrize(
    ("texts", "mz", "seen"),
    [
        (["1", "2e5", "x"], False, Marks()),
        (["1.5"], False, POINT),
        (["1,5"], False, COMMA),
        (["1,5", "2.5"], False, BOTH),
        (["1,250", "2.500"], False, Marks()),
        (["69,044"], False, Marks()),
        (["69,044"], True, COMMA),
        (["69.044"], True, POINT),
        (["1,250.5"], False, POINT),
        (["1.250,5"], False, COMMA),
        (["1,250,000"], False, POINT),
        (["1'250,5"], False, COMMA),
    ],
)
def test_marks(texts, mz, seen):
    assert marks(texts, mz=mz) == seen


@example(text="20000.1", seen=Marks())
@given(text=st.text(alphabet="0123456789.,'+-eE", max_size=12), seen=st.sampled_from([Marks(), COMMA, POINT, BOTH]))
def test_a_number_is_read_as_its_digits_or_refused(text, seen):
    try:
        value = number(text, seen)
    except UnclearNumber:
        return
    mantissa = text.lower().partition("e")[0]
    digits = "".join(filter(str.isdigit, mantissa)).strip("0")
    if "e" not in text.lower():
        # The shortest text that means this very number: so few digits come back as they were.
        assert "".join(filter(str.isdigit, f"{Decimal(repr(abs(value))):f}")).strip("0") == digits
    assert math.copysign(1, value) == (-1 if text.startswith("-") else 1)


@pytest.mark.parametrize(
    ("lines", "beside", "peaks"),
    [
        (["69,0447 120"], Marks(), ([69.0447], [120.0])),
        (["69,0447\t120,5\t1+"], Marks(), ([69.0447], [120.5])),
        (["69,044 1,250"], Marks(), ([69.044], [1.25])),
        (["69.0447 1,250"], Marks(), ([69.0447], [1250.0])),
        (["69.0447 1,250", "70.5 12"], Marks(), ([69.0447, 70.5], [1250.0, 12.0])),
        (["69 1,250"], POINT, ([69.0], [1250.0])),
        (["69 1,250"], COMMA, ([69.0], [1.25])),
        (["69.0447, 120"], Marks(), ([69.0447], [120.0])),
        (["69.0447 50%", "70.5 100%"], Marks(), ([69.0447, 70.5], [50.0, 100.0])),
        (["69.0447 1.2E+03", "70.5 1e5"], Marks(), ([69.0447, 70.5], [1200.0, 1e5])),
    ],
)
def test_one_peak_a_line(lines, beside, peaks):
    assert parse_pairs(lines, beside) == peaks
    assert parse_counted(lines, expected=len(lines), beside=beside)[0] == peaks[0]


@pytest.mark.parametrize(
    ("lines", "expected", "peaks"),
    [
        (["12,0 24.5,5"], 2, ([12.0, 24.5], [0.0, 5.0])),
        (["12,0 24,5"], 2, ([12.0, 24.0], [0.0, 5.0])),
        (["12,0 24,5"], 1, ([12.0], [24.5])),
        (["12,5:24,5 13,5:7"], 2, ([12.5, 13.5], [24.5, 7.0])),
        (["12:24,13:7"], 2, ([12.0, 13.0], [24.0, 7.0])),
        (["(12,0) (24.5,5)"], 2, ([12.0, 24.5], [0.0, 5.0])),
        (["12,5 0; 24,25 1;"], 2, ([12.5, 24.25], [0.0, 1.0])),
        (['69,0447 120 "C4H5O, 3 ppm"'], 1, ([69.0447], [120.0])),
        (["69,0447 120 C4H5O"], 1, ([69.0447], [120.0])),
        (["12.5 3 1", "13.5 4 1", "14.5 5 1", "15.5 6 1"], 4, ([12.5, 13.5, 14.5, 15.5], [3.0, 4.0, 5.0, 6.0])),
    ],
)
def test_the_count_tells_what_commas_part(lines, expected, peaks):
    assert parse_counted(lines, expected=expected) == peaks


@pytest.mark.parametrize(
    ("lines", "beside"),
    [
        (["69 1,250"], Marks()),
        (["69,0447 1.250"], Marks()),
        (["69 1.250"], COMMA),
        (["69,0447 5", "70.0447 1,250"], Marks()),
        (["69.5 50%", "70.5 100"], Marks()),
    ],
)
def test_what_may_be_two_numbers_is_refused(lines, beside):
    with pytest.raises(UnclearPeaks):
        parse_pairs(lines, beside)
    with pytest.raises(UnclearPeaks):
        parse_counted(lines, expected=len(lines), beside=beside)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["69,0447 120,5"], 2),
        (["69,0447,120,5"], 1),
        (["69,0447 120", "70,0447 20"], 3),
        (["12.5 3 1", "13.5 4 1"], 3),
        (["1_0 5"], 1),
    ],
)
def test_peaks_that_do_not_fit_their_count_are_refused(lines, expected):
    with pytest.raises(BadPeaks):
        parse_counted(lines, expected=expected)
