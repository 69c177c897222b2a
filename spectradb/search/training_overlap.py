"""What of the queries of searches their models were trained on, by the models' cards: such queries flatter a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from spectradb import schemas
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

_SHOWN_CONTRIBUTORS = 6


@dataclass(frozen=True, kw_only=True)
class TrainingOverlap:
    """What of the queries of one search its model was trained on.

    Parameters
    ----------
    model : str
        The model.
    told : bool
        Whether its card says what it was trained on.
    n_queries : int
        Queries of known analytes.
    n_spectra_seen, n_analytes_seen : int
        Those that were trained on, and those whose analyte was.
    n_untold : int
        Those of whose analyte the card does not tell.
    unseen_contributors : tuple of str
        Contributors of queries that the model was not trained on.
    """

    model: str
    told: bool
    n_queries: int
    n_spectra_seen: int
    n_analytes_seen: int
    n_untold: int
    unseen_contributors: tuple[str, ...]

    def mark(self) -> str:
        """Write it into a cell.

        Returns
        -------
        str
            Such as ``55% of queries, 93% by analyte``.
        """
        if not self.told:
            return "not told"
        analytes = "analytes not told" if self.n_untold else f"{self.n_analytes_seen / self.n_queries:.0%} by analyte"
        return f"{self.n_spectra_seen / self.n_queries:.0%} of queries, {analytes}"

    def note(self) -> str | None:
        """Say what it means for figures.

        Returns
        -------
        str or None
            A sentence; None where nothing was seen.
        """
        if not self.told:
            return f"the card of {self.model} does not say which spectra it was trained on: its figures may flatter"
        if not (self.n_spectra_seen or self.n_analytes_seen or self.n_untold):
            return None
        told = (
            f"{self.model} was trained on {self.n_spectra_seen:,} of {self.n_queries:,} queries and on the analytes of "
            f"{self.n_analytes_seen:,}"
        )
        if self.n_untold:
            told += f" or more (of {self.n_untold:,} its card does not tell)"
        told += f": its figures over all queries {'flatter' if self.n_spectra_seen or self.n_analytes_seen else 'may flatter'}"
        if not self.unseen_contributors:
            return told
        names = ", ".join(self.unseen_contributors[:_SHOWN_CONTRIBUTORS])
        more = len(self.unseen_contributors) - _SHOWN_CONTRIBUTORS
        return f"{told}; it was not trained on spectra of {names}" + (f" and {more:,} more contributors" if more > 0 else "")


def seen_queries(con: duckdb.DuckDBPyConnection, searches: Sequence[str]) -> pa.Table:
    """Read which queries the models of searches were trained on.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    searches : sequence of str
        Their search_id.

    Returns
    -------
    pyarrow.Table
        Columns of the query ``seen_queries``, of the searches by trained models; no rows where there are none.
    """
    known = con.execute(schemas.read("queries/retrieval/trained_searches"), {"searches": list(searches)}).fetchall()
    parts = [
        to_arrow(con, schemas.read("queries/retrieval/seen_queries"), {"search": search})
        for search in dict.fromkeys(search for (search,) in known)
    ]
    if parts:
        return pa.concat_tables(parts)
    flags = ((name, pa.bool_()) for name in ("spectrum_seen", "analyte_seen", "contributor_seen"))
    return pa.schema([("search_id", pa.string()), ("query_id", pa.int64()), ("analyte_id", pa.string()), *flags]).empty_table()


def training_overlaps(con: duckdb.DuckDBPyConnection, searches: Sequence[str]) -> dict[str, TrainingOverlap]:
    """Count what of the queries of searches their models were trained on.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    searches : sequence of str
        Their search_id.

    Returns
    -------
    dict of str to TrainingOverlap
        By search_id, of searches by trained models that ask for known analytes.
    """
    con.register("seen_queries", seen_queries(con, searches))
    rows = to_arrow(con, schemas.read("queries/retrieval/training_overlap"), {"searches": list(searches)}).to_pylist()
    con.unregister("seen_queries")
    return {
        row.pop("search_id"): TrainingOverlap(**{**row, "unseen_contributors": tuple(row["unseen_contributors"])})
        for row in rows
    }


def training_notes(con: duckdb.DuckDBPyConnection, searches: Sequence[str]) -> list[str]:
    """Say which figures of searches flatter, in words.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    searches : sequence of str
        Their search_id.

    Returns
    -------
    list of str
        One for each model that was trained on queries, or whose card does not say; none where no query's analyte is known.
    """
    overlaps = training_overlaps(con, searches).values() if searches else ()
    return [note for note in dict.fromkeys(overlap.note() for overlap in overlaps) if note]


def truth_notes(con: duckdb.DuckDBPyConnection, analytes: Sequence[str], searches: Sequence[str]) -> list[str]:
    """Say how many analytes of a truth models were trained on, where spectra of unknown analytes are asked for.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    analytes : sequence of str
        The truth, by analyte_id.
    searches : sequence of str
        Their search_id.

    Returns
    -------
    list of str
        One for each model that was trained on some, or whose card does not say.
    """
    values = {"searches": list(searches), "analytes": list(analytes)}
    notes = []
    for model, n, n_seen in con.execute(schemas.read("queries/retrieval/trained_analytes"), values).fetchall():
        if n_seen is None:
            notes.append(f"the card of {model} does not say which analytes it was trained on")
        elif n_seen:
            notes.append(f"{model} was trained on {n_seen:,} of the {n:,} analytes of the truth: its figures flatter")
    return notes
