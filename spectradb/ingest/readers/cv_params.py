"""Values of PSI controlled-vocabulary parameters, which mzML, mzXML and mzSpecLib share, in the units of the raw schema."""

from __future__ import annotations

import math
from typing import Any

SECONDS = {"second": 1.0, "millisecond": 0.001, "minute": 60.0, "hour": 3600.0}
ENERGY_SUFFIXES = {"electronvolt": " eV", "percent": " %"}
NORMALIZED = " % (NCE)"


def finite(value: Any) -> float | None:  # noqa: ANN401  # whatever a parser made of an attribute
    """Read a number.

    Parameters
    ----------
    value : object
        A number, text or None.

    Returns
    -------
    float or None
        The number; None where there is none or it is not finite.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def whole(value: Any) -> int | None:  # noqa: ANN401  # whatever a parser made of an attribute
    """Read a whole number that fits 32 bits.

    Parameters
    ----------
    value : object
        A number, text or None.

    Returns
    -------
    int or None
        The number; None where there is none or it is not whole.
    """
    number = finite(value)
    return None if number is None or not number.is_integer() or abs(number) >= 2**31 else int(number)


def seconds(value: object, *, unit: str) -> float | None:
    """Convert a time to seconds.

    Parameters
    ----------
    value : object
        A number, text or None.
    unit : str
        Name of its unit in the Unit Ontology; empty where none is stated.

    Returns
    -------
    float or None
        Seconds; None where the value is absent or its unit is not stated, since seconds and minutes are both common.
    """
    number = finite(value)
    factor = SECONDS.get(unit)
    return None if number is None or factor is None else number * factor


def collision_energy(value: object, *, unit: str = "", normalized: bool = False) -> str | None:
    """Spell a collision energy with its unit.

    Parameters
    ----------
    value : object
        A number, text or None.
    unit : str
        Name of its unit in the Unit Ontology; empty where none is stated.
    normalized : bool
        The vocabulary's term is the normalized collision energy, a percentage.

    Returns
    -------
    str or None
        For example "35 eV", "35 % (NCE)" or, without a unit, "35"; None where there is no number.
    """
    number = finite(value)
    if number is None:
        return None
    return f"{number:g}{NORMALIZED if normalized else ENERGY_SUFFIXES.get(unit, '')}"
