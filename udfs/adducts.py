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
from functools import lru_cache

from spectradb.errors import BadAdduct, BadParameter
from spectradb.udfs.adduct_parts import REMEDY, element_mass, elements, hill, terms
from spectradb.udfs.adduct_spelling import spell

ELECTRON_MASS = 5.48579909065e-4
"""Mass of the electron in Da (CODATA 2018)."""

_ACIDS = frozenset({"fa", "hac", "ac", "acoh", "tfa"})

# Charge that a gained part brings along; parts not named here are neutral. Needed only where no charge is stated.
_PART_CHARGES = {
    **dict.fromkeys(("H", "Li", "Na", "K", "Rb", "Cs", "Ag", "H4N", "CH3", "H3O"), 1),
    **dict.fromkeys(("Mg", "Ca", "Zn", "Fe", "Cu", "Co", "Ni", "Mn"), 2),
    **dict.fromkeys(("F", "Cl", "Br", "I", "HO", "CHO2", "C2H3O2", "C2F3O2", "NO3", "HO4S", "H2O4P", "CHO3"), -1),
}

_RADICAL_MARKS = str.maketrans("", "", "*•·˙∙^\t")
_ASCII = str.maketrans("\u2212\u2013\u2014\u2010⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "----+-01234567890123456789")
_BODY = re.compile(r"(\d{0,2})(?:M|m|Cat|cat)((?:[+-].*)?)\Z")
_CHARGE = re.compile(r"(?:(\d{1,2})?([+-]+)|([+-]+)(\d{1,2})|(\d{1,2}))?\Z")
_CHARGE_IN_PARENTHESES = re.compile(r"\((\d{0,2}[+-]+|[+-]\d{1,2})\)\Z")
_CHARGE_APART = re.compile(r"(?P<inner>[^\[\]]*[A-Za-z0-9)])\s+(?P<charge>\d{1,2}[+-]|[+-]\d{1,2})\Z")
_RADICAL_DOT = re.compile(r"(?<![A-Za-z0-9])\.|\.(?![A-Za-z0-9])")
_BLANK_OF_MULTIPLIER = re.compile(r"(?:(?<=[+\[(-])|(?<![^\s]))(\s*\d+)\s+(?=[A-Za-z(])")
_BLANK_WITHIN = re.compile(r"[A-Za-z0-9)]\s+[A-Za-z0-9(]")

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
    inner, stated, must_agree = _split_charge(part.translate(_ASCII).translate(_RADICAL_MARKS).strip(), text)
    body = _BODY.match(inner)
    if not body:
        raise BadAdduct(f"adduct {text!r} has no molecule M with gains and losses. {REMEDY}")
    n_molecules = int(body[1] or 1)
    if n_molecules == 0:
        raise BadAdduct(f"adduct {text!r} holds no molecule. {REMEDY}")
    net: Counter[str] = Counter()
    implied, acids = 0, 0
    for times, name in terms(body[2], text):
        if name == "e":  # an electron: no elements
            implied -= times
            continue
        part_elements = elements(name, text)
        for symbol, count in part_elements.items():
            net[symbol] += times * count
        implied += times * _PART_CHARGES.get(hill(part_elements), 0)
        acids += times * (name.lower() in _ACIDS)
    charge = _settle_charge(stated, implied, acids, ion_mode, text)
    if must_agree and charge != implied:
        raise BadAdduct(f"adduct {text!r} states the charge {stated}, and its parts bring {implied:+d}. {REMEDY}")
    if implied == 0 and charge == -1 and acids == 1:  # "[M+FA]-": of a neutral acid only the anion can charge the ion
        net["H"] -= 1
    composition = tuple(sorted((symbol, count) for symbol, count in net.items() if count))
    if abs(charge) > _LARGEST_CHARGE or any(abs(count) > _MOST_ATOMS for _, count in composition):
        raise BadAdduct(
            f"adduct {text!r} has more than {_LARGEST_CHARGE} charges or {_MOST_ATOMS} atoms of an element. {REMEDY}"
        )
    delta = sum(count * element_mass(symbol) for symbol, count in composition) - charge * ELECTRON_MASS
    return Adduct(n_molecules, composition, charge, delta)


def _split_charge(part: str, text: str) -> tuple[str, str, bool]:
    """Split ``[M+H]+`` or ``M+H+`` into what is gained and lost, the charge as stated, and whether both must agree."""
    apart = _CHARGE_APART.match(part)
    if apart:  # "M+2H 2+"
        return _without_blanks(apart["inner"], text), apart["charge"], True
    part = _CHARGE_IN_PARENTHESES.sub(r"\1", _without_blanks(part, text))
    enclosed = re.match(r"\((\d{0,2}(?:M|m|Cat|cat)(?:[^()]|\([^()]*\))*)\)", part)
    if enclosed:
        part = f"[{enclosed[1]}]{part[enclosed.end() :]}"
    if part.startswith("["):
        inner, bracket, stated = part[1:].partition("]")
        if not bracket:
            raise BadAdduct(f"adduct {text!r} has an opening bracket only. {REMEDY}")
        if not stated and inner.endswith(("+", "-")):  # "[M+H+]"
            return _split_charge(inner, text)
        return inner, stated, False
    return _split_bare(part, text)


def _split_bare(part: str, text: str) -> tuple[str, str, bool]:
    """Split an adduct that no brackets part from its charge."""
    inner = part.rstrip("+-").rstrip("]")
    if inner != part:
        stated = part[len(inner) :].lstrip("]")
        if len(stated) == 1 and inner[-1:].isdecimal() and not part[len(inner) :].startswith("]"):
            return _digit_before_sign(inner, stated, text)
        return inner, stated, False
    trailing = re.search(r"[+-]\d\Z", part)  # "M+2H+2"; "M+1" is an isotope peak, which the bare M gives away
    if trailing and re.search(r"[A-Za-z0-9]*[+-]\d*[A-Za-z(]", part[: trailing.start()]):
        return part[: trailing.start()], trailing[0], False
    return part, "", False


def _without_blanks(part: str, text: str) -> str:
    """Take off blanks and the dots of radicals where they part nothing."""
    part = _RADICAL_DOT.sub("", _BLANK_OF_MULTIPLIER.sub(r"\1", part))
    if "." in part or _BLANK_WITHIN.search(part):
        raise BadAdduct(f"adduct {text!r} has a dot or a blank that parts two words. {REMEDY}")
    return "".join(part.split())


def _digit_before_sign(inner: str, sign: str, text: str) -> tuple[str, str, bool]:
    """Tell whether the last digit of ``M+NH4+`` and ``M+2H2+`` belongs to the formula or to the charge: by what fits."""
    fitting = []
    for candidate in ((inner, sign), (inner[:-1], f"{inner[-1]}{sign}")):
        try:
            implied = _read_one(f"[{candidate[0]}]", None, text).charge  # of the parts alone
        except BadAdduct:
            continue
        if implied == int(f"{sign}{candidate[1].rstrip('+-') or 1}"):
            fitting.append(candidate)
    if len(fitting) != 1:
        raise BadAdduct(f"adduct {text!r} does not tell whether {inner[-1]} counts atoms or charges. {REMEDY}")
    return *fitting[0], False


def _settle_charge(stated: str, implied: int, acids: int, ion_mode: str | None, text: str) -> int:
    """Return the signed charge: as stated, else as the parts imply, else a single one in the ion mode's sign."""
    found = _CHARGE.match(stated)
    signs = found and (found[2] or found[3] or "")
    if not found or len(set(signs or "")) > 1 or (len(signs or "") > 1 and (found[1] or found[4])):
        raise BadAdduct(f"adduct {text!r} ends in {stated!r}, which is no charge. {REMEDY}")
    magnitude = int(found[1] or found[4] or found[5] or len(signs or ""))
    if signs:
        sign = 1 if signs[0] == "+" else -1
    elif implied:
        sign = 1 if implied > 0 else -1
    else:
        sign = {"positive": 1, "negative": -1}.get(ion_mode or "", -1 if acids > 0 else 0)
    charge = sign * (magnitude or abs(implied) or 1)
    if not charge or (stated and not magnitude):
        raise BadAdduct(f"adduct {text!r} states no charge and its parts imply none. {REMEDY}")
    return charge
