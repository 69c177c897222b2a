"""The words that files use for "unknown", ion mode and charge, and what they mean."""

from __future__ import annotations

import re
from functools import lru_cache

_PLACEHOLDERS = frozenset({"", "-", "--", "?", "n/a", "na", "n.a.", "n.d.", "nan", "none", "null", "unknown", "not available"})

# A sign counts at the end ("ESI+") or alone; "pos" and "neg" count at the start of a word ("Positive-20eV", "ESI neg").
_MODE_WORDS = {
    "positive": re.compile(r"(?<![a-z])pos|\Ap\Z|(?<![/-])\+(?:ve|1)?\Z|\A1\Z"),
    "negative": re.compile(r"(?<![a-z])neg|\An\Z|(?<![/+])-(?:ve|1)?\Z"),
}
_CHARGE = re.compile(r"([+-])?\s*(\d{1,2})(?:\.0+)?\s*([+-])?\Z|([+-]{1,4})\Z")

_LARGEST_CHARGE = 127  # the tables hold charges in one byte


def stated(text: str | None) -> str | None:
    """Return the text unless it is a placeholder for "unknown".

    Parameters
    ----------
    text : str or None
        Any metadata value.

    Returns
    -------
    str or None
        The text without surrounding blanks; None for ``"N/A"``, ``"n.d."``, ``""`` and their like.
    """
    if text is None:
        return None
    stripped = text.strip()
    return None if stripped.lower() in _PLACEHOLDERS else stripped


@lru_cache(maxsize=4096)
def ion_mode(text: str | None) -> str | None:
    """Read an ion mode.

    Parameters
    ----------
    text : str or None
        As spelled in a file: ``"POSITIVE"``, ``"pos"``, ``"P"``, ``"+"``, ``"ESI-"``, ``"Positive-20eV"``, ``"n/a"``.

    Returns
    -------
    {"positive", "negative"} or None
        None when the text says neither or both.
    """
    lowered = (text or "").strip().lower()
    found = [mode for mode, words in _MODE_WORDS.items() if words.search(lowered)]
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=4096)
def charge(value: int | str | None, ion_mode: str | None = None) -> int | None:
    """Read a charge and give it the sign of the ion mode.

    Parameters
    ----------
    value : int, str or None
        As stated: ``2``, ``"2+"``, ``"-1"``, ``"1"``, ``"++"``; 0 means unknown.
    ion_mode : {"positive", "negative"}, optional
        Decides the sign, because files write ``1+`` or a bare ``1`` in negative mode too.

    Returns
    -------
    int or None
        Signed charge; None when it is unknown, more than one is named (``"2+ and 3+"``), or it is beyond 127.
    """
    if value is None:
        return None
    read = _CHARGE.match(value.strip()) if isinstance(value, str) else None
    if isinstance(value, int):
        signed = value
    elif read and read[4] and len(set(read[4])) == 1:
        signed = len(read[4]) * (-1 if "-" in read[4] else 1)
    elif read and read[2]:
        signed = int(read[2]) * (-1 if "-" in (read[1] or read[3] or "") else 1)
    else:
        return None
    if not 0 < abs(signed) <= _LARGEST_CHARGE:
        return None
    sign = {"positive": 1, "negative": -1}.get(ion_mode or "")
    return sign * abs(signed) if sign else signed
