"""Reading a query in the Mass Spectrometry Query Language, of the parts that ask about MS/MS spectra."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spectradb.errors import NoSuchData
from spectradb.massql.numbers import read_constant, read_number
from spectradb.massql.query import Bound, Condition, Linear, Qualifiers, Query
from spectradb.massql.words import Words

if TYPE_CHECKING:
    from spectradb.massql.words import Word

FUNCTIONS = ("SCANINFO", "SCANSUM", "SCANRANGESUM", "SCANNUM", "SCANMZ", "SCANMAXINT")
#: Conditions on peaks and precursors, with other spellings.
MASSES = {"MS2PROD": "MS2PROD", "MS2MZ": "MS2PROD", "MS2PREC": "MS2PREC", "MS2NL": "MS2NL"}
NUMBERS = ("RTMIN", "RTMAX", "SCANMIN", "SCANMAX", "CHARGE")
INTENSITIES = ("INTENSITYVALUE", "INTENSITYPERCENT", "INTENSITYTICPERCENT")
_QUALIFIERS = (
    *("TOLERANCEMZ", "TOLERANCEPPM", *INTENSITIES, "INTENSITYMATCH", "INTENSITYMATCHPERCENT", "INTENSITYMATCHREFERENCE"),
    *("MASSDEFECT", "EXCLUDED", "CARDINALITY", "MATCHCOUNT"),
)
_NEEDS_MS1 = "a lab holds MS/MS spectra, not the MS1 scans of the runs. Ask the mzML files with the package massql"
_ABSENT = {
    "MS1MZ": f"MS1MZ asks for MS1 peaks: {_NEEDS_MS1}",
    "OTHERSCAN": f"OTHERSCAN asks for MS1 peaks of other scans: {_NEEDS_MS1}",
    "MOBILITY": "MOBILITY asks for an ion mobility in one unit, and a lab has that of each source",
}


def read_query(text: str) -> Query:
    """Read a query.

    Parameters
    ----------
    text : str
        The query, such as ``QUERY scaninfo(MS2DATA) WHERE MS2PROD=226.18:TOLERANCEPPM=5``.

    Returns
    -------
    Query
        What it asks.

    Raises
    ------
    BadMassQL
        If it is no query; the message says where.
    NoSuchData
        If it asks for what a lab does not hold, such as MS1 scans.
    """
    words = Words(text)
    words.expect("QUERY", "at the beginning")
    query = Query(_function(words))
    where: list[Condition] = []
    filters: list[Condition] = []
    if words.takes("WHERE"):
        query = _conditions(words, query, where)
    if words.takes("FILTER"):
        query = _conditions(words, query, filters)
    if words.word.kind != "end":
        words.fail("WHERE, AND, FILTER or the end is expected")
    return replace(query, where=tuple(where), filters=tuple(filters))


def _function(words: Words) -> str:
    name = words.take()
    if name.upper == "MS2DATA":
        return ""
    if name.upper == "MS1DATA":
        raise NoSuchData(f"QUERY MS1DATA asks for MS1 scans: {_NEEDS_MS1}")
    if name.upper not in FUNCTIONS:
        known = ", ".join(f"{known.lower()}(MS2DATA)" for known in FUNCTIONS)
        words.fail(f"behind QUERY stands MS2DATA or one of {known}", name)
    words.expect("(", f"behind {name.text}")
    of = words.take()
    if of.upper == "MS1DATA":
        raise NoSuchData(f"{name.text}(MS1DATA) asks for MS1 scans: {_NEEDS_MS1}")
    if of.upper != "MS2DATA":
        words.fail(f"{name.text} is of MS2DATA", of)
    words.expect(")", f"behind {name.text}(MS2DATA")
    return name.text.lower()


def _conditions(words: Words, query: Query, found: list[Condition]) -> Query:
    while True:
        if words.word.text == "X":
            query = _bounds_of_x(words, query)
        else:
            found.append(_condition(words))
        if not words.takes("AND"):
            return query


def _bounds_of_x(words: Words, query: Query) -> Query:
    words.take()
    words.expect("=", "behind X")
    kind = words.take()
    if kind.upper not in ("RANGE", "MASSDEFECT"):
        words.fail("X is bounded by range(min=..., max=...) or massdefect(min=..., max=...)", kind)
    bounds = _bounds(words)
    return replace(query, x_range=bounds) if kind.upper == "RANGE" else replace(query, x_defect=bounds)


def _bounds(words: Words) -> tuple[float, float]:
    form = "in (min=..., max=...)"
    words.expect("(", form)
    values = []
    for name, end in (("MIN", ","), ("MAX", ")")):
        words.expect(name, form)
        words.expect("=", form)
        values.append(read_constant(words, name.lower()))
        words.expect(end, form)
    return values[0], values[1]


def _condition(words: Words) -> Condition:
    first = words.take()
    if first.upper in _ABSENT:
        raise NoSuchData(_ABSENT[first.upper])
    name = MASSES.get(first.upper, first.upper)
    if name not in (*MASSES, *NUMBERS, "POLARITY"):
        words.fail(f"conditions are on {', '.join((*MASSES, *NUMBERS))}, POLARITY or X", first)
    words.expect("=", f"behind {first.text}")
    values = _values(words, name)
    at, qualifiers = words.word, _qualifiers(words)
    if name not in MASSES and qualifiers != Qualifiers():
        words.fail(f"{name} has no qualifiers", at)
    condition = Condition(name, values, qualifiers, words.between(first))
    _check(words, condition, first)
    return condition


def _values(words: Words, name: str) -> tuple[Linear, ...]:
    if name == "POLARITY":
        if words.takes("POSITIVE"):
            return (Linear(1.0),)
        if words.takes("NEGATIVE"):
            return (Linear(-1.0),)
        words.fail("POLARITY is Positive or Negative")
    if name not in MASSES:
        return (Linear(read_constant(words, name)),)
    if words.takes("ANY"):
        return ()
    if words.word.text == "(" and words.following.upper == "QUERY":
        words.fail("a query within a query is not read: run the inner one first, and name the m/z that it finds")
    return tuple(_alternatives(words))


def _alternatives(words: Words) -> list[Linear]:
    """Read one number, or several with OR between them in brackets, which may also be those of a sum."""
    if words.word.text != "(" or not _has_alternatives(words):
        return [read_number(words)]
    words.take()
    found = [read_number(words)]
    while words.takes("OR"):
        found.append(read_number(words))
    words.expect(")", "behind the alternatives")
    return found


def _has_alternatives(words: Words) -> bool:
    """Tell whether an OR stands in the bracket that opens here."""
    depth = 0
    for word in words.ahead():
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        if depth == 0:
            return False
        if word.upper == "OR":
            return True
    return False


def _qualifiers(words: Words) -> Qualifiers:
    given: dict[str, Any] = {}
    bounds: list[Bound] = []
    while words.takes(":"):
        word = words.take()
        name = "CARDINALITY" if word.upper == "MATCHCOUNT" else word.upper
        if name in _ABSENT:
            raise NoSuchData(_ABSENT[name])
        if name not in _QUALIFIERS:
            words.fail(f"qualifiers are {', '.join(_QUALIFIERS)}", word)
        if name in given or any(bound.of == name for bound in bounds):
            words.fail(f"{name} is stated twice", word)
        if name in INTENSITIES:
            sign = words.take()
            if sign.text not in ("=", ">", "<"):
                words.fail(f"=, > or < is missing behind {name}", sign)
            bounds.append(Bound(name, sign.text, read_constant(words, name)))
        else:
            given[name] = _qualifier(words, name)
    return Qualifiers(
        tolerance_da=given.get("TOLERANCEMZ"),
        tolerance_ppm=given.get("TOLERANCEPPM"),
        bounds=tuple(bounds),
        mass_defect=given.get("MASSDEFECT"),
        is_excluded="EXCLUDED" in given,
        cardinality=given.get("CARDINALITY"),
        match=given.get("INTENSITYMATCH"),
        match_percent=given.get("INTENSITYMATCHPERCENT"),
        is_reference="INTENSITYMATCHREFERENCE" in given,
    )


def _qualifier(words: Words, name: str) -> object:
    if name in ("EXCLUDED", "INTENSITYMATCHREFERENCE"):
        return True
    words.expect("=", f"behind {name}")
    if name in ("MASSDEFECT", "CARDINALITY"):
        words.expect("MASSDEFECT" if name == "MASSDEFECT" else "RANGE", f"behind {name}=")
        return _bounds(words)
    if name != "INTENSITYMATCH":
        return read_constant(words, name)
    at = words.word
    value = read_number(words)
    if not value.variable:
        words.fail("INTENSITYMATCH is an expression of Y, such as Y*0.5", at)
    return value


def _check(words: Words, condition: Condition, first: Word) -> None:
    """Refuse what a condition cannot mean."""
    q = condition.qualifiers
    if any(value.variable == "Y" for value in condition.values):
        words.fail("Y stands for an intensity; an m/z is an expression of X", first)
    if q.is_reference and (q.match is None or not q.match.is_bare):
        words.fail("INTENSITYMATCHREFERENCE needs INTENSITYMATCH=Y, which names the intensity", first)
    if q.match is not None and not q.is_reference and q.match_percent is None:
        words.fail("INTENSITYMATCH needs INTENSITYMATCHPERCENT, how far the intensity may be from it", first)
    if q.match_percent is not None and q.match is None:
        words.fail("INTENSITYMATCHPERCENT needs INTENSITYMATCH", first)
    if q.match is not None and (len(condition.values) != 1 or q.is_excluded or q.cardinality is not None):
        words.fail("INTENSITYMATCH is for one m/z, without OR, EXCLUDED and CARDINALITY", first)
    if q.cardinality is not None and len(condition.values) < 2:
        words.fail("CARDINALITY counts alternatives: it needs several m/z with OR between them", first)
    if condition.field == "MS2PREC" and (q.bounds or q.match):
        words.fail("a precursor has no intensity here: MS2PREC takes tolerances, MASSDEFECT, EXCLUDED and CARDINALITY", first)
