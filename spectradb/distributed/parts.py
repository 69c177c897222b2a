"""Parts of the spectra, each embedded by one call of a worker, and the files that keep their vectors.

A file is named by a digest of all that decides its content: the model and the spectra themselves. So a file found is a part
done, whoever did it, however the record has grown since; what a killed run leaves behind is used by the next.
"""

from __future__ import annotations

import hashlib
import socket
import uuid
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.embedding.embed import INPUT
from spectradb.errors import BadCluster, SpectraDBError
from spectradb.models.registry import Embedders
from spectradb.udfs.embedding import half_precision_vectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import lance
    import numpy.typing as npt

    from spectradb.store.record import Record

Part = tuple[int, "npt.NDArray[np.int64]"]

_VECTOR = "vector"


def parts_of(dataset: lance.LanceDataset, size: int, where: str | None = None) -> Iterator[Part]:
    """Divide spectra into parts, fragment by fragment.

    Parameters
    ----------
    dataset : lance.LanceDataset
        The record's spectra.
    size : int
        Spectra in a part; the last of a fragment has fewer.
    where : str, optional
        Which spectra, as a filter in Lance's SQL dialect; all when None.

    Yields
    ------
    fragment_id : int
        The fragment.
    spectrum_id : numpy.ndarray of int64, shape (n,)
        The part's spectra, in the order of the fragment.
    """
    for fragment in dataset.get_fragments():
        ids = fragment.to_table(columns=["spectrum_id"], filter=where)["spectrum_id"].to_numpy()
        for start in range(0, len(ids), size):
            yield fragment.fragment_id, ids[start : start + size]


class PartEmbedder:
    """Embeds parts in one worker; the model is loaded when it is made.

    Parameters
    ----------
    record : Record
        The lab's record.
    version : int
        Version of its spectra.
    models : pathlib.Path or None
        Folder with the lab's models.
    model, fingerprint : str
        Name of the model, and what tells its versions apart.
    device : str
        ``"cpu"`` or ``"cuda"``.
    folder : pathlib.Path
        Where the files go.

    Raises
    ------
    BadCluster
        If this machine does not reach the lab, or has another version of the model.
    """

    def __init__(
        self, record: Record, version: int, models: Path | None, model: str, fingerprint: str, device: str, folder: Path
    ) -> None:
        try:
            self.dataset = record.dataset("spectra", version)
        except (SpectraDBError, OSError, ValueError) as error:
            raise BadCluster(unreached(record.path)) from error
        if not folder.is_dir():
            raise BadCluster(unreached(folder))
        self.model = Embedders(models).embedder(model)
        if self.model.fingerprint != fingerprint:
            known = f"{self.model.fingerprint[:12]}, not {fingerprint[:12]}"
            raise BadCluster(f"{socket.gethostname()} has another version of the model {model} ({known}). Install the same")
        self.device = device
        self.folder = folder

    def __call__(self, fragment_id: int, spectrum_id: npt.NDArray[np.int64]) -> str:
        """Embed one part, unless that has been done.

        Parameters
        ----------
        fragment_id : int
            The fragment.
        spectrum_id : numpy.ndarray of int64, shape (n,)
            The spectra.

        Returns
        -------
        str
            Name of the file with their vectors.
        """
        spectra = self._read(fragment_id, spectrum_id)
        file = self.folder / f"{self._digest(spectra)}.arrow"
        if not _is_whole(file, len(spectrum_id)):
            peaks = PeakBatch.from_arrow(**{name: spectra[name] for name in INPUT})
            vectors = half_precision_vectors(self.model, peaks, device=self.device)
            column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), self.model.dimension)
            _write(file, pa.table({"spectrum_id": spectra["spectrum_id"], _VECTOR: column}))
        return file.name

    def _read(self, fragment_id: int, spectrum_id: npt.NDArray[np.int64]) -> pa.Table:
        between = f"spectrum_id >= {spectrum_id.min()} AND spectrum_id <= {spectrum_id.max()}"
        found = self.dataset.get_fragment(fragment_id).to_table(columns=["spectrum_id", *INPUT], filter=between)
        if not np.array_equal(found["spectrum_id"].to_numpy(), spectrum_id):
            found = found.take(pc.index_in(pa.array(spectrum_id), value_set=found["spectrum_id"].combine_chunks()))
        return found.combine_chunks()

    def _digest(self, spectra: pa.Table) -> str:
        digest = hashlib.sha256(self.model.fingerprint.encode())
        for batch in spectra.to_batches():
            digest.update(batch.serialize())
        return digest.hexdigest()


class StoredVectors:
    """Gives back, fragment by fragment, the vectors that files of parts hold: what lance-ray calls with every batch.

    Parameters
    ----------
    folder : pathlib.Path
        Where the files are.
    files : mapping of int to list of str
        The files of each fragment.
    schema : pyarrow.Schema
        The one field of the column.
    """

    def __init__(self, folder: Path, files: Mapping[int, list[str]], schema: pa.Schema) -> None:
        self.folder = folder
        self.files = files
        self.schema = schema
        self._fragment_id: int | None = None
        self._vectors: pa.Table | None = None

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the vectors of a batch.

        Parameters
        ----------
        batch : pyarrow.RecordBatch
            ``spectrum_id`` and ``_rowaddr`` of n spectra of one fragment.

        Returns
        -------
        pyarrow.RecordBatch
            The column.
        """
        if batch.num_rows == 0:  # All its rows have been deleted.
            return pa.RecordBatch.from_pylist([], schema=self.schema)
        # The upper half of a row's address is its fragment.
        fragment_id = batch.column("_rowaddr")[0].as_py() >> 32
        if self._fragment_id != fragment_id or self._vectors is None:
            self._vectors = pa.concat_tables(read_part(self.folder / name) for name in self.files[fragment_id])
            self._fragment_id = fragment_id
        places = pc.index_in(batch.column("spectrum_id"), value_set=self._vectors["spectrum_id"].combine_chunks())
        if places.null_count:
            raise BadCluster(f"{self.folder}: vectors of fragment {fragment_id} are missing. Embed again")
        vectors = self._vectors[_VECTOR].take(places).combine_chunks()
        return pa.RecordBatch.from_arrays([vectors.cast(self.schema.field(0).type)], schema=self.schema)


def read_part(file: Path) -> pa.Table:
    """Read the vectors of a part; they stay in the file until they are used.

    Parameters
    ----------
    file : pathlib.Path
        The file.

    Returns
    -------
    pyarrow.Table
        Columns ``spectrum_id`` and ``vector``.
    """
    with pa.memory_map(str(file)) as source:
        return pa.ipc.open_file(source).read_all()


def demand_directory(record: Record) -> None:
    """Check that a lab lies where the machines of a cluster find it.

    Parameters
    ----------
    record : Record
        The lab's record.

    Raises
    ------
    BadCluster
        If it is on object storage.
    """
    if record.store is not None:
        remedy = "Work on it in one process, or on a copy in a directory that all machines of the cluster reach"
        raise BadCluster(f"{record.lab} is on object storage, where the workers of a cluster keep no checkpoints. {remedy}")


def unreached(path: Path) -> str:
    """Say that a worker does not find what the lab has.

    Parameters
    ----------
    path : pathlib.Path
        What it looked for.

    Returns
    -------
    str
        The message, with the remedy.
    """
    remedy = "Put the lab on storage that all machines of the cluster reach under the same path"
    return f"{socket.gethostname()}, a machine of the cluster, does not find {path}. {remedy}"


def _is_whole(file: Path, n_spectra: int) -> bool:
    """Tell whether a file is there and readable: a machine that lost power may have left it empty."""
    try:
        return bool(read_part(file).num_rows == n_spectra)
    except (OSError, pa.ArrowInvalid):
        return False


def _write(file: Path, table: pa.Table) -> None:
    beside = file.with_suffix(f".{uuid.uuid4().hex}")
    with pa.OSFile(str(beside), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    beside.replace(file)
