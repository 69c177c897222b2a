"""The parts of an adduct: from ``+H-2(H2O)`` to signed multiples of formulas, and from a formula to its elements.

Characters carry meaning here, so nothing is taken off: a group in parentheses has its multiplier, a mass number before an
element names an isotope and is no multiplier, and a zero that stands where only an oxygen can is read as one. What could be
two different ions is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from spectradb.errors import BadAdduct
from spectradb.late_modules import late

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Chem = late("rdkit.Chem")

REMEDY = "Write it as [nM+X-Y]z with formulas for X and Y, such as [M+H]+, [M-H2O+H]+ or [2M+Na]+"

# Abbreviations that are no formulas, in lower case.
_ABBREVIATIONS = {
    "acn": "C2H3N",
    "mecn": "C2H3N",
    "meoh": "CH4O",
    "etoh": "C2H6O",
    "isoprop": "C3H8O",
    "iproh": "C3H8O",
    "ipa": "C3H8O",
    "dmso": "C2H6OS",
    "fa": "CH2O2",
    "hac": "C2H4O2",
    "ac": "C2H4O2",
    "acoh": "C2H4O2",
    "oac": "C2H3O2",
    "tfa": "C2HF3O2",
}
# Formulas that libraries write for another ion than they name.
_DOUBTFUL = {
    "HOO": "it means hydroperoxide and is found on formate adducts; write HO2 or HCOO",
    "NI": "it means nickel or nitrogen with iodine; write Ni or IN",
    "SI": "it means silicon or sulfur with iodine; write Si or IS",
    "SN": "it means tin or sulfur with nitrogen; write Sn or NS",
    "PB": "it means lead or phosphorus with boron; write Pb or BP",
}

# Symbols that may be written in capitals or small letters, where these are no formula: "NA", "cl". Not "co", which may be CO.
_ANY_CASE = frozenset(
    (
        *("Ag", "Al", "Ba", "Br", "Ca", "Cd", "Cl", "Cr", "Cu", "F", "Fe", "H", "Hg", "I"),
        *("K", "Li", "Mg", "Mn", "Na", "Ni", "Rb", "Se", "Si", "Sr", "Zn"),
    )
)
# Nothing beyond bismuth and no noble gas takes part in an adduct; uranium would turn CU into carbon and uranium.
_LAST_ELEMENT = 83
_NOBLE = frozenset({"He", "Ne", "Ar", "Kr", "Xe"})
# Carbon-14 does not occur in nature's table of abundances, and is a label all the same.
_RARE_ISOTOPES = frozenset({("C", 14)})

_TOKEN = re.compile(r"([A-Z][a-z]?)(\d{0,5})|(\()|(\))(\d{0,5})")
_TERM = re.compile(r"([+-])(\d{0,5})")
_ISOTOPE_BEFORE = re.compile(r"([A-Z][a-z]?)")


def terms(text: str, whole: str) -> Iterator[tuple[int, str]]:
    """Split gains and losses.

    Parameters
    ----------
    text : str
        What follows the molecule: ``"+H-2(H2O)"``, without blanks.
    whole : str
        The adduct, for messages.

    Yields
    ------
    times : int
        How often the part is gained; negative where it is lost.
    name : str
        A formula, an abbreviation, or "e" for an electron.

    Raises
    ------
    BadAdduct
        If the text is no chain of gains and losses, or a part names an isotope.
    """
    position = 0
    while position < len(text):
        sign = _TERM.match(text, position)
        if not sign:
            raise BadAdduct(f"adduct {whole!r} has no molecule M with gains and losses. {REMEDY}")
        times = int(sign[2] or 1) * (1 if sign[1] == "+" else -1)
        end = _end_of_part(text, sign.end(), whole)
        part, position = text[sign.end() : end], end
        group = re.fullmatch(r"\((.*)\)(\d{0,2})", part)
        if group and _closes(part) == len(part) - len(group[2]) - 1:
            inner = group[1] if group[1].startswith(("+", "-")) else f"+{group[1]}"
            for inner_times, name in terms(inner, whole):
                yield times * int(group[2] or 1) * inner_times, name
            continue
        if not re.fullmatch(r"[A-Za-z(][A-Za-z0-9()]*", part):
            raise BadAdduct(f"adduct {whole!r} has no molecule M with gains and losses. {REMEDY}")
        _refuse_isotope(sign[2], part, whole)
        if _is_common_isotope(sign[2], part):
            times //= int(sign[2])
        yield times, part


def elements(name: str, whole: str) -> dict[str, int]:
    """Read an abbreviation or a formula; ``NA`` and ``CL`` in capitals are taken for the elements.

    Parameters
    ----------
    name : str
        The part's name, such as ``"H2O"``, ``"ACN"`` or ``"C2H4(OH)2"``.
    whole : str
        The adduct, for messages.

    Returns
    -------
    dict of str to int
        Atoms by symbol.

    Raises
    ------
    BadAdduct
        If it is neither, or a formula that no molecule has.
    """
    if name in _DOUBTFUL:
        raise BadAdduct(f"adduct {whole!r}: {name} is doubtful: {_DOUBTFUL[name]}")
    formula = _ABBREVIATIONS.get(name.lower(), name)
    counts = _counts(formula)
    if counts is not None and is_plausible(counts):
        return counts
    if counts is None and name.capitalize() in _ANY_CASE:
        return {name.capitalize(): 1}
    meant = [found for found in map(_counts, _with_oxygens(formula)) if found is not None and is_plausible(found)]
    if len(meant) == 1:
        return meant[0]
    if counts is not None:
        raise BadAdduct(f"adduct {whole!r}: {name!r} is the formula of no molecule, or names an isotope. {REMEDY}")
    raise BadAdduct(f"adduct {whole!r}: {name!r} is neither a formula nor a known abbreviation. {REMEDY}")


def is_plausible(counts: Mapping[str, int]) -> bool:
    """Tell whether a formula can be meant as it stands.

    Parameters
    ----------
    counts : mapping of str to int
        Atoms by symbol.

    Returns
    -------
    bool
        False for more hydrogen than the other atoms can bind, clusters and protons allowed for (``H20`` is water with a zero),
        and for a count that is a mass number where no carbon skeleton explains it (``Cl37``, ``H2O18``).
    """
    two = sum(counts.get(symbol, 0) for symbol in ("C", "Si", "O", "S"))
    three = sum(counts.get(symbol, 0) for symbol in ("N", "P", "B"))
    if counts.get("H", 0) > 2 * two + 3 * three + 4:
        return False
    skeleton = "C" in counts and len(counts) > 1
    return skeleton or not any(is_isotope(count, symbol) for symbol, count in counts.items())


def is_isotope(mass_number: int, symbol: str) -> bool:
    """Tell whether a number before an element is read as a mass number: ``13C``, ``37Cl``, ``15N``.

    Hydrogen is left out, since ``2H`` are two protons wherever adducts are written.

    Parameters
    ----------
    mass_number : int
        The number.
    symbol : str
        The element.

    Returns
    -------
    bool
        Whether that isotope occurs in nature, or is carbon-14.
    """
    if symbol == "H" or symbol not in element_numbers():
        return False
    if (symbol, mass_number) in _RARE_ISOTOPES:
        return True
    return bool(Chem.GetPeriodicTable().GetAbundanceForIsotope(element_numbers()[symbol], mass_number) > 0)


@cache
def element_numbers() -> dict[str, int]:
    """Return the elements that adducts are made of.

    Returns
    -------
    dict of str to int
        Atomic number by symbol.
    """
    table = Chem.GetPeriodicTable()
    symbols = {table.GetElementSymbol(number): number for number in range(1, _LAST_ELEMENT + 1)}
    return {symbol: number for symbol, number in symbols.items() if symbol not in _NOBLE}


@cache
def element_mass(symbol: str) -> float:
    """Return the mass of an element's most abundant isotope.

    Parameters
    ----------
    symbol : str
        The element.

    Returns
    -------
    float
        Mass in Da.
    """
    return float(Chem.GetPeriodicTable().GetMostCommonIsotopeMass(element_numbers()[symbol]))


def hill(counts: Mapping[str, int]) -> str:
    """Write a formula with carbon first and the other elements by symbol.

    Parameters
    ----------
    counts : mapping of str to int
        Atoms by symbol, each positive.

    Returns
    -------
    str
        The formula.
    """
    return "".join(
        f"{symbol}{count if count > 1 else ''}"
        for symbol, count in sorted(counts.items(), key=lambda item: (item[0] != "C", item))
    )


def _end_of_part(text: str, start: int, whole: str) -> int:
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == "(") - (text[position] == ")")
        if depth < 0:
            break
        if depth == 0 and text[position] in "+-":
            return position
    if depth:
        raise BadAdduct(f"adduct {whole!r} has a parenthesis without its other half. {REMEDY}")
    return len(text)


def _closes(part: str) -> int:
    """Return where the parenthesis closes that opens a part."""
    depth = 0
    for position, character in enumerate(part):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position
    return -1


def _refuse_isotope(multiplier: str, part: str, whole: str) -> None:
    symbol = _ISOTOPE_BEFORE.match(part.lstrip("("))
    if not (multiplier and symbol and is_isotope(int(multiplier), symbol[1])) or _is_common_isotope(multiplier, part):
        return
    raise BadAdduct(f"adduct {whole!r}: {multiplier}{symbol[1]} is an isotope. State the monoisotopic ion")


def _is_common_isotope(multiplier: str, part: str) -> bool:
    """Tell whether a part is one halogen atom of its commonest isotope: ``35Cl`` and ``79Br`` are what Cl and Br mean."""
    return (multiplier, part) in {("35", "Cl"), ("79", "Br")}


def _counts(formula: str) -> dict[str, int] | None:
    """Return the atoms of a formula with groups, or None where it is none."""
    stack: list[Counter[str]] = [Counter()]
    position = 0
    while position < len(formula):
        token = _TOKEN.match(formula, position)
        if not token:
            return None
        position = token.end()
        number = token[2] or token[5] or ""
        if number.startswith("0") or (number == "1" and token[1] == "C" and position == len(formula)):
            return None  # a zero is an oxygen; C1 at the end is as likely Cl
        if token[3]:
            stack.append(Counter())
        elif token[4]:
            if len(stack) == 1:
                return None
            for symbol, count in stack.pop().items():
                stack[-1][symbol] += count * int(number or 1)
        elif token[1] in element_numbers():
            stack[-1][token[1]] += int(number or 1)
        else:
            return None
    return dict(stack[0]) if len(stack) == 1 and stack[0] else None


def _with_oxygens(formula: str) -> set[str]:
    """Return the formula with all its zeros, or its last, as oxygens; without readings that leave a count of 1 behind."""
    last = formula.rfind("0")
    if last < 0:
        return set()
    readings = {formula.replace("0", "O"), f"{formula[:last]}O{formula[last + 1 :]}"}
    return {reading for reading in readings if not re.search(r"[A-Za-z]1(?!\d)", reading)}
