"""A search of a lab from end to end: its lock, its engine, the record, and what is published."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from spectradb.search.engines import AUTO
from spectradb.search.identify import identify
from spectradb.search.methods.peaks import EMBEDDING
from spectradb.search.recorded_searches import remove_killed_searches
from spectradb.search.search_names import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_K, DEFAULT_PPM
from spectradb.search.vectors.approximate import AUTO as INDEX_AUTO
from spectradb.search.vectors.approximate import TARGET_RECALL
from spectradb.store.locks import shared
from spectradb.workspace.connection import open_published
from spectradb.workspace.snapshots import remove_snapshots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    import duckdb

    from spectradb.search.find_hits import HitsOf
    from spectradb.search.search_report import SearchReport
    from spectradb.similarity.methods import Setting
    from spectradb.workspace.lab_files import LabFiles

    #: What runs a search of a lab: for the length of a block, a connection to what is published, and what finds the hits there
    #: (None: :func:`spectradb.search.find_hits.search_hits`).
    SearchExecutor: TypeAlias = Callable[[LabFiles], AbstractContextManager[tuple[duckdb.DuckDBPyConnection, HitsOf | None]]]


@contextmanager
def in_this_process(files: LabFiles) -> Iterator[tuple[duckdb.DuckDBPyConnection, HitsOf | None]]:
    """Run a search in the process that called it.

    Parameters
    ----------
    files : LabFiles
        The lab.

    Yields
    ------
    con : duckdb.DuckDBPyConnection
        What is published.
    hits_of : None
        Nothing else finds the hits.
    """
    with open_published(files.published) as con:
        yield con, None


def run_search(
    files: LabFiles,
    study: str,
    library: str,
    *,
    method: str = EMBEDDING,
    model: str | None = None,
    settings: Mapping[str, Setting] | None = None,
    left_out: str | None = None,
    contributors: Sequence[str] | None = None,
    ppm: float | None = DEFAULT_PPM,
    k: int = DEFAULT_K,
    fragment_tolerance_da: float = DEFAULT_FRAGMENT_TOLERANCE_DA,
    name: str | None = None,
    replace: bool = False,
    purpose: str | None = None,
    engine: str = AUTO,
    device: str = "cpu",
    index: str = INDEX_AUTO,
    target_recall: float = TARGET_RECALL,
    executor: SearchExecutor = in_this_process,
) -> SearchReport:
    """Search, record the search with its hits, and publish, while nobody removes anything.

    Parameters
    ----------
    files : LabFiles
        The lab.
    study, library, method, model, settings, left_out, contributors, ppm, k, fragment_tolerance_da, name, replace
        As for :func:`spectradb.search.identify.identify`; the lab's default model when None.
    purpose, engine, device, index, target_recall
        As there.
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
        with executor(files) as (con, hits_of):
            report = identify(
                files.record,
                con,
                study=study,
                library=library,
                model=model or files.default_model,
                method=method,
                settings=settings,
                left_out=left_out,
                contributors=contributors,
                ppm=ppm,
                k=k,
                fragment_tolerance_da=fragment_tolerance_da,
                name=name,
                engine=engine,
                device=device,
                index=index,
                target_recall=target_recall,
                indexes=files.indexes,
                hits_of=hits_of,
                replace=replace,
                default_model=files.default_model,
                purpose=purpose,
                embedders=files.embedders.names(),
            )
        files.publish()
    return report
