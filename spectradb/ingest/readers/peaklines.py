"""Read lines of peaks, as MGF and MSP write them, into lists of m/z and intensity.

One pass over all numbers of a record serves nearly every record; only where commas, percent signs or the count of numbers show
that lines hold something else (decimal commas, a third column, an annotation, rubbish) is each line looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from spectradb.ingest.fields import decimals
from spectradb.ingest.fields.decimals import NO_MARKS, Marks, UnclearNumber

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Peaks = tuple[list[float], list[float]]
Pairs = list[tuple[str, str, str]]  # m/z and intensity as written, and the line they stand in

_QUOTED = re.compile(r'"[^"]*"?')
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_JOINED_SEPARATORS = str.maketrans(";:()\t", "     ")
# What float() reads otherwise than it is meant, and what only the careful way reads.
_CAREFUL = re.compile(r"[,_%']")
_NUMBER_LIKE = re.compile(r"[+-]?(?:[.,]?\d|nan\b|inf)", re.IGNORECASE)


class BadPeaks(ValueError):
    """Lines that are no peaks; the message quotes the first such line."""


class UnclearPeaks(BadPeaks):
    """Lines that may be different peaks; the message says which number is unclear."""


def parse_pairs(lines: Sequence[str], beside: Marks = NO_MARKS) -> Peaks:
    """Read one peak per line: m/z, intensity, and further columns that are ignored.

    Parameters
    ----------
    lines : sequence of str
        The lines, with or without line ends.
    beside : Marks
        What the record's other numbers tell about decimal marks.

    Returns
    -------
    mz : list of float
        m/z, in the order of the file.
    intensity : list of float
        Intensities, of the same length.

    Raises
    ------
    BadPeaks
        A line does not begin with two numbers, or with numbers that may be two different ones.
    """
    text = " ".join(lines)
    if not beside.comma and not _CAREFUL.search(text):
        tokens = text.split()
        if len(tokens) == 2 * len(lines):
            peaks = _floats(tokens)
            # A line of three numbers beside a line of one gives the right count but shifts columns, which breaks the m/z order.
            if peaks and peaks[0] == sorted(peaks[0]):
                return peaks
    pairs = []
    for line in lines:
        columns = [column.strip(",;") for column in line.split()]
        if not columns:
            continue
        if len(columns) < 2:
            raise _no_peak(line)
        pairs.append((columns[0], columns[1], line))
    return _read_pairs(pairs, beside)


def parse_counted(lines: Sequence[str], *, expected: int, beside: Marks = NO_MARKS) -> Peaks:
    """Read a known number of peaks, one or several per line, in any punctuation of MSP.

    Read are ``mz int``, ``mz,int``, ``(mz,int)``, ``mz:int``, peaks parted by semicolons, and after each peak a comment,
    quoted or not. Whether a comma parts numbers or decimals is told by the number of peaks that the record states.

    Parameters
    ----------
    lines : sequence of str
        The lines, with or without line ends.
    expected : int
        Number of peaks that the record states.
    beside : Marks
        What the record's other numbers tell about decimal marks.

    Returns
    -------
    mz : list of float
        m/z, in the order of the file.
    intensity : list of float
        Intensities, of the same length.

    Raises
    ------
    BadPeaks
        A line holds something else, the number of peaks is not the one stated, or a number may be two different ones.
    """
    text = " ".join(lines)
    if '"' not in text and not beside.comma and not _CAREFUL.search(text):
        tokens = text.translate(_JOINED_SEPARATORS).split()
        if len(tokens) == 2 * expected:
            peaks = _floats(tokens)
            if peaks and (peaks[0] == sorted(peaks[0]) or _are_even(lines)):
                return peaks
    parts = list(_parts(lines))
    readings = _readings(parts, expected, beside, with_commas="," in text)
    if len(readings) > 1:
        raise UnclearPeaks(f"{lines[0].strip()[:60]!r}: its commas may part numbers or decimals")
    if not readings:
        raise _miscounted(parts, expected)
    return readings[0]


def _readings(parts: list[tuple[list[str], str]], expected: int, beside: Marks, *, with_commas: bool) -> list[Peaks]:
    """Read peaks in every way that gives the number expected; refuse where one of the ways meets an unclear number."""
    readings: list[Peaks] = []
    for pairs in _fitting_pairs(parts, expected, with_commas=with_commas):
        peaks = _read_pairs(pairs, beside)
        if peaks not in readings:
            readings.append(peaks)
    return readings


def _fitting_pairs(parts: list[tuple[list[str], str]], expected: int, *, with_commas: bool) -> Iterator[Pairs]:
    """Pair words in every way that gives the number of peaks expected."""
    for commas_part in (False, True) if with_commas else (False,):
        for several in (False, True):
            pairs = _pairs(parts, commas_part=commas_part, several=several)
            if pairs is not None and len(pairs) == expected:
                yield pairs


def peak_marks(lines: Sequence[str]) -> Marks:
    """Tell which decimal marks the peaks of a record can only have.

    Parameters
    ----------
    lines : sequence of str
        Lines of peaks.

    Returns
    -------
    Marks
        The marks seen for certain.
    """
    tokens = [re.split(r"[\s;:]+", line.strip()) for line in lines]
    heights = [column.strip(",") for columns in tokens for column in columns[1:2]]
    return number_marks([columns[0].strip(",") for columns in tokens if columns], heights)


def counted_marks(lines: Sequence[str], *, expected: int) -> Marks:
    """Tell which decimal marks a known number of peaks can only have: not commas that part numbers.

    Parameters
    ----------
    lines : sequence of str
        Lines of peaks.
    expected : int
        Number of peaks that the record states.

    Returns
    -------
    Marks
        The marks seen for certain.
    """
    seen = NO_MARKS
    for pairs in _fitting_pairs(list(_parts(lines)), expected, with_commas="," in "".join(lines)):
        seen = decimals.either_of(seen, number_marks([mz for mz, _, _ in pairs], [height for _, height, _ in pairs]))
    return seen


def number_marks(mzs: Sequence[str], intensities: Sequence[str]) -> Marks:
    """Tell which decimal marks numbers of peaks that are parted already can only have.

    Parameters
    ----------
    mzs, intensities : sequence of str
        The numbers as the file spells them.

    Returns
    -------
    Marks
        The marks seen for certain.
    """
    return decimals.either_of(decimals.marks(mzs, mz=True), decimals.marks(intensities))


def read_numbers(mzs: Sequence[str], intensities: Sequence[str], beside: Marks = NO_MARKS) -> Peaks:
    """Read numbers of peaks that are parted already.

    Parameters
    ----------
    mzs, intensities : sequence of str
        The numbers as the file spells them, of the same length.
    beside : Marks
        What the record's other numbers tell about decimal marks.

    Returns
    -------
    mz : list of float
        m/z, in the order of the file.
    intensity : list of float
        Intensities.

    Raises
    ------
    BadPeaks
        A text is no number or may be two different ones.
    """
    return _read_pairs([(m, i, f"{m} {i}") for m, i in zip(mzs, intensities, strict=True)], beside)


def _floats(tokens: list[str]) -> Peaks | None:
    try:
        values = list(map(float, tokens))
    except ValueError:
        return None
    return values[0::2], values[1::2]


def _are_even(lines: Sequence[str]) -> bool:
    return all(len(line.translate(_JOINED_SEPARATORS).split()) % 2 == 0 for line in lines)


def _parts(lines: Sequence[str]) -> Iterator[tuple[list[str], str]]:
    """Split lines where semicolons and quoted comments part peaks, into words with the line they stand in."""
    for line in lines:
        for part in _QUOTED.sub(";", line).split(";"):
            plain = _PARENTHESES.sub(lambda group: f" {' : '.join(group[1].split(','))} ", part)
            words = re.sub(r"\s*:\s*", ":", plain.replace("(", " ").replace(")", " ")).split()
            if words:
                yield words, line


def _pairs(parts: list[tuple[list[str], str]], *, commas_part: bool, several: bool) -> Pairs | None:
    """Pair the words of each part in one way of reading it; None where that way does not fit."""
    pairs: Pairs = []
    for words, line in parts:
        numbers = [word for text in words for word in (text.replace(",", " ").split() if commas_part else [text.strip(",")])]
        numbers = [word for word in numbers if word]
        if numbers and ":" in numbers[0]:
            couples = [word.split(":") for word in numbers]
            if any(len(couple) != 2 for couple in couples):
                return None
            pairs += [(m, i, line) for m, i in couples]
            continue
        leading = next((n for n, word in enumerate(numbers) if not _NUMBER_LIKE.match(word)), len(numbers))
        if several:
            if leading != len(numbers) or leading % 2:
                return None
            if commas_part and any(word[:1] == "0" and word[1:2].isdecimal() for word in numbers):
                return None  # "69,0447": digits behind a comma, no number of its own
            pairs += [(m, i, line) for m, i in zip(numbers[0::2], numbers[1::2], strict=True)]
        elif leading < 2 or (commas_part and leading != 2):
            return None
        else:
            pairs.append((numbers[0], numbers[1], line))
    return pairs


def _read_pairs(pairs: Pairs, beside: Marks) -> Peaks:
    intensities = [intensity for _, intensity, _ in pairs]
    percent = sum(text.endswith("%") for text in intensities)
    if percent and percent < len(pairs):
        raise UnclearPeaks(f"{pairs[0][2].strip()[:60]!r}: some intensities are in percent and others are not")
    if percent:
        intensities = [text[:-1] for text in intensities]
    words = [word for (m, _, _), intensity in zip(pairs, intensities, strict=True) for word in (m, intensity)]
    if not beside.comma and not _CAREFUL.search(" ".join(words)) and (peaks := _floats(words)):
        return peaks
    marks = number_marks(words[0::2], words[1::2])
    marks = beside if marks == NO_MARKS else marks
    mz: list[float] = []
    heights: list[float] = []
    for (m, _, line), height in zip(pairs, intensities, strict=True):
        try:
            mz.append(decimals.number(m, marks))
            heights.append(decimals.number(height, marks))
        except UnclearNumber as error:
            if "may be" in str(error):
                raise UnclearPeaks(f"{line.strip()[:60]!r}: {error}") from None
            raise _no_peak(line) from None
    return mz, heights


def _no_peak(line: str) -> BadPeaks:
    return BadPeaks(f"{line.strip()[:60]!r} is no peak (m/z, intensity)")


def _miscounted(parts: list[tuple[list[str], str]], expected: int) -> BadPeaks:
    """Say what is wrong where no way of reading gives the number of peaks stated."""
    for words, line in parts:
        numbers = [word for text in words for word in text.replace(",", " ").replace(":", " ").split()]
        if len(numbers) < 2 or not all(_NUMBER_LIKE.match(word) for word in numbers[:2]):
            return _no_peak(line)
    one_a_line = _pairs(parts, commas_part=False, several=False) or _pairs(parts, commas_part=True, several=True)
    held = len(one_a_line) if one_a_line is not None else len(parts)
    return BadPeaks(f"the record states {expected} peaks and holds {held}")
