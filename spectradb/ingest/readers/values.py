"""Read single values of text formats: numbers, charges, MS levels and retention times, with NULL for what is not stated.

Nothing here raises on bad text: a value that cannot be read is NULL, because the peaks of its spectrum are still good.
"""

from __future__ import annotations

import re

# Case-sensitive on purpose: "NA" says "not available", "Na" is an atom.
_NOT_STATED = frozenset({"", "N/A", "n/a", "N/a", "NA", "None", "none", "NULL", "null", "NaN", "nan"})

_CHARGE = re.compile(r"([+-]?)(\d{1,3})([+-]?)$")
_MS_LEVEL = re.compile(r"(?:MS)?(\d{1,2})(?:\.0*)?$", re.IGNORECASE)
_CID = re.compile(r"(?:CID[:\s]*)?(\d{1,18})$", re.IGNORECASE)
_CID_WITHIN = re.compile(r"CID[:\s]+(\d{1,18})\b", re.IGNORECASE)
_TIME = re.compile(
    r"(?P<first>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"(?:\s*-\s*(?P<last>\d+\.?\d*))?"
    r"\s*(?P<unit>[A-Za-z]*)(?=[\s(;]|$)"
)
_SECONDS_PER = {"s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0}
_SECONDS_PER |= {"m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0}
_SECONDS_PER |= {"ms": 1e-3, "h": 3600.0, "hour": 3600.0, "hours": 3600.0}


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


def number(text: str | None) -> float | None:
    """Return a number, or None.

    Parameters
    ----------
    text : str or None
        The number as the file spells it.

    Returns
    -------
    float or None
        The number; None when it is not stated or not a number.
    """
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def precursor_mz(text: str | None) -> float | None:
    """Return the m/z of the precursor, from ``mz``, ``mz intensity charge`` or an isolation sequence ``mz/mz``.

    Parameters
    ----------
    text : str or None
        The field as the file spells it. MGF adds intensity and charge after a blank; MSn records name the ions isolated one
        after the other, parted by a slash or comma, of which the last was the one fragmented.

    Returns
    -------
    float or None
        The m/z; None when it is not stated or not a number.
    """
    if text is None:
        return None
    plain = number(text)
    if plain is not None:
        return plain
    sequence = [part.split() for part in re.split(r"[/,;]|->", text)]
    last = sequence[-1] or [""]
    return number(last[0])


def charge(text: str | None) -> int | None:
    """Return a charge from ``1``, ``+1``, ``1+``, ``-2``, ``2-`` or ``0``.

    Parameters
    ----------
    text : str or None
        The charge as the file spells it.

    Returns
    -------
    int or None
        The charge, signed when the file signs it; None when it is not stated or ambiguous ("2+ and 3+").
    """
    match = _CHARGE.match(text) if text is not None else None
    if match is None:
        return None
    before, digits, after = match.groups()
    return -int(digits) if "-" in (before, after) else int(digits)


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
    if text.upper() in {"MS", "MS/MS"}:
        return 1 if len(text) == 2 else 2
    match = _MS_LEVEL.match(text)
    return int(match.group(1)) if match else None


def seconds(text: str | None, *, bare: str) -> float | None:
    """Return a retention time in seconds.

    Parameters
    ----------
    text : str or None
        The time as the file spells it, such as ``4.0 min``, ``240 s`` or ``4.0``; of a range the middle is taken.
    bare : str
        The unit that the format means when none is written: "s" or "min".

    Returns
    -------
    float or None
        Seconds; None when the time is not stated, negative (how MS-DIAL writes "unknown"), or in a unit that is no time.
    """
    match = _TIME.match(text) if text is not None else None
    if match is None:
        return None
    scale = _SECONDS_PER.get((match["unit"] or bare).lower())
    first = float(match["first"])
    value = first if match["last"] is None else (first + float(match["last"])) / 2
    return None if scale is None or value < 0 else value * scale


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
