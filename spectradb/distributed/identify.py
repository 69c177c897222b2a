"""Identifying a study on a Ray cluster: workers search ranges of its queries, and the process that was called records the hits.

Every worker opens the same published file, read-only, and runs the statement of a search in one process with a range of query
ids. No hit depends on another query's, so the hits of all ranges together are those of the whole study, row for row.
"""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb import schemas
from spectradb.distributed.cluster import connected
from spectradb.distributed.parts import demand_directory, unreached
from spectradb.errors import BadCluster, NoLab
from spectradb.search.find_hits import prepare_peaks, search_hits
from spectradb.search.open_search import OpenSearch
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb

    from spectradb.distributed.cluster import Cluster
    from spectradb.embedders.registry import Embedders
    from spectradb.search.engines import IndexedSearch
    from spectradb.search.find_hits import HitsOf
    from spectradb.search.methods.peaks import SearchScore
    from spectradb.store.record import Record

# Ranges per worker: some have more candidates than others.
_RANGES = 4


@contextmanager
def searching_on(
    address: str | None, record: Record, published: Path, *, workers: int | None, embedders: Embedders
) -> Iterator[tuple[duckdb.DuckDBPyConnection, HitsOf | None]]:
    """Open a published lab, and connect to a cluster that searches it, for the length of a block.

    The file is opened under a second name, which stays although the lab is published anew meanwhile: all workers, also those
    that start or come back later, see what this process sees.

    Parameters
    ----------
    address : str or None
        Address of the cluster, as for :func:`spectradb.distributed.cluster.connected`; None: there is none.
    record : Record
        The lab's record.
    published : pathlib.Path
        The ``lab.duckdb`` file.
    workers : int or None
        Worker processes.
    embedders : Embedders
        The lab's embedders.

    Yields
    ------
    con : duckdb.DuckDBPyConnection
        The published lab.
    hits_of : callable or None
        For the parameter ``hits_of`` of :func:`spectradb.search.identify.identify`; None without a cluster.
    """
    if address is None:
        with open_published(published) as con:
            yield con, None
        return
    demand_directory(record)
    with (
        connected(address, workers=workers) as cluster,
        _second_name(published.absolute()) as snapshot,
        open_published(snapshot, embedders=embedders) as con,
    ):
        yield con, _HitsOnCluster(cluster, snapshot)


def forget_snapshots(published: Path) -> None:
    """Remove the second names of published files that killed searches left; to be called while no search runs.

    Parameters
    ----------
    published : pathlib.Path
        The ``lab.duckdb`` file.
    """
    for left in published.parent.glob(f"{published.name}.search-*"):
        left.unlink(missing_ok=True)


class _HitsOnCluster:
    """Finds hits as :func:`spectradb.search.find_hits.search_hits` does, by the workers of a cluster."""

    def __init__(self, cluster: Cluster, snapshot: Path) -> None:
        self.cluster = cluster
        self.snapshot = snapshot

    def __call__(
        self,
        con: duckdb.DuckDBPyConnection,
        score: SearchScore | None,
        way: IndexedSearch | OpenSearch | None,
        values: Mapping[str, object],
        *,
        study: str,
        library: str,
        model: str,
    ) -> tuple[pa.Table, Mapping[str, object] | None]:
        if isinstance(way, OpenSearch):
            way.vectors.opened(con)  # built once, here: workers find it
        wanted = {"study": study, "n_ranges": self.cluster.n_workers * _RANGES, "contributors": values["contributors"]}
        ranges = con.execute(schemas.read("queries/identify/query_ranges"), wanted).fetchall()
        ((state,),) = con.execute(schemas.read("queries/lab/spectra_state")).fetchall() or [("",)]
        of_search = {"score": score, "way": way, "values": dict(values), "study": study, "library": library, "model": model}
        arguments = (self.snapshot, state, self.cluster.n_cpus, of_search)
        found = list(self.cluster.map(RangeSearcher, arguments, ranges))
        if not found:
            return search_hits(con, score, way, values, study=study, library=library, model=model)
        # Plain SQL is what workers fall back on; what is recorded holds for all of the search.
        used = [of_range for _, of_range in found]
        return pa.concat_tables(hits for hits, _ in found), None if None in used else used[0]


class RangeSearcher:
    """Searches ranges of queries in one worker, which opens the published lab once.

    Parameters
    ----------
    snapshot : pathlib.Path
        The published file.
    state : str
        Of the record that it shows.
    threads : int
        Cores that the worker has.
    of_search : dict
        Arguments of :func:`spectradb.search.find_hits.search_hits`.

    Raises
    ------
    BadCluster
        If this machine does not reach the published file, or finds another one.
    """

    def __init__(self, snapshot: Path, state: str, threads: int, of_search: dict[str, Any]) -> None:
        try:
            self.con = open_published(snapshot)
        except NoLab as error:
            raise BadCluster(unreached(snapshot)) from error
        if self.con.execute(schemas.read("queries/lab/spectra_state")).fetchall() != [(state,)]:
            raise BadCluster(unreached(snapshot))
        self.con.execute(schemas.fill("queries/lab/use_threads", threads=threads))
        self.scorer = prepare_peaks(self.con, of_search["score"], study=of_search["study"], library=of_search["library"])
        self.of_search = of_search

    def __call__(self, first: int, last: int) -> tuple[pa.Table, Mapping[str, object] | None]:
        """Search a range of queries.

        Parameters
        ----------
        first, last : int
            The first and the last id.

        Returns
        -------
        hits : pyarrow.Table
            Columns of ``hits``.
        used : mapping or None
            What searches record of the way in which it was searched.
        """
        return search_hits(self.con, **self.of_search, query_range=(first, last), scorer=self.scorer)


@contextmanager
def _second_name(published: Path) -> Iterator[Path]:
    """Give a published file another name for the length of a block; itself, where the file system knows no second names."""
    snapshot = published.with_name(f"{published.name}.search-{uuid.uuid4().hex}")
    linked = False
    with suppress(OSError):
        os.link(published, snapshot)
        linked = True
    try:
        yield snapshot if linked else published
    finally:
        if linked:
            snapshot.unlink(missing_ok=True)
