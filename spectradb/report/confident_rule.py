"""The rule by which answers are called confident: reading what a user writes, and keeping it as a property of the lab."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import pyarrow as pa

from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from spectradb.store.record import Record

PROPERTY = "confident_rule"
#: The rule of a lab that has set none; the view ``confident_rule`` states it, too.
DEFAULT_RULE = "probability >= 0.9"

_OPERATORS = {"probability": ">=", "q_value": "<=", "score": ">=", "score_gap": ">=", "matched_peaks": ">="}
_SHARES = ("probability", "q_value")
_NOT_AMBIGUOUS = "not ambiguous"


def read_rule(text: str) -> str:
    """Read a rule and write it as the view ``confident_rule`` reads it.

    Parameters
    ----------
    text : str
        Conditions joined by ``and`` or commas: ``probability >= 0.9``, ``q_value <= 0.05``, ``score >= 0.7``,
        ``score_gap >= 0.1``, ``matched_peaks >= 4``, ``not ambiguous``; or ``default``.

    Returns
    -------
    str
        The rule, conditions joined by ``and``.

    Raises
    ------
    BadParameter
        If a condition cannot be read or can never be met, or one is stated twice.
    """
    if text.strip().lower() == "default":
        return DEFAULT_RULE
    conditions: dict[str, str] = {}
    for part in re.split(r"\s+and\s+|\s*,\s*", text.strip(), flags=re.IGNORECASE):
        name, condition = _read_condition(part)
        if name in conditions:
            raise BadParameter(f"the rule {text!r} states {name} twice")
        conditions[name] = condition
    return " and ".join(conditions.values())


def record_rule(record: Record, rule: str) -> None:
    """Note a rule in the record.

    Parameters
    ----------
    record : Record
        The lab's record.
    rule : str
        What :func:`read_rule` returned.
    """
    row = pa.table({"name": [PROPERTY], "value": [rule]})
    if not record.insert_new("properties", "name", row):
        record.update("properties", "name", row)


def _read_condition(part: str) -> tuple[str, str]:
    words = " ".join(part.lower().split())
    if words == _NOT_AMBIGUOUS:
        return _NOT_AMBIGUOUS, _NOT_AMBIGUOUS
    found = re.fullmatch(r"(\w+)\s*(>=|<=)\s*(\S+)", words)
    name, operator, value = found.groups() if found else ("", "", "")
    if _OPERATORS.get(name) != operator:
        known = ", ".join(f"{name} {operator} NUMBER" for name, operator in _OPERATORS.items())
        raise BadParameter(f"the condition {part!r} cannot be read; there are: {known}, {_NOT_AMBIGUOUS}")
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or (name in _SHARES and not 0 <= number <= 1):
        wanted = "between 0 and 1" if name in _SHARES else "such as 0.7"
        raise BadParameter(f"the condition {part!r} needs a number {wanted}")
    return name, f"{name} {operator} {number:g}"
