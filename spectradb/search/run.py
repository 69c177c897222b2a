"""A search of a lab from end to end: its lock, its engine, the record, and what is published."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from spectradb.search.identify import identify
from spectradb.search.recorded_searches import remove_killed_searches
from spectradb.store.locks import shared
from spectradb.workspace.connection import open_published
from spectradb.workspace.snapshots import remove_snapshots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    import duckdb

    from spectradb.search.find_hits import HitFinder
    from spectradb.search.search_names import Naming
    from spectradb.search.search_report import SearchReport
    from spectradb.search.spec import SearchSpec
    from spectradb.workspace.lab_files import LabFiles

    #: What runs a search of a lab: for the length of a block, a connection to what is published, and what finds the hits there
    #: (None: :func:`spectradb.search.find_hits.search_hits`).
    SearchExecutor: TypeAlias = Callable[[LabFiles], AbstractContextManager[tuple[duckdb.DuckDBPyConnection, HitFinder | None]]]


@contextmanager
def in_this_process(files: LabFiles) -> Iterator[tuple[duckdb.DuckDBPyConnection, HitFinder | None]]:
    """Run a search in the process that called it.

    Parameters
    ----------
    files : LabFiles
        The lab.

    Yields
    ------
    con : duckdb.DuckDBPyConnection
        What is published.
    hit_finder : None
        Nothing else finds the hits.
    """
    with open_published(files.published) as con:
        yield con, None


def run_search(
    files: LabFiles, spec: SearchSpec, naming: Naming, *, executor: SearchExecutor = in_this_process
) -> SearchReport:
    """Search, record the search with its hits, and publish, while nobody removes anything.

    Parameters
    ----------
    files : LabFiles
        The lab.
    spec : SearchSpec
        What to search and how.
    naming : Naming
        How to name the search.
    executor : callable
        What runs the search: this process, or a cluster.

    Returns
    -------
    SearchReport
        What was done.
    """

    def take_stock() -> None:
        remove_killed_searches(files.record)
        remove_snapshots(files.published)

    # Published inside the lock, which whoever removes something waits for.
    with shared(files.locks / "search.lock", alone=take_stock):
        with executor(files) as (con, hit_finder):
            report = identify(
                files.record,
                con,
                spec,
                naming=naming,
                indexes=files.indexes,
                hit_finder=hit_finder,
                embedders=files.embedders.names(),
            )
        files.compact()
        files.publish()
    files.record.remove_old_versions()
    return report
