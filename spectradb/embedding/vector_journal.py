"""Vectors on their way into a column: appended as they are computed, kept when the process is killed, found by spectrum.

The journal is two files: one of vectors, one of keys. Keys are written once their vectors are on disk, so every key that can be
read has its vector; what a killed process had written beyond the last key is overwritten. A key is the spectrum's identifier
with the import that it came from, which together never stand for other peaks. So the order of spectra in the record, its
versions, rows that came or went and the size of batches play no part.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    Keys = NDArray[Any]

_KEY = np.dtype([("spectrum", "<i8"), ("origin", "<i8")])


class VectorJournal:
    """Vectors of one model.

    Parameters
    ----------
    path : pathlib.Path
        Path of both files without their suffixes ``.keys`` and ``.vectors``; they need not exist yet.
    dimension : int
        Length of the vectors.
    """

    def __init__(self, path: Path, dimension: int) -> None:
        self._keys_file = path.with_name(path.name + ".keys")
        self._vectors_file = path.with_name(path.name + ".vectors")
        self._row = np.dtype((np.float16, (dimension,)))
        known = _whole_items(self._keys_file, _KEY)
        n = min(len(known), _size(self._vectors_file) // self._row.itemsize)
        self._blocks = [known[:n]]
        self._sorted: tuple[Keys, NDArray[np.int64]] | None = None
        self._length = n

    def __len__(self) -> int:
        """Return the number of vectors."""
        return self._length

    def append(self, keys: Keys, vectors: NDArray[np.float16]) -> None:
        """Add vectors; they are on disk when this returns.

        Parameters
        ----------
        keys : numpy.ndarray of shape (n,)
            Keys by :func:`spectrum_keys`.
        vectors : numpy.ndarray of shape (n, dimension), float16
            Their vectors.
        """
        _write_at(self._vectors_file, self._length * self._row.itemsize, vectors.astype("<f2", copy=False))
        _write_at(self._keys_file, self._length * _KEY.itemsize, keys)
        self._blocks.append(keys)
        self._sorted = None
        self._length += len(keys)

    def missing(self, keys: Keys) -> NDArray[np.bool_]:
        """Tell which spectra have no vector here.

        Parameters
        ----------
        keys : numpy.ndarray of shape (n,)
            Keys by :func:`spectrum_keys`.

        Returns
        -------
        numpy.ndarray of shape (n,), bool
            True where there is none.
        """
        return self._positions(keys) < 0

    def vectors(self, keys: Keys) -> NDArray[np.float16]:
        """Read vectors.

        Parameters
        ----------
        keys : numpy.ndarray of shape (n,)
            Keys by :func:`spectrum_keys`, none of them missing.

        Returns
        -------
        numpy.ndarray of shape (n, dimension), float16
            The vectors in the order of the keys.
        """
        positions = self._positions(keys)
        found = np.empty((len(keys), *self._row.shape), np.float16)
        # Neighbours in the record were embedded one after the other, so nearly all lie in one run.
        starts = np.flatnonzero(np.diff(positions, prepend=-2) != 1)
        with self._vectors_file.open("rb") as file:
            for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(keys)], strict=True):
                file.seek(int(positions[start]) * self._row.itemsize)
                found[start:stop] = np.fromfile(file, self._row, stop - start)
        return found

    def remove(self) -> None:
        """Remove the files."""
        # Vectors without keys count for nothing, keys without vectors neither, but the former take the space.
        self._vectors_file.unlink(missing_ok=True)
        self._keys_file.unlink(missing_ok=True)

    def _positions(self, keys: Keys) -> NDArray[np.int64]:
        """Find keys; -1 for those that are not here."""
        if self._sorted is None:
            known = np.concatenate(self._blocks)
            self._blocks = [known]
            order = np.argsort(known["spectrum"], kind="stable")
            self._sorted = known[order], order
        known, order = self._sorted
        if not len(known):
            return np.full(len(keys), -1)
        # One spectrum is here twice only if its collection was imported anew in the meantime: the later vector holds.
        places = np.maximum(np.searchsorted(known["spectrum"], keys["spectrum"], side="right") - 1, 0)
        return np.where(known[places] == keys, order[places], -1)


def spectrum_keys(batch: pa.RecordBatch | pa.Table) -> Keys:
    """Make keys of spectra.

    Parameters
    ----------
    batch : pyarrow.RecordBatch or pyarrow.Table
        n spectra, with the columns ``spectrum_id`` and ``import_id``.

    Returns
    -------
    numpy.ndarray of shape (n,)
        Pairs of the spectrum's identifier and a hash of its import's.
    """
    imports = batch.column("import_id")
    imports = (imports.combine_chunks() if hasattr(imports, "combine_chunks") else imports).dictionary_encode()
    digests = [hashlib.blake2b(name.encode(), digest_size=8).digest() for name in imports.dictionary.to_pylist()]
    origins = np.frombuffer(b"".join(digests), "<i8")
    keys = np.empty(batch.num_rows, _KEY)
    keys["spectrum"] = batch.column("spectrum_id").to_numpy()
    keys["origin"] = origins[imports.indices.to_numpy()]
    return keys


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _whole_items(file: Path, dtype: np.dtype[Any]) -> Keys:
    return np.fromfile(file, dtype, _size(file) // dtype.itemsize) if file.exists() else np.empty(0, dtype)


def _write_at(file: Path, place: int, items: NDArray[Any]) -> None:
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o666), "r+b") as stream:
        stream.seek(place)
        stream.write(np.ascontiguousarray(items).view(np.uint8).data)
        stream.truncate()
        stream.flush()
        os.fsync(stream.fileno())
