"""Kinds of ion mobility, by the terms of the PSI-MS vocabulary: a number without its kind is in no known unit."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from spectradb.ingest.fields.cv_params import SECONDS, finite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: MS:1002476, in milliseconds.
DRIFT_TIME = "ion mobility drift time"
#: MS:1002815, 1/K0 in V s/cm2.
INVERSE_REDUCED = "inverse reduced ion mobility"
#: MS:1001581, in volts, of either sign.
FAIMS_VOLTAGE = "FAIMS compensation voltage"
#: MS:1003371, in volts, of either sign.
SELEXION_VOLTAGE = "SELEXION compensation voltage"

#: The kinds, with their accessions.
MOBILITY_ACCESSIONS = {
    INVERSE_REDUCED: "MS:1002815",
    DRIFT_TIME: "MS:1002476",
    FAIMS_VOLTAGE: "MS:1001581",
    SELEXION_VOLTAGE: "MS:1003371",
}
#: Names of fields that tell the kind, without blanks and underscores; the most trustworthy first.
NAMED = {
    "inversereducedionmobility": INVERSE_REDUCED,
    "1/k0": INVERSE_REDUCED,
    "ionmobilitydrifttime": DRIFT_TIME,
    "drifttime": DRIFT_TIME,
    "faimscompensationvoltage": FAIMS_VOLTAGE,
    "compensationvoltage": FAIMS_VOLTAGE,
}
#: Those whose numbers may be 0 or negative.
VOLTAGES = (FAIMS_VOLTAGE, SELEXION_VOLTAGE)

# How programs name kinds and units, without case, blanks, underscores and hyphens.
_SPELLINGS = {
    INVERSE_REDUCED: r"inversereduced(?:ion)?mobility|(?:1/|inverse|oneover)k0|v[.·*]?s/?cm(?:2|\^2|²)|tims",
    DRIFT_TIME: r"(?:ionmobility)?drifttime|dt|dtims|ms|msec|milliseconds?",
    FAIMS_VOLTAGE: r"faims(?:compensationvoltage|cv)?|compensationvoltage",
    SELEXION_VOLTAGE: r"selexion(?:compensationvoltage|cov|cv)?",
}


class Mobility(NamedTuple):
    """An ion mobility.

    Parameters
    ----------
    ion_mobility : float or None
        The number.
    ion_mobility_type : str or None
        A key of :data:`MOBILITY_ACCESSIONS`; None: its kind is not told.
    """

    ion_mobility: float | None = None
    ion_mobility_type: str | None = None


@lru_cache(maxsize=256)
def mobility_type(text: str | None) -> str | None:
    """Read a kind of ion mobility.

    Parameters
    ----------
    text : str or None
        A term of the vocabulary, or what programs write for it or its unit: ``"1/K0"``, ``"ms"``, ``"drift time"``, ``"TIMS"``.

    Returns
    -------
    str or None
        A key of :data:`MOBILITY_ACCESSIONS`; None where the text names none of them.
    """
    plain = re.sub(r"[\s_-]", "", text or "").lower()
    return next((kind for kind, spelled in _SPELLINGS.items() if re.fullmatch(spelled, plain)), None)


def of_terms(terms: Mapping[str, object], unit: Callable[[str], str]) -> Mobility:
    """Take the ion mobility from parameters of the vocabulary.

    Parameters
    ----------
    terms : mapping of str to object
        Values by the names of their terms.
    unit : callable
        Given the name of a term, returns that of its value's unit in the Unit Ontology; empty where none is stated.

    Returns
    -------
    Mobility
        Drift times in milliseconds; in a unit that is none of time their kind is not told.
    """
    for kind in MOBILITY_ACCESSIONS:
        number = finite(terms.get(kind))
        if number is None:
            continue
        if kind != DRIFT_TIME:
            return Mobility(number, kind)
        stated = unit(kind)
        if stated in {"", "millisecond"}:  # the unit that the term prescribes
            return Mobility(number, kind)
        return Mobility(number * SECONDS[stated] * 1000.0, kind) if stated in SECONDS else Mobility(number)
    return Mobility()
