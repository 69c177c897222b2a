"""Numbers as text: decimal points and decimal commas, grouped thousands, and what a record tells about them.

``281,2013306`` can only be a decimal comma and ``1,234.5`` only grouped thousands. ``1,250`` can be either; then the other
numbers of the record decide, and where they do not, the number is refused. An m/z is taken to be below 20,000, so that
``208,060`` as an m/z tells, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST_MZ = 20000.0

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?P<group>[,.'])\d{3})(?:(?P=group)\d{3})*(?:(?P<decimal>[.,])\d+)?", re.ASCII)
_EITHER = re.compile(r"[+-]?(?P<head>[1-9]\d{0,2})(?P<mark>[,.])\d{3}", re.ASCII)
_LONGEST_PLAIN = 40
_NO_NUMBER = frozenset({"nan", "inf", "infinity", "1.#inf", "1.#qnan", "1.#ind"})


class Marks(NamedTuple):
    """Which characters are seen to part the decimals of a record's numbers.

    Parameters
    ----------
    comma : bool
        Some number can only be read with a decimal comma.
    point : bool
        Some number can only be read with a decimal point.
    """

    comma: bool = False
    point: bool = False


NO_MARKS = Marks()


class UnclearNumber(ValueError):
    """Text that is no number, or may be two different ones; the message quotes it."""


def number(text: str, marks: Marks = NO_MARKS) -> float:
    """Read a number.

    Parameters
    ----------
    text : str
        The number, without blanks.
    marks : Marks
        What the other numbers of the record tell.

    Returns
    -------
    float
        The number; NaN for the words that programs print for one that is not finite.

    Raises
    ------
    UnclearNumber
        The text is no number, or may be two different ones.
    """
    either = _EITHER.fullmatch(text)
    if either:
        return _settled(text, either["mark"], marks)
    if _PLAIN.fullmatch(text):
        return float(text)
    if _COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    grouped = _GROUPED.fullmatch(text)
    if grouped and grouped["group"] != grouped["decimal"]:
        return float(text.replace(grouped["group"], "").replace(",", "."))
    if text.lstrip("+-").lower() in _NO_NUMBER:
        return float("nan")
    raise UnclearNumber(f"{text[:40]!r} is no number")


def _settled(text: str, mark: str, marks: Marks) -> float:
    """Read ``1,250`` or ``1.250``."""
    if mark == ".":
        if marks.comma:
            raise UnclearNumber(f"{text!r} is beside decimal commas and may be {text.replace('.', '')} or a decimal point")
        return float(text)
    if marks.comma == marks.point:
        raise UnclearNumber(f"{text!r} may be {text.replace(',', '.')} or {text.replace(',', '')}")
    return float(text.replace(",", "." if marks.comma else ""))


def is_plain(text: str) -> bool:
    """Tell whether text is a number with a decimal point or none, as nearly all are.

    Parameters
    ----------
    text : str
        The number.

    Returns
    -------
    bool
        Whether it is a finite number of digits.
    """
    return len(text) < _LONGEST_PLAIN and _PLAIN.fullmatch(text) is not None and "e" not in text and "E" not in text


def is_unclear(text: str) -> bool:
    """Tell whether text can be read as a number, if not as a single one.

    Parameters
    ----------
    text : str
        The number, without blanks.

    Returns
    -------
    bool
        True for ``1,250``, which may be two numbers, and for ``350.100,175``, in which the comma may part them.
    """
    return bool(_EITHER.fullmatch(text) or _GROUPED.fullmatch(text))


def marks(texts: Iterable[str], *, mz: bool = False) -> Marks:
    """Tell which decimal marks some numbers can only have.

    Parameters
    ----------
    texts : iterable of str
        Numbers; what is none is passed over.
    mz : bool
        Whether they are m/z, which are below 20,000.

    Returns
    -------
    Marks
        The marks seen for certain.
    """
    seen: set[str] = set()
    for text in texts:
        either = _EITHER.fullmatch(text)
        if either:
            if mz and float(either["head"]) * 1000 >= LARGEST_MZ:
                seen.add(either["mark"])
        elif _PLAIN.fullmatch(text):
            if "." in text:
                seen.add(".")
        elif _COMMA.fullmatch(text):
            seen.add(",")
        else:
            grouped = _GROUPED.fullmatch(text)
            if grouped and grouped["group"] != "'":
                seen.add("." if grouped["group"] == "," else ",")
            elif grouped and grouped["decimal"]:
                seen.add(grouped["decimal"])
        if len(seen) == 2:
            break
    return Marks("," in seen, "." in seen)


def either_of(first: Marks, second: Marks) -> Marks:
    """Join what two groups of numbers tell.

    Parameters
    ----------
    first, second : Marks
        What each tells.

    Returns
    -------
    Marks
        What both tell together.
    """
    return Marks(first.comma or second.comma, first.point or second.point)
