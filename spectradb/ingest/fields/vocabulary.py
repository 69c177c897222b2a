"""The words that files use for "unknown", ion mode and charge, and what they mean."""

from __future__ import annotations

import re
from functools import lru_cache

_PLACEHOLDERS = frozenset({"", "-", "--", "?", "n/a", "na", "n.a.", "n.d.", "nan", "none", "null", "unknown", "not available"})

# A sign counts at the end ("ESI+", "ESI(+)") or alone; words count at the start of a word ("Positive-20eV", "ESI neg").
_MODE_WORDS = {
    "positive": re.compile(r"(?<![a-z])(?:pos|plus\b)|\Ap\Z|(?<![/+-])\+(?:ve|1(?:\.0*)?)?\Z|\A1(?:\.0*)?\Z"),
    "negative": re.compile(r"(?<![a-z])(?:neg|minus\b)|\An\Z|(?<![/+-])-(?:ve|1(?:\.0*)?)?\Z"),
}
_MODE_SIGNS = str.maketrans("\u2212\u2013\u2014\u2010\uff0b\uff0d", "----+-")
_CHARGE = re.compile(r"([+-])?\s*(\d{1,3})(?:[.,]0*)?\s*([+-])?|([+-]{1,4})")
_CHARGE_BRACKETS = str.maketrans("", "", "()[]")
_SEVERAL = re.compile(r"\s*(?:\band\b|\bor\b|[,;/&|])\s*", re.IGNORECASE)

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
    lowered = (text or "").translate(_MODE_SIGNS).strip("()[]. \t").lower()
    found = [mode for mode, words in _MODE_WORDS.items() if words.search(lowered)]
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=4096)
def stated_charge(text: str) -> int | None:
    """Read a charge as stated.

    Parameters
    ----------
    text : str
        ``"2"``, ``"2+"``, ``"-1"``, ``"1.0"``, ``"++"``, ``"(1+)"``; pyopenms writes ``"-1-"``.

    Returns
    -------
    int or None
        The charge, signed when the text signs it, 0 where it says that it is unknown; None when several are named
        (``"2+ and 3+"``), its signs contradict each other, it is beyond 127, or the text is no charge.
    """
    read = _CHARGE.fullmatch(text.translate(_MODE_SIGNS).translate(_CHARGE_BRACKETS).strip())
    if not read:
        return None
    signs = set(read[4] or f"{read[1] or ''}{read[3] or ''}")
    magnitude = len(read[4]) if read[4] else int(read[2])
    if len(signs) > 1 or magnitude > _LARGEST_CHARGE:
        return None
    return -magnitude if "-" in signs else magnitude


def names_several_charges(text: str) -> bool:
    """Tell whether a text names more than one charge.

    Parameters
    ----------
    text : str
        As stated: ``"2+ and 3+"``, ``"2+,3+"``.

    Returns
    -------
    bool
        Whether it does.
    """
    parts = [stated_charge(part) for part in _SEVERAL.split(text)]
    return len(set(parts)) > 1 and None not in parts


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
    signed = stated_charge(value) if isinstance(value, str) else value
    if not signed or abs(signed) > _LARGEST_CHARGE:
        return None
    sign = {"positive": 1, "negative": -1}.get(ion_mode or "")
    return sign * abs(signed) if sign else signed
