"""The record: the tables of a lab in Lance, versioned, crash-safe, with many readers and writers.

Rows of an import or a search count only once the import or search is marked as finished.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING

import lance
import pyarrow as pa
import pyarrow.compute as pc

from spectradb.arrays.arrow_vectors import wide_schema, widen
from spectradb.errors import NoLab
from spectradb.store.compaction import written_without_deleted
from spectradb.store.locks import exclusive
from spectradb.store.record_schema import TABLES, table_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from spectradb.store.s3.object_store import ObjectStore

# Version 2.3 of the file format makes older readers abort.
STORAGE_VERSION = "2.2"

# Requests to object storage that wait for their answers at a time.
_TABLES_AT_ONCE = 8
_CACHE_BYTES = 64 << 20


class Record:
    """The Lance side of one lab.

    Parameters
    ----------
    path : pathlib.Path
        The directory that holds ``<table>.lance``: a LanceDB database. For a lab on object storage it stands for the folder
        ``lance`` there; what lies beside it, such as locks, is on this machine.
    store : ObjectStore, optional
        The objects of a lab on object storage.
    """

    def __init__(self, path: Path, *, store: ObjectStore | None = None) -> None:
        self.path = path
        self.store = store
        self._session = (
            lance.Session(metadata_cache_size_bytes=_CACHE_BYTES, index_cache_size_bytes=_CACHE_BYTES) if store else None
        )
        self.lab = store.address if store else str(path.parent)

    def create(self) -> None:
        """Create every table, empty, where it does not exist yet."""
        if self.store is None:
            self.path.mkdir(parents=True, exist_ok=True)
        # One after another, each table would wait for a dozen answers from object storage.
        with ThreadPoolExecutor(_TABLES_AT_ONCE if self.store else 1) as pool:
            list(pool.map(self._create, TABLES))

    def has(self, table: str) -> bool:
        """Tell whether a table exists; what a killed process left before its first version was written does not count.

        Parameters
        ----------
        table : str
            Name of the table.

        Returns
        -------
        bool
            Whether it can be opened.
        """
        if self.store:
            versions = self.store.list(f"{self.path.name}/{table}.lance/_versions")
            return any(found.key.endswith(".manifest") for found in versions)
        return any((self.path / f"{table}.lance" / "_versions").glob("*.manifest"))

    def dataset(self, table: str, version: int | None = None) -> lance.LanceDataset:
        """Open a table.

        Parameters
        ----------
        table : str
            Name of the table.
        version : int, optional
            A version to read; the latest when None.

        Returns
        -------
        lance.LanceDataset
            The dataset, pinned to that version.

        Raises
        ------
        NoLab
            If the table is missing, which means that the lab is incomplete.
        """
        uri = self._uri(table)
        try:
            with self._telling():
                return lance.dataset(uri, version=version, storage_options=self._options(), session=self._session)
        except (ValueError, OSError):
            if self.has(table):
                raise
        msg = f"{uri} is missing: the lab is incomplete. Restore it from a copy, or make a new lab with `spectradb init`."
        raise NoLab(msg)

    def versions(self, tables: Sequence[str]) -> dict[str, int]:
        """Return the latest versions of several tables.

        Parameters
        ----------
        tables : sequence of str
            Their names.

        Returns
        -------
        dict of str to int
            The version of each.
        """
        with ThreadPoolExecutor(_TABLES_AT_ONCE if self.store else 1) as pool:
            return dict(zip(tables, pool.map(self.version, tables), strict=True))

    def version(self, table: str) -> int:
        """Return the latest version of a table.

        Parameters
        ----------
        table : str
            Name of the table.

        Returns
        -------
        int
            Its version; every change raises it.
        """
        return int(self.dataset(table).version)

    def read(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        version: int | None = None,
    ) -> pa.Table:
        """Read rows into memory: for small tables and few columns.

        Parameters
        ----------
        table : str
            Name of the table.
        columns : sequence of str, optional
            Columns to read; all when None.
        where : str, optional
            Filter in Lance's SQL dialect.
        version : int, optional
            A version to read; the latest when None.

        Returns
        -------
        pyarrow.Table
            The rows.
        """
        dataset = self.dataset(table, version)
        with self._telling():
            return dataset.to_table(columns=list(columns) if columns else None, filter=where)

    def stream(self, table: str, *, columns: Sequence[str] | None = None, version: int | None = None) -> pa.RecordBatchReader:
        """Read rows batch by batch, with vectors brought to single precision and unit length.

        Parameters
        ----------
        table : str
            Name of the table.
        columns : sequence of str, optional
            Columns to read; all when None.
        version : int, optional
            A version to read; the latest when None.

        Returns
        -------
        pyarrow.RecordBatchReader
            The rows, in the order in which they were written.
        """
        scanner = self.dataset(table, version).scanner(columns=list(columns) if columns else None, scan_in_order=True)
        schema = wide_schema(scanner.projected_schema)
        return pa.RecordBatchReader.from_batches(schema, widen(scanner.to_batches(), schema))

    def rows_at(
        self,
        table: str,
        places: NDArray[np.int64],
        *,
        at_once: int,
        columns: Sequence[str] | None = None,
        version: int | None = None,
    ) -> Iterator[pa.Table]:
        """Read the rows at some places, some at a time, with vectors brought to single precision and unit length.

        Parameters
        ----------
        table : str
            Name of the table.
        places : numpy.ndarray of shape (n,), int64
            Rows, counted from 0 in the order in which :meth:`read` and :meth:`stream` give them.
        at_once : int
            Most rows of a table that is given.
        columns : sequence of str, optional
            Columns to read; all when None.
        version : int, optional
            A version to read; the latest when None.

        Yields
        ------
        pyarrow.Table
            The next rows, in the order of ``places``.
        """
        dataset = self.dataset(table, version)  # one for all: each would keep what it knows of the files
        for start in range(0, len(places), at_once):
            with self._telling():
                rows = dataset.take(places[start : start + at_once], columns=list(columns) if columns else None)
            schema = wide_schema(rows.schema)
            yield pa.Table.from_batches(widen(rows.to_batches(), schema), schema)

    def append(self, table: str, rows: pa.Table) -> None:
        """Append rows as one version.

        Parameters
        ----------
        table : str
            Name of the table.
        rows : pyarrow.Table
            Rows with (at least) the columns of :func:`table_schema`; they are cast to it.
        """
        if rows.num_rows:
            rows = rows.select(table_schema(table).names).cast(table_schema(table))
            self._write(table, rows, mode="append")

    def write_fragments(self, table: str, rows: pa.Table) -> list[lance.FragmentMetadata]:
        """Write rows that do not count before :meth:`append_fragments`.

        Parameters
        ----------
        table : str
            Name of the table.
        rows : pyarrow.Table
            Rows with the columns of :func:`table_schema`.

        Returns
        -------
        list of lance.FragmentMetadata
            What was written.
        """
        with self._telling():
            written = lance.fragment.write_fragments(
                rows,
                self._uri(table),
                mode="append",
                data_storage_version=STORAGE_VERSION,
                storage_options=self._options(),
            )
            return list(written)

    def append_fragments(self, table: str, fragments: list[lance.FragmentMetadata]) -> None:
        """Append fragments as one version.

        Parameters
        ----------
        table : str
            Name of the table.
        fragments : list of lance.FragmentMetadata
            What :meth:`write_fragments` returned.
        """
        version = self.version(table)
        with self._telling():
            lance.LanceDataset.commit(
                self._uri(table),
                lance.LanceOperation.Append(fragments),
                read_version=version,
                storage_options=self._options(),
            )

    def insert_new(self, table: str, key: str, rows: pa.Table) -> int:
        """Insert the rows whose key is not there yet; nothing changes when all are.

        Of several processes that insert one key only the first does: a lock sees to it, since Lance would take both.

        Parameters
        ----------
        table : str
            Name of the table.
        key : str
            The column that tells rows apart.
        rows : pyarrow.Table
            Rows with the columns of :func:`table_schema`.

        Returns
        -------
        int
            The number of rows inserted.
        """
        if not rows.num_rows:
            return 0
        with exclusive(self.path.parent / "locks" / f"insert-{table}.lock"):
            known = self.read(table, columns=[key])[key].combine_chunks()
            new = rows.filter(pc.invert(pc.is_in(rows[key], value_set=known)))
            self.append(table, new)
        return int(new.num_rows)

    def update(self, table: str, key: str, rows: pa.Table) -> None:
        """Replace, in the rows with the same key, the columns that are given.

        Parameters
        ----------
        table : str
            Name of the table.
        key : str
            The column that tells rows apart.
        rows : pyarrow.Table
            The key and the columns to replace.
        """
        if rows.num_rows:
            dataset = self.dataset(table)
            with self._telling():
                dataset.merge_insert(key).when_matched_update_all().execute(rows)

    def replace(self, table: str, key: str, rows: pa.Table) -> None:
        """Replace whole rows with the same key; columns that only some labs have, such as vectors, become NULL in them.

        Parameters
        ----------
        table : str
            Name of the table.
        key : str
            The column that tells rows apart.
        rows : pyarrow.Table
            Rows with the columns of :func:`table_schema`.
        """
        stored = self.dataset(table).schema
        columns = [
            rows[field.name].cast(field.type) if field.name in rows.schema.names else pa.nulls(len(rows), field.type)
            for field in stored
        ]
        self.update(table, key, pa.Table.from_arrays(columns, schema=stored))

    def delete(self, table: str, where: str) -> None:
        """Delete rows; nothing changes when there are none.

        Parameters
        ----------
        table : str
            Name of the table.
        where : str
            Filter in Lance's SQL dialect.
        """
        dataset = self.dataset(table)
        with self._telling():
            if dataset.count_rows(where):
                dataset.delete(where)

    def clean(self, *, older_than_days: float = 1.0) -> int:
        """Remove old versions and, once they are a week old, files that a killed writer left behind.

        Parts of a table of which much was deleted are written anew without it first.

        Parameters
        ----------
        older_than_days : float
            Versions younger than this many days stay, so that nobody who is reading loses them.

        Returns
        -------
        int
            Bytes freed.
        """
        freed = 0
        for table in TABLES:
            with self._telling():
                freed -= written_without_deleted(self.dataset(table))
            dataset = self.dataset(table)
            with self._telling():
                freed += dataset.cleanup_old_versions(older_than=timedelta(days=older_than_days)).bytes_removed
        return freed

    def _create(self, table: str) -> None:
        if not self.has(table):
            self._write(table, table_schema(table).empty_table(), mode="create")

    def _write(self, table: str, rows: pa.Table, *, mode: str) -> None:
        with self._telling():
            lance.write_dataset(
                rows, self._uri(table), mode=mode, data_storage_version=STORAGE_VERSION, storage_options=self._options()
            )

    def _uri(self, table: str) -> str:
        return f"{self.store.address if self.store else self.path.parent}/{self.path.name}/{table}.lance"

    def _options(self) -> dict[str, str] | None:
        return self.store.lance_options if self.store else None

    def _telling(self) -> AbstractContextManager[None]:
        return self.store.telling() if self.store else nullcontext()
