"""The method ``merged``: inner products of embeddings, where an analyte counts by its best spectra merged into one.

A library holds a molecule at several collision energies and from several laboratories, and a query may lie between them. The
SQL macro ``merged_pairs`` says how spectra are merged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.search.methods.embedding import vector_neighbours
from spectradb.search.methods.protocol import SIDES, Asked, Method, MethodKind, SearchJob, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spectradb.similarity.methods import Setting

MERGED = "merged"

#: Most spectra of an analyte to merge, unless a search says otherwise. Chosen by searching each laboratory's spectra of
#: MassBank among those of all others, without the laboratories on which results are reported; from 4 to 16 it matters little.
SPECTRA = 8

# More would compare hundreds of pairs for each query and analyte, and gain nothing.
_MOST = 64


@dataclass(frozen=True, kw_only=True)
class Merged(Method):
    """Inner products of vectors, the best spectra of an analyte merged.

    Parameters
    ----------
    spectra : int
        Most of them, 1 to 64; 1 merges none.

    Raises
    ------
    BadParameter
        If the number is out of range.
    """

    name = MERGED
    needs_vectors = True

    spectra: int = SPECTRA

    def __post_init__(self) -> None:
        """Refuse a number without meaning."""
        if not 1 <= self.spectra <= _MOST:
            raise BadParameter(f"{MERGED}: spectra is {self.spectra}; give a whole number from 1 to {_MOST}")

    @property
    def native_spectra(self) -> int:
        """The native engine merges as many."""
        return self.spectra

    def settings(self) -> dict[str, Setting]:
        """Return the number of spectra."""
        return {"spectra": self.spectra}

    def statement(self, job: SearchJob) -> Statement:
        """Return what finds the hits."""
        return job.statement("queries/identify/identify_merged", *SIDES, spectra=self.spectra)

    def neighbours(self, job: SearchJob) -> Statement:
        """Return what compares the queries with what they cannot be: plain vectors are compared."""
        return vector_neighbours(job)


def resolve_merged(settings: Mapping[str, Setting]) -> Merged:
    """Return the method that settings mean.

    Parameters
    ----------
    settings : mapping of str to value
        ``spectra``.

    Returns
    -------
    Merged
        The method.

    Raises
    ------
    BadParameter
        If there is no such setting, or its value is no whole number in range.
    """
    given = dict(settings)
    spectra = given.pop("spectra", SPECTRA)
    if given:
        raise BadParameter(f"the method {MERGED} has no setting {next(iter(given))!r}; it has: spectra")
    if not str(spectra).isdecimal():
        raise BadParameter(f"{MERGED}: spectra is {spectra!r}; give a whole number from 1 to {_MOST}")
    return Merged(spectra=int(spectra))


def _resolve(asked: Asked) -> Merged:
    return resolve_merged(asked.settings)


KIND = MethodKind(name=MERGED, resolve=_resolve, needs_vectors=True, at_hand=False)
