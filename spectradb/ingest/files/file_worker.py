"""A process that reads files for an import: takes jobs on its standard input and tells on its standard output what it found.

Spectra go into files, batch by batch, so that neither side holds a file's spectra in memory. When whoever gave the jobs is
gone, however it ended, the process ends too.
"""

from __future__ import annotations

import os
import pickle
import queue
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from spectradb.errors import SpectraDBError
from spectradb.ingest.files.file_reading import BatchReading, FileReading

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.ingest.fields.drop_reasons import Tally
    from spectradb.ingest.files.file_reading import FileJob


#: What the process says first: it has imported what it needs.
READY = "ready"


@dataclass(frozen=True)
class FileFindings:
    """What reading a file came to.

    Parameters
    ----------
    spool : pathlib.Path
        Arrow stream of its harmonised spectra.
    n_batches : int
        Batches in it; the file need not exist when there are none.
    tally : Tally
        What became of its spectra.
    failure : str or None
        Why the file cannot be read.
    """

    spool: Path
    n_batches: int
    tally: Tally
    failure: str | None = None


@dataclass(frozen=True)
class Harmonised:
    """What a batch of a file came to.

    Parameters
    ----------
    table : pyarrow.Table
        Its spectra, harmonised.
    tally : Tally
        What became of them.
    """

    table: pa.Table
    tally: Tally


Work = FileFindings | Harmonised | Exception


def read_to_spool(job: FileJob, spool: Path) -> FileFindings:
    """Read a file into an Arrow stream.

    Parameters
    ----------
    job : FileJob
        The file.
    spool : pathlib.Path
        The stream to write.

    Returns
    -------
    FileFindings
        What was found, also when the file cannot be read.

    Raises
    ------
    BadParameter
        If the job's kind or ion mode is unknown.
    """
    reading = FileReading(job)
    n_batches = 0
    writer = None
    try:
        for table in reading.tables():
            if writer is None:
                writer = pa.ipc.new_stream(spool, table.schema)
            for batch in table.combine_chunks().to_batches():
                writer.write_batch(batch)
                n_batches += 1
    except SpectraDBError as error:
        return FileFindings(spool, 0, reading.tally, str(error))
    finally:
        if writer is not None:
            writer.close()
    return FileFindings(spool, n_batches, reading.tally)


def serve(jobs: BinaryIO, findings: BinaryIO) -> None:
    """Read files until there are no more jobs.

    Parameters
    ----------
    jobs : binary file
        Pickled pairs of a job and either the path of its stream, or a batch that another process read of its file.
    findings : binary file
        Gets, pickled, first :data:`READY`, then for each either its findings, for a batch its harmonised spectra, or the
        exception that was raised.
    """
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def listen() -> None:
        while True:
            try:
                waiting.put(pickle.load(jobs))  # noqa: S301 - from the process that started this one
            except (EOFError, OSError):
                os._exit(0)  # also in the middle of a file: nobody wants it any more

    threading.Thread(target=listen, daemon=True).start()
    findings.write(pickle.dumps(READY))
    findings.flush()
    harmoniser = _BatchHarmoniser()
    while True:
        job, asked = waiting.get()
        found: Work
        try:
            found = harmoniser.harmonise(job, asked) if isinstance(asked, pa.RecordBatch) else read_to_spool(job, asked)
        except Exception as error:  # noqa: BLE001 - it is raised again in the process that gave the job
            found = error
        findings.write(_pickled(found))
        findings.flush()


class _BatchHarmoniser:
    """Harmonises batches; what it remembers of a file's records serves for the next batch of the file."""

    def __init__(self) -> None:
        self._job: FileJob | None = None
        self._reading: BatchReading | None = None

    def harmonise(self, job: FileJob, batch: pa.RecordBatch) -> Harmonised:
        """Harmonise a batch of a file."""
        if self._reading is None or job != self._job:
            self._job, self._reading = job, BatchReading(job)
        self._reading.tally.clear()
        table = self._reading.table(batch)
        return Harmonised(table.combine_chunks(), self._reading.tally)


def _pickled(found: Work) -> bytes:
    if not isinstance(found, Exception):
        return pickle.dumps(found)
    try:
        text = pickle.dumps(found)
        pickle.loads(text)  # noqa: S301 - some exceptions can be written and not read
    except Exception:  # noqa: BLE001 - whatever their own methods raise
        return pickle.dumps(RuntimeError(repr(found)))
    return text


def main() -> None:
    """Serve the process that started this one."""
    with os.fdopen(os.dup(1), "wb") as findings:
        os.dup2(2, 1)  # what a parser prints must not get among the findings
        serve(sys.stdin.buffer, findings)
