"""The name of a record: what a source calls the compound, without what it writes around the name.

Libraries put where a spectrum comes from, its adduct, its collision energy and how sure they are into the name. Each of these
has its own form, and only these forms are taken off: ``Spectral Match to ... from NIST14``, ``MassbankEU:SM857803 ...|...``,
``MLS001148612-01!...``, ``NCGC00160217-01_C15H20O8_...`` (GNPS); ``...; LC-ESI-QTOF; MS2; CE: 40 eV`` (MassBank);
``w/o MS2:...`` (MS-DIAL); ``... - 40.0 eV``, ``... [M+H]+``, ``... (not validated)`` at the end. A name that is nothing but an
identifier stays.
"""

from __future__ import annotations

import re

_FORMULA = r"C\d*H\d+[A-Za-z0-9]*"
# What stands before a name, with the name in the group; forms of which nothing is left are identifiers, and stay.
_BEFORE = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"spectral match to\s+(.+?)\s+from\s+\S+(?:\s+\d+)?$",
        r"(?:massbank(?:eu)?|mona|respect|hmdb|casmi)\s*:\s*\S+\s+([^|]+)(?:\|.*)?$",
        rf"(?:NCGC|MLS|SMR)\d{{6,}}(?:-\d+)?[A-Z]?\s*[!_]\s*(?:{_FORMULA}_)?(.+)$",
        rf"pesticide\d+_([^_]+)_{_FORMULA}_.*$",
        r"(?:w/o ms2|no ms2|low score)\s*:\s*(.+)$",
        r"(?:putative|tentative)\s+(.+)$",
    )
)
_ADDUCT = r"\[\d*M[^\s\]]*\]\d*[+-]*|\d*M(?:\d*[A-Z][a-z]?\d+)?(?:[+-]\d*\(?[A-Z][A-Za-z0-9()]*)+[+-]?|\d*M[+-]"
# What stands after a name.
_AFTER = tuple(
    re.compile(form)
    for form in (
        rf"(?:^|[\s;,])\s*\(?(?:{_ADDUCT})\)?$",
        r"(?:\s*-\s+|\s+|[;,]\s*)\(?(?:(?:CE|HCD|CID|NCE)\s*[:=]?\s*)?\d+(?:\.\d+)?\s*(?:eV|NCE)\)?$",
        r"\s*CollisionEnergy:\s*\d+$",
        r"(?i)\s*[(\[](?:not validated|putative|tentative|provisional|predicted|in[ -]silico)\b[^()\[\]]*[)\]]$",
        r"(?i)(?:\s*[;,-]\s*|\s+)(?:putative|tentative)$",
    )
)
# A part of a MassBank record title that no longer belongs to the name.
_OF_TITLE = re.compile(r"\s*;\s*(?:(?:LC|GC|DI|CE|FI|MALDI|ESI|APCI|APPI|EI|CI)-|MS\d?(?:;|$)|CE\b|R=|\[\d*M).*$")
_NAMELESS = re.compile(r"(?:unknown|unidentified|unannotated)(?![a-z])", re.IGNORECASE)


def clean_name(text: str) -> str | None:
    """Take off a name what is no part of it.

    Parameters
    ----------
    text : str
        The name as the source writes it.

    Returns
    -------
    str or None
        The name; None where it names nothing (``"Unknown (7.19_601.52m/z)"``, or an adduct alone).

    Examples
    --------
    >>> clean_name("Spectral Match to Caffeine - 40.0 eV from NIST14")
    'Caffeine'
    """
    name: str | None = text
    while name:
        shorter = _shortened(name)
        if shorter == name:
            break
        name = shorter
    return None if not name or _NAMELESS.match(name) else name


def _shortened(name: str) -> str:
    name = " ".join(name.split())
    if len(name) > 1 and name[0] == name[-1] == '"':
        return name[1:-1]
    for form in _BEFORE:
        match = form.match(name)
        if match and any(character.isalpha() for character in match[1]):
            return match[1]
    name = _OF_TITLE.sub("", name)
    for form in _AFTER:
        name = form.sub("", name)
    return name
