"""What a method of scoring is to a search, and what passes between them.

A method is a module of this folder: a frozen class after :class:`Method`, and a :class:`MethodKind` that
:mod:`spectradb.search.methods.registry` lists. Whatever names methods reads that list: the command line, benchmarks, messages.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    import duckdb

    from spectradb.search.methods.spectrum_peaks import PeakSides
    from spectradb.search.vectors.approximate import Recall
    from spectradb.similarity.methods import Setting

# What every statement of a search takes beside what its method gives.
SIDES = ("study", "library", "model")
_OF_SEARCH = ("search_id", "ppm", "k", "fragment_tolerance_da", "left_out", "contributors", "query_range", "query_ids")


@dataclass(frozen=True, kw_only=True)
class SearchJob:
    """One search, or its part on a range of the queries, as methods and engines see it.

    Parameters
    ----------
    study, library, model : str
        What is searched, by whose vectors; the study of spectra at hand is empty.
    ppm : float or None
        Half-width of the precursor window in ppm; None: there is none.
    k : int
        Analytes kept per query.
    fragment_tolerance_da : float
        Tolerance in Da for counting matched peaks.
    left_out : str or None
        What queries are kept from.
    contributors : list of str or None
        Whose spectra are the queries; None: all.
    search_id : str
        Name of the search.
    query_range : list of int or None
        The first and the last id of the queries; None: all.
    query_ids : list of int or None
        Their ids; None: all.
    indexes : pathlib.Path or None
        Where the lab's indexes are kept.
    """

    study: str
    library: str
    model: str
    ppm: float | None
    k: int
    fragment_tolerance_da: float
    left_out: str | None = None
    contributors: list[str] | None = None
    search_id: str = ""
    query_range: list[int] | None = None
    query_ids: list[int] | None = None
    indexes: Path | None = None

    def values(self, *names: str) -> dict[str, object]:
        """Return parameters of a statement.

        Parameters
        ----------
        *names : str
            Which; none: those that every statement of a search takes.

        Returns
        -------
        dict of str to object
            Their values.
        """
        return {name: getattr(self, name) for name in names or _OF_SEARCH}

    def statement(self, file: str, *sides: str, **values: object) -> Statement:
        """Return a statement about what is searched.

        Parameters
        ----------
        file : str
            Its name, as for :func:`spectradb.schemas.read`.
        *sides : str
            Which of study, library and model it takes.
        **values : object
            Values of other parameters.

        Returns
        -------
        Statement
            The statement.
        """
        return Statement(schemas.read(file), {**(self.values(*sides) if sides else {}), **values})


class Statement(NamedTuple):
    """A statement of a method.

    Parameters
    ----------
    text : str
        The SQL.
    values : mapping of str to object
        Values that the method gives to its parameters.
    """

    text: str
    values: Mapping[str, object]


class Carried(NamedTuple):
    """What a search took over from an earlier one, or why it took over nothing.

    Parameters
    ----------
    search_id : str or None
        The earlier search; None: nothing was taken over.
    n_queries : int
        Queries whose hits were taken over.
    neighbours : callable or None
        Tells what :func:`spectradb.search.neighbours.search_neighbours` does, by way of the earlier search.
    reason : str or None
        Why nothing was.
    """

    search_id: str | None
    n_queries: int = 0
    neighbours: Callable[[duckdb.DuckDBPyConnection, Method, SearchJob], pa.Table] | None = None
    reason: str | None = None


class Hits(NamedTuple):
    """What a search found.

    Parameters
    ----------
    table : pyarrow.Table
        Columns of ``hits`` up to score_gap, ordered by query and rank.
    used : mapping of str to object
        What to record of how they were found, beside the settings of the method; empty where plain SQL found them.
    recall : Recall or None
        What an approximate search found of what an exact one finds.
    carried : Carried or None
        What was taken over from an earlier search.
    """

    table: pa.Table
    used: Mapping[str, object]
    recall: Recall | None = None
    carried: Carried | None = None


class Method(Protocol):
    """How pairs of a query and a library spectrum are scored and ranked.

    What is not overridden is: a method of plain SQL, which searches within a precursor window by its statement alone.
    """

    @property
    def name(self) -> str:
        """Its name, as it is asked for, recorded and printed."""

    @property
    def needs_vectors(self) -> bool:
        """Whether queries and library need vectors."""
        return False

    @property
    def needs_index(self) -> bool:
        """Whether it reads the library's search index."""
        return False

    @property
    def in_one_process(self) -> bool:
        """Whether all queries must be searched by one process."""
        return False

    @property
    def native_spectra(self) -> int | None:
        """Most spectra of an analyte that the native engine is to merge to find the same; None: it cannot."""
        return None

    @property
    def by_nearest(self) -> bool:
        """Whether the score is the inner product of vectors, so that the nearest ones answer an open search."""
        return False

    def settings(self) -> dict[str, Setting]:
        """Return its settings, as searches record them.

        Returns
        -------
        dict of str to value
            Values that JSON can hold.
        """
        return {}

    def statement(self, job: SearchJob) -> Statement:
        """Return what finds the hits within a precursor window.

        Parameters
        ----------
        job : SearchJob
            The search.

        Returns
        -------
        Statement
            Its other parameters are those of :meth:`SearchJob.values` and what :meth:`prepare` yields; its columns are those of
            ``hits`` up to score_gap.
        """

    def neighbours(self, job: SearchJob) -> Statement:  # noqa: ARG002
        """Return what compares the queries with what they cannot be, for calibrations.

        Parameters
        ----------
        job : SearchJob
            The search.

        Returns
        -------
        Statement
            Its other parameters are $ppm, $left_out, $contributors, $query_ids and what :meth:`prepare` yields; its columns are
            query_id, neighbour_score and neighbour_analytes.

        Raises
        ------
        BadParameter
            If searches by the method cannot be calibrated.
        """
        raise BadParameter(f"searches by the method {self.name} cannot be calibrated")

    def at_hand(self, job: SearchJob) -> Statement:  # noqa: ARG002
        """Return what searches spectra at hand, the relation ``adhoc_queries``.

        Parameters
        ----------
        job : SearchJob
            The search, with a precursor window or without.

        Returns
        -------
        Statement
            Its other parameters are $k, $ppm where there is a window, and what :meth:`prepare` yields; its columns are those of
            ``queries/adhoc/search``.

        Raises
        ------
        BadParameter
            If the method is for searches that are recorded.
        """
        raise _for_recorded(self.name)

    def shortlist(self) -> Statement | None:
        """Return what scores the relation ``nearest_pairs`` of an open search.

        Returns
        -------
        Statement or None
            Its other parameters are what :meth:`prepare` yields; its columns are those of that relation. None: an open search
            does not score by the method.
        """
        return None

    def prepare(
        self,
        con: duckdb.DuckDBPyConnection,  # noqa: ARG002
        peaks: Callable[[], PeakSides],  # noqa: ARG002
    ) -> AbstractContextManager[Mapping[str, object]]:
        """Make what its statements need, for the length of a block.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        peaks : callable
            Reads the peaks of both sides.

        Returns
        -------
        context manager
            Yields values of parameters.
        """
        return nullcontext({})

    def hits(self, con: duckdb.DuckDBPyConnection, job: SearchJob, prepared: Mapping[str, object]) -> Hits:
        """Search in plain SQL.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        job : SearchJob
            The search, within a precursor window.
        prepared : mapping
            What :meth:`prepare` has yielded.

        Returns
        -------
        Hits
            What was found.
        """
        statement = self.statement(job)
        values = {**job.values(), **statement.values, **prepared}
        # A statement need not be able to search some of the queries alone.
        if "$query_ids" in statement.text:
            return Hits(to_arrow(con, statement.text, values), {})
        asked = values.pop("query_ids")
        found = to_arrow(con, statement.text, values)
        return Hits(found if asked is None else found.filter(pc.is_in(found["query_id"], pa.array(asked, pa.int64()))), {})


class Asked(NamedTuple):
    """What a method is made of.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    settings : mapping of str to value
        Settings that differ from the defaults; text is read as the kind of value that the default is.
    library, model : str
        What is searched, by whose vectors.
    fragment_tolerance_da : float
        The tolerance in Da of scores of peaks unless the settings say otherwise.
    """

    con: duckdb.DuckDBPyConnection
    settings: Mapping[str, Setting]
    library: str
    model: str
    fragment_tolerance_da: float


@dataclass(frozen=True, kw_only=True)
class MethodKind:
    """A method as the registry knows it, before it has settings.

    Parameters
    ----------
    name : str
        Its name.
    resolve : callable
        Makes the method from what is asked for; raises BadParameter where there is no such setting or a value means nothing.
    needs_vectors : bool
        Whether it compares vectors, if only beside something else.
    at_hand : bool
        Whether spectra at hand can be searched by it; others are for searches that are recorded.
    """

    name: str
    resolve: Callable[[Asked], Method]
    needs_vectors: bool = field(default=False)
    at_hand: bool = field(default=True)

    def resolve_at_hand(self, asked: Asked) -> Method:
        """Make the method for a search of spectra at hand.

        Parameters
        ----------
        asked : Asked
            What is asked for.

        Returns
        -------
        Method
            The method.

        Raises
        ------
        BadParameter
            If it is for searches that are recorded, there is no such setting, or a value means nothing.
        """
        if not self.at_hand:
            raise _for_recorded(self.name)
        return self.resolve(asked)


def _for_recorded(name: str) -> BadParameter:
    return BadParameter(f"the method {name} is for searches that are recorded: use identify, or another method here")
