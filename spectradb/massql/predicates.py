"""Conditions on single peaks and precursors, as SQL: bounds are open, as MassQL has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spectradb.massql.query import Bound, Condition, Linear, Qualifiers

#: Tolerance of an m/z where none is stated, in Da.
DEFAULT_TOLERANCE_DA = 0.1
#: What is more than so much of the base peak, or of all, is asked for where more is: nothing would be above 100 percent.
_HIGHEST_SHARE = 0.99
_COLUMNS = {"MS2PROD": "mz", "MS2NL": "loss", "MS2PREC": "precursor_mz"}
_INTENSITIES = {
    "INTENSITYVALUE": ("intensity", 1.0),
    "INTENSITYPERCENT": ("relative_intensity", 100.0),
    "INTENSITYTICPERCENT": ("tic_share", 100.0),
}
# So many digits pass through a DECIMAL, which DuckDB takes a number for, without a change.
_EXACT_DIGITS = 15


def number(value: float) -> str:
    """Write a number so that DuckDB reads the same double.

    Parameters
    ----------
    value : float
        The number.

    Returns
    -------
    str
        Its literal.
    """
    text = repr(value)
    if "e" in text or sum(map(str.isdigit, text)) <= _EXACT_DIGITS:
        return text.removesuffix(".0") if "e" not in text else text
    return f"{text}e0"


def tolerance(value: Linear, qualifiers: Qualifiers) -> str:
    """Write the tolerance of a value that depends on x.

    Parameters
    ----------
    value : Linear
        The m/z or loss.
    qualifiers : Qualifiers
        What is stated about it.

    Returns
    -------
    str
        An expression, in Da.
    """
    if qualifiers.tolerance_ppm is not None:
        return f"abs({number(qualifiers.tolerance_ppm)} * ({expression(value)}) / 1e6)"
    return number(DEFAULT_TOLERANCE_DA if qualifiers.tolerance_da is None else qualifiers.tolerance_da)


def expression(value: Linear, variable: str = "x") -> str:
    """Write a value that may depend on a variable.

    Parameters
    ----------
    value : Linear
        The value.
    variable : str
        Column that holds the variable.

    Returns
    -------
    str
        An expression.
    """
    if not value.variable:
        return number(value.offset)
    product = variable if value.slope == 1 else f"{number(value.slope)} * {variable}"
    if value.offset == 0:
        return product
    return f"{product} {'-' if value.offset < 0 else '+'} {number(abs(value.offset))}"


def within(field: str, value: Linear, qualifiers: Qualifiers) -> str:
    """Write the condition that an m/z or loss is near a number.

    Parameters
    ----------
    field : str
        ``MS2PROD``, ``MS2NL`` or ``MS2PREC``.
    value : Linear
        The number; of a precursor it may depend on x.
    qualifiers : Qualifiers
        Its tolerance.

    Returns
    -------
    str
        A condition.
    """
    column = _COLUMNS[field]
    if value.variable:
        return f"abs({column} - ({expression(value)})) < {tolerance(value, qualifiers)}"
    low, high = bounds_of(value, qualifiers)
    return f"{column} > {low} AND {column} < {high}"


def bounds_of(value: Linear, qualifiers: Qualifiers) -> tuple[str, str]:
    """Write between which numbers an m/z or loss lies that is near a number.

    Parameters
    ----------
    value : Linear
        The number, without a variable.
    qualifiers : Qualifiers
        Its tolerance.

    Returns
    -------
    tuple of two str
        Literals of the bounds, which are no part of it.
    """
    if qualifiers.tolerance_ppm is not None:
        da = abs(qualifiers.tolerance_ppm * value.offset / 1_000_000)
    else:
        da = DEFAULT_TOLERANCE_DA if qualifiers.tolerance_da is None else qualifiers.tolerance_da
    return number(value.offset - da), number(value.offset + da)


def defect(field: str, limits: tuple[float, float] | None) -> list[str]:
    """Write the condition on a mass defect.

    Parameters
    ----------
    field : str
        Of what.
    limits : tuple of two floats or None
        Its bounds, both excluded.

    Returns
    -------
    list of str
        One condition, or none.
    """
    if limits is None:
        return []
    column = _COLUMNS[field]
    low, high = (number(limit) for limit in limits)
    return [f"{column} - trunc({column}) > {low} AND {column} - trunc({column}) < {high}"]


def intensities(limits: tuple[Bound, ...]) -> list[str]:
    """Write the conditions on the intensity of a peak.

    Parameters
    ----------
    limits : tuple of Bound
        They.

    Returns
    -------
    list of str
        Conditions.
    """
    written = []
    for bound in limits:
        column, scale = _INTENSITIES[bound.of]
        value = bound.value / scale
        if bound.sign == ">" and scale > 1:
            value = min(value, _HIGHEST_SHARE)
        written.append(f"{column} {'>=' if bound.sign == '=' else bound.sign} {number(value)}")
    return written


def of_peak(condition: Condition, value: Linear | None) -> str:
    """Write what a condition asks of a peak.

    Parameters
    ----------
    condition : Condition
        The condition, on fragments or losses.
    value : Linear or None
        Which of its alternatives; None: any m/z, or one that is looked at already.

    Returns
    -------
    str
        A condition.
    """
    q = condition.qualifiers
    parts = [] if value is None else [within(condition.field, value, q)]
    return " AND ".join([*parts, *defect(condition.field, q.mass_defect), *intensities(q.bounds)]) or "true"


def of_spectrum(condition: Condition) -> str:
    """Write what a condition asks of a spectrum, other than of its peaks.

    Parameters
    ----------
    condition : Condition
        The condition.

    Returns
    -------
    str
        A condition on columns of ``spectra``.
    """
    if condition.field == "MS2PREC":
        return _of_precursor(condition)
    value = number(condition.values[0].offset)
    return {
        "RTMIN": f"retention_time_s / 60 > {value}",
        "RTMAX": f"retention_time_s / 60 < {value}",
        "SCANMIN": f"massql_scan(native_id) >= {value}",
        "SCANMAX": f"massql_scan(native_id) <= {value}",
        "CHARGE": f"abs(charge) = {value}",
        "POLARITY": f"ion_mode = '{'negative' if condition.values[0].offset < 0 else 'positive'}'",
    }[condition.field]


def _of_precursor(condition: Condition) -> str:
    q = condition.qualifiers
    also = defect("MS2PREC", q.mass_defect)
    alternatives = [" AND ".join([within("MS2PREC", value, q), *also]) for value in condition.values]
    if not alternatives:
        alternatives = [" AND ".join(also) or "true"]
    if q.cardinality is not None:
        met = " + ".join(f"({alternative})::INTEGER" for alternative in alternatives)
        written = f"{met} BETWEEN {number(max(q.cardinality[0], 1.0))} AND {number(q.cardinality[1])}"
    elif len(alternatives) == 1:
        written = alternatives[0]
    else:
        written = "(" + " OR ".join(f"({alternative})" for alternative in alternatives) + ")"
    return f"NOT ({written})" if q.is_excluded else written
