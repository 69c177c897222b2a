"""Reading one file for an import: from the file to harmonised spectra, which needs nothing of the lab or of other files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from spectradb.ingest.readers import formats
from spectradb.ingest.readers.raw import Problems
from spectradb.ingest.readers.table import read_select
from spectradb.ingest.spectra.harmonise import Harmoniser
from spectradb.ingest.spectra.identity import identified
from spectradb.ingest.spectra.naming import named
from spectradb.ingest.spectra.precursor import MAX_ISOLATION_WIDTH, PrecursorTolerance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from spectradb.ingest.fields.drop_reasons import Tally
    from spectradb.ingest.spectra.peaks import PeakRecipe


@dataclass(frozen=True, kw_only=True)
class FileJob:
    """A file to read, and how.

    Parameters
    ----------
    file : pathlib.Path
        The file.
    run : str or None
        Run of the spectra that state none.
    collection : str
        Library or study that the spectra go to.
    kind : {"library", "study"}
        What it is.
    recipe : PeakRecipe
        How peaks are cleaned.
    select : str or None
        SELECT for a table file.
    ion_mode : {"positive", "negative"} or None
        Ion mode of spectra that do not tell theirs.
    precursor_tolerance : PrecursorTolerance
        How far a stated precursor m/z may be from that of structure and adduct.
    rt_unit : {"seconds", "minutes"} or None
        Unit of retention times that state none.
    max_isolation_width : float
        Widest isolation window, in m/z, whose spectra have a precursor.
    """

    file: Path
    run: str | None
    collection: str
    kind: Literal["library", "study"]
    recipe: PeakRecipe
    select: str | None = None
    ion_mode: str | None = None
    precursor_tolerance: PrecursorTolerance = field(default_factory=PrecursorTolerance)
    rt_unit: str | None = None
    max_isolation_width: float = MAX_ISOLATION_WIDTH


def raw_batches(job: FileJob, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Read a file as it states its spectra.

    Parameters
    ----------
    job : FileJob
        The file.
    problems : Problems
        Gets the records that cannot be read.

    Returns
    -------
    iterator of pyarrow.RecordBatch
        Spectra with :data:`~spectradb.ingest.readers.raw.RAW_SCHEMA`.

    Raises
    ------
    SpectraDBError
        The file is of no known format, or cannot be read to its end.
    """
    return read_select(job.file, job.select, problems) if job.select else formats.detect(job.file).read(job.file, problems)


def count_unread(problems: Problems, tally: Tally) -> None:
    """Count the records of a file that could not be read.

    Parameters
    ----------
    problems : Problems
        What its reader found.
    tally : Tally
        Gets the counts.
    """
    for problem in problems.found:
        tally.add("read")
        tally.add("dropped", "unreadable_record", place=f"{problem.place}: {problem.reason}")


class BatchReading:
    """Harmonises the batches of one file; each batch by itself, so that several processes can share a file.

    Parameters
    ----------
    job : FileJob
        The file.

    Attributes
    ----------
    tally : Tally
        What became of the spectra so far.

    Raises
    ------
    BadParameter
        If the job's kind or ion mode is unknown.
    """

    def __init__(self, job: FileJob) -> None:
        self._job = job
        self._harmoniser = Harmoniser(
            job.collection,
            job.kind,
            job.recipe,
            ion_mode_default=job.ion_mode,
            precursor_tolerance=job.precursor_tolerance,
            rt_unit=job.rt_unit,
            max_isolation_width=job.max_isolation_width,
        )

    @property
    def tally(self) -> Tally:
        """What became of the spectra so far."""
        return self._harmoniser.tally

    def table(self, batch: pa.RecordBatch) -> pa.Table:
        """Harmonise a batch.

        Parameters
        ----------
        batch : pyarrow.RecordBatch
            From :func:`raw_batches`.

        Returns
        -------
        pyarrow.Table
            Harmonised spectra with ``structure_id`` and ``record_hash``.
        """
        return identified(self._harmoniser.apply(named(batch, self._job.file, self._job.kind), self._job.run))


class FileReading:
    """Reads one file.

    Parameters
    ----------
    job : FileJob
        The file.

    Attributes
    ----------
    tally : Tally
        What became of the spectra read so far.

    Raises
    ------
    BadParameter
        If the job's kind or ion mode is unknown.
    """

    def __init__(self, job: FileJob) -> None:
        self._job = job
        self._batches = BatchReading(job)

    @property
    def tally(self) -> Tally:
        """What became of the spectra read so far."""
        return self._batches.tally

    def tables(self) -> Iterator[pa.Table]:
        """Read the file; at the end, records that could not be read are in the tally too.

        Yields
        ------
        pyarrow.Table
            Harmonised spectra with ``structure_id`` and ``record_hash``.

        Raises
        ------
        SpectraDBError
            The file is of no known format, or cannot be read to its end.
        """
        problems = Problems()
        for batch in raw_batches(self._job, problems):
            yield self._batches.table(batch)
        count_unread(problems, self.tally)
