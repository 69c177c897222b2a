"""Collision energies: from free text to a number in eV, or a normalised one in percent."""

from __future__ import annotations

import math
import re
from functools import lru_cache

_NUMBER = r"\d+(?:\.\d+)?(?:e[+-]?\d+(?![\d.]))?"
_AMOUNT = re.compile(rf"(?<![\d.])({_NUMBER})\s*(kev|kv|ev|v(?![a-z])|%|nce|\(nce\)|\(nominal\))?", re.IGNORECASE)
_VOLTS = {"ev": 1.0, "v": 1.0, "kev": 1000.0, "kv": 1000.0}
_RAMP = re.compile(rf"ramp\D*({_NUMBER})\D+({_NUMBER})", re.IGNORECASE)
_WITH_COMMAS = re.compile(r"(?<![\d.,])\d+(?:\.\d+)?(?:,\d+(?:\.\d+)?)+")
# What parts the ends of a range or the members of a list, so that a comma beside it parts decimals: "22,9-34,3", "27,5; 35".
_PARTING = re.compile(r"\d\s*(?:-|->|;|/|\bto\b)\s*\d", re.IGNORECASE)
_NORMALISED = re.compile(r"\bN?CE\s*[=:]?\s*\d+(?:\.\d+)?\s*%|\bNCE|nominal|normali[sz]ed|HCD(?![a-z])", re.IGNORECASE)

# Instruments whose control software states a normalised energy, so that a bare number is one: "ITFT" and "QFT" are MassBank's
# words for Orbitrap hybrids.
_NORMALISING_INSTRUMENT = re.compile(r"ITFT|QFT|orbitrap|exactive|exploris|fusion|lumos|astral|eclipse|id-x", re.IGNORECASE)


@lru_cache(maxsize=16384)
def parse_collision_energy(text: str | None, *, instrument: str | None = None) -> tuple[float | None, float | None]:
    """Read a collision energy.

    Several energies (stepped ``"20,35,50"``, ramps ``"Ramp 5-60 V"``, stages of MSn ``"0.60/0.55"``) give their mean, because
    the peaks of such a spectrum come from all of them. Signs are dropped: they state polarity. A comma parts decimals where it
    cannot part energies (``"35,0"``, ``"22,9-34,3"``); ``"20,35"``, which may be two energies or one, is not read.

    Parameters
    ----------
    text : str or None
        As stated: ``"35 (NCE)"``, ``"30 % (nominal)"``, ``"HCD 30"``, ``"6V"``, ``"20,35,50"``, ``"NCE=35% 28eV"``.
    instrument : str, optional
        Instrument and its type. Decides what a number without a unit is: normalised on Orbitrap hybrids, eV elsewhere. An
        acceleration voltage counts as the energy of a single charge.

    Returns
    -------
    ev : float or None
        Energy in eV.
    nce : float or None
        Normalised collision energy in percent. Both are None when the text holds no energy, or may hold different ones.
    """
    text = _with_points(text) if text else None
    if not text:
        return None, None
    cleaned = text.split(" with ")[0]  # "42% (nominal) with stepped ...": the first is the whole, the rest its parts
    ramp = _RAMP.search(cleaned)
    amounts = _AMOUNT.findall(f"{ramp[1]} {ramp[2]} {cleaned[ramp.end() :]}" if ramp else cleaned)
    if ramp:
        amounts = amounts[:2]
    normalised = bool(_NORMALISED.search(text) or (instrument and _NORMALISING_INSTRUMENT.search(instrument)))
    unit = "nce" if normalised else "ev"
    energies: dict[str, list[float]] = {"ev": [], "nce": []}
    for number, own_unit in reversed(amounts):  # a unit holds for the numbers before it: "20-30-40%"
        unit = own_unit.lower() or unit
        volts = _VOLTS.get(unit)
        energies["ev" if volts else "nce"].append(float(number) * (volts or 1.0))
    return _mean(energies["ev"]), _mean(energies["nce"])


def _with_points(text: str) -> str | None:
    """Write decimal commas as points; None where a comma may part decimals or energies."""
    is_list = bool(re.search("ramp", text, re.IGNORECASE))
    has_parts = bool(_PARTING.search(text))
    written = text
    for match in reversed(list(_WITH_COMMAS.finditer(text))):
        whole, *fractions = match[0].split(",")
        if len(fractions) > 1 or "." in match[0]:
            continue
        is_decimal = fractions[0].startswith("0") or whole.startswith("0") or has_parts
        if not is_decimal and not is_list:
            return None
        if is_decimal:
            written = f"{written[: match.start()]}{whole}.{fractions[0]}{written[match.end() :]}"
    return written


def _mean(values: list[float]) -> float | None:
    mean = sum(values) / len(values) if values else math.nan
    return round(mean, 4) if math.isfinite(mean) else None
