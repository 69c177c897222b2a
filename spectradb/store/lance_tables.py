"""Tables of Lance in one folder, or on object storage: where they are, their versions, and writing them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING

from spectradb.errors import NoLab
from spectradb.late_modules import late

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import lance
    import lancedb.table
    import pyarrow as pa

    from spectradb.store.s3.object_store import ObjectStore
else:
    lance = late("lance")

lancedb_package = late("lancedb")

# Version 2.3 of the file format makes older readers abort.
STORAGE_VERSION = "2.2"

#: Requests to object storage that wait for their answers at a time.
TABLES_AT_ONCE = 8

_CACHE_BYTES = 64 << 20


class LanceTables:
    """The tables of one folder.

    Parameters
    ----------
    path, store
        As for :class:`spectradb.store.record.Record`.
    """

    def __init__(self, path: Path, *, store: ObjectStore | None = None) -> None:
        self.path = path
        self.store = store
        self._session = (
            lance.Session(metadata_cache_size_bytes=_CACHE_BYTES, index_cache_size_bytes=_CACHE_BYTES) if store else None
        )
        self.lab = store.address if store else str(path.parent)

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
            with self.telling():
                return lance.dataset(uri, version=version, storage_options=self._options(), session=self._session)
        except (ValueError, OSError):
            if self.has(table):
                raise
        msg = f"{uri} is missing: the lab is incomplete. Restore it from a copy, or make a new lab with `spectradb init`."
        raise NoLab(msg)

    def lancedb_table(self, table: str) -> lancedb.table.Table:
        """Open a table with LanceDB.

        Parameters
        ----------
        table : str
            Name of the table.

        Returns
        -------
        lancedb.table.Table
            Its present version, which cannot be written to.
        """
        folder, _, file = self._uri(table).rpartition("/")
        with self.telling():
            opened: lancedb.table.Table = lancedb_package.connect(folder, storage_options=self._options()).open_table(
                file.removesuffix(".lance")
            )
            opened.checkout(opened.version)
        return opened

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
        with ThreadPoolExecutor(TABLES_AT_ONCE if self.store else 1) as pool:
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

    def write(self, table: str, rows: pa.Table, *, mode: str) -> None:
        """Write rows as one version.

        Parameters
        ----------
        table : str
            Name of the table.
        rows : pyarrow.Table
            Rows with the columns that the table has.
        mode : {"create", "append"}
            Whether the table is new.
        """
        with self.telling():
            lance.write_dataset(
                rows, self._uri(table), mode=mode, data_storage_version=STORAGE_VERSION, storage_options=self._options()
            )

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
        with self.telling():
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
        with self.telling():
            lance.LanceDataset.commit(
                self._uri(table),
                lance.LanceOperation.Append(fragments),
                read_version=version,
                storage_options=self._options(),
            )

    def telling(self) -> AbstractContextManager[None]:
        """Tell failures of object storage in words, for the length of a block.

        Returns
        -------
        context manager
            Of which nothing is used.
        """
        return self.store.telling() if self.store else nullcontext()

    def _uri(self, table: str) -> str:
        return f"{self.store.address if self.store else self.path.parent}/{self.path.name}/{table}.lance"

    def _options(self) -> dict[str, str] | None:
        return self.store.lance_options if self.store else None
