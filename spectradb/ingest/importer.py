"""The import: files in, spectra in the record, with every spectrum accounted for.

An import is named by the hash of its settings and of its files' content. What it writes counts from the moment its row in
``imports`` is written, which is the last thing it does; until then nothing of it is published, and the next import into the
collection deletes what a killed one left and starts afresh.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
from tqdm import tqdm

from spectradb import __version__
from spectradb.errors import BadParameter, NoSpectra, SpectraDBError
from spectradb.ingest.collection_state import check_collection, remove_killed_imports
from spectradb.ingest.deduplicate import PRESENT_COLUMNS, Deduplicator
from spectradb.ingest.fields.drop_reasons import Tally
from spectradb.ingest.files.file_reading import FileJob, FileReading
from spectradb.ingest.files.file_workers import SharedReading, SpooledReading, processes_for, reading, sharing
from spectradb.ingest.readers import formats
from spectradb.ingest.readers.table import select_text
from spectradb.ingest.replacing import Replacements, imports_before
from spectradb.ingest.report import ImportReport, Outcome, outcomes_of
from spectradb.ingest.samples.run_records import RunRecords
from spectradb.ingest.samples.sample_matching import SampleTable
from spectradb.ingest.samples.sample_table import read_samples
from spectradb.ingest.spectra.identity import file_sha256, import_identity, structures_of
from spectradb.ingest.spectra.naming import run_names
from spectradb.ingest.spectra.peaks import PeakRecipe
from spectradb.ingest.spectra.precursor import MAX_ISOLATION_WIDTH, PrecursorTolerance
from spectradb.ingest.spectra_writer import SpectraWriter
from spectradb.schemas import identifier
from spectradb.store.locks import exclusive
from spectradb.store.record_schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from spectradb.store.record import Record

Kind = Literal["library", "study"]


@dataclass(frozen=True)
class ImportSettings:
    """How to import.

    Parameters
    ----------
    collection : str
        Name of the library or study.
    kind : {"library", "study"}
        What it is.
    select : str, optional
        SELECT for a table file, the path of a file with one, or the name of a shipped one.
    ion_mode : {"positive", "negative"}, optional
        Ion mode of spectra that do not tell theirs.
    rt_unit : {"seconds", "minutes"}, optional
        Unit of retention times that state none.
    recipe : PeakRecipe
        How peaks are cleaned.
    drop_duplicates : bool
        Leave out spectra whose peaks, precursor and analyte are in the collection under another id.
    replace : bool
        Put other versions of stored records in their places.
    precursor_tolerance : PrecursorTolerance
        How far a stated precursor m/z may be from that of structure and adduct.
    max_isolation_width : float
        Widest isolation window, in m/z, whose spectra have a precursor.
    samples : pathlib.Path, optional
        Sample table of a study.
    origin, licence : str, optional
        Where the collection comes from, and its licence.
    """

    collection: str
    kind: Kind
    select: str | None = None
    ion_mode: str | None = None
    rt_unit: str | None = None
    recipe: PeakRecipe = field(default_factory=PeakRecipe)
    drop_duplicates: bool = False
    replace: bool = False
    precursor_tolerance: PrecursorTolerance = field(default_factory=PrecursorTolerance)
    max_isolation_width: float = MAX_ISOLATION_WIDTH
    samples: Path | None = None
    origin: str | None = None
    licence: str | None = None

    @property
    def table(self) -> str:
        """The table of the record that lists collections of this kind."""
        return "libraries" if self.kind == "library" else "studies"


def import_files(
    record: Record,
    locks: Path,
    paths: Sequence[Path],
    settings: ImportSettings,
    *,
    processes: int | None = None,
    quiet: bool = True,
) -> ImportReport:
    """Import files into a library or study.

    Parameters
    ----------
    record : Record
        Where to store.
    locks : pathlib.Path
        Directory for lock files; one import at a time works on a collection.
    paths : sequence of pathlib.Path
        Files, and directories whose files of known formats are meant.
    settings : ImportSettings
        How to import.
    processes : int, optional
        Processes that work at once: of several files each is read by one of them; a single file is read by this one, and the
        others harmonise its spectra. 1: this one alone. What is stored does not depend on it. None: one for each core, fewer
        where the files are small, and this one alone for several tables, since DuckDB uses all cores.
    quiet : bool
        Show no progress bar; there is none either where standard error is no terminal.

    Returns
    -------
    ImportReport
        Every spectrum read, by outcome and reason.

    Raises
    ------
    NoSpectra
        If nothing is left to store.
    CollectionExists
        If the name belongs to a collection of the other kind, or to one whose peaks were cleaned by another recipe.
    BadParameter
        If the number of processes is less than 1.
    """
    identifier(settings.collection, settings.kind)
    if processes is not None and processes < 1:
        msg = f"{processes} processes cannot read anything. Give at least 1."
        raise BadParameter(msg)
    files = list(paths) if settings.select else list(formats.expand(paths))
    # Names that differ in case only share a lock, because they must not both come to be.
    with exclusive(locks / f"import-{settings.collection.lower()}.lock"):
        remove_killed_imports(record, settings.collection)
        check_collection(record, settings.collection, settings.table, settings.recipe)
        if processes is None and settings.select and len(files) > 1:
            processes = 1
        processes = processes_for(files, asked=processes)
        spool = locks / f"import-{settings.collection.lower()}.spool"
        shutil.rmtree(spool, ignore_errors=True)  # a killed import's
        report = _Import(record, files, settings, spool, processes, quiet=quiet).run()
    raw = [] if settings.select else formats.unconverted(paths)
    if raw:
        report.notes.append(
            f"{len(raw)} files or folders of a vendor's raw data were left out, since nothing here reads them: "
            f"{_few([path.name for path in raw])}. Convert them to centroided mzML, for example with ProteoWizard's msconvert"
        )
    return report


class _Import:
    """One run of one import."""

    def __init__(
        self, record: Record, files: list[Path], settings: ImportSettings, spool: Path, processes: int, *, quiet: bool
    ) -> None:
        self.record = record
        self.files = files
        self.settings = settings
        self.spool = spool
        self.processes = processes
        self.started = _now()
        self.sha256 = [_sha256(file) for file in files]
        self.samples = SampleTable(settings.samples, read_samples(settings.samples)) if settings.samples else None
        self.import_id = import_identity(self._identity(), [(f.name, sha) for f, sha in zip(files, self.sha256, strict=True)])
        self.report = ImportReport(settings.collection, settings.kind, self.import_id, len(files))
        self.replacements = Replacements()
        self.structures: dict[int, dict[str, object]] = {}
        self.runs = RunRecords(settings.collection, self.import_id, self.samples)
        self.bar = tqdm(total=len(files), unit=" files", disable=True if quiet else None, desc=settings.collection)

    def run(self) -> ImportReport:
        if self.import_id in self.record.read("imports", columns=["import_id"])["import_id"].to_pylist():
            self.report.unchanged = True
            return self.report
        writer = SpectraWriter(self.record)
        settings = self.settings
        deduplicator = Deduplicator(
            settings.collection, self._present(), drop_duplicates=settings.drop_duplicates, replace=settings.replace
        )
        runs = self._run_names()
        with self.bar, self._reading(runs) as files:
            for file, sha256, run, read in zip(self.files, self.sha256, runs, files, strict=True):
                self._import_file(file, sha256, run, read, writer, deduplicator)
                self.bar.update()
        self._check_result()
        writer.commit()
        self._finish()
        return self.report

    @contextmanager
    def _reading(self, runs: Sequence[str | None]) -> Iterator[Iterator[FileReading | SharedReading | SpooledReading]]:
        """Read the files in their order: here, or in several processes ahead of what is taken."""
        jobs = [self._job(file, run) for file, run in zip(self.files, runs, strict=True)]
        if self.processes == 1:
            yield map(FileReading, jobs)
            return
        if len(jobs) == 1:
            with sharing(jobs[0], self.spool, processes=self.processes - 1) as shared:
                yield iter([shared])
            return
        with reading(jobs, self.spool, processes=self.processes) as found:
            yield map(SpooledReading, found)

    def _job(self, file: Path, run: str | None) -> FileJob:
        settings = self.settings
        return FileJob(
            file=file,
            run=run,
            collection=settings.collection,
            kind=settings.kind,
            recipe=settings.recipe,
            select=settings.select,
            ion_mode=self._ion_mode(run),
            precursor_tolerance=settings.precursor_tolerance,
            rt_unit=settings.rt_unit,
            max_isolation_width=settings.max_isolation_width,
        )

    def _import_file(
        self,
        file: Path,
        sha256: str,
        run: str | None,
        read: FileReading | SharedReading | SpooledReading,
        writer: SpectraWriter,
        deduplicator: Deduplicator,
    ) -> None:
        # A run none of whose spectra was stored is a run as well.
        started: dict[str, datetime | None] = {} if run is None else {run: None}
        structures: dict[int, dict[str, object]] = {}
        tally = Tally()
        n_read = self.report.n_read
        try:
            for harmonised in read.tables():
                started |= _started(harmonised)
                admitted = deduplicator.admit(harmonised, tally)
                for spectra, store in ((admitted.new, writer.add), (admitted.replacing, self.replacements.add)):
                    structures |= structures_of(spectra)
                    store(self._stored(spectra))
                n_read += harmonised.num_rows
                self.bar.set_postfix_str(f"{n_read:,} spectra", refresh=False)
        except SpectraDBError as error:
            # A file that cannot be read costs only itself.
            writer.abandon_file()
            self.replacements.abandon_file()
            deduplicator.abandon_file()
            self.report.outcomes.append(Outcome(file.name, sha256, "failed", "unreadable_file", 1, None, str(error)))
            return
        writer.finish_file()
        self.replacements.finish_file()
        deduplicator.finish_file()
        tally.update(read.tally)
        self.structures |= structures
        self.runs.note(file, sha256, started)
        self.report.outcomes += outcomes_of(file.name, sha256, tally)

    def _stored(self, spectra: pa.Table) -> pa.Table:
        collection, n = self.settings.collection, spectra.num_rows
        run_ids = [None if run is None else f"{collection}/{run}" for run in spectra["run"].to_pylist()]
        return (
            spectra.append_column("collection", pa.array([collection] * n, pa.string()))
            .append_column("run_id", pa.array(run_ids, pa.string()))
            .append_column("import_id", pa.array([self.import_id] * n, pa.string()))
            .append_column("first_import_id", pa.array([self.import_id] * n, pa.string()))
            .select(table_schema("spectra").names)
        )

    def _identity(self) -> dict[str, object]:
        settings = asdict(self.settings) | {"recipe": self.settings.recipe.to_json(), "samples": None}
        if self.settings.samples and self.settings.samples.is_file():
            settings["samples"] = file_sha256(self.settings.samples)
        if self.settings.rt_unit is None:
            del settings["rt_unit"]  # so that imports made before it could be stated are known again
        if self.settings.select:
            settings["select"] = select_text(self.settings.select)
        return settings | imports_before(self.record, self.settings.collection, replace=bool(settings.pop("replace")))

    def _present(self) -> pa.Table:
        return self.record.read("spectra", columns=PRESENT_COLUMNS, where=f"collection = '{self.settings.collection}'")

    def _run_names(self) -> Sequence[str | None]:
        """Name the run of each file. Libraries have no runs; tables name theirs."""
        if self.settings.kind == "library" or self.settings.select:
            return [None] * len(self.files)
        return run_names(self.files)

    def _ion_mode(self, run: str | None) -> str | None:
        row = self.samples.row(run) if run and self.samples else None
        return (row.ion_mode if row else None) or self.settings.ion_mode

    def _check_result(self) -> None:
        report = self.report
        already = sum(n for reason, n, _ in report.by_reason("dropped") if reason == "already_imported")
        if report.n_kept + already == 0:
            msg = "\n".join([f"nothing was imported into {self.settings.kind} {self.settings.collection}", *report.lines()[1:]])
            raise NoSpectra(msg)
        if self.samples:
            without_row, without_run = self.samples.unmatched(self.runs.names)
            if without_row:
                report.notes.append(f"{len(without_row)} runs have no row in {self.samples.path.name}: {_few(without_row)}")
            if without_run:
                report.notes.append(f"{len(without_run)} rows of {self.samples.path.name} have no run: {_few(without_run)}")

    def _finish(self) -> None:
        """Write everything around the spectra; the row in imports makes it all count, then versions are replaced."""
        settings, record, report = self.settings, self.record, self.report
        record.insert_new("structures", "structure_id", _rows("structures", list(self.structures.values())))
        record.append("samples", _rows("samples", self.runs.sample_rows()))
        record.append("runs", _rows("runs", self.runs.rows()))
        log = [{"import_id": self.import_id, "collection": settings.collection, **asdict(o)} for o in report.outcomes]
        replaced = [row for row in log if row["reason"] == "record_replaced"]
        record.append("import_log", _rows("import_log", [row for row in log if row not in replaced]))
        collection: dict[str, object] = {
            "name": settings.collection,
            "origin": settings.origin,
            "licence": settings.licence,
            "peak_recipe": settings.recipe.to_json(),
            "created": self.started,
        }
        record.insert_new(settings.table, "name", _rows(settings.table, [collection]))
        told: dict[str, object] = {k: v for k in ("origin", "licence") if (v := collection[k]) is not None}
        if told:
            columns = {name: [value] for name, value in {"name": settings.collection, **told}.items()}
            record.update(settings.table, "name", pa.table(columns))
        done: dict[str, object] = {
            "import_id": self.import_id,
            "collection": settings.collection,
            "kind": settings.kind,
            "started": self.started,
            "finished": _now(),
            "n_files": report.n_files,
            "n_failed_files": len(report.failures),
            "n_read": report.n_read,
            "n_kept": report.n_kept,
            "n_dropped": report.n_dropped,
            "peak_recipe": settings.recipe.to_json(),
            "spectradb_version": __version__,
        }
        record.insert_new("imports", "import_id", _rows("imports", [done]))
        self.replacements.commit(record)
        record.append("import_log", _rows("import_log", replaced))


def _sha256(file: Path) -> str:
    try:
        return file_sha256(file)
    except OSError:
        return ""  # its reader will say what is wrong with it


def _started(spectra: pa.Table) -> dict[str, datetime | None]:
    runs = spectra.group_by("run").aggregate([("run_started", "min")]).to_pylist()
    return {row["run"]: row["run_started_min"] for row in runs if row["run"] is not None}


def _rows(table: str, rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=table_schema(table))


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
