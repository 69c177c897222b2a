"""Read lines of peaks, as MGF and MSP write them, into lists of m/z and intensity.

One pass over all numbers of a record serves nearly every record; only where the count of numbers shows that lines hold
something else (a third column, an annotation, rubbish) is each line looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUOTED = re.compile(r'"[^"]*"?')
_SEPARATORS = str.maketrans(",()\t", "    ")
_JOINED_SEPARATORS = str.maketrans(";:,()\t", "      ")


class BadPeaks(ValueError):
    """Lines that are no peaks; the message quotes the first such line."""


def parse_pairs(lines: Sequence[str]) -> tuple[list[float], list[float]]:
    """Read one peak per line: m/z, intensity, and further columns that are ignored.

    Parameters
    ----------
    lines : sequence of str
        The lines, with or without line ends.

    Returns
    -------
    mz : list of float
        m/z, in the order of the file.
    intensity : list of float
        Intensities, of the same length.

    Raises
    ------
    BadPeaks
        A line does not begin with two numbers.
    """
    tokens = " ".join(lines).split()
    if len(tokens) == 2 * len(lines):
        try:
            values = list(map(float, tokens))
        except ValueError:
            return _pairs_by_line(lines)
        mz = values[0::2]
        # A line of three numbers beside a line of one gives the right count but shifts columns, which breaks the m/z order.
        if mz == sorted(mz):
            return mz, values[1::2]
    return _pairs_by_line(lines)


def parse_counted(lines: Sequence[str], *, expected: int) -> tuple[list[float], list[float]]:
    """Read a known number of peaks, one or several per line, in any punctuation of MSP.

    Read are ``mz int``, ``mz,int``, ``(mz,int)``, ``mz:int``, peaks parted by semicolons, and after each peak a comment,
    quoted or not.

    Parameters
    ----------
    lines : sequence of str
        The lines, with or without line ends.
    expected : int
        Number of peaks that the record states.

    Returns
    -------
    mz : list of float
        m/z, in the order of the file.
    intensity : list of float
        Intensities, of the same length.

    Raises
    ------
    BadPeaks
        A line holds something else, or the number of peaks is not the one stated.
    """
    text = " ".join(lines)
    if '"' not in text:
        tokens = text.translate(_JOINED_SEPARATORS).split()
        if len(tokens) == 2 * expected:
            try:
                values = list(map(float, tokens))
            except ValueError:
                pass
            else:
                return values[0::2], values[1::2]
    mz, intensity = _counted_by_line(lines)
    if len(mz) != expected:
        raise BadPeaks(f"the record states {expected} peaks and holds {len(mz)}")
    return mz, intensity


def _pairs_by_line(lines: Sequence[str]) -> tuple[list[float], list[float]]:
    mz: list[float] = []
    intensity: list[float] = []
    for line in lines:
        columns = line.split()
        if not columns:
            continue
        try:
            pair = float(columns[0]), float(columns[1])
        except (ValueError, IndexError):
            raise BadPeaks(f"{line.strip()[:60]!r} is no peak (m/z, intensity)") from None
        mz.append(pair[0])
        intensity.append(pair[1])
    return mz, intensity


def _counted_by_line(lines: Sequence[str]) -> tuple[list[float], list[float]]:
    mz: list[float] = []
    intensity: list[float] = []
    for line in lines:
        for part in _QUOTED.sub(";", line).split(";"):
            tokens = part.translate(_SEPARATORS).split()
            if not tokens:
                continue
            try:
                if ":" in tokens[0]:
                    pairs = [(float(m), float(i)) for m, i in (token.split(":") for token in tokens)]
                else:
                    pairs = [(float(tokens[0]), float(tokens[1]))]
            except (ValueError, IndexError):
                raise BadPeaks(f"{line.strip()[:60]!r} is no peak (m/z, intensity)") from None
            mz.extend(m for m, _ in pairs)
            intensity.extend(i for _, i in pairs)
    return mz, intensity
