"""Writing spectra to the record file by file: all of a file's spectra or none, in few commits and bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from spectradb.store.record_schema import table_schema

if TYPE_CHECKING:
    import lance

    from spectradb.store.record import Record

# Spectra wait in memory up to this size before they are written.
_CHUNK_BYTES = 64 << 20


class SpectraWriter:
    """Collects the spectra of complete files and commits them together.

    Parameters
    ----------
    record : Record
        Where to write.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._schema = table_schema("spectra")
        self._file_batches: list[pa.Table] = []
        self._file_fragments: list[lance.FragmentMetadata] = []
        self._batches: list[pa.Table] = []
        self._fragments: list[lance.FragmentMetadata] = []

    def add(self, spectra: pa.Table) -> None:
        """Take spectra of the current file.

        Parameters
        ----------
        spectra : pyarrow.Table
            Rows with the columns of the record's ``spectra``.
        """
        self._file_batches.append(spectra.select(self._schema.names).cast(self._schema))
        if _size(self._file_batches) > _CHUNK_BYTES:
            self._file_fragments += self._write(self._file_batches)

    def finish_file(self) -> None:
        """Declare the current file complete; its spectra will be committed."""
        self._batches += self._file_batches
        self._fragments += self._file_fragments
        self._file_batches, self._file_fragments = [], []
        if _size(self._batches) > _CHUNK_BYTES:
            self._fragments += self._write(self._batches)

    def abandon_file(self) -> None:
        """Forget the current file; what it wrote is never committed."""
        self._file_batches, self._file_fragments = [], []

    def commit(self) -> None:
        """Commit every complete file in one version of the record."""
        fragments = self._fragments + self._write(self._batches)
        if fragments:
            self._record.append_fragments("spectra", fragments)
        self._fragments = []

    def _write(self, batches: list[pa.Table]) -> list[lance.FragmentMetadata]:
        if not batches:
            return []
        rows = pa.concat_tables(batches)
        batches.clear()
        return self._record.write_fragments("spectra", rows)


def _size(batches: list[pa.Table]) -> int:
    return sum(batch.nbytes for batch in batches)
