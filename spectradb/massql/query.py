"""A query in the Mass Spectrometry Query Language, as it was read: conditions, their values, and what qualifies them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Linear:
    """A number, or one that depends on a variable: ``slope * variable + offset``.

    Parameters
    ----------
    offset : float
        What is added.
    slope : float
        Times the variable.
    variable : str
        ``X`` or ``Y``; empty for a plain number.
    """

    offset: float
    slope: float = 0.0
    variable: str = ""

    @property
    def is_bare(self) -> bool:
        """Whether it is the variable itself."""
        return bool(self.variable) and self.slope == 1.0 and self.offset == 0.0


@dataclass(frozen=True)
class Bound:
    """A condition on an intensity.

    Parameters
    ----------
    of : str
        ``INTENSITYVALUE``, ``INTENSITYPERCENT`` or ``INTENSITYTICPERCENT``.
    sign : str
        ``=`` (at least), ``>`` or ``<``.
    value : float
        The number, percent of those that are percentages.
    """

    of: str
    sign: str
    value: float


@dataclass(frozen=True)
class Qualifiers:
    """What stands behind the colons of a condition.

    Parameters
    ----------
    tolerance_da, tolerance_ppm : float or None
        Tolerance of an m/z or loss; None where not stated.
    bounds : tuple of Bound
        Conditions on the intensity of peaks.
    mass_defect : tuple of two floats or None
        Bounds of the mass defect of peaks.
    is_excluded : bool
        Spectra that meet the condition are left out.
    cardinality : tuple of two floats or None
        How many of the condition's alternatives a spectrum has to meet.
    match : Linear or None
        The intensity, as an expression of a variable.
    match_percent : float or None
        How far the intensity may be from that.
    is_reference : bool
        The intensity of this condition is the variable's value.
    """

    tolerance_da: float | None = None
    tolerance_ppm: float | None = None
    bounds: tuple[Bound, ...] = ()
    mass_defect: tuple[float, float] | None = None
    is_excluded: bool = False
    cardinality: tuple[float, float] | None = None
    match: Linear | None = None
    match_percent: float | None = None
    is_reference: bool = False


@dataclass(frozen=True)
class Condition:
    """A condition on spectra.

    Parameters
    ----------
    field : str
        ``MS2PROD``, ``MS2PREC``, ``MS2NL``, ``RTMIN``, ``RTMAX``, ``SCANMIN``, ``SCANMAX``, ``CHARGE`` or ``POLARITY``.
    values : tuple of Linear
        Alternatives; empty for ``ANY``. Of ``POLARITY`` 1 or -1.
    qualifiers : Qualifiers
        What qualifies it.
    text : str
        As it stands in the query.
    """

    field: str
    values: tuple[Linear, ...]
    qualifiers: Qualifiers
    text: str

    @property
    def has_variable(self) -> bool:
        """Whether its values depend on X."""
        return any(value.variable for value in self.values)


@dataclass(frozen=True)
class Query:
    """A whole query.

    Parameters
    ----------
    function : str
        ``scaninfo``, ``scansum``, ``scanrangesum``, ``scannum``, ``scanmz`` or ``scanmaxint``; empty: the spectra themselves.
    where : tuple of Condition
        What spectra have to meet.
    filters : tuple of Condition
        What peaks have to meet to be shown, and counted in sums.
    x_range, x_defect : tuple of two floats or None
        Bounds of the variable X, and of its mass defect.
    """

    function: str
    where: tuple[Condition, ...] = field(default=())
    filters: tuple[Condition, ...] = field(default=())
    x_range: tuple[float, float] | None = None
    x_defect: tuple[float, float] | None = None
