"""Values of PSI controlled-vocabulary parameters, which mzML, mzXML and mzSpecLib share, in the units of the raw schema."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

SECONDS = {"second": 1.0, "millisecond": 0.001, "minute": 60.0, "hour": 3600.0}
ENERGY_SUFFIXES = {"electronvolt": " eV", "percent": " %"}
NORMALIZED = " % (NCE)"
_FIRST_YEAR = 1970


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
    # float() also takes '25_25' for 2525, and digits of other scripts.
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        return None
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
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


def timestamp(value: str | None) -> datetime | None:
    """Read a date and time.

    Parameters
    ----------
    value : str or None
        An xsd:dateTime, such as ``"2020-03-01T10:30:00Z"``.

    Returns
    -------
    datetime.datetime or None
        Without a time zone: in UTC where the text states one, else as it stands. None where it cannot be read, or is a date
        before 1970, which converters write for unknown.
    """
    try:
        read = datetime.fromisoformat((value or "").strip())
    except ValueError:
        return None
    if read.year < _FIRST_YEAR:
        return None
    return read if read.tzinfo is None else read.astimezone(UTC).replace(tzinfo=None)


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
