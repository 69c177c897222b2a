"""Filling embedding columns on a Ray cluster: workers embed parts of the spectra, and lance-ray writes and commits the column.

lance-ray's ``add_columns`` maps a function over fragments and commits what it gives as one version. It is left the writing, not
the embedding, for three reasons. Fragments are large and uneven: two of them keep two of twenty workers busy. What was computed
is lost when a worker dies, when the process that called it does, or when the commit meets an import that came in between. And
it cannot fill rows that were appended later. So workers first embed parts of one batch each into files that outlast them
(:mod:`spectradb.distributed.parts`); the column is then copied from these files, fragment by fragment and in parallel, and the
rows appended later are merged in by the process that was called.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb.distributed.cluster import ATTEMPTS, connected, required
from spectradb.distributed.parts import PartEmbedder, StoredVectors, demand_directory, parts_of, read_part
from spectradb.embedding.embed import EmbeddingJob
from spectradb.errors import BadCluster
from spectradb.late_modules import late

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import lance

    from spectradb.distributed.cluster import Cluster
    from spectradb.distributed.parts import Part
    from spectradb.embedding.embed_report import EmbedReport
    from spectradb.models.registry import Embedders
    from spectradb.store.record import Record
else:
    lance = late("lance")

commit = late("lance.commit")


@contextmanager
def embedding_executor(
    address: str | None, record: Record, *, workers: int | None, device: str, embedders: Embedders
) -> Iterator[Callable[..., EmbeddingJob] | None]:
    """Connect to a cluster whose workers compute vectors, for the length of a block.

    Parameters
    ----------
    address : str or None
        Address of the cluster, as for :func:`spectradb.distributed.cluster.connected`; None: there is none.
    record : Record
        The lab's record.
    workers : int or None
        Worker processes.
    device : str
        ``"cpu"`` or ``"cuda"``.
    embedders : Embedders
        The lab's embedders.

    Yields
    ------
    callable or None
        For the parameter ``executor`` of :func:`spectradb.embedding.embed.fill_embeddings`; None without a cluster.
    """
    if address is None:
        yield None
        return
    demand_directory(record)
    models = embedders.folder.path.absolute() if embedders.folder else None
    required("lance_ray")
    with connected(address, workers=workers, device=device) as cluster:
        yield partial(_EmbeddingJobOnCluster, cluster, models)


class _EmbeddingJobOnCluster(EmbeddingJob):
    """One run over the spectra, whose vectors are computed by workers."""

    def __init__(self, cluster: Cluster, models: Path | None, *arguments: Any, quiet: bool) -> None:  # noqa: ANN401 - those of the job
        super().__init__(*arguments, quiet=quiet)
        self.cluster = cluster
        self.models = models
        # Workers start in other directories.
        self.record = type(self.record)(self.record.path.absolute())
        self.checkpoints = self.checkpoints.absolute()

    @property
    def folder(self) -> Path:
        """Where files of parts are kept until the column has them."""
        return self.checkpoints / f"parts-{self.model.name}-{self.model.fingerprint[:16]}"

    def run(self, *, refill: bool) -> EmbedReport:
        """Fill the column and note the model; what other versions of the model left behind is removed."""
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        for other in self.checkpoints.glob(f"parts-{self.model.name}-????????????????"):
            if other != self.folder and other.is_dir():
                shutil.rmtree(other)
        self.folder.mkdir(parents=True, exist_ok=True)
        report = super().run(refill=refill)
        shutil.rmtree(self.folder)
        return report

    def add_column(self) -> int:
        """Add the column, filled; begin again, with the parts that are done, when an import came in between."""
        while True:
            dataset = self.record.dataset("spectra")
            n_spectra = int(dataset.count_rows())
            files: dict[int, list[str]] = {}
            with self.bar(n_spectra) as bar:
                for (fragment_id, ids), name in self._parts_embedded(dataset):
                    files.setdefault(fragment_id, []).append(name)
                    bar.update(len(ids))
            try:
                self._write_column(dataset, files)
            except commit.CommitConflictError:
                continue
            return n_spectra

    def _write_column(self, dataset: lance.LanceDataset, files: dict[int, list[str]]) -> None:
        """Copy the vectors into the column; again, when a worker died."""
        lance_ray, ray = required("lance_ray"), required("ray")
        schema = pa.schema([self.field])
        stored = lance.batch_udf(output_schema=schema)(StoredVectors(self.folder, files, schema))
        for attempts_left in reversed(range(ATTEMPTS)):
            try:
                lance_ray.add_columns(
                    str(dataset.uri),
                    transform=stored,
                    read_columns=["spectrum_id", "_rowaddr"],
                    read_version=dataset.version,
                    batch_size=self.batch_size,
                    concurrency=min(self.cluster.n_workers, len(files)),
                    ray_remote_args={"num_cpus": self.cluster.n_cpus},
                )
            except RuntimeError as error:
                if not (attempts_left and isinstance(error.__cause__, ray.exceptions.RayActorError)):
                    remedy = "Run the same again: what is embedded is kept"
                    raise BadCluster(f"the workers failed to write the column: {error}. {remedy}") from error
            else:
                return

    def missing_vectors(self, dataset: lance.LanceDataset) -> Iterator[pa.RecordBatch]:
        """Embed the spectra that have no vector."""
        for _, name in self._parts_embedded(dataset, f"{self.column} IS NULL"):
            (batch,) = read_part(self.folder / name).combine_chunks().to_batches()
            yield pa.RecordBatch.from_arrays(batch.columns, schema=self.keyed_schema)

    def _parts_embedded(self, dataset: lance.LanceDataset, where: str | None = None) -> Iterator[tuple[Part, str]]:
        of_lab = (self.record, int(dataset.version), self.models)
        of_model = (self.model.name, self.model.fingerprint, self.device)
        parts = list(parts_of(dataset, self.batch_size, where))
        names = self.cluster.map(PartEmbedder, (*of_lab, *of_model, self.folder), parts)
        yield from zip(parts, names, strict=True)
