"""Identifying a study on a Ray cluster: workers search ranges of its queries, and the process that was called records the hits.

Every worker opens the same published file, read-only, and runs the statement of a search in one process with a range of query
ids. No hit depends on another query's, so the hits of all ranges together are those of the whole study, row for row.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from spectradb import schemas
from spectradb.distributed.cluster import connected
from spectradb.distributed.parts import demand_directory, unreached
from spectradb.errors import BadCluster, NoLab
from spectradb.search.find_hits import search_hits
from spectradb.search.methods.protocol import Hits
from spectradb.workspace.connection import open_published
from spectradb.workspace.snapshots import snapshot_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

    from spectradb.distributed.cluster import Cluster
    from spectradb.search.engines import Engine
    from spectradb.search.find_hits import HitFinder
    from spectradb.search.methods.protocol import Method, SearchJob
    from spectradb.workspace.lab_files import LabFiles

# Ranges per worker: some have more candidates than others.
_RANGES = 4


@contextmanager
def on_cluster(
    files: LabFiles, *, address: str, workers: int | None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, HitFinder | None]]:
    """Run a search of a lab on a cluster, to which a connection is made for the length of a block.

    The published file is opened under a second name: all workers, also those that start or come back later, see what this
    process sees.

    Parameters
    ----------
    files : LabFiles
        The lab.
    address : str
        Address of the cluster, as for :func:`spectradb.distributed.cluster.connected`.
    workers : int or None
        Worker processes.

    Yields
    ------
    con : duckdb.DuckDBPyConnection
        What is published.
    hit_finder : callable
        Finds the hits by the workers.
    """
    demand_directory(files.record)
    with (
        connected(address, workers=workers) as cluster,
        snapshot_of(files.published.absolute()) as snapshot,
        open_published(snapshot) as con,
    ):
        yield con, _HitsOnCluster(cluster, snapshot)


class _HitsOnCluster:
    """Finds hits as :func:`spectradb.search.find_hits.search_hits` does, by the workers of a cluster."""

    def __init__(self, cluster: Cluster, snapshot: Path) -> None:
        self.cluster = cluster
        self.snapshot = snapshot

    def __call__(self, con: duckdb.DuckDBPyConnection, method: Method, engine: Engine, job: SearchJob) -> Hits:
        engine.build(con)  # built once, here: workers find it
        of_study = {**job.values("study", "contributors"), "n_ranges": self.cluster.n_workers * _RANGES}
        ranges = con.execute(schemas.read("queries/checks/query_ranges"), of_study).fetchall()
        ((state,),) = con.execute(schemas.read("queries/lab/spectra_state")).fetchall() or [("",)]
        arguments = (self.snapshot, state, self.cluster.n_cpus, (method, engine, job))
        parts: list[Hits] = list(self.cluster.map(RangeSearcher, arguments, ranges))
        if not parts:
            return search_hits(con, method, engine, job)
        # Plain SQL is what workers fall back on; what is recorded holds for all of the search.
        used = parts[0].used if all(part.used == parts[0].used for part in parts) else {}
        return Hits(pa.concat_tables(part.table for part in parts), used)


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
    of_search : (Method, Engine, SearchJob)
        As for :func:`spectradb.search.find_hits.search_hits`.

    Raises
    ------
    BadCluster
        If this machine does not reach the published file, or finds another one.
    """

    def __init__(self, snapshot: Path, state: str, threads: int, of_search: tuple[Method, Engine, SearchJob]) -> None:
        try:
            self.con = open_published(snapshot)
        except NoLab as error:
            raise BadCluster(unreached(snapshot)) from error
        if self.con.execute(schemas.read("queries/lab/spectra_state")).fetchall() != [(state,)]:
            raise BadCluster(unreached(snapshot))
        self.con.execute(schemas.fill("queries/lab/use_threads", threads=threads))
        self.method, self.engine, self.job = of_search
        # As long as the worker lives: what is made ready serves all ranges.
        self.while_alive = ExitStack()
        self.prepared = self.while_alive.enter_context(self.engine.prepare(self.con, self.method, self.job))

    def __call__(self, first: int, last: int) -> Hits:
        """Search a range of queries.

        Parameters
        ----------
        first, last : int
            The first and the last id.

        Returns
        -------
        Hits
            What was found.
        """
        return self.engine.hits(self.con, self.method, replace(self.job, query_range=[first, last]), self.prepared)
