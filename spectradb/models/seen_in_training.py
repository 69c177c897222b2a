"""What a model card says of what a model was trained on, and of passing it on. Importing this imports no PyTorch."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Begins what the card of a model says of its licence where its training looked at none.
IN_HOUSE = "in house only"


def analyte_mark(analyte_id: str) -> str:
    """Return a short mark of an analyte: a card lists thousands of them, and names no structure by it.

    Parameters
    ----------
    analyte_id : str
        As in ``spectra``.

    Returns
    -------
    str
        First 8 hexadecimal digits of the SHA-256 of its two-dimensional key. An analyte that was not trained on has one of a
        few thousand marks by chance once in a million.
    """
    from spectradb.arrays.annotated_spectra import two_dimensional_key  # noqa: PLC0415 - loads Arrow

    return hashlib.sha256(two_dimensional_key(analyte_id).encode()).hexdigest()[:8]


def analyte_marks(analyte_ids: Iterable[str]) -> str:
    """Write the marks of analytes as a card holds them.

    Parameters
    ----------
    analyte_ids : iterable of str
        Analytes.

    Returns
    -------
    str
        Their marks, sorted, each once, with spaces between.
    """
    return " ".join(sorted({analyte_mark(name) for name in analyte_ids}))


def marks_on_card(card: Mapping[str, Any]) -> frozenset[str] | None:
    """Read the marks of the analytes that a model was trained on.

    Parameters
    ----------
    card : mapping
        Model card.

    Returns
    -------
    frozenset of str or None
        None where the card does not tell.
    """
    marks = _part(card, "data").get("analyte_marks")
    return frozenset(marks.split()) if isinstance(marks, str) else None


def contributors_on_card(card: Mapping[str, Any]) -> frozenset[str] | None:
    """Read whose spectra a model was trained on.

    Parameters
    ----------
    card : mapping
        Model card.

    Returns
    -------
    frozenset of str or None
        Contributors; None where the card does not tell.
    """
    contributors = _part(card, "data").get("contributors")
    return frozenset(contributors) if isinstance(contributors, dict) else None


def licence_on_card(card: Mapping[str, Any]) -> str | None:
    """Read whether a model may be passed on, as far as its card tells.

    Parameters
    ----------
    card : mapping
        Model card.

    Returns
    -------
    str or None
        The card's own words; for a card of an own training without them what follows from its split, which is that a model
        stays in house where no licence was asked for; None where nothing is known.
    """
    said = card.get("licence")
    if said:
        return str(said)
    split = _part(card, "training").get("split")
    counts = _part(card, "data").get("licenses")
    if not isinstance(split, dict) or not isinstance(counts, dict):
        return None
    return licence_statement(split.get("licenses") or (), counts)


def licence_statement(permitted: Iterable[str], counts: Mapping[str, int]) -> str:
    """Say under which licences a model's training data stand, and what follows.

    Parameters
    ----------
    permitted : iterable of str
        Licences that training asked for; empty: it took spectra of any licence.
    counts : mapping of str to int
        Spectra trained on, by licence; the empty string: none stated.

    Returns
    -------
    str
        One line; it begins with :data:`IN_HOUSE` where the model must not be passed on.
    """
    trained = f"trained on spectra of {licences_in_words(counts)}"
    if list(permitted):
        return f"{trained}; training took no other licences"
    return f"{IN_HOUSE}, as no licence was asked for: {trained}"


def licences_in_words(counts: Mapping[str, int]) -> str:
    """Write licences and how many spectra have them.

    Parameters
    ----------
    counts : mapping of str to int
        Spectra by licence; the empty string: none stated.

    Returns
    -------
    str
        Most spectra first, such as ``CC BY 12, no stated licence 3``.
    """
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return ", ".join(f"{name or 'no stated licence'} {n:,}" for name, n in ordered)


def stays_in_house(card: Mapping[str, Any]) -> bool:
    """Tell whether a card forbids to pass a model on because its training looked at no licence.

    Parameters
    ----------
    card : mapping
        Model card.

    Returns
    -------
    bool
        Whether it does.
    """
    return (licence_on_card(card) or "").startswith(IN_HOUSE)


def told_by_card(card: Mapping[str, Any]) -> dict[str, str | None]:
    """Take from a model card what the table of models holds of it.

    Parameters
    ----------
    card : mapping
        Model card.

    Returns
    -------
    dict of str to str or None
        ``training_data`` and ``metrics`` as JSON, and ``licence``; None: nothing is said.
    """
    of_training = card.get("training_data") or {name: card[name] for name in ("data", "training", "limits") if card.get(name)}
    told = {"training_data": of_training, "metrics": card.get("metrics")}
    as_json = {column: json.dumps(value, sort_keys=True) if value else None for column, value in told.items()}
    return as_json | {"licence": licence_on_card(card)}


def _part(card: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = card.get(name)
    return part if isinstance(part, dict) else {}
