"""The method ``refined``: inner products of queries' vectors with refined vectors of the library.

A library that holds several spectra of its analytes shows how spectra of one molecule vary, and its vectors are refined to make
little of that (:mod:`spectradb.similarity.refined_vectors`). They are refined for each search, by what its queries may see:
where the spectra of a contributor are left out, they do not refine either.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.search.methods.merged import SPECTRA, Merging
from spectradb.similarity.refined_vectors import RefinementConfig
from spectradb.spelling import known_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spectradb.similarity.methods import Setting

REFINED = "refined"

_OF_VECTORS = ("neighbours", "strength")
_SETTINGS = ("spectra", *_OF_VECTORS)


@dataclass(frozen=True, kw_only=True)
class Refining:
    """How a library's vectors are refined, and how spectra of an analyte are merged then.

    Parameters
    ----------
    merging : Merging
        How spectra are merged; one spectrum: an analyte counts by its best.
    refinement : RefinementConfig
        How vectors are refined.
    """

    merging: Merging = field(default_factory=Merging)
    refinement: RefinementConfig = field(default_factory=RefinementConfig)

    def settings(self) -> dict[str, int | float]:
        """Return the settings.

        Returns
        -------
        dict of str to int or float
            Values that JSON can hold.
        """
        return {**self.merging.settings(), **asdict(self.refinement)}


def chosen_refining(settings: Mapping[str, Setting] | None, *, to_search: bool = True) -> Refining:
    """Return the refining that settings mean.

    Parameters
    ----------
    settings : mapping of str to value, optional
        ``spectra``, ``neighbours`` and ``strength``.
    to_search : bool
        Whether there is a search, which may merge ``spectra``.

    Returns
    -------
    Refining
        The refining.

    Raises
    ------
    BadParameter
        If there is no such setting, or a value is out of range.
    """
    given = dict(settings or {})
    known = _SETTINGS if to_search else _OF_VECTORS
    unknown = [name for name in given if name not in known]
    if unknown:
        what = f"the method {REFINED}" if to_search else "refining"
        raise BadParameter(f"{what} has no setting {unknown[0]!r}; it has: {known_names(unknown[0], known)}")
    standard = RefinementConfig()
    try:
        merging = Merging(spectra=int(given.get("spectra", SPECTRA)))
        refinement = RefinementConfig(
            neighbours=int(given.get("neighbours", standard.neighbours)),
            strength=float(given.get("strength", standard.strength)),
        )
    except BadParameter as error:
        raise BadParameter(f"{REFINED}: {str(error).removeprefix('merged: ')}") from error
    except (TypeError, ValueError) as error:
        said = ", ".join(f"{name} {value!r}" for name, value in given.items())
        raise BadParameter(f"{REFINED}: {said}; give numbers, such as spectra=8") from error
    return Refining(merging=merging, refinement=refinement)
