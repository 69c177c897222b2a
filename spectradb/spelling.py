"""Names in messages, pages and figures: what there is and was probably meant, and what of a name can be shown."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# What XML has no place for, and terminals take for orders; blanks and line ends stay.
_NOT_SHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """Return a text as it can be shown.

    Parameters
    ----------
    text : str
        Whatever people wrote.

    Returns
    -------
    str
        The text with U+FFFD for control characters and halves of characters.
    """
    return _NOT_SHOWN.sub("\ufffd", text)


def known_names(name: str, known: Iterable[str], *, none: str = "none yet", most: int = 12) -> str:
    """List the names that there are, and the one that was probably meant.

    Parameters
    ----------
    name : str
        A name that is not among them.
    known : iterable of str
        The names, in the order to show.
    none : str
        What to say where there are none.
    most : int
        How many to list.

    Returns
    -------
    str
        The names, no more than a line holds; and a question where one is close to the given name. Without a full stop.
    """
    names = list(known)
    told = ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
    meant = closest(name, names)
    return (told or none) + (f". Did you mean {meant!r}?" if meant else "")


def closest(name: str, known: Iterable[str]) -> str | None:
    """Find the name that was probably meant.

    Parameters
    ----------
    name : str
        What was written.
    known : iterable of str
        The names that there are.

    Returns
    -------
    str or None
        The most similar one, letter case aside, or the only one that holds what was written; None where none is close.
    """
    lower = {one.lower(): one for one in known}
    if close := get_close_matches(name.lower(), lower, n=1, cutoff=0.7):
        return lower[close[0]]
    holding = [one for low, one in lower.items() if len(name) >= 3 and name.lower() in low]
    return holding[0] if len(holding) == 1 else None
