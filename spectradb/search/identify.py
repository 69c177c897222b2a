"""The verb identify: search a study against a library and record the search with its hits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb import __version__, schemas
from spectradb.errors import BadParameter, NoCollection, NoEmbedding, NoSpectra
from spectradb.store.record import table_schema

if TYPE_CHECKING:
    from collections.abc import Collection

    import duckdb

    from spectradb.store.record import Record

METHOD = "similarity_join"
_SEARCH_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}")


@dataclass(frozen=True)
class SearchReport:
    """What a search did.

    Parameters
    ----------
    search_id : str
        Name of the search.
    study, library, model : str
        What was searched against what, by which vectors.
    n_queries : int
        Spectra of the study with a vector.
    n_answered : int
        Those with at least one analyte in the precursor window.
    n_hits : int
        Ranked candidates recorded.
    n_without_vector : int
        Spectra of the study or library that have no vector yet and were left out.
    seconds : float
        Time the search took.
    """

    search_id: str
    study: str
    library: str
    model: str
    n_queries: int
    n_answered: int
    n_hits: int
    n_without_vector: int
    seconds: float

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        unanswered = self.n_queries - self.n_answered
        done = f"search {self.search_id}: {self.n_queries:,} spectra of {self.study} against {self.library} by {self.model}"
        found = f"{self.n_answered:,} answered, {unanswered:,} without a candidate, {self.n_hits:,} hits"
        lines = [f"{done} in {self.seconds:.1f} s: {found}"]
        if self.n_without_vector:
            lines.append(f"  note: {self.n_without_vector:,} spectra have no vector yet: run `spectradb embed`")
        return lines

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return dict(self.__dict__)


def identify(
    record: Record,
    con: duckdb.DuckDBPyConnection,
    *,
    study: str,
    library: str,
    model: str,
    ppm: float,
    k: int,
    fragment_tolerance_da: float,
    name: str | None,
    left_unpublished: Collection[str] = (),
) -> SearchReport:
    """Identify the spectra of a study against a library, and record the hits.

    Parameters
    ----------
    record : Record
        The lab's record, to which the search is added.
    con : duckdb.DuckDBPyConnection
        The published lab.
    study, library : str
        Names of collections.
    model : str
        Whose vectors to compare.
    ppm : float
        Half-width of the precursor window, in ppm of the query's precursor m/z.
    k : int
        Analytes kept per query.
    fragment_tolerance_da : float
        Tolerance in Da for counting matched peaks.
    name : str, optional
        Name of the search; made of study, library and model when None. A name that is taken gets a number.
    left_unpublished : collection of str
        Searches that were finished and killed before they were published: the same search asked for again is one of them.

    Returns
    -------
    SearchReport
        What was done.

    Raises
    ------
    NoCollection, NoEmbedding
        If a collection is missing or has no vectors of the model.
    NoSpectra
        If no query has any candidate.
    BadParameter
        If a parameter is out of range.
    """
    if not (0 < ppm < 100_000 and k >= 1 and fragment_tolerance_da > 0):
        msg = f"ppm {ppm}, k {k} and fragment tolerance {fragment_tolerance_da} Da must be positive"
        raise BadParameter(msg)
    if name is not None and not _SEARCH_NAME.fullmatch(name):
        msg = f"search name {name!r} must be letters, digits, underscores, dots and hyphens"
        raise BadParameter(msg)
    n_without_vector = check_embedded(con, model, study, library)
    started = _now()
    wanted: dict[str, object] = {
        "study": study,
        "library": library,
        "record_version": record.version("spectra"),
        "method": METHOD,
        "model": model,
        "ppm": ppm,
        "k": k,
        "fragment_tolerance_da": fragment_tolerance_da,
        "spectradb_version": __version__,
    }
    search_id, done = _reserve(record, name or f"{study}-{library}-{model}", wanted, left_unpublished)
    if done:
        n_hits = record.dataset("hits").count_rows(f"search_id = '{search_id}'")
        seconds = (done["finished"] - done["started"]).total_seconds()
        counts = (done["n_queries"], done["n_answered"], n_hits, n_without_vector)
        return SearchReport(search_id, study, library, model, *counts, seconds)
    values = {"search_id": search_id, "ppm": ppm, "k": k, "fragment_tolerance_da": fragment_tolerance_da}
    statement = schemas.fill("queries/identify", study=study, library=library, model=model)
    found = con.sql(statement, params=values).to_arrow_table()
    con.register("found", found)
    count = schemas.fill("queries/count_answered", study=study, model=model)
    n_queries, n_answered, n_hits = con.execute(count).fetchall()[0]
    con.unregister("found")
    if n_hits == 0:
        record.delete("searches", f"search_id = '{search_id}'")
        msg = (
            f"none of the {n_queries:,} spectra of {study} has a spectrum of {library} within {ppm} ppm of its precursor "
            "in the same ion mode. Check the ion mode and the calibration, or search with a wider --ppm."
        )
        raise NoSpectra(msg)
    record.append("hits", found)
    finished = _now()
    end = pa.table(
        {"search_id": [search_id], "n_queries": [n_queries], "n_answered": [n_answered], "finished": [finished]},
        schema=pa.schema([table_schema("searches").field(c) for c in ("search_id", "n_queries", "n_answered", "finished")]),
    )
    record.update("searches", "search_id", end)
    seconds = (finished - started).total_seconds()
    return SearchReport(search_id, study, library, model, n_queries, n_answered, n_hits, n_without_vector, seconds)


def forget_killed_searches(record: Record) -> None:
    """Delete what searches that were never finished left behind; to be called while no search runs.

    Parameters
    ----------
    record : Record
        The lab's record.
    """
    killed = record.read("searches", columns=["search_id"], where="finished IS NULL")["search_id"].to_pylist()
    for search_id in sorted(killed):
        record.delete("hits", f"search_id = '{search_id}'")
        record.delete("searches", f"search_id = '{search_id}'")


def unpublished_searches(record: Record, con: duckdb.DuckDBPyConnection) -> set[str]:
    """Name the finished searches that are not published; while no search runs, a kill has left them so.

    Parameters
    ----------
    record : Record
        The lab's record.
    con : duckdb.DuckDBPyConnection
        The published lab.

    Returns
    -------
    set of str
        Their search_id.
    """
    finished = record.read("searches", columns=["search_id"], where="finished IS NOT NULL")["search_id"].to_pylist()
    return set(finished) - set(con.table("searches").to_arrow_table()["search_id"].to_pylist())


def check_embedded(con: duckdb.DuckDBPyConnection, model: str, *collections: str) -> int:
    """Check that collections exist and have vectors.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    model : str
        Whose vectors.
    *collections : str
        Names of libraries or studies.

    Returns
    -------
    int
        The number of their spectra that have no vector yet.

    Raises
    ------
    NoCollection, NoEmbedding
        If a collection is missing or has no vectors of the model.
    """
    known = [name for (name,) in con.execute(schemas.read("publish/collections")).fetchall()]
    for collection in collections:
        if collection not in known:
            msg = f"the lab has no library or study {collection!r}; it has: {', '.join(known) or 'none yet'}"
            raise NoCollection(msg)
    models = [name for (name,) in con.execute(schemas.read("queries/model_names")).fetchall()]
    if model not in models:
        msg = f"the lab has no vectors by {model!r} (it has: {', '.join(models) or 'none yet'}). Run `spectradb embed` first."
        raise NoEmbedding(msg)
    counts = {name: (n, m) for name, n, m in con.execute(schemas.fill("queries/embedded_counts", model=model)).fetchall()}
    for collection in collections:
        if counts[collection][1] == 0:
            msg = f"no spectrum of {collection} has a vector by {model}. Run `spectradb embed` first."
            raise NoEmbedding(msg)
    return sum(counts[c][0] - counts[c][1] for c in collections)


def _reserve(
    record: Record, name: str, wanted: dict[str, object], left_unpublished: Collection[str]
) -> tuple[str, dict[str, Any] | None]:
    """Take a name for the search that no other has, also when several processes search at once.

    The same search under this name that a kill left unpublished is given back instead.
    """
    number = 1
    while True:
        search_id = name if number == 1 else f"{name}-{number}"
        row = {"search_id": search_id, "started": _now(), **wanted}
        if record.insert_new("searches", "search_id", pa.Table.from_pylist([row], schema=table_schema("searches"))):
            return search_id, None
        for taken in record.read("searches", where=f"search_id = '{search_id}'").to_pylist():
            if search_id in left_unpublished and all(taken[column] == wanted[column] for column in wanted):
                return search_id, taken
        number += 1


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
