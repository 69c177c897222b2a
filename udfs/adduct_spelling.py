"""The canonical spelling of an ion from its molecules, net elements and charge.

The net elements say what the ion is; how to write them as gains and losses is convention. The order is that of the usual
adduct tables: neutral losses, neutral gains, anions, protons gained, cations gained, then what is split off.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from spectradb.udfs.adduct_parts import is_isotope, is_plausible

if TYPE_CHECKING:
    from collections.abc import Mapping

_Elements = dict[str, int]

_CATIONS = {
    **dict.fromkeys(("Li", "Na", "K", "Rb", "Cs", "Ag"), 1),
    **dict.fromkeys(("Mg", "Ca", "Zn", "Fe", "Cu", "Co", "Ni", "Mn"), 2),
}
_HALIDES = ("F", "Cl", "Br", "I")
_ANIONS: tuple[tuple[str, _Elements], ...] = (
    ("HCOO", {"C": 1, "H": 1, "O": 2}),
    ("CH3COO", {"C": 2, "H": 3, "O": 2}),
    ("CF3COO", {"C": 2, "F": 3, "O": 2}),
)
_MOST_ANIONS = 3

# Neutral parts whose usual name is not the Hill formula; a multiple of one is written as such ("2H2O").
_LOSSES: tuple[tuple[str, _Elements], ...] = (
    ("H2O", {"H": 2, "O": 1}),
    ("NH3", {"H": 3, "N": 1}),
    ("CO2", {"C": 1, "O": 2}),
    ("CO", {"C": 1, "O": 1}),
    ("HF", {"H": 1, "F": 1}),
    ("HCl", {"H": 1, "Cl": 1}),
    ("HBr", {"H": 1, "Br": 1}),
    ("HI", {"H": 1, "I": 1}),
    ("SO2", {"O": 2, "S": 1}),
    ("SO3", {"O": 3, "S": 1}),
    ("HPO3", {"H": 1, "O": 3, "P": 1}),
    ("H3PO4", {"H": 3, "O": 4, "P": 1}),
)
_GAINS: tuple[tuple[str, _Elements], ...] = (
    *_LOSSES,
    ("ACN", {"C": 2, "H": 3, "N": 1}),
    ("CH3OH", {"C": 1, "H": 4, "O": 1}),
    ("IsoProp", {"C": 3, "H": 8, "O": 1}),
    ("DMSO", {"C": 2, "H": 6, "O": 1, "S": 1}),
    ("HCOOH", {"C": 1, "H": 2, "O": 2}),
    ("CH3COOH", {"C": 2, "H": 4, "O": 2}),
)
_MOST_MULTIPLES = 9


def spell(n_molecules: int, composition: Mapping[str, int], charge: int) -> str:
    """Write an ion as ``[nM-losses+gains]z``.

    Parameters
    ----------
    n_molecules : int
        Molecules in the ion.
    composition : mapping of str to int
        Net elements gained (positive) or lost.
    charge : int
        Signed charge, not 0.

    Returns
    -------
    str
        Canonical spelling, such as ``"[M-H2O+H]+"``.
    """
    rest = {symbol: count for symbol, count in composition.items() if count}
    cations, lost_cations, charge_left = _take_cations(rest, charge)
    anions, charge_left = _take_anions(rest, charge_left)
    protons, losses, gains = _split_rest(rest, charge_left)
    text = "".join(f"-{part}" for part in losses)
    text += "".join(f"+{part}" for part in (*gains, *anions))
    text += f"+{_times(protons, 'H')}" if protons > 0 else ""
    text += "".join(f"+{part}" for part in cations) + "".join(f"-{part}" for part in lost_cations)
    text += f"-{_times(-protons, 'H')}" if protons < 0 else ""
    size = str(abs(charge)) if abs(charge) > 1 else ""
    return f"[{_times(n_molecules, 'M')}{text}]{size}{'+' if charge > 0 else '-'}"


def _take_cations(rest: _Elements, charge: int) -> tuple[list[str], list[str], int]:
    """Take metal ions and ammonium out of ``rest``; return those gained, those lost and the charge left to explain."""
    gained, lost = [], []
    for symbol, each in _CATIONS.items():
        count = rest.pop(symbol, 0)
        charge -= count * each
        if count > 0:
            gained += _units(count, symbol, symbol)
        elif count < 0:
            lost += _units(-count, symbol, symbol)
    ammonium = min(rest.get("N", 0), charge)
    if ammonium > 0 and rest.get("C", 0) <= 0:  # nitrogen that comes with carbon is a solvent's
        _subtract(rest, {"N": ammonium, "H": 4 * ammonium})
        gained += _units(ammonium, "NH4", "N")
        charge -= ammonium
    return gained, lost, charge


def _take_anions(rest: _Elements, charge: int) -> tuple[list[str], int]:
    """Take organic anions that explain all but hydrogen, else halides, out of ``rest``; return them and the charge left."""
    for name, elements in _ANIONS:
        for count in range(1, min(-charge, _MOST_ANIONS) + 1):
            left = dict(rest)
            _subtract(left, {symbol: count * each for symbol, each in elements.items()})
            if left.keys() <= {"H"}:
                rest.clear()
                rest.update(left)
                return [_times(count, name)], charge + count
    taken = []
    for symbol in _HALIDES:
        count = min(rest.get(symbol, 0), -charge)
        if count > 0:
            _subtract(rest, {symbol: count})
            taken += _units(count, symbol, symbol)
            charge += count
    return taken, charge


def _split_rest(rest: _Elements, charge: int) -> tuple[int, list[str], list[str]]:
    """Explain what is left by protons for the charge and neutral losses and gains; return all three."""
    if rest.keys() <= {"H"}:
        return rest.get("H", 0), [], []
    if rest == {"C": charge, "H": 3 * charge} and abs(charge) == 1:  # a methyl cation gained or lost, as tables write it
        return 0, ["CH3"] if charge < 0 else [], ["CH3"] if charge > 0 else []
    protons = charge
    _subtract(rest, {"H": charge})
    others = {symbol: count for symbol, count in rest.items() if symbol != "H"}
    hydrogens = rest.get("H", 0)
    # hydrogen that would stand alone as a neutral loss or gain joins the protons
    if hydrogens and not any((count > 0) == (hydrogens > 0) for count in others.values()):
        protons += hydrogens
        del rest["H"]
    lost = {symbol: -count for symbol, count in rest.items() if count < 0}
    gained = {symbol: count for symbol, count in rest.items() if count > 0}
    return protons, _name(lost, _LOSSES), _name(gained, _GAINS)


def _name(elements: _Elements, names: tuple[tuple[str, _Elements], ...]) -> list[str]:
    if not elements:
        return []
    for name, unit in names:
        for count in range(1, _MOST_MULTIPLES + 1):
            if elements == {symbol: count * each for symbol, each in unit.items()}:
                return [_times(count, name)]
    if not is_plausible(elements):  # no formula of a molecule, and read as a misprint: element by element
        return [unit for symbol, count in sorted(elements.items()) for unit in _units(count, symbol, symbol)]
    hill = sorted(elements.items(), key=lambda item: (item[0] != "C", "C" in elements and item[0] != "H", item[0]))
    return ["".join(f"{symbol}{count if count > 1 else ''}" for symbol, count in hill)]


def _subtract(elements: _Elements, part: Mapping[str, int]) -> None:
    left = Counter(elements)
    left.subtract(part)
    elements.clear()
    elements.update({symbol: count for symbol, count in left.items() if count})


def _units(count: int, name: str, symbol: str) -> list[str]:
    """Write a multiple, in two parts where the number before the symbol would be read as its mass number."""
    apart = 0 if not is_isotope(count, symbol) else _MOST_MULTIPLES if count > _MOST_MULTIPLES else 5
    return [_times(n, name) for n in (count - apart, apart) if n]


def _times(count: int, name: str) -> str:
    return f"{count}{name}" if count > 1 else name
