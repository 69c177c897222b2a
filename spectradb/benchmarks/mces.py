"""Filling the table ``mces``: distances between the structures that searches confuse.

Only pairs of a known analyte and a wrong answer are computed, each once and for all: what is in the record is not computed
again, and what was computed when a run is killed stays.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
from tqdm import tqdm

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.python_process import how_it_ended, python_command, python_environment
from spectradb.spelling import known_names
from spectradb.store.locks import exclusive
from spectradb.store.record_schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType

    import duckdb

    from spectradb.store.record import Record

SOLVER = "PULP_CBC_CMD"
DEFAULT_THRESHOLD = 15.0
DEFAULT_SECONDS_PER_PAIR = 120.0
# A run that is killed loses no more than this.
_ROWS_PER_COMMIT = 500
_SECONDS_PER_COMMIT = 60.0

_Pair = tuple[str, str, str, str]  # analyte_a, analyte_b, smiles_a, smiles_b


@dataclass(frozen=True)
class MCESReport:
    """What filling the table of distances did.

    Parameters
    ----------
    n_pairs : int
        Pairs of analytes that the searches confuse.
    n_computed, n_present : int
        Those computed now, and those that had their distance already.
    n_without_structure : int
        Pairs of which an analyte has no structure.
    n_failed : int
        Pairs whose structures could not be compared; they are tried again next time.
    example : str or None
        The first failure.
    seconds : float
        Time it took.
    """

    n_pairs: int
    n_computed: int
    n_present: int
    n_without_structure: int
    n_failed: int
    example: str | None
    seconds: float

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        done = f"{self.n_pairs:,} confused pairs: {self.n_computed:,} distances computed in {self.seconds:.1f} s"
        lines = [f"{done}, {self.n_present:,} already present"]
        if self.n_without_structure:
            lines.append(f"  note: {self.n_without_structure:,} pairs have an analyte without a structure")
        if self.n_failed:
            lines.append(f"  note: {self.n_failed:,} pairs could not be compared, such as {self.example}")
        return lines

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return dict(self.__dict__)


def fill_mces(
    record: Record,
    con: duckdb.DuckDBPyConnection,
    searches: Sequence[str],
    *,
    at_k: int = 1,
    threshold: float = DEFAULT_THRESHOLD,
    workers: int | None = None,
    seconds_per_pair: float = DEFAULT_SECONDS_PER_PAIR,
    quiet: bool = True,
) -> MCESReport:
    """Compute the MCES distances between the truth and the wrong answers of searches, as far as they are missing.

    Parameters
    ----------
    record : Record
        The lab's record, to whose table ``mces`` they are added.
    con : duckdb.DuckDBPyConnection
        The published lab.
    searches : sequence of str
        Their search_id.
    at_k : int
        Ranks that count: pairs come from queries whose right analyte is not among the first `at_k`.
    threshold : float
        Above it distances are bounds only; the paper's is 15.
    workers : int, optional
        Processes; one per core when None.
    seconds_per_pair : float
        Time for one distance; a lower bound is stored when it is over.
    quiet : bool
        Show no progress bar.

    Returns
    -------
    MCESReport
        What was done.

    Raises
    ------
    BadParameter
        If a parameter is out of range or there is no such search.
    """
    workers = workers or os.cpu_count() or 1
    if at_k < 1 or threshold <= 0 or workers < 1 or seconds_per_pair <= 0:
        msg = f"at_k {at_k}, threshold {threshold}, workers {workers} and seconds per pair {seconds_per_pair} must be positive"
        raise BadParameter(msg)
    check_searches(con, searches)
    start = time.monotonic()
    confused = _confused_pairs(con, searches, at_k)
    with exclusive(record.path.parent / "locks" / "mces.lock"):
        known = _known_pairs(record, threshold)
        missing = [pair for pair in confused if pair[:2] not in known]
        comparable = [pair for pair in missing if pair[2] and pair[3]]
        computed, failures = _compute(record, comparable, threshold, workers, seconds_per_pair, quiet=quiet)
    return MCESReport(
        n_pairs=len(confused),
        n_computed=computed,
        n_present=len(confused) - len(missing),
        n_without_structure=len(missing) - len(comparable),
        n_failed=len(failures),
        example=failures[0] if failures else None,
        seconds=time.monotonic() - start,
    )


def check_searches(con: duckdb.DuckDBPyConnection, searches: Sequence[str]) -> None:
    """Check that searches are published.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    searches : sequence of str
        Their search_id.

    Raises
    ------
    BadParameter
        If there is none, or one is missing.
    """
    published = con.table("searches").to_arrow_table()["search_id"].to_pylist()
    unknown = [search for search in searches if search not in published]
    if not searches:
        raise BadParameter(f"name a search; the lab has: {known_names('', published)}")
    if unknown:
        raise BadParameter(f"the lab has no search {unknown[0]!r}; it has: {known_names(unknown[0], published)}")


def _confused_pairs(con: duckdb.DuckDBPyConnection, searches: Sequence[str], at_k: int) -> list[_Pair]:
    pairs: set[_Pair] = set()
    for search in searches:
        found = con.execute(schemas.read("queries/retrieval/confused_pairs"), {"search": search, "at_k": at_k})
        pairs.update((a, b, smiles_a, smiles_b) for a, b, smiles_a, smiles_b in found.fetchall())
    return sorted(pairs, key=lambda pair: pair[:2])


def _known_pairs(record: Record, threshold: float) -> set[tuple[str, str]]:
    known = record.read("mces", columns=["analyte_a", "analyte_b"], where=f"threshold = {float(threshold)}")
    return set(zip(known["analyte_a"].to_pylist(), known["analyte_b"].to_pylist(), strict=True))


def _compute(
    record: Record, pairs: list[_Pair], threshold: float, workers: int, seconds: float, *, quiet: bool
) -> tuple[int, list[str]]:
    """Compute distances and append them to the record, some at a time; return their number, and the failures."""
    rows: list[dict[str, Any]] = []
    failures: list[str] = []
    n_computed = 0
    committed = time.monotonic()
    made_by = {"threshold": threshold, "solver": SOLVER, "myopic_mces_version": version("myopic-mces")}
    with (
        tqdm(total=len(pairs), desc="MCES", unit="pair", disable=True if quiet else None) as progress,
        DistanceWorkers(workers) as pool,
    ):
        try:
            for (a, b, _, _), answer in pool.distances(pairs, threshold, seconds):
                progress.update()
                if isinstance(answer, str):
                    failures.append(f"{a} and {b}: {answer}")
                    continue
                distance, mode, took = answer
                rows.append({"analyte_a": a, "analyte_b": b, "distance": distance, "mode": mode, "seconds": took, **made_by})
                n_computed += 1
                if len(rows) >= _ROWS_PER_COMMIT or time.monotonic() - committed >= _SECONDS_PER_COMMIT:
                    record.append("mces", pa.Table.from_pylist(rows, schema=table_schema("mces")))
                    rows, committed = [], time.monotonic()
        finally:
            # Also when somebody interrupts it.
            record.append("mces", pa.Table.from_pylist(rows, schema=table_schema("mces")))
    return n_computed, failures


class DistanceWorkers:
    """Processes that compute distances, each fed by a thread of this one.

    Parameters
    ----------
    number : int
        Processes.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.own = threading.local()
        self.processes: list[subprocess.Popen[str]] = []
        self.threads = ThreadPoolExecutor(number)

    def __enter__(self) -> Self:
        """Return the workers; they start when there is work."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End all processes, whatever they are doing."""
        self.threads.shutdown(wait=False, cancel_futures=True)
        for process in self.processes:
            process.kill()
            process.communicate()
        self.threads.shutdown()

    def distances(
        self, pairs: Iterable[_Pair], threshold: float, seconds: float
    ) -> Iterator[tuple[_Pair, tuple[float, int, float] | str]]:
        """Compute distances; few are waiting at any time.

        Parameters
        ----------
        pairs : iterable of tuple
            Two names and two structures (SMILES) each.
        threshold : float
            Above it distances are bounds only.
        seconds : float
            Time for one distance.

        Yields
        ------
        pair : tuple
            One of them, in the order in which they get ready.
        answer : tuple or str
            Distance, mode and seconds, or why there is none.
        """
        waiting = iter(pairs)
        running: dict[Any, _Pair] = {}
        while True:
            while len(running) < 2 * self.number and (pair := next(waiting, None)):
                running[self.threads.submit(self._ask, pair, threshold, seconds)] = pair
            if not running:
                return
            ready, _ = wait(running, return_when=FIRST_COMPLETED)
            # Failures last: what is ready beside them is not lost.
            for answer in sorted(ready, key=lambda one: one.exception() is not None):
                yield running.pop(answer), answer.result()

    def _ask(self, pair: _Pair, threshold: float, seconds: float) -> tuple[float, int, float] | str:
        process: subprocess.Popen[str] | None = getattr(self.own, "process", None)
        if process is None or process.poll() is not None:
            process = self.own.process = self._start()
        if process.stdin is None or process.stdout is None:
            return "the process that computes distances has no pipes"
        try:
            process.stdin.write(json.dumps([*pair[2:], threshold, seconds, SOLVER]) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            process.wait()
            self.own.errors.seek(0)
            return f"the process that computes distances ended: {how_it_ended(process, self.own.errors.read())}"
        answer = json.loads(line)
        return answer if isinstance(answer, str) else (float(answer[0]), int(answer[1]), float(answer[2]))

    def _start(self) -> subprocess.Popen[str]:
        errors = self.own.errors = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115 - read when the process dies
        process = subprocess.Popen(  # noqa: S603 (this interpreter and this package)
            python_command("spectradb.benchmarks.mces_distance"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=python_environment(),
        )
        self.processes.append(process)
        return process
