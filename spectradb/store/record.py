"""The record: the tables of a lab in Lance, versioned, crash-safe, with many readers and writers.

Rows of an import or a search count only once the import or search is marked as finished.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from spectradb.arrays.arrow_vectors import wide_schema, widen
from spectradb.store.compaction import MANY, small_parts_together, written_without_deleted
from spectradb.store.lance_tables import TABLES_AT_ONCE, LanceTables
from spectradb.store.locks import exclusive, exclusive_if_free
from spectradb.store.named_versions import keep_named_versions
from spectradb.store.record_parts import fragments_of
from spectradb.store.record_schema import TABLES, table_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray


# Tables to which every import or search adds a part; the first of them tells how many it has been.
_GROWING = {
    "imports": ("imports", "import_log", "spectra", "structures", "runs", "samples"),
    "searches": ("searches", "hits"),
}
# So many versions stay, and those of the last minutes, which somebody may still be reading without a lock.
_KEPT_VERSIONS = 20
_MAY_BE_READ = timedelta(minutes=3)


class Record(LanceTables):
    """The Lance side of one lab.

    Parameters
    ----------
    path : pathlib.Path
        The directory that holds ``<table>.lance``: a LanceDB database. For a lab on object storage it stands for the folder
        ``lance`` there; what lies beside it, such as locks, is on this machine.
    store : ObjectStore, optional
        The objects of a lab on object storage.
    """

    def create(self) -> None:
        """Create every table, empty, where it does not exist yet."""
        if self.store is None:
            self.path.mkdir(parents=True, exist_ok=True)
        # One after another, each table would wait for a dozen answers from object storage.
        with ThreadPoolExecutor(TABLES_AT_ONCE if self.store else 1) as pool:
            list(pool.map(self._create, TABLES))

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
        with self.telling():
            return dataset.to_table(columns=list(columns) if columns else None, filter=where)

    def stream(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        version: int | None = None,
        parts: Sequence[int] | None = None,
    ) -> pa.RecordBatchReader:
        """Read rows batch by batch, with vectors brought to single precision and unit length.

        Parameters
        ----------
        table : str
            Name of the table.
        columns : sequence of str, optional
            Columns to read; all when None.
        version : int, optional
            A version to read; the latest when None.
        parts : sequence of int, optional
            Numbers of the parts (fragments) to read; all when None.

        Returns
        -------
        pyarrow.RecordBatchReader
            The rows, in the order in which they were written.
        """
        dataset = self.dataset(table, version)
        fragments = None if parts is None else fragments_of(dataset, parts)
        scanner = dataset.scanner(columns=list(columns) if columns else None, scan_in_order=True, fragments=fragments)
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
            with self.telling():
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
            self.write(table, rows, mode="append")

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
            with self.telling():
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
        with self.telling():
            if dataset.count_rows(where):
                dataset.delete(where)

    def compact(self) -> None:
        """Write the small parts that imports and searches leave together where there are many.

        Nobody may be filling a column of vectors meanwhile.
        """
        for told_by, tables in _GROWING.items():
            with self.telling():
                if small_parts_together(self.dataset(told_by), least=MANY):
                    for table in tables:
                        small_parts_together(self.dataset(table), least=2)

    def remove_old_versions(self) -> None:
        """Remove versions of the tables that grow where there are many; last, named and minutes-old ones stay.

        Does nothing while somebody embeds, searches or publishes, who may come back to a version; and on object storage, where
        cleaning does it.
        """
        many = [table for tables in _GROWING.values() for table in tables if self._n_versions(table) > 2 * _KEPT_VERSIONS]
        if not many:
            return
        with ExitStack() as held:
            locks = (self.path.parent / "locks" / f"{work}.lock" for work in ("embed", "search", "publish"))
            if all(held.enter_context(exclusive_if_free(lock)) for lock in locks):
                if "spectra" in many:
                    keep_named_versions(self)
                for table in many:
                    self._remove_versions(table, older_than=_MAY_BE_READ, keep=_KEPT_VERSIONS)

    def clean(self, *, older_than_days: float = 1.0) -> int:
        """Remove old versions and, once they are a week old, files that a killed writer left behind.

        Versions of spectra that searches or kept states name stay, see :mod:`spectradb.store.named_versions`. Parts of a table
        of which much was deleted are written anew without it first.

        Parameters
        ----------
        older_than_days : float
            Versions younger than this many days stay, so that nobody who is reading loses them.

        Returns
        -------
        int
            Bytes freed.
        """
        keep_named_versions(self)

        def clean(table: str) -> int:
            with self.telling():
                added = written_without_deleted(self.dataset(table))
                return self._remove_versions(table, older_than=timedelta(days=older_than_days)) - added

        # One after another, each table would wait for a dozen answers from object storage.
        with ThreadPoolExecutor(TABLES_AT_ONCE if self.store else 1) as pool:
            return sum(pool.map(clean, TABLES))

    def _remove_versions(self, table: str, *, older_than: timedelta, keep: int | None = None) -> int:
        removed = self.dataset(table).cleanup_old_versions(
            older_than=older_than, retain_versions=keep, error_if_tagged_old_versions=False
        )
        return int(removed.bytes_removed)

    def _n_versions(self, table: str) -> int:
        """Count the versions of a table in a folder."""
        return sum(1 for _ in (self.path / f"{table}.lance" / "_versions").glob("*.manifest"))

    def _create(self, table: str) -> None:
        if not self.has(table):
            self.write(table, table_schema(table).empty_table(), mode="create")
