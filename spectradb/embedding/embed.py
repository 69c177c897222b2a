"""Filling embedding columns: one Lance column per model, in large batches, resumable, incremental.

Vectors of a new model are kept in a journal as they are computed, which lets a killed run go on where it stopped; then the
column appears all at once, and carries the fingerprint of the model that filled it. Spectra imported later, also while the
column is being filled, are filled in chunks, each of which is committed on its own. While the model works on a batch, the next
is read and prepared.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from tqdm import tqdm

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedding.embed_report import EmbedReport
from spectradb.embedding.filled_parts import FilledParts
from spectradb.embedding.read_ahead import read_ahead
from spectradb.embedding.structure_places import fill_structure_places
from spectradb.embedding.vector_journal import VectorJournal, spectrum_keys
from spectradb.errors import BadParameter, ModelChanged, NoSpectra
from spectradb.late_modules import late
from spectradb.models.registry import DEFAULT_EMBEDDER, Embedders
from spectradb.models.seen_in_training import told_by_card
from spectradb.schemas import identifier
from spectradb.store.locks import exclusive
from spectradb.store.record_parts import fragments_of
from spectradb.store.record_schema import table_schema
from spectradb.udfs.embedding import prepared_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import lance
    from numpy.typing import NDArray

    from spectradb.embedders.embedder import Embedder
    from spectradb.store.record import Record
else:
    lance = late("lance")

commit = late("lance.commit")

#: What models are given of a spectrum.
INPUT = ["mz", "intensity", "precursor_mz", "ion_mode"]
#: What names a spectrum and its peaks.
KEY = ["spectrum_id", "import_id"]
# Rows at a time on the way from the journal into the column.
_READ = 4096
# Rows per commit when spectra that came later are filled.
_CHUNK = 65_536
_FINGERPRINT = b"spectradb:fingerprint"


def fill_embeddings(
    record: Record,
    locks: Path,
    model: str = DEFAULT_EMBEDDER,
    *,
    embedders: Embedders | None = None,
    device: str = "cpu",
    batch_size: int = 4096,
    refill: bool = False,
    quiet: bool = True,
    executor: Callable[..., EmbeddingJob] | None = None,
) -> EmbedReport:
    """Give every spectrum that has none a vector of a model.

    Parameters
    ----------
    record : Record
        The lab's record.
    locks : pathlib.Path
        Directory for lock files and checkpoints.
    model : str
        Name of the embedder.
    embedders : Embedders, optional
        The lab's embedders; those built in when None.
    device : str
        ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
    batch_size : int
        Spectra per call of the model.
    refill : bool
        Embed all spectra anew, also when the model has changed since.
    quiet : bool
        Show no progress bar.
    executor : callable, optional
        Makes the :class:`EmbeddingJob` that does it; None: one in this process.

    Returns
    -------
    EmbedReport
        What was done.

    Raises
    ------
    NoModel
        If no embedder has that name.
    BadModel, UntrustedModel, MissingDependency
        If it cannot be loaded.
    ModelChanged
        If the lab's vectors of that name were made by another version of the model.
    NoSpectra
        If the lab holds no spectra.
    BadParameter
        If the batch size is less than 1, or this machine has no such device.
    """
    if batch_size < 1:
        msg = f"batch size {batch_size} must be at least 1"
        raise BadParameter(msg)
    chosen = (embedders or Embedders()).embedder(model)
    identifier(chosen.name, "model")
    with exclusive(locks / "embed.lock"):
        report = (executor or EmbeddingJob)(record, locks, chosen, device, batch_size, quiet=quiet).run(refill=refill)
        return replace(report, n_structures=fill_structure_places(record, chosen))


class EmbeddingJob:
    """One run over the spectra; where vectors are computed is for :meth:`add_column` and :meth:`missing_vectors` to say.

    Parameters
    ----------
    record : Record
        The lab's record.
    locks : pathlib.Path
        Directory for checkpoints.
    model : Embedder
        The model.
    device : str
        ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
    batch_size : int
        Spectra per call of the model.
    quiet : bool
        Show no progress bar.
    """

    def __init__(self, record: Record, locks: Path, model: Embedder, device: str, batch_size: int, *, quiet: bool) -> None:
        self.record = record
        self.checkpoints = locks
        self.model = model
        self.device = device
        self.batch_size = batch_size
        self.quiet = quiet
        self.column = f"embedding_{model.name}"
        fingerprint = {_FINGERPRINT: model.fingerprint.encode()}
        self.field = pa.field(self.column, pa.list_(pa.float16(), model.dimension), metadata=fingerprint)
        self._filled = FilledParts(locks / f"filled-{model.name}.json", self.column)
        self._unfilled: list[int] = []
        self.keyed_schema = pa.schema([table_schema("spectra").field("spectrum_id"), self.field.remove_metadata()])

    def run(self, *, refill: bool) -> EmbedReport:
        """Fill the column and note the model.

        Parameters
        ----------
        refill : bool
            Embed all spectra anew.

        Returns
        -------
        EmbedReport
            What was done.
        """
        if self.record.dataset("spectra").count_rows() == 0:
            msg = "the lab holds no spectra to embed. Import a library or a study first."
            raise NoSpectra(msg)
        self._check_model(refill=refill)
        n_embedded = 0
        if self.column not in self.record.dataset("spectra").schema.names:
            n_embedded = self.add_column()
        # Also that of a run that was killed just after its column had appeared, or that another job overtook.
        self._journal().remove()
        n_embedded += self._fill_missing()
        self._note_model()
        dataset = self.record.dataset("spectra")
        n_filled = dataset.count_rows() - sum(self._filled.missing(dataset).values())
        return EmbedReport(self.model.name, self.model.dimension, n_embedded, n_filled - n_embedded, self._notes())

    def _notes(self) -> tuple[str, ...]:
        """Say how many spectra are of an ion mode that the model was not trained on, where it tells."""
        notes = []
        for mode in {"positive", "negative"}.difference(getattr(self.model, "ion_modes", ("positive", "negative"))):
            n = self.record.dataset("spectra").count_rows(f"ion_mode = '{mode}'")
            if n:
                notes.append(f"{n:,} spectra are of {mode} ion mode, on which {self.model.name} was not trained")
        return tuple(notes)

    def _check_model(self, *, refill: bool) -> None:
        dataset = self.record.dataset("spectra")
        if self.column not in dataset.schema.names:
            return
        if refill:
            dataset.drop_columns([self.column])
            return
        fingerprint = (dataset.schema.field(self.column).metadata or {}).get(_FINGERPRINT, b"unknown").decode()
        if fingerprint != self.model.fingerprint:
            before, now = fingerprint[:12], self.model.fingerprint[:12]
            msg = (
                f"the lab's vectors by {self.model.name} were made by another version of the model ({before}, now {now}). "
                "Embed again with --refill, so that all vectors agree."
            )
            raise ModelChanged(msg)

    def add_column(self) -> int:
        """Add the column, filled; begin again, with what the journal holds, when an import came in between.

        Returns
        -------
        int
            The number of spectra embedded.
        """
        schema = pa.schema([self.field])
        journal = self._journal()

        @lance.batch_udf(output_schema=schema)  # type: ignore[untyped-decorator]
        def from_journal(batch: pa.RecordBatch) -> pa.RecordBatch:
            return pa.RecordBatch.from_arrays([self._as_arrow(journal.vectors(spectrum_keys(batch)))], schema=schema)

        while True:
            dataset = self.record.dataset("spectra")
            n_spectra = self._fill_journal(dataset, journal)
            try:
                dataset.add_columns(from_journal, read_columns=KEY, batch_size=_READ)
            except commit.CommitConflictError:
                continue
            return n_spectra

    def _journal(self) -> VectorJournal:
        """Open the journal of a run that was killed or overtaken, or a new one, and forget those of other models' versions."""
        name = f"embed-{self.model.name}-{self.model.fingerprint[:16]}"
        for other in self.checkpoints.glob(f"embed-{self.model.name}-*"):
            if other.stem != name:
                other.unlink()
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        return VectorJournal(self.checkpoints / name, self.model.dimension)

    def _fill_journal(self, dataset: lance.LanceDataset, journal: VectorJournal) -> int:
        """Embed the spectra that are not in the journal yet; return how many spectra there are in all."""
        keys = [spectrum_keys(batch) for batch in dataset.scanner(columns=KEY, scan_in_order=True).to_batches()]
        missing = np.concatenate([journal.missing(part) for part in keys])
        n_spectra = len(missing)
        if not missing.any():
            return n_spectra
        first = int(np.argmax(missing))
        rows = dataset.scanner(columns=[*KEY, *INPUT], offset=first, batch_size=self.batch_size, scan_in_order=True)
        with self.bar(n_spectra, done=n_spectra - int(missing.sum())) as bar:
            for batch, vectors in self._embedded(_chosen(rows.to_batches(), missing[first:])):
                journal.append(spectrum_keys(batch), vectors)
                bar.update(batch.num_rows)
        return n_spectra

    def _embedded(self, batches: Iterable[pa.RecordBatch]) -> Iterator[tuple[pa.RecordBatch, NDArray[np.float16]]]:
        """Embed batches; the next one is read and prepared while the model works."""

        def prepared() -> Iterator[tuple[pa.RecordBatch, Callable[[], NDArray[np.float16]]]]:
            for batch in batches:
                if batch.num_rows:
                    peaks = PeakBatch.from_arrow(**{name: batch.column(name) for name in INPUT})
                    yield batch, prepared_vectors(self.model, peaks, device=self.device)

        with read_ahead(prepared()) as ready:
            for batch, compute in ready:
                yield batch, compute()

    def _as_arrow(self, vectors: NDArray[np.float16]) -> pa.FixedSizeListArray:
        return pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), self.model.dimension)

    def _fill_missing(self) -> int:
        dataset = self.record.dataset("spectra")
        missing = self._filled.missing(dataset)
        self._unfilled = list(missing)
        n_missing, n_embedded = sum(missing.values()), 0
        rows: list[pa.RecordBatch] = []
        with self.bar(n_missing) as bar:
            for batch in self.missing_vectors(dataset) if n_missing else ():
                rows.append(batch)
                bar.update(batch.num_rows)
                n_embedded += batch.num_rows
                if sum(r.num_rows for r in rows) >= _CHUNK:
                    self.record.update("spectra", "spectrum_id", pa.Table.from_batches(rows))
                    rows = []
            if rows:
                self.record.update("spectra", "spectrum_id", pa.Table.from_batches(rows))
        return n_embedded

    def missing_vectors(self, dataset: lance.LanceDataset) -> Iterator[pa.RecordBatch]:
        """Embed the spectra that have no vector.

        Parameters
        ----------
        dataset : lance.LanceDataset
            The record's spectra, with the column.

        Yields
        ------
        pyarrow.RecordBatch
            Columns ``spectrum_id`` and the model's, in the order of the dataset.
        """
        schema = self.keyed_schema
        missing = dataset.scanner(
            columns=["spectrum_id", *INPUT],
            filter=f"{self.column} IS NULL",
            batch_size=self.batch_size,
            fragments=fragments_of(dataset, self._unfilled),
        )
        for batch, vectors in self._embedded(missing.to_batches()):
            yield pa.RecordBatch.from_arrays([batch.column("spectrum_id"), self._as_arrow(vectors)], schema=schema)

    def bar(self, total: int, *, done: int = 0) -> tqdm:
        """Return a progress bar over spectra.

        Parameters
        ----------
        total : int
            The number of spectra.
        done : int
            Spectra done by an earlier run.

        Returns
        -------
        tqdm.tqdm
            The bar, silent when the run is quiet.
        """
        return tqdm(
            total=total, initial=done, unit=" spectra", desc=f"embed {self.model.name}", disable=True if self.quiet else None
        )

    def _note_model(self) -> None:
        told = told_by_card(getattr(self.model, "card", {}))
        row = {
            "name": self.model.name,
            "kind": self.model.kind,
            "dimension": self.model.dimension,
            "preprocessing": json.dumps(self.model.preprocessing, sort_keys=True),
            "fingerprint": self.model.fingerprint,
            **told,
            "created": datetime.now(UTC).replace(tzinfo=None),
        }
        self.record.delete("models", f"name = '{self.model.name}' AND fingerprint != '{self.model.fingerprint}'")
        new = pa.Table.from_pylist([row], schema=table_schema("models"))
        if not self.record.insert_new("models", "name", new):
            (known,) = self.record.read("models", columns=list(told), where=f"name = '{self.model.name}'").to_pylist()
            if known != told:  # the same weights, evaluated since
                self.record.update("models", "name", new.select(["name", *told]))
        default = pa.table({"name": ["default_model"], "value": [self.model.name]})
        if self.model.name == DEFAULT_EMBEDDER:
            self.record.delete("properties", f"name = 'default_model' AND value != '{self.model.name}'")
        self.record.insert_new("properties", "name", default)


def _chosen(batches: Iterable[pa.RecordBatch], wanted: NDArray[np.bool_]) -> Iterator[pa.RecordBatch]:
    """Pick the rows that are wanted."""
    start = 0
    for batch in batches:
        rows = wanted[start : start + batch.num_rows]
        start += batch.num_rows
        yield batch if rows.all() else batch.filter(pa.array(rows))
