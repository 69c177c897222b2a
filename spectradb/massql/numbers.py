"""Numbers of a query: arithmetic, masses of formulas, amino acids and peptides, and variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.late_modules import late
from spectradb.massql.query import Linear

if TYPE_CHECKING:
    from spectradb.massql.words import Word, Words

mass: Any = late("pyteomics.mass")

VARIABLES = ("X", "Y")
_FUNCTIONS = ("FORMULA", "AMINOACIDDELTA", "PEPTIDE")
# What is called mass is neutral and monoisotopic; that of a peptide ion is an m/z.
_IONS = "abcxyz"


def read_number(words: Words) -> Linear:
    """Read a sum: terms joined by ``+`` and ``-``.

    Parameters
    ----------
    words : Words
        The query, up to the number.

    Returns
    -------
    Linear
        Its value, or how it depends on a variable.

    Raises
    ------
    BadMassQL
        If it is no number, or depends on a variable otherwise than by a factor and a term.
    """
    total = _term(words)
    while words.word.text in ("+", "-") and words.word.kind == "sign":
        sign = words.take()
        total = _sum(words, sign, total, _term(words), -1.0 if sign.text == "-" else 1.0)
    return total


def read_constant(words: Words, what: str) -> float:
    """Read a number that depends on no variable.

    Parameters
    ----------
    words : Words
        The query, up to the number.
    what : str
        What it is, for the message.

    Returns
    -------
    float
        Its value.
    """
    first = words.word
    value = read_number(words)
    if value.variable:
        words.fail(f"{what} is a number, without {value.variable}", first)
    return value.offset


def _term(words: Words) -> Linear:
    product = _factor(words)
    while words.word.text in ("*", "/") and words.word.kind == "sign":
        sign = words.take()
        factor = _factor(words)
        if sign.text == "/":
            if factor.variable or factor.offset == 0:
                words.fail("a number is divided by another one than 0, without a variable", sign)
            factor = Linear(1 / factor.offset) if product.variable else Linear(product.offset / factor.offset)
            product = _times(product, factor) if product.variable else factor
        elif product.variable and factor.variable:
            words.fail("variables are not multiplied with each other", sign)
        else:
            product = _times(product, factor) if product.variable else _times(factor, product)
    return product


def _times(number: Linear, constant: Linear) -> Linear:
    return Linear(number.offset * constant.offset, number.slope * constant.offset, number.variable)


def _sum(words: Words, at: Word, left: Linear, right: Linear, sign: float) -> Linear:
    if left.variable and right.variable and left.variable != right.variable:
        words.fail("X and Y are not added to each other", at)
    slope = left.slope + sign * right.slope
    return Linear(left.offset + sign * right.offset, slope, (left.variable or right.variable) if slope else "")


def _factor(words: Words) -> Linear:
    word = words.take()
    if word.kind == "number":
        return Linear(float(word.text))
    if word.text in ("-", "+"):
        return _times(_factor(words), Linear(-1.0 if word.text == "-" else 1.0))
    if word.text == "(":
        inner = read_number(words)
        words.expect(")", "behind what is in brackets")
        return inner
    if word.text in VARIABLES:
        return Linear(0.0, 1.0, word.text)
    if word.upper in _FUNCTIONS:
        return Linear(_mass(words, word))
    return words.fail("a number is missing: digits, X, formula(...), aminoaciddelta(...) or peptide(...)", word)


def _mass(words: Words, function: Word) -> float:
    words.expect("(", f"behind {function.text}")
    what = words.take()
    try:
        if function.upper == "FORMULA":
            value = float(mass.calculate_mass(formula=what.text))
        elif function.upper == "AMINOACIDDELTA":
            value = float(mass.calculate_mass(sequence=what.text) - mass.calculate_mass(formula="H2O"))
        else:
            value = _peptide(words, what)
    except (mass.PyteomicsError, KeyError, ValueError):
        kinds = {"FORMULA": "a formula such as C6H12O6"}
        words.fail(f"{what.text!r} is not {kinds.get(function.upper, 'amino acids as capital letters')}", what)
    words.expect(")", f"behind {function.text}({what.text}")
    return value


def _peptide(words: Words, what: Word) -> float:
    for sign, name in ((",", "CHARGE"), ("=", "")):
        words.expect(sign, "in peptide(SEQUENCE, charge=1, ion=y)")
        if name:
            words.expect(name, "in peptide(SEQUENCE, charge=1, ion=y)")
    charge = words.take()
    words.expect(",", "in peptide(SEQUENCE, charge=1, ion=y)")
    words.expect("ION", "in peptide(SEQUENCE, charge=1, ion=y)")
    words.expect("=", "in peptide(SEQUENCE, charge=1, ion=y)")
    ion = words.take()
    if charge.text not in "123456789" or ion.text.lower() not in _IONS:
        words.fail("a peptide has a charge of 1 to 9 and an ion that is a, b, c, x, y or z", charge)
    return float(mass.calculate_mass(sequence=what.text, ion_type=ion.text.lower(), charge=int(charge.text)))
