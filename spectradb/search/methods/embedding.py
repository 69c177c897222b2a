"""The method ``embedding``: inner products of vectors, where an analyte counts by its best spectrum."""

from __future__ import annotations

from dataclasses import dataclass

from spectradb.errors import BadParameter
from spectradb.search.methods.protocol import SIDES, Asked, Method, MethodKind, SearchJob, Statement

#: The method of searches that name none.
EMBEDDING = "embedding"


@dataclass(frozen=True)
class Embedding(Method):
    """Inner products of vectors."""

    name = EMBEDDING
    needs_vectors = True
    native_spectra = 1
    by_nearest = True

    def statement(self, job: SearchJob) -> Statement:
        """Return what finds the hits."""
        return job.statement("queries/identify/identify", *SIDES)

    def neighbours(self, job: SearchJob) -> Statement:
        """Return what compares the queries with what they cannot be."""
        return vector_neighbours(job)

    def at_hand(self, job: SearchJob) -> Statement:
        """Return what searches spectra at hand."""
        name = "open_search" if job.ppm is None else "search"
        return job.statement(f"queries/adhoc/{name}", "library", "model")


def vector_neighbours(job: SearchJob) -> Statement:
    """Return what compares the plain vectors of queries with what they cannot be.

    Parameters
    ----------
    job : SearchJob
        The search.

    Returns
    -------
    Statement
        As :meth:`spectradb.search.methods.protocol.Method.neighbours` says.
    """
    return job.statement("queries/identify/neighbours/neighbours", *SIDES)


def _resolve(asked: Asked) -> Embedding:
    if asked.settings:
        raise BadParameter(f"the method {EMBEDDING} has no setting {next(iter(asked.settings))!r}: it has none")
    return Embedding()


KIND = MethodKind(name=EMBEDDING, resolve=_resolve, needs_vectors=True)
