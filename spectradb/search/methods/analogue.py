"""The method ``analogue``, for open searches: of the analytes nearest by vectors, those first that share peaks as well.

The score is that of the method ``fused``, ``(1 - weight) * embedding + weight * peaks``, by a modified cosine of which half
counts, the other half being for pairs that share enough peaks. Its weight was chosen on molecules of MassBank that neither the
model was trained on nor the figures of ``spectradb/benchmarks/README.md`` are told of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.search.methods.fused import Fused
from spectradb.search.methods.peaks import resolve_score
from spectradb.search.methods.protocol import Asked, MethodKind, SearchJob, Statement
from spectradb.similarity.enough_matches import EnoughMatches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spectradb.similarity.methods import Setting

ANALOGUE = "analogue"
#: Share of the peaks in the score, and the matched peaks that are enough.
WEIGHT, LEAST_MATCHES = 0.4, 4

_PEAK_METHOD = "modified_cosine"


@dataclass(frozen=True, kw_only=True)
class Analogue(Fused):
    """A mixture of embeddings and a score of peaks, for searches without a precursor filter."""

    name = ANALOGUE

    def statement(self, job: SearchJob) -> Statement:
        """Refuse a search within a precursor window.

        Raises
        ------
        BadParameter
            Always: there the library is taken to hold the molecule itself.
        """
        raise BadParameter(
            f"the method {ANALOGUE} is for searches without a precursor filter: add --open, or take another method within "
            f"{job.ppm:g} ppm"
        )

    neighbours = statement

    def shortlist(self) -> Statement:
        """Return what scores the analytes nearest by embedding."""
        return Statement(schemas.read("queries/identify/score_shortlist_fused"), {"weight": self.weight})


def analogue_method(settings: Mapping[str, Setting], *, fragment_tolerance_da: float) -> Analogue:
    """Return the mixture that settings mean.

    Parameters
    ----------
    settings : mapping of str to value
        ``weight``, ``least_matches``, and those of the modified cosine, where they differ from the defaults.
    fragment_tolerance_da : float
        The tolerance in Da of the modified cosine unless the settings say otherwise.

    Returns
    -------
    Analogue
        The mixture.

    Raises
    ------
    BadParameter
        If there is no such setting, or a value means nothing.
    """
    given = dict(settings)
    weight = _number(given, "weight", WEIGHT)
    least_matches = _number(given, "least_matches", LEAST_MATCHES)
    if least_matches != int(least_matches):
        raise BadParameter(f"{ANALOGUE}: least_matches is {least_matches:g}; give a whole number")
    of_peaks = resolve_score(_PEAK_METHOD, given, fragment_tolerance_da=fragment_tolerance_da)
    halved = EnoughMatches(score=of_peaks, least_matches=int(least_matches))
    return Analogue(weight=weight, peak_method=_PEAK_METHOD, of_peaks=halved)


def _resolve(asked: Asked) -> Analogue:
    return analogue_method(asked.settings, fragment_tolerance_da=asked.fragment_tolerance_da)


def _number(given: dict[str, Setting], name: str, usual: float) -> float:
    value = given.pop(name, usual)
    try:
        return float(value)
    except ValueError as error:
        raise BadParameter(f"{ANALOGUE}: {name} is {value!r}; give a number") from error


KIND = MethodKind(name=ANALOGUE, resolve=_resolve, needs_vectors=True, at_hand=False)
