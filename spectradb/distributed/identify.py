"""Identifying a study on a Ray cluster: workers search ranges of its queries, and the process that was called records the hits.

Every worker opens the same published file, read-only, and runs the statement of a search in one process with a range of query
ids. No hit depends on another query's, so the hits of all ranges together are those of the whole study, row for row.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb import schemas
from spectradb.distributed.cluster import connected
from spectradb.distributed.parts import demand_directory, unreached
from spectradb.errors import BadCluster, NoLab
from spectradb.search.find_hits import prepare_peaks, search_hits
from spectradb.search.open_search import OpenSearch
from spectradb.workspace.connection import open_published
from spectradb.workspace.snapshots import snapshot_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb

    from spectradb.distributed.cluster import Cluster
    from spectradb.search.engines import IndexedSearch
    from spectradb.search.find_hits import HitsOf
    from spectradb.search.methods.peaks import SearchScore
    from spectradb.workspace.lab_files import LabFiles

# Ranges per worker: some have more candidates than others.
_RANGES = 4


@contextmanager
def on_cluster(
    files: LabFiles, *, address: str, workers: int | None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, HitsOf | None]]:
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
    hits_of : callable
        Finds the hits by the workers.
    """
    demand_directory(files.record)
    with (
        connected(address, workers=workers) as cluster,
        snapshot_of(files.published.absolute()) as snapshot,
        open_published(snapshot, embedders=files.embedders) as con,
    ):
        yield con, _HitsOnCluster(cluster, snapshot)


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
