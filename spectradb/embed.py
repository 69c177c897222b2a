"""Filling embedding columns: one Lance column per model, in large batches, resumable, incremental.

A new model's column is added by Lance's batch UDF mechanism, whose checkpoint file lets a killed run go on where it stopped;
the column appears all at once, and carries the fingerprint of the model that filled it. Spectra imported later, also while the
column is being filled, are filled in chunks, each of which is committed on its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import lance
import pyarrow as pa
from lance.commit import CommitConflictError
from tqdm import tqdm

from spectradb.encoder.peak_batch import PeakBatch
from spectradb.encoder.registry import DEFAULT_EMBEDDER, Embedders
from spectradb.errors import BadParameter, ModelChanged, NoSpectra
from spectradb.schemas import identifier
from spectradb.store.locks import exclusive
from spectradb.store.record import table_schema
from spectradb.udfs.embedding import half_precision_vectors

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.encoder.embedder import Embedder
    from spectradb.store.record import Record

_INPUT = ["mz", "intensity", "precursor_mz", "ion_mode"]
# Rows per commit when spectra that came later are filled.
_CHUNK = 65_536
_FINGERPRINT = b"spectradb:fingerprint"


@dataclass(frozen=True)
class EmbedReport:
    """What filling an embedding column did.

    Parameters
    ----------
    model : str
        The model.
    dimension : int
        Length of its vectors.
    n_embedded : int
        Spectra embedded now.
    n_present : int
        Spectra that had their vector already.
    notes : tuple of str
        What whoever uses the vectors should know.
    """

    model: str
    dimension: int
    n_embedded: int
    n_present: int
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        done = f"{self.model}: {self.n_embedded:,} spectra embedded in {self.dimension} dimensions"
        return [f"{done}, {self.n_present:,} had been before", *(f"  note: {note}" for note in self.notes)]

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        counts = {"embedded": self.n_embedded, "present": self.n_present}
        return {"model": self.model, "dimension": self.dimension, **counts, "notes": list(self.notes)}


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
        return _Filling(record, locks, chosen, device, batch_size, quiet=quiet).run(refill=refill)


class _Filling:
    """One run over the spectra."""

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

    def run(self, *, refill: bool) -> EmbedReport:
        if self.record.dataset("spectra").count_rows() == 0:
            msg = "the lab holds no spectra to embed. Import a library or a study first."
            raise NoSpectra(msg)
        self._check_model(refill=refill)
        n_embedded = 0
        if self.column not in self.record.dataset("spectra").schema.names:
            n_embedded = self._add_column()
        n_embedded += self._fill_missing()
        self._note_model()
        n_filled = self.record.dataset("spectra").count_rows(f"{self.column} IS NOT NULL")
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

    def _vectors(self, batch: pa.RecordBatch) -> pa.FixedSizeListArray:
        peaks = PeakBatch.from_arrow(**{name: batch.column(name) for name in _INPUT})
        vectors = half_precision_vectors(self.model, peaks, device=self.device)
        return pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), self.model.dimension)

    def _add_column(self) -> int:
        """Add the column, filled; begin again, with what the checkpoint holds, when an import came in between."""
        schema = pa.schema([self.field])
        failures: list[Exception] = []
        while True:
            dataset = self.record.dataset("spectra")
            n_spectra = int(dataset.count_rows())
            checkpoint = self._checkpoint(dataset)
            with self._bar(n_spectra) as bar:

                @lance.batch_udf(output_schema=schema, checkpoint_file=str(checkpoint))  # type: ignore[untyped-decorator]
                def embed_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
                    try:
                        vectors = self._vectors(batch)
                    except Exception as error:
                        failures.append(error)
                        raise
                    bar.update(batch.num_rows)
                    return pa.RecordBatch.from_arrays([vectors], schema=schema)

                try:
                    dataset.add_columns(embed_batch, read_columns=_INPUT, batch_size=self.batch_size)
                except CommitConflictError:
                    continue
                except Exception:
                    # Lance wraps what the model raised into an error of its own, as text.
                    if failures:
                        raise failures[0] from None
                    raise
            checkpoint.unlink(missing_ok=True)
            return n_spectra

    def _checkpoint(self, dataset: lance.LanceDataset) -> Path:
        """Find the checkpoint of a run that was killed or overtaken, if it still holds, and forget those that do not.

        Lance knows batches by fragment and position. So a checkpoint holds for one model and one size of batch, and as long as
        the fragments that it was made for are unchanged; others may have been added.
        """
        stem = f"embed-{self.model.name}-{self.model.fingerprint[:16]}-{self.batch_size}"
        checkpoint = self.checkpoints / f"{stem}-{dataset.version}.sqlite"
        for other in self.checkpoints.glob(f"embed-{self.model.name}-*.sqlite"):
            if other == checkpoint:
                continue
            known, _, version = other.stem.rpartition("-")
            if known == stem and not checkpoint.exists() and self._only_grew(int(version), dataset):
                other.rename(checkpoint)
            else:
                other.unlink()
        return checkpoint

    def _only_grew(self, version: int, dataset: lance.LanceDataset) -> bool:
        try:
            earlier = self.record.dataset("spectra", version)
        except ValueError:
            return False  # cleaned away
        if earlier.max_field_id != dataset.max_field_id:
            return False
        fragments = {fragment.fragment_id: fragment.metadata.to_json() for fragment in dataset.get_fragments()}
        return all(fragments.get(f.fragment_id) == f.metadata.to_json() for f in earlier.get_fragments())

    def _fill_missing(self) -> int:
        dataset = self.record.dataset("spectra")
        missing = dataset.scanner(columns=["spectrum_id", *_INPUT], filter=f"{self.column} IS NULL", batch_size=self.batch_size)
        n_embedded = 0
        rows: list[pa.RecordBatch] = []
        schema = pa.schema([table_schema("spectra").field("spectrum_id"), self.field.remove_metadata()])
        n_missing = dataset.count_rows(f"{self.column} IS NULL")
        with self._bar(n_missing) as bar:
            for batch in missing.to_batches():
                if batch.num_rows == 0:
                    continue
                rows.append(pa.RecordBatch.from_arrays([batch.column("spectrum_id"), self._vectors(batch)], schema=schema))
                bar.update(batch.num_rows)
                n_embedded += batch.num_rows
                if sum(r.num_rows for r in rows) >= _CHUNK:
                    self.record.update("spectra", "spectrum_id", pa.Table.from_batches(rows))
                    rows = []
            if rows:
                self.record.update("spectra", "spectrum_id", pa.Table.from_batches(rows))
        return n_embedded

    def _bar(self, total: int) -> tqdm:
        return tqdm(total=total, unit=" spectra", desc=f"embed {self.model.name}", disable=True if self.quiet else None)

    def _note_model(self) -> None:
        told = _told_by_card(getattr(self.model, "card", {}))
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


def _told_by_card(card: dict[str, Any]) -> dict[str, str | None]:
    """Take from a model card what the table of models says about training and evaluation, as JSON; NULL: nothing is said."""
    of_training = card.get("training_data") or {name: card[name] for name in ("data", "training", "limits") if card.get(name)}
    told = {"training_data": of_training, "metrics": card.get("metrics")}
    return {column: json.dumps(value, sort_keys=True) if value else None for column, value in told.items()}
