"""Adducts: read ``[nM+X-Y]z`` in the spellings of public libraries, and turn masses into m/z and back.

An ion is described by three numbers that decide its m/z: how many molecules it holds, the net elements gained or lost, and its
charge. Two spellings with the same three describe the same ion and get the same canonical spelling (``[M+CH3COOH-H]-`` and
``[M+CH3COO]-``; ``[M-OH]+`` and ``[M-H2O+H]+``). How that spelling is composed is the business of
:mod:`spectradb.udfs.adduct_spelling`.

Element masses are those of the most abundant isotope in RDKit's periodic table, which structures are weighed with too.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from rdkit import Chem

from spectradb.errors import BadAdduct, BadParameter
from spectradb.udfs.adduct_spelling import spell

if TYPE_CHECKING:
    from collections.abc import Mapping

ELECTRON_MASS = 5.48579909065e-4
"""Mass of the electron in Da (CODATA 2018)."""

_REMEDY = "Write it as [nM+X-Y]z with formulas for X and Y, such as [M+H]+, [M-H2O+H]+ or [2M+Na]+"

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
_DOUBTFUL = {"HOO": "it means hydroperoxide and is found on formate adducts; write HO2 or HCOO"}
_ACIDS = frozenset({"fa", "hac", "ac", "acoh", "tfa"})

# Charge that a gained part brings along; parts not named here are neutral. Needed only where no charge is stated.
_PART_CHARGES = {
    **dict.fromkeys(("H", "Li", "Na", "K", "Rb", "Cs", "Ag", "H4N", "CH3", "H3O"), 1),
    **dict.fromkeys(("Mg", "Ca", "Zn", "Fe", "Cu", "Co", "Ni", "Mn"), 2),
    **dict.fromkeys(("F", "Cl", "Br", "I", "HO", "CHO2", "C2H3O2", "C2F3O2", "NO3", "HO4S", "H2O4P", "CHO3"), -1),
}

_RADICAL_MARKS = str.maketrans("", "", "*.•·˙∙^ \t()")
_ASCII = str.maketrans("\u2212\u2013\u2014\u2010⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "----+-01234567890123456789")
_BODY = re.compile(r"(\d{0,2})(?:M|m|Cat|cat)((?:[+-]\d{0,5}[A-Za-z][A-Za-z0-9]*)*)\Z")
_PART = re.compile(r"([+-])(\d{0,5})([A-Za-z][A-Za-z0-9]*)")
_FORMULA = re.compile(r"(?:[A-Z][a-z]?\d{0,5})+\Z")
_ELEMENT = re.compile(r"([A-Z][a-z]?)(\d{0,5})")
_CHARGE = re.compile(r"(?:(\d{1,2})?([+-]+)|([+-]+)(\d{1,2})|(\d{1,2}))?\Z")

# Beyond these no ion is meant; within them every canonical spelling has at most as many digits as the patterns above read.
_LARGEST_CHARGE = 99
_MOST_ATOMS = 500


@dataclass(frozen=True, slots=True)
class Adduct:
    """What an ion is made of beside its molecules.

    Parameters
    ----------
    n_molecules : int
        Molecules in the ion, 1 for ``[M+H]+``.
    composition : tuple of (str, int)
        Net elements gained (positive) or lost, sorted by symbol, without zeros.
    charge : int
        Charge of the ion, signed, never 0.
    delta_mass : float
        Mass in Da that is added to the molecules: elements gained minus elements lost minus ``charge`` electrons.
    """

    n_molecules: int
    composition: tuple[tuple[str, int], ...]
    charge: int
    delta_mass: float


def canonical_adduct(text: str, ion_mode: str | None = None) -> str:
    """Spell an adduct in the one way that spectradb uses.

    Parameters
    ----------
    text : str
        Adduct in any usual spelling: ``"M+H"``, ``"[M+H]1+"``, ``"[M+2H]++"``, ``"[M+H-H2O]+"``, ``"[M+FA-H]-"``, ``"[Cat]+"``.
    ion_mode : {"positive", "negative"}, optional
        Decides the sign where the text states no charge and its parts imply none (``"[M]"``).

    Returns
    -------
    str
        Losses, gains, cations, lost protons, charge: ``"[M-H2O+H]+"``, ``"[M+HCOO]-"``, ``"[M+H+Na]2+"``, ``"[M+Na-2H]-"``. The
        same number of molecules, net formula and charge always give the same text, and the text reads back to the same.

    Raises
    ------
    BadAdduct
        If the text cannot be read, names alternatives that are different ions, or leaves the charge open.
    """
    adduct = _read(text, ion_mode)
    return spell(adduct.n_molecules, dict(adduct.composition), adduct.charge)


def parse_adduct(text: str) -> Adduct:
    """Read an adduct.

    Parameters
    ----------
    text : str
        Adduct in any usual spelling.

    Returns
    -------
    Adduct
        Molecules, net elements, charge and mass.

    Raises
    ------
    BadAdduct
        As :func:`canonical_adduct`.
    """
    return _read(text, None)


def adduct_mz(monoisotopic_mass: float, adduct: str) -> float:
    """Return the m/z of an ion, ``(n M + delta) / |z|``.

    Parameters
    ----------
    monoisotopic_mass : float
        Sum of the atom masses of the structure as drawn in Da, electrons not corrected for its charge; then the formula holds
        for permanently charged structures too, since the electrons are counted once, with the charge of the ion.
    adduct : str
        Adduct in any usual spelling.

    Returns
    -------
    float
        m/z.

    Raises
    ------
    BadAdduct
        If the adduct cannot be read.
    BadParameter
        If the mass is no positive number, or the ion would weigh nothing.
    """
    if not (math.isfinite(monoisotopic_mass) and monoisotopic_mass > 0):
        raise BadParameter(f"monoisotopic_mass is {monoisotopic_mass}: give a positive mass in Da")
    ion = parse_adduct(adduct)
    mz = (ion.n_molecules * monoisotopic_mass + ion.delta_mass) / abs(ion.charge)
    if mz <= 0:
        raise BadParameter(
            f"{adduct} loses more than the {monoisotopic_mass} Da of the molecule: check the adduct and the structure"
        )
    return mz


def neutral_mass(mz: float, adduct: str) -> float:
    """Return the monoisotopic mass of the molecule in an ion, ``(mz |z| - delta) / n``.

    Parameters
    ----------
    mz : float
        m/z of the ion.
    adduct : str
        Adduct in any usual spelling.

    Returns
    -------
    float
        Mass in Da. Not positive when the adduct alone weighs more than the ion.

    Raises
    ------
    BadAdduct
        If the adduct cannot be read.
    BadParameter
        If ``mz`` is no positive number.
    """
    if not (math.isfinite(mz) and mz > 0):
        raise BadParameter(f"mz is {mz}: give a positive m/z")
    ion = parse_adduct(adduct)
    return (mz * abs(ion.charge) - ion.delta_mass) / ion.n_molecules


def ion_mode_of(adduct: str) -> str:
    """Return the ion mode in which an adduct is seen.

    Parameters
    ----------
    adduct : str
        Adduct in any usual spelling.

    Returns
    -------
    {"positive", "negative"}
        Sign of its charge.

    Raises
    ------
    BadAdduct
        If the adduct cannot be read.
    """
    return "positive" if parse_adduct(adduct).charge > 0 else "negative"


@lru_cache(maxsize=16384)
def _read(text: str, ion_mode: str | None) -> Adduct:
    alternatives = {_read_one(part, ion_mode, text) for part in text.split("/")}
    if len(alternatives) > 1:
        raise BadAdduct(f"adduct {text!r} names {len(alternatives)} different ions. State the one that was isolated")
    return alternatives.pop()


def _read_one(part: str, ion_mode: str | None, text: str) -> Adduct:
    inner, stated = _split_charge(part.translate(_ASCII).translate(_RADICAL_MARKS), text)
    body = _BODY.match(inner)
    if not body:
        raise BadAdduct(f"adduct {text!r} has no molecule M with gains and losses. {_REMEDY}")
    n_molecules = int(body[1] or 1)
    if n_molecules == 0:
        raise BadAdduct(f"adduct {text!r} holds no molecule. {_REMEDY}")
    net: Counter[str] = Counter()
    implied, acids = 0, 0
    for sign, multiplier, name in _PART.findall(body[2]):
        times = int(multiplier or 1) * (1 if sign == "+" else -1)
        if name == "e":  # an electron: no elements
            implied -= times
            continue
        elements = _elements(name, text)
        for symbol, count in elements.items():
            net[symbol] += times * count
        implied += times * _PART_CHARGES.get(_hill(elements), 0)
        acids += times * (name.lower() in _ACIDS)
    charge = _settle_charge(stated, implied, acids, ion_mode, text)
    if implied == 0 and charge == -1 and acids == 1:  # "[M+FA]-": of a neutral acid only the anion can charge the ion
        net["H"] -= 1
    composition = tuple(sorted((symbol, count) for symbol, count in net.items() if count))
    if abs(charge) > _LARGEST_CHARGE or any(abs(count) > _MOST_ATOMS for _, count in composition):
        raise BadAdduct(
            f"adduct {text!r} has more than {_LARGEST_CHARGE} charges or {_MOST_ATOMS} atoms of an element. {_REMEDY}"
        )
    delta = sum(count * _element_mass(symbol) for symbol, count in composition) - charge * ELECTRON_MASS
    return Adduct(n_molecules, composition, charge, delta)


def _split_charge(part: str, text: str) -> tuple[str, str]:
    """Split ``[M+H]+`` or ``M+H+`` into what is gained and lost, and the charge as stated."""
    if part.startswith("["):
        inner, bracket, stated = part[1:].partition("]")
        if not bracket:
            raise BadAdduct(f"adduct {text!r} has an opening bracket only. {_REMEDY}")
        if not stated and inner.endswith(("+", "-")):  # "[M+H+]"
            return _split_charge(inner, text)
        return inner, stated
    inner = part.rstrip("+-").rstrip("]")
    if inner != part:
        return inner, part[len(inner) :].lstrip("]")
    trailing = re.search(r"[+-]\d\Z", part)  # "M+2H+2"; "M+1" is an isotope peak, which the bare M gives away
    if trailing and re.search(r"[A-Za-z0-9]*[+-]\d*[A-Za-z]", part[: trailing.start()]):
        return part[: trailing.start()], trailing[0]
    return part, ""


def _settle_charge(stated: str, implied: int, acids: int, ion_mode: str | None, text: str) -> int:
    """Return the signed charge: as stated, else as the parts imply, else a single one in the ion mode's sign."""
    found = _CHARGE.match(stated)
    signs = found and (found[2] or found[3] or "")
    if not found or len(set(signs or "")) > 1 or (len(signs or "") > 1 and (found[1] or found[4])):
        raise BadAdduct(f"adduct {text!r} ends in {stated!r}, which is no charge. {_REMEDY}")
    magnitude = int(found[1] or found[4] or found[5] or len(signs or ""))
    if signs:
        sign = 1 if signs[0] == "+" else -1
    elif implied:
        sign = 1 if implied > 0 else -1
    else:
        sign = {"positive": 1, "negative": -1}.get(ion_mode or "", -1 if acids > 0 else 0)
    charge = sign * (magnitude or abs(implied) or 1)
    if not charge or (stated and not magnitude):
        raise BadAdduct(f"adduct {text!r} states no charge and its parts imply none. {_REMEDY}")
    return charge


@cache
def _element_numbers() -> dict[str, int]:
    table = Chem.GetPeriodicTable()
    return {table.GetElementSymbol(number): number for number in range(1, 119)}


@cache
def _element_mass(symbol: str) -> float:
    return float(Chem.GetPeriodicTable().GetMostCommonIsotopeMass(_element_numbers()[symbol]))


def _elements(name: str, text: str) -> dict[str, int]:
    """Read an abbreviation or a formula; ``NA`` and ``CL`` in capitals are taken for the elements."""
    if name in _DOUBTFUL:
        raise BadAdduct(f"adduct {text!r}: {name} is doubtful: {_DOUBTFUL[name]}")
    for formula in (_ABBREVIATIONS.get(name.lower(), name), name.capitalize()):
        if not _FORMULA.match(formula):
            continue
        counts: Counter[str] = Counter()
        for symbol, count in _ELEMENT.findall(formula):
            counts[symbol] += int(count or 1)
        if counts.keys() <= _element_numbers().keys():
            return dict(counts)
    raise BadAdduct(f"adduct {text!r}: {name!r} is neither a formula nor a known abbreviation. {_REMEDY}")


def _hill(elements: Mapping[str, int]) -> str:
    return "".join(
        f"{symbol}{count if count > 1 else ''}"
        for symbol, count in sorted(elements.items(), key=lambda item: (item[0] != "C", item))
    )
