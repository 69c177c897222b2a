"""What a search did, for people and programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from spectradb.search.vectors.approximate import Recall


@dataclass(frozen=True)
class SearchReport:
    """What a search did.

    Parameters
    ----------
    search_id : str
        Name of the search.
    study, library : str
        What was searched against what.
    method : str
        How pairs were scored, as recorded.
    model : str or None
        By which vectors; None for scores of peaks.
    n_queries : int
        Spectra of the study that were searched (with a vector, where vectors are compared).
    n_answered : int
        Those with at least one analyte in the precursor window.
    n_hits : int
        Ranked candidates recorded.
    n_without_vector : int
        Spectra of the study or library that have no vector yet and were left out.
    seconds : float
        Time the search took.
    left_out : str or None
        What queries were kept from, if anything.
    n_own, n_copies : int
        Pairs in the precursor window that were left out since both spectra are of one contributor, and others since the
        library spectrum is a copy of the query.
    recall : Recall or None
        What an approximate search found of what an exact one finds; None where all vectors were compared.
    found_again : datetime.datetime or None
        When the same search was done before, where it was not done again.
    carried_from : str or None
        The search whose hits were carried over where nothing had changed.
    n_carried : int
        Queries whose hits were.
    searched_all : str or None
        Why all queries were searched though hits were to be carried over.
    still_holds : bool
        It was to be brought up to date, and nothing has changed since.
    notes : tuple of str
        What makes its answers doubtful, each with the remedy.
    """

    search_id: str
    study: str
    library: str
    method: str
    model: str | None
    n_queries: int
    n_answered: int
    n_hits: int
    n_without_vector: int
    seconds: float
    left_out: str | None = None
    n_own: int = 0
    n_copies: int = 0
    recall: Recall | None = None
    found_again: datetime | None = None
    carried_from: str | None = None
    n_carried: int = 0
    searched_all: str | None = None
    still_holds: bool = False
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        unanswered = self.n_queries - self.n_answered
        by = self.model or self.method
        what = f"search {self.search_id}: {self.n_queries:,} spectra of {self.study} against {self.library} by {by}"
        found = f"{self.n_answered:,} answered, {unanswered:,} without a candidate, {self.n_hits:,} hits"
        lines = [f"{what} in {self.seconds:.1f} s: {found}"]
        if self.left_out:
            lines.append(f"  left out: {self.n_own:,} pairs of one contributor, {self.n_copies:,} copies of a query")
        lines += self.recall.lines() if self.recall else []
        if self.found_again:
            done = f"{self.found_again:%Y-%m-%d %H:%M} UTC"
            again = "the same search was done on {}; --replace searches anew"
            holds = "nothing has changed since it was done on {}"
            lines.append(f"  found again: {(holds if self.still_holds else again).format(done)}")
        if self.carried_from:
            searched = f"{self.n_queries - self.n_carried:,} searched again"
            lines.append(f"  carried over from search {self.carried_from}: the hits of {self.n_carried:,} spectra; {searched}")
        if self.searched_all:
            lines.append(f"  all were searched: {self.searched_all}")
        if self.n_without_vector:
            lines.append(f"  note: {self.n_without_vector:,} spectra have no vector yet: run `spectradb embed`")
        return lines + [f"  note: {note}" for note in self.notes]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return {**self.__dict__, "notes": list(self.notes), "recall": self.recall.settings if self.recall else None}
