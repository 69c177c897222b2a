"""A lab on disk: one directory with the record in Lance and the published DuckDB file, and what one does with either."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from spectradb import __version__
from spectradb.encoder.registry import DEFAULT_EMBEDDER, Embedders
from spectradb.errors import LabExists, NoLab
from spectradb.store import versions
from spectradb.store.collection_indexes import INDEX_FOLDER, remove_stale_indexes
from spectradb.store.connection import MODELS_FOLDER, open_published
from spectradb.store.export import export_table
from spectradb.store.locks import exclusive
from spectradb.store.publish import Publication, publish
from spectradb.store.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    import duckdb

PathLike = str | Path
INFO_TABLES = ("properties", "libraries", "studies", "models", "searches")


class LabDirectory:
    """The directory of one lab.

    Parameters
    ----------
    path : pathlib.Path
        The directory; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.record = Record(path / "lance")
        self.locks = path / "locks"
        self.published = path / "lab.duckdb"
        self.indexes = path / INDEX_FOLDER
        self.embedders = Embedders(path / MODELS_FOLDER)
        self._con: duckdb.DuckDBPyConnection | None = None

    def __repr__(self) -> str:
        """Name the lab."""
        return f"Lab({str(self.path)!r})"

    def __enter__(self) -> Self:
        """Use the lab in a ``with`` block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the lab's connection."""
        self.close()

    @property
    def exists(self) -> bool:
        """Whether there is a lab at the path."""
        return self.record.has("properties") and bool(self.record.dataset("properties").count_rows())

    def close(self) -> None:
        """Close the connection that :meth:`sql` uses; the next call opens the lab as it is then."""
        if self._con is not None:
            self._con.close()
            self._con = None

    def create(self) -> None:
        """Make the lab in its directory, which must be new or empty; what an interrupted making left is completed.

        Raises
        ------
        LabExists
            If other files are there.
        """
        if self.path.exists() and not self.path.is_dir():
            msg = f"{self.path} is a file. Choose a directory for the lab."
            raise LabExists(msg)
        strangers = [entry.name for entry in self.path.iterdir() if not _is_own(entry)] if self.path.exists() else []
        if strangers:
            some = ", ".join(sorted(strangers)[:3])
            msg = f"{self.path} holds other files ({some}). Choose a new or empty directory for the lab."
            raise LabExists(msg)
        with exclusive(self.locks / "init.lock"):
            self.record.create()
            if not self.exists:
                versions.write_new(self.record, __version__)
            self.publish()

    def check(self) -> None:
        """Check that there is a lab and that this version of spectradb can work with it.

        Raises
        ------
        NoLab
            If there is no lab.
        SchemaVersionMismatch
            If it has another schema version; the message says what to do.
        """
        self._check_exists()
        versions.check(self.record)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB connection to the published lab, with the model functions added.

        Returns
        -------
        duckdb.DuckDBPyConnection
            The same connection until something is published through this object, or :meth:`close` is called.
        """
        if self._con is None:
            self._con = open_published(self.published, embedders=self.embedders)
        return self._con

    def sql(self, query: str, parameters: dict[str, Any] | Sequence[Any] | None = None) -> duckdb.DuckDBPyRelation:
        """Run SQL on the published lab.

        Parameters
        ----------
        query : str
            Any statement that runs in a plain DuckDB shell on ``lab.duckdb``, and more: here functions can run models.
        parameters : dict or sequence, optional
            Values of the query's parameters.

        Returns
        -------
        duckdb.DuckDBPyRelation
            The result: ``.fetchall()``, ``.df()``, ``.to_arrow_table()``.
        """
        return self.connection().sql(query, params=parameters)

    def export(self, table: str, file: PathLike) -> int:
        """Write a published table or view to a file.

        Parameters
        ----------
        table : str
            Name of the table or view.
        file : str or pathlib.Path
            Where to write; its suffix decides the format: .parquet, .csv, .tsv or .json.

        Returns
        -------
        int
            The number of rows written.

        Raises
        ------
        BadParameter
            If the lab has no such table, or the suffix names no format.
        """
        return export_table(self.connection(), table, Path(file))

    def info(self) -> dict[str, list[dict[str, Any]]]:
        """Summarise the lab: its libraries, studies, models and searches.

        Returns
        -------
        dict of str to list of dict
            Rows of the published tables ``properties``, ``libraries``, ``studies``, ``models`` and ``searches``.
        """
        con = self.connection()
        return {table: con.table(table).to_arrow_table().to_pylist() for table in INFO_TABLES}

    @property
    def default_model(self) -> str:
        """The model that is used where none is named."""
        rows = self.record.read("properties", where="name = 'default_model'").to_pylist()
        return str(rows[0]["value"]) if rows else DEFAULT_EMBEDDER

    def publish(self, *, rebuild: bool = False) -> Publication:
        """Build the next published file from the record and put it in place.

        Parameters
        ----------
        rebuild : bool
            Fill every table from the record, also those that have not changed.

        Returns
        -------
        Publication
            Which tables were filled and which copied.
        """
        self.close()
        return publish(self.record, self.published, rebuild=rebuild)

    def upgrade(self) -> tuple[int, int]:
        """Bring the lab to the schema version of this spectradb.

        Returns
        -------
        (int, int)
            Schema version before and after.

        Raises
        ------
        NoLab
            If there is no lab.
        SchemaVersionMismatch
            If the lab is newer, or of a version from which no step is known.
        """
        self._check_exists()
        with exclusive(self.locks / "init.lock"):
            before, after = versions.upgrade(self.record)
        self.publish(rebuild=True)
        return before, after

    def clean(self, *, older_than_days: float = 1.0) -> int:
        """Remove old versions of the record, search indexes of other states of it, and what killed writers left behind.

        Parameters
        ----------
        older_than_days : float
            Younger versions and unfinished indexes stay, so that nobody who is reading or writing loses them.

        Returns
        -------
        int
            Bytes freed.
        """
        freed = self.record.clean(older_than_days=older_than_days)
        if self.indexes.exists() and self.published.exists():
            with open_published(self.published) as con:
                freed += remove_stale_indexes(con, self.indexes, older_than_days=older_than_days)
        return freed

    def _check_exists(self) -> None:
        if not self.exists:
            msg = f"{self.path} is no lab. Make one with `spectradb init {self.path}`, or with connect(path, create=True)."
            raise NoLab(msg)


def _is_own(entry: Path) -> bool:
    return entry.name in {"lance", "locks", INDEX_FOLDER, MODELS_FOLDER} or entry.name.startswith("lab.duckdb")
