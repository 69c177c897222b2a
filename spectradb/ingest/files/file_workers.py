"""Reading the files of an import in several processes, in the order of the files and a bounded number of files ahead.

The processes are started afresh, not forked, since Lance, Arrow and PyTorch have threads that a fork would leave behind broken;
and not by ``multiprocessing``, which would run the user's script once more in each of them. They stand in a session of their
own: Ctrl-C reaches the import alone, which ends them. When the import is killed, the end of their standard input ends them.
"""

from __future__ import annotations

import os
import pickle
import queue
import shutil
import subprocess
import sys
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import IO, TYPE_CHECKING, TypeVar

import pyarrow as pa

from spectradb.errors import SpectraDBError
from spectradb.ingest.fields.drop_reasons import Tally
from spectradb.ingest.files.file_reading import BatchReading, count_unread, raw_batches
from spectradb.ingest.files.file_worker import READY, FileFindings, Harmonised, Work
from spectradb.ingest.readers.raw import Problems
from spectradb.python_process import how_it_ended, python_command, python_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from spectradb.ingest.files.file_reading import FileJob

T = TypeVar("T")

#: Bytes of files for which starting a process pays, which takes a second or two.
WORTH_A_PROCESS = 8 << 20
_ALONE = "To read without other processes, import again with --processes 1 (processes=1)"
_AHEAD = 2  # files read ahead, for each process


def processes_for(files: Sequence[Path], *, asked: int | None) -> int:
    """Choose the number of processes: of several files each is read by one of them, a single file is shared.

    Parameters
    ----------
    files : sequence of pathlib.Path
        The files.
    asked : int or None
        What the user asked for; None: as many as there are cores, and one where the files are small.

    Returns
    -------
    int
        At least 1; at most the number of files where there are several.
    """
    if asked is None:
        size = sum(file.stat().st_size for file in files if file.is_file())
        asked = min(_cores(), size // WORTH_A_PROCESS)
    return max(1, asked if len(files) == 1 else min(asked, len(files)))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def reading(jobs: Sequence[FileJob], spool: Path, *, processes: int) -> Iterator[Iterator[FileFindings]]:
    """Read files in several processes.

    Parameters
    ----------
    jobs : sequence of FileJob
        The files.
    spool : pathlib.Path
        Directory for their spectra on the way, which does not exist.
    processes : int
        How many read at once.

    Yields
    ------
    iterator of FileFindings
        One for each file, in their order. The stream of each is removed when the next is asked for. At the end of the block all
        processes have ended.
    """
    with _working(spool, processes) as (workers, threads):
        work = (partial(workers.read, job, spool / f"{number}.arrows") for job, number in zip(jobs, count()))
        yield _spools(_in_order(work, threads, ahead=processes * _AHEAD))


@contextmanager
def sharing(job: FileJob, spool: Path, *, processes: int) -> Iterator[SharedReading]:
    """Read a file in this process, and have other processes harmonise its spectra.

    Parameters
    ----------
    job : FileJob
        The file.
    spool : pathlib.Path
        Directory for what the processes write to their standard errors, which does not exist.
    processes : int
        How many harmonise.

    Yields
    ------
    SharedReading
        The reading of the file. At the end of the block all processes have ended.
    """
    with _working(spool, processes) as (workers, threads):
        yield SharedReading(job, workers, threads, ahead=processes * _AHEAD)


@contextmanager
def _working(spool: Path, processes: int) -> Iterator[tuple[_Workers, ThreadPoolExecutor]]:
    spool.mkdir(parents=True)
    workers = _Workers(processes, spool)
    threads = ThreadPoolExecutor(processes, thread_name_prefix="import")
    try:
        yield workers, threads
    finally:
        workers.end()
        threads.shutdown(cancel_futures=True)
        shutil.rmtree(spool, ignore_errors=True)


def _in_order(work: Iterator[Callable[[], T]], threads: ThreadPoolExecutor, *, ahead: int) -> Iterator[T]:
    waiting: deque[Future[T]] = deque()
    while True:
        while len(waiting) < ahead and (following := next(work, None)):
            waiting.append(threads.submit(following))
        if not waiting:
            return
        yield waiting.popleft().result()


def _spools(findings: Iterator[FileFindings]) -> Iterator[FileFindings]:
    for found in findings:
        yield found
        found.spool.unlink(missing_ok=True)


class SharedReading:
    """Reads a file, and has its spectra harmonised by other processes, a bounded number of batches ahead.

    Parameters
    ----------
    job : FileJob
        The file.
    workers : _Workers
        The processes.
    threads : concurrent.futures.ThreadPoolExecutor
        One thread for each process, that waits for it.
    ahead : int
        Batches that may be under way.

    Attributes
    ----------
    tally : Tally
        What became of the spectra whose tables were given.

    Raises
    ------
    BadParameter
        If the job's kind or ion mode is unknown.
    """

    def __init__(self, job: FileJob, workers: _Workers, threads: ThreadPoolExecutor, *, ahead: int) -> None:
        self._job = job
        self._workers = workers
        self._threads = threads
        self._ahead = ahead
        self.tally = BatchReading(job).tally

    def tables(self) -> Iterator[pa.Table]:
        """Read the file; at the end, records that could not be read are in the tally too.

        Yields
        ------
        pyarrow.Table
            Harmonised spectra with ``structure_id`` and ``record_hash``, in the order of the file.

        Raises
        ------
        FileFailed
            A process ended over the file.
        SpectraDBError
            The file is of no known format, or cannot be read to its end.
        """
        problems = Problems()
        work = (partial(self._workers.harmonise, self._job, batch) for batch in raw_batches(self._job, problems))
        for found in _in_order(work, self._threads, ahead=self._ahead):
            self.tally.update(found.tally)
            yield found.table
        count_unread(problems, self.tally)


class SpooledReading:
    """Gives what another process read, as :class:`~spectradb.ingest.files.file_reading.FileReading` does what it reads.

    Parameters
    ----------
    found : FileFindings
        What it found.

    Attributes
    ----------
    tally : Tally
        What became of the spectra.
    """

    def __init__(self, found: FileFindings) -> None:
        self._found = found
        self.tally = found.tally

    def tables(self) -> Iterator[pa.Table]:
        """Give the spectra.

        Yields
        ------
        pyarrow.Table
            Harmonised spectra.

        Raises
        ------
        FileFailed
            The file cannot be read.
        """
        if self._found.failure is not None:
            raise FileFailed(self._found.failure)
        if self._found.n_batches:
            with pa.OSFile(str(self._found.spool)) as file, pa.ipc.open_stream(file) as batches:
                for batch in batches:
                    yield pa.Table.from_batches([batch])


class FileFailed(SpectraDBError):
    """Another process could not read a file; the message is its."""


class NoReadingProcess(SpectraDBError):
    """A process that is to read files does not start."""


class _Worker:
    """A process that reads files; what it writes to its standard error goes into a file."""

    def __init__(self, errors: Path) -> None:
        self._errors = errors
        self._told = False
        with errors.open("wb") as file:
            self.process = subprocess.Popen(  # noqa: S603 - this interpreter and this package
                python_command("spectradb.ingest.files.file_worker"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=python_environment(),
                start_new_session=True,
            )

    def await_ready(self) -> None:
        """Wait until it has imported what it needs."""
        try:
            ready = pickle.load(self._output)  # noqa: S301 - from a process that this one started
        except (EOFError, OSError, pickle.UnpicklingError):
            ready = None
        if ready != READY:
            raise NoReadingProcess(f"a process that is to read files does not start: {self.end_told()}. {_ALONE}")

    def ask(self, job: FileJob, asked: Path | pa.RecordBatch) -> Work:
        """Have it read a file into a stream, or harmonise a batch of one."""
        if self.process.stdin is None:
            raise EOFError
        pickle.dump((job, asked), self.process.stdin)
        self.process.stdin.flush()
        found: Work = pickle.load(self._output)  # noqa: S301 - from a process that this one started
        return found

    @property
    def _output(self) -> IO[bytes]:
        if self.process.stdout is None:
            raise EOFError
        return self.process.stdout

    def end_told(self) -> str:
        """Say why it ended."""
        self._told = True
        return how_it_ended(self.process, self._errors.read_text(errors="replace"))

    def end(self) -> None:
        """End it, and pass on what it wrote to its standard error unless that has been told."""
        self.process.wait()
        if not self._told and (said := self._errors.read_text(errors="replace")):
            sys.stderr.write(said)


class _Workers:
    """Processes that read files; each is started when it is first needed."""

    def __init__(self, n: int, folder: Path) -> None:
        self._folder = folder
        self._idle: queue.SimpleQueue[_Worker | None] = queue.SimpleQueue()
        self._all: list[_Worker] = []
        self._ended = False
        self._starting = threading.Lock()
        for _ in range(n):
            self._idle.put(None)

    def read(self, job: FileJob, spool: Path) -> FileFindings:
        """Have a file read; a process that dies over it costs only this file."""
        try:
            found = self._asked(job, spool)
        except FileFailed as error:
            return FileFindings(spool, 0, Tally(), str(error))
        if isinstance(found, FileFindings):
            return found
        raise _exception(found)

    def harmonise(self, job: FileJob, batch: pa.RecordBatch) -> Harmonised:
        """Have a batch of a file harmonised; a process that dies over it costs the file."""
        found = self._asked(job, batch)
        if isinstance(found, Harmonised):
            return found
        raise _exception(found)

    def _asked(self, job: FileJob, asked: Path | pa.RecordBatch) -> Work:
        worker = self._idle.get()
        try:
            if worker is None or worker.process.poll() is not None:
                worker = self._start()
                worker.await_ready()
            return _ask(worker, job, asked)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise FileFailed(_died(job, worker)) from None
        finally:
            self._idle.put(worker)

    def end(self) -> None:
        """End all processes, also those in the middle of a file."""
        with self._starting:
            self._ended = True
        for worker in self._all:
            worker.process.kill()
        for worker in self._all:
            worker.end()

    def _start(self) -> _Worker:
        with self._starting:
            if self._ended:
                raise EOFError
            worker = _Worker(self._folder / f"process-{len(self._all)}.stderr")
            self._all.append(worker)
        return worker


def _ask(worker: _Worker, job: FileJob, asked: Path | pa.RecordBatch) -> Work:
    return worker.ask(job, asked)


def _exception(found: Work) -> Exception:
    return found if isinstance(found, Exception) else TypeError(f"another process answered with {type(found).__name__}")


def _died(job: FileJob, worker: _Worker | None) -> str:
    how = "it was not started" if worker is None else worker.end_told()
    return f"{job.file}: the process that read it ended in the middle: {how}. {_ALONE}"
