"""Finding the hits of a search by way of an earlier one: what cannot have changed is carried over, the rest searched.

A query's hits depend on the query and on the library spectrum within its window, so they hold as long as none of these came,
went, or became another. Probabilities depend on all queries of a search, and are made anew.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb import __version__, schemas
from spectradb.search.find_hits import search_hits
from spectradb.search.history.collection_rows import changed_spectra, collection_rows, present_rows, rows_compared_at
from spectradb.search.methods.protocol import Carried, Hits
from spectradb.search.neighbours import search_neighbours
from spectradb.search.recorded_searches import compared_states
from spectradb.store.statements import to_arrow
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb

    from spectradb.search.engines import Engine
    from spectradb.search.find_hits import HitFinder
    from spectradb.search.methods.protocol import Method, SearchJob
    from spectradb.store.record import Record
    from spectradb.workspace.lab_files import LabFiles

_AFFECTED = "queries/history/affected_queries"
# With more than this share of the queries affected, to search all is as quick.
_MOST_AFFECTED = 0.5


@dataclass(frozen=True)
class Changes:
    """What changed since a search.

    Parameters
    ----------
    version : int
        The version of the record's spectra that is published.
    study, library_now : pyarrow.Table or None
        Study and library as they are, see :func:`spectradb.search.history.collection_rows.collection_rows`; None where
        ``unknown`` is set.
    queries, library : pyarrow.Table or None
        What changed of the study and of the library.
    unknown : str or None
        Why it cannot be told.
    """

    version: int
    study: pa.Table | None = None
    library_now: pa.Table | None = None
    queries: pa.Table | None = None
    library: pa.Table | None = None
    unknown: str | None = None

    @property
    def nothing(self) -> bool:
        """Whether it is certain that nothing changed."""
        return self.queries is not None and self.library is not None and not len(self.queries) + len(self.library)


@dataclass
class CarriedSearch:
    """Finds the hits of a search by way of an earlier one of the same kind.

    Parameters
    ----------
    record : Record
        The lab's record.
    earlier : mapping of str to object
        The row of the earlier search in ``searches``.
    """

    record: Record
    earlier: Mapping[str, Any]
    _known: Changes | None = field(default=None, init=False)

    def changes(self, con: duckdb.DuckDBPyConnection) -> Changes:
        """Tell what changed since the earlier search.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.

        Returns
        -------
        Changes
            What changed.
        """
        states = compared_states(con, self.earlier["study"], self.earlier["library"])
        version = int(states["record_version"])
        if self._known is None or self._known.version != version:
            self._known = self._found(con, version, states)
        return self._known

    @contextmanager
    def executor(self, files: LabFiles) -> Iterator[tuple[duckdb.DuckDBPyConnection, HitFinder | None]]:
        """Run the search in this process, as :func:`spectradb.search.run.run_search` has it.

        Parameters
        ----------
        files : LabFiles
            The lab.

        Yields
        ------
        con : duckdb.DuckDBPyConnection
            What is published.
        hit_finder : callable
            Finds the hits.
        """
        with open_published(files.published) as con:
            yield con, self.hits

    def hits(self, con: duckdb.DuckDBPyConnection, method: Method, engine: Engine, job: SearchJob) -> Hits:
        """Find the hits, as :func:`spectradb.search.find_hits.search_hits` does.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        method : Method
            How pairs are scored.
        engine : Engine
            What searches.
        job : SearchJob
            The search.

        Returns
        -------
        Hits
            The same hits.
        """
        changes = self.changes(con)
        if changes.unknown is not None:
            return search_hits(con, method, engine, job)._replace(carried=Carried(None, reason=changes.unknown))
        with _registered(con, changes):
            affected = to_arrow(con, schemas.read(_AFFECTED), {**job.values("ppm"), "beside": False})
            n_compared = int(changes.study["is_compared"].to_numpy().sum()) if changes.study is not None else 0
            if len(affected) > _MOST_AFFECTED * n_compared:
                reason = f"what changed concerns {len(affected):,} of {n_compared:,} spectra"
                return search_hits(con, method, engine, job)._replace(carried=Carried(None, reason=reason))
            con.register("affected", affected)
            values = {"search_id": job.search_id, "earlier": self.earlier["search_id"]}
            carried = to_arrow(con, schemas.read("queries/history/carried_hits"), values)
            con.unregister("affected")
        neighbours = self.neighbours if self.earlier["calibration_id"] is not None else None
        told = Carried(str(self.earlier["search_id"]), n_compared - len(affected), neighbours)
        if not len(affected):
            return Hits(carried, engine.settings, carried=told)
        again = search_hits(con, method, engine, replace(job, query_ids=affected["spectrum_id"].to_pylist()))
        table = pa.concat_tables([carried, again.table.select(carried.schema.names).cast(carried.schema)])
        return again._replace(table=table.sort_by([("query_id", "ascending"), ("rank", "ascending")]), carried=told)

    def neighbours(self, con: duckdb.DuckDBPyConnection, method: Method, job: SearchJob) -> pa.Table:
        """Compare the queries with what they cannot be, as :func:`spectradb.search.neighbours.search_neighbours` does.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        method : Method
            How pairs are scored.
        job : SearchJob
            The search.

        Returns
        -------
        pyarrow.Table
            The same, but without the scores of queries that have no hit.
        """
        with _registered(con, self.changes(con)):
            affected = to_arrow(con, schemas.read(_AFFECTED), {**job.values("ppm"), "beside": True})
            again = search_neighbours(con, method, replace(job, query_ids=affected["spectrum_id"].to_pylist()))
            con.register("scored_again", again)
            values = {**job.values("ppm", "left_out", "contributors"), "earlier": self.earlier["search_id"]}
            try:
                return to_arrow(con, schemas.read("queries/history/carried_neighbours"), values)
            finally:
                con.unregister("scored_again")

    def _found(self, con: duckdb.DuckDBPyConnection, version: int, states: Mapping[str, Any]) -> Changes:
        row = self.earlier
        if row["library_state"] is None:
            return Changes(version, unknown=f"search {row['search_id']} does not say which states it compared")
        if row["spectradb_version"] != __version__:
            return Changes(version, unknown=f"search {row['search_id']} was done by version {row['spectradb_version']}")
        changed = []
        for side in ("study", "library"):
            name, state = row[side], row[f"{side}_state"]
            then = {"version": row["record_version"], "model": row["model"]}
            now = present_rows(con, name, model=row["model"])
            if now is not None and state is not None and state == states[f"{side}_state"]:
                before = rows_compared_at(self.record, now, name, **then)
            else:
                before = collection_rows(self.record, con, name, **then, state=state, at=row["started"])
            if before is None or now is None:
                missing = "the record no longer has" if before is None else "there are no longer vectors of"
                return Changes(version, unknown=f"{missing} the {side} that search {row['search_id']} compared")
            changed.append((now, changed_spectra(con, before, now)))
        (study, queries), (library_now, library) = changed
        return Changes(version, study, library_now, queries, library)


@contextmanager
def _registered(con: duckdb.DuckDBPyConnection, changes: Changes) -> Iterator[None]:
    relations = {
        "study_now": changes.study,
        "library_now": changes.library_now,
        "changed_queries": changes.queries,
        "changed_library": changes.library,
    }
    with ExitStack() as registered:
        for name, rows in relations.items():
            con.register(name, rows)
            registered.callback(con.unregister, name)
        yield
