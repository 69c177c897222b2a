"""Collision energies: from free text to a number in eV, or a normalised one in percent."""

from __future__ import annotations

import math
import re
from functools import lru_cache

_NUMBER = r"\d+(?:\.\d+)?"
_AMOUNT = re.compile(rf"(?<![\d.])({_NUMBER})\s*(kev|kv|ev|v(?![a-z])|%|nce|\(nce\)|\(nominal\))?", re.IGNORECASE)
_VOLTS = {"ev": 1.0, "v": 1.0, "kev": 1000.0, "kv": 1000.0}
_RAMP = re.compile(rf"ramp\D*({_NUMBER})\D+({_NUMBER})", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(\d+),(\d)(?=\s*(?:-|->|to|e?v\b)|\s*\Z)", re.IGNORECASE)
_NORMALISED = re.compile(r"\bN?CE\s*[=:]?\s*\d+(?:\.\d+)?\s*%|\bNCE|nominal|normali[sz]ed|HCD(?![a-z])", re.IGNORECASE)

# Instruments whose control software states a normalised energy, so that a bare number is one: "ITFT" and "QFT" are MassBank's
# words for Orbitrap hybrids.
_NORMALISING_INSTRUMENT = re.compile(r"ITFT|QFT|orbitrap|exactive|exploris|fusion|lumos|astral|eclipse|id-x", re.IGNORECASE)


@lru_cache(maxsize=16384)
def parse_collision_energy(text: str | None, *, instrument: str | None = None) -> tuple[float | None, float | None]:
    """Read a collision energy.

    Several energies (stepped ``"20,35,50"``, ramps ``"Ramp 5-60 V"``, stages of MSn ``"0.60/0.55"``) give their mean, because
    the peaks of such a spectrum come from all of them. Signs are dropped: they state polarity.

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
        Normalised collision energy in percent. Both are None when the text holds no energy.
    """
    if not text:
        return None, None
    cleaned = _DECIMAL_COMMA.sub(r"\1.\2", text) if "ramp" in text.lower() else text
    cleaned = cleaned.split(" with ")[0]  # "42% (nominal) with stepped ...": the first is the whole, the rest its parts
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


def _mean(values: list[float]) -> float | None:
    mean = sum(values) / len(values) if values else math.nan
    return round(mean, 4) if math.isfinite(mean) else None
