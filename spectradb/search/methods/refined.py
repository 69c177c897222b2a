"""The method ``refined``: inner products of queries' vectors with refined vectors of the library.

A library that holds several spectra of its analytes shows how spectra of one molecule vary, and its vectors are refined to make
little of that (:mod:`spectradb.similarity.refined_vectors`). They are refined for each search, by what its queries may see:
where the spectra of a contributor are left out, they do not refine either.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.search.methods.embedding import vector_neighbours
from spectradb.search.methods.merged import SPECTRA, Merged
from spectradb.search.methods.protocol import SIDES, Asked, Hits, Method, MethodKind, SearchJob, Statement
from spectradb.search.methods.refined_search import refined_hits
from spectradb.similarity.refined_vectors import RefinementConfig
from spectradb.spelling import known_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from spectradb.similarity.methods import Setting

REFINED = "refined"

_OF_VECTORS = ("neighbours", "strength")
_SETTINGS = ("spectra", *_OF_VECTORS)


@dataclass(frozen=True, kw_only=True)
class Refined(Method):
    """Inner products with refined vectors of the library, the best spectra of an analyte merged.

    Parameters
    ----------
    merged : Merged
        How spectra are merged; one spectrum: an analyte counts by its best.
    refinement : RefinementConfig
        How vectors are refined.
    """

    name = REFINED
    needs_vectors = True
    needs_index = True
    in_one_process = True

    merged: Merged = field(default_factory=Merged)
    refinement: RefinementConfig = field(default_factory=RefinementConfig)

    def settings(self) -> dict[str, Setting]:
        """Return the number of spectra, and how vectors are refined."""
        return {**self.merged.settings(), **asdict(self.refinement)}

    def statement(self, job: SearchJob) -> Statement:
        """Return what finds the hits of queries whose refined library vectors are at hand."""
        return job.statement("queries/identify/identify_refined", *SIDES, spectra=self.merged.spectra)

    def neighbours(self, job: SearchJob) -> Statement:
        """Return what compares the queries with what they cannot be: plain vectors are compared."""
        return vector_neighbours(job)

    def hits(self, con: duckdb.DuckDBPyConnection, job: SearchJob, prepared: Mapping[str, object]) -> Hits:  # noqa: ARG002
        """Search, refining the vectors of the library part by part."""
        if job.indexes is None or job.ppm is None:
            raise BadParameter(f"the method {REFINED} needs a folder for the library's index, and a precursor window")
        statement = self.statement(job)
        return Hits(refined_hits(con, job, statement, self.refinement, folder=job.indexes, ppm=job.ppm), {})


def resolve_refined(settings: Mapping[str, Setting] | None, *, to_search: bool = True) -> Refined:
    """Return the method that settings mean.

    Parameters
    ----------
    settings : mapping of str to value, optional
        ``spectra``, ``neighbours`` and ``strength``.
    to_search : bool
        Whether there is a search, which may merge ``spectra``.

    Returns
    -------
    Refined
        The method.

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
        merged = Merged(spectra=int(given.get("spectra", SPECTRA)))
        refinement = RefinementConfig(
            neighbours=int(given.get("neighbours", standard.neighbours)),
            strength=float(given.get("strength", standard.strength)),
        )
    except BadParameter as error:
        raise BadParameter(f"{REFINED}: {str(error).removeprefix('merged: ')}") from error
    except (TypeError, ValueError) as error:
        said = ", ".join(f"{name} {value!r}" for name, value in given.items())
        raise BadParameter(f"{REFINED}: {said}; give numbers, such as spectra=8") from error
    return Refined(merged=merged, refinement=refinement)


def _resolve(asked: Asked) -> Refined:
    return resolve_refined(asked.settings)


KIND = MethodKind(name=REFINED, resolve=_resolve, needs_vectors=True, at_hand=False)
