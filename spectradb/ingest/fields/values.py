"""Read single values of text formats: numbers, charges, MS levels and retention times, with NULL for what is not stated.

Nothing here raises on bad text: a value that cannot be read is NULL, because the peaks of its spectrum are still good.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from spectradb.ingest.fields import decimals, vocabulary
from spectradb.ingest.fields.decimals import NO_MARKS, Marks, UnclearNumber

# Case-sensitive on purpose: "NA" says "not available", "Na" is an atom.
_NOT_STATED = frozenset({"", "N/A", "n/a", "N/a", "NA", "None", "none", "NULL", "null", "NaN", "nan"})

_MS_LEVEL = re.compile(r"(?:MS)?(\d{1,2})(?:[.,]0*)?$", re.IGNORECASE)
_COUNT = re.compile(r"0*([0-9]{1,9})")
_CID = re.compile(r"(?:CID[:\s]*)?(\d{1,18})$", re.IGNORECASE)
_CID_WITHIN = re.compile(r"CID[:\s]+(\d{1,18})\b", re.IGNORECASE)
_AMOUNT = r"[+-]?[\d.,']*\d[\d.,']*(?:[eE][+-]?\d+)?"
_TIME = re.compile(rf"(?P<first>{_AMOUNT})(?:\s*-\s*(?P<last>{_AMOUNT}))?\s*(?P<unit>[A-Za-z]*)\.?(?=[\s(;]|$)")
_ISO_TIME = re.compile(r"P(?:0+D)?T(?=\d)(?:([\d.,]+)H)?(?:([\d.,]+)M)?(?:([\d.,]+)S)?", re.IGNORECASE)
_CLOCK_TIME = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d(?:[.,]\d+)?)")
SECONDS_PER = {"s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0}
SECONDS_PER |= {"m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0}
SECONDS_PER |= {"ms": 1e-3, "h": 3600.0, "hour": 3600.0, "hours": 3600.0}


class RetentionTime(NamedTuple):
    """A retention time as stated.

    Parameters
    ----------
    value : float
        The number; negative where a program writes that it has none.
    scale : float or None
        Seconds in its unit; None where no unit is stated.
    """

    value: float
    scale: float | None


def stated(value: object) -> str | None:
    """Return a value as text without blanks and quotes around it, or None where the file says that it has none.

    Parameters
    ----------
    value : object
        A scalar of the file: text, a number or None. Lists and mappings are no scalar, and count as not stated.

    Returns
    -------
    str or None
        The text; None for empty text, "N/A" and its spellings.
    """
    if value is None or isinstance(value, (list, dict)):
        return None
    text = value.strip() if isinstance(value, str) else str(value)
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    if text in _NOT_STATED:
        return None
    # A JSON document can hold half a surrogate pair, which is no text that Arrow takes.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def number(text: str | None, marks: Marks = NO_MARKS) -> float | None:
    """Return a number, or None.

    Parameters
    ----------
    text : str or None
        The number as the file spells it.
    marks : Marks
        What the other numbers of the record tell about decimal marks.

    Returns
    -------
    float or None
        The number; None when it is not stated, not a number, not finite, or may be two different numbers.
    """
    if text is None:
        return None
    if not marks.comma and decimals.is_plain(text):
        return float(text)
    try:
        value = decimals.number(text.strip(), marks)
    except UnclearNumber:
        return None
    return value if math.isfinite(value) else None


def precursor_mz(text: str | None, marks: Marks = NO_MARKS) -> float | None:
    """Return the m/z of the precursor, from ``mz``, ``mz intensity charge`` or an isolation sequence ``mz/mz``.

    Parameters
    ----------
    text : str or None
        The field as the file spells it. MGF adds intensity and charge after a blank; MSn records name the ions isolated one
        after the other, parted by a slash or comma, of which the last was the one fragmented.
    marks : Marks
        What the other numbers of the record tell about decimal marks.

    Returns
    -------
    float or None
        The m/z; None when it is not stated, not a number, or may be two different ones: ``350,175`` can be a decimal comma or
        a sequence. ``350.175`` has a decimal point beside decimal commas too, since no m/z is 350,175.
    """
    if text is None:
        return None
    if not marks.comma and decimals.is_plain(text):
        return float(text)
    sequence = re.split(r"[/;]|->|,(?=\s)|(?<=\s),", text.strip(",; "))
    words = sequence[-1].split()
    if not words:
        return None
    last = words[0]
    value = number(last, marks)
    if value is None and decimals.is_plain(last) and decimals.marks([last], mz=True).point:
        value = float(last)
    if value is not None and value < decimals.LARGEST_MZ:
        return value
    parts = [number(part) for part in last.split(",")]
    if len(parts) > 1 and value is None and not decimals.is_unclear(last):
        return parts[-1] if None not in parts else None
    return None


def precursor_words(text: str) -> list[str]:
    """Return the numbers of a precursor field that tell how decimals are written: m/z and, behind it, the intensity.

    Parameters
    ----------
    text : str
        The field as the file spells it.

    Returns
    -------
    list of str
        The words.
    """
    return [word.strip(",;") for word in re.split(r"[/;\s]|->", text) if word]


def charge(text: str | None) -> int | None:
    """Return a charge from ``1``, ``+1``, ``1+``, ``1.0``, ``-2``, ``2-``, ``-1-``, ``--`` or ``0``.

    Parameters
    ----------
    text : str or None
        The charge as the file spells it.

    Returns
    -------
    int or None
        The charge, signed when the file signs it, 0 where the file says that it is unknown; None when it is not stated, when
        several are (``2+ and 3+``), or when it is no charge.
    """
    return None if text is None else vocabulary.stated_charge(text)


def ms_level(text: str | None) -> int | None:
    """Return the MS level from ``2``, ``MS2``, ``MS`` or ``MS/MS``.

    Parameters
    ----------
    text : str or None
        The level as the file spells it.

    Returns
    -------
    int or None
        The level, MS being 1; None when it is not stated or of no single order ("MSn").
    """
    if text is None:
        return None
    if text.upper() in {"MS", "MS/MS", "MSMS"}:
        return 1 if len(text) == 2 else 2
    match = _MS_LEVEL.match(text)
    return int(match.group(1)) if match else None


def retention_time(text: str | None, marks: Marks = NO_MARKS) -> RetentionTime | None:
    """Read a retention time.

    Parameters
    ----------
    text : str or None
        The time as the file spells it, such as ``4.0 min``, ``4.52 min.``, ``240 s``, ``PT330S``, ``0:05:30`` or ``4.0``; of a
        range the middle is taken.
    marks : Marks
        What the other numbers of the record tell about decimal marks.

    Returns
    -------
    RetentionTime or None
        The time; None when it is not stated, in a unit that is no time, or may be two different numbers.
    """
    if text is None:
        return None
    whole = _ISO_TIME.fullmatch(text) or _CLOCK_TIME.fullmatch(text)
    if whole:
        parts = [number(part or "0") for part in whole.groups()]
        if any(part is None for part in parts):
            return None
        return RetentionTime(sum((part or 0.0) * scale for part, scale in zip(parts, (3600.0, 60.0, 1.0), strict=True)), 1.0)
    match = _TIME.match(text)
    if match is None:
        return None
    scale = SECONDS_PER.get(match["unit"].lower()) if match["unit"] else None
    first = number(match["first"], marks)
    last = first if match["last"] is None else number(match["last"], marks)
    if first is None or last is None or (match["unit"] and scale is None):
        return None
    return RetentionTime((first + last) / 2, scale)


def seconds(text: str | None, *, bare: str, marks: Marks = NO_MARKS) -> float | None:
    """Return a retention time in seconds.

    Parameters
    ----------
    text : str or None
        The time as :func:`retention_time` takes it.
    bare : str
        The unit that is meant when none is written: "s" or "min".
    marks : Marks
        What the other numbers of the record tell about decimal marks.

    Returns
    -------
    float or None
        Seconds; None when the time is not stated, negative (how MS-DIAL writes "unknown"), or in a unit that is no time.
    """
    time = retention_time(text, marks)
    if time is None or time.value < 0:
        return None
    return time.value * (time.scale or SECONDS_PER[bare])


def count(text: str) -> int | None:
    """Read a number of things, such as of peaks.

    Parameters
    ----------
    text : str
        The number as the file spells it.

    Returns
    -------
    int or None
        The number; None where it is none, or more than any file holds.
    """
    match = _COUNT.fullmatch(text)
    return int(match[1]) if match else None


def pubchem_cid(text: str | None) -> int | None:
    """Return a PubChem compound identifier from ``5325``, ``CID:5325`` or ``SID:11916 CID:5325``.

    Parameters
    ----------
    text : str or None
        The link as the file spells it.

    Returns
    -------
    int or None
        The compound identifier; None when it is not stated, or when only a substance (SID) is named.
    """
    if text is None:
        return None
    match = _CID.match(text) or _CID_WITHIN.search(text)
    return int(match.group(1)) if match else None
