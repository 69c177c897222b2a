"""The method ``analogue``, for open searches: of the analytes nearest by vectors, those first that share peaks as well.

The score mixes that of the method ``fused``, ``(1 - weight) * embedding + weight * peaks``, by a modified cosine of which half
counts, the other half being for pairs that share enough peaks, with what the shortlist agrees on: the mean likeness of an
analyte's structure to those of the first :data:`VOTERS`, each by the softmax of its score. Likeness is the dot product of
places of structures, near to Tanimoto similarity. Settings were chosen by ``tests/speed/choosing/analogue_settings.py`` on
molecules of MassBank that neither the model was trained on nor the figures of ``spectradb/benchmarks/README.md`` are told of.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.evaluation.analogue_shortlist import Mixture
from spectradb.models.registry import OPEN_EMBEDDER
from spectradb.search.methods.fused import Fused
from spectradb.search.methods.peaks import resolve_score
from spectradb.search.methods.protocol import Asked, MethodKind, SearchJob, Statement
from spectradb.similarity.enough_matches import EnoughMatches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spectradb.similarity.methods import Setting

ANALOGUE = "analogue"
#: Share of the peaks in the score, and the matched peaks that are enough.
WEIGHT, LEAST_MATCHES = 0.2, 4
#: Weight of what the shortlist agrees on, beside 1 for the rest; how many of its first have a say, and the difference of scores
#: by which a say falls to 1/e.
CONSENSUS, VOTERS, SPREAD = 0.2, 30, 0.1

_PEAK_METHOD = "modified_cosine"


@dataclass(frozen=True, kw_only=True)
class Analogue(Fused):
    """A mixture of embeddings, a score of peaks and a consensus, for searches without a precursor filter.

    Parameters
    ----------
    consensus : float
        Weight of the consensus, beside 1 for the mixture of the others.

    Raises
    ------
    BadParameter
        If a weight lies outside its range.
    """

    name = ANALOGUE

    consensus: float

    def __post_init__(self) -> None:
        """Refuse weights without meaning."""
        super().__post_init__()
        if not 0 <= self.consensus < math.inf:
            raise BadParameter(f"{ANALOGUE}: consensus is {self.consensus}; give 0 (the others have no say) or more")

    @property
    def mixture(self) -> Mixture:
        """How a shortlist is scored, on arrays."""
        return Mixture(weight=self.weight, consensus=self.consensus, voters=VOTERS, spread=SPREAD)

    def settings(self) -> dict[str, Setting]:
        """Return the weights, and the score with its settings."""
        return {**super().settings(), "consensus": self.consensus}

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
        values = {"weight": self.weight, "consensus": self.consensus, "voters": VOTERS, "spread": SPREAD}
        return Statement(schemas.read("queries/identify/score_shortlist_analogue"), values)


def analogue_method(settings: Mapping[str, Setting], *, fragment_tolerance_da: float, is_placed: bool = True) -> Analogue:
    """Return the mixture that settings mean.

    Parameters
    ----------
    settings : mapping of str to value
        ``weight``, ``least_matches``, ``consensus``, and those of the modified cosine, where they differ from the defaults.
    fragment_tolerance_da : float
        The tolerance in Da of the modified cosine unless the settings say otherwise.
    is_placed : bool
        Whether structures of the library have places: without them there is no consensus.

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
    consensus = _number(given, "consensus", CONSENSUS if is_placed else 0.0)
    if consensus and not is_placed:
        raise BadParameter(
            f"{ANALOGUE}: consensus is {consensus:g}, and no structure of the library has a place among vectors: run "
            f"`spectradb embed LAB --model {OPEN_EMBEDDER}`, or set it to 0"
        )
    if least_matches != int(least_matches):
        raise BadParameter(f"{ANALOGUE}: least_matches is {least_matches:g}; give a whole number")
    of_peaks = resolve_score(_PEAK_METHOD, given, fragment_tolerance_da=fragment_tolerance_da)
    halved = EnoughMatches(score=of_peaks, least_matches=int(least_matches))
    return Analogue(weight=weight, peak_method=_PEAK_METHOD, of_peaks=halved, consensus=consensus)


def _resolve(asked: Asked) -> Analogue:
    values = {"library": asked.library}
    ((is_placed,),) = asked.con.execute(schemas.read("queries/identify/has_structure_places"), values).fetchall()
    return analogue_method(asked.settings, fragment_tolerance_da=asked.fragment_tolerance_da, is_placed=is_placed)


def _number(given: dict[str, Setting], name: str, usual: float) -> float:
    value = given.pop(name, usual)
    try:
        return float(value)
    except ValueError as error:
        raise BadParameter(f"{ANALOGUE}: {name} is {value!r}; give a number") from error


KIND = MethodKind(name=ANALOGUE, resolve=_resolve, needs_vectors=True, at_hand=False)
