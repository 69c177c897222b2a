"""A lab's place: one directory, or one address on object storage, with the record in Lance and the published DuckDB file."""

from __future__ import annotations

import math
import os
import threading
from contextlib import contextmanager, nullcontext, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from spectradb import __version__, schemas
from spectradb.errors import BadParameter, LabExists, NoLab, NoModel, PublishedFileChanged, SpectraDBError
from spectradb.models.folder import ModelFolder
from spectradb.models.registry import DEFAULT_EMBEDDER, Embedders
from spectradb.store.indexes import INDEX_FOLDER
from spectradb.store.locks import exclusive, exclusive_if_free
from spectradb.store.publishing.published_object import PublishedObject
from spectradb.store.publishing.published_state import PublishedState
from spectradb.store.schema_version import SCHEMA_VERSION
from spectradb.workspace.checked_labs import note_checked, state_of_properties, was_checked
from spectradb.workspace.connection import MODELS_FOLDER, OpenedLab, open_published
from spectradb.workspace.lab_address import ID_OBJECT, LabAddress
from spectradb.workspace.shared_models import SharedModels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spectradb.store.publishing.publish import Publication
    from spectradb.store.record import Record

PathLike = str | Path


class LabFiles:
    """The directory of one lab, or its address on object storage.

    Parameters
    ----------
    path : str or pathlib.Path
        The directory, which need not exist yet; or ``s3://bucket/path``. Then :attr:`path` is a folder of this machine for what
        can be made again: working copies, search indexes, checkpoints.
    """

    def __init__(self, path: PathLike) -> None:
        self.address = LabAddress.of(path)
        store = self.address.store if self.address else None
        self.path = self.address.folder if self.address else Path(path)
        self._store = store
        self._record_path = self.path / "lance"
        self.locks = self.path / "locks"
        self.indexes = self.path / INDEX_FOLDER
        self._published = self.path / "lab.duckdb"
        self._published_object = PublishedObject(store, self._published) if store else None
        self._embedders = Embedders(self.path / MODELS_FOLDER)
        self._shared_models = SharedModels(store, self.path / MODELS_FOLDER) if store else None
        self._opened: OpenedLab | None = None
        self._opening = threading.RLock()  # opening can publish

    @cached_property
    def record(self) -> Record:
        """The tables in Lance."""
        from spectradb.store.record import Record  # noqa: PLC0415 - what reads and writes it takes long to load

        return Record(self._record_path, store=self._store)

    @property
    def place(self) -> str:
        """The lab's directory or address, as messages name it."""
        return str(self.address or self.path)

    @property
    def published(self) -> Path:
        """The published file; of a lab on object storage the working copy, brought to what is published there now.

        Where somebody has written to it, or put another file in its place, it is built anew from the record first.
        """
        if self._published_object:
            self._published_object.fetch()
        change = PublishedState(self._published).change(opened=self._opened is not None)
        if change:
            if not os.access(self.path, os.W_OK):
                remedy = f"Ask who may write to the lab to run `spectradb publish {self.place}`, which builds it anew."
                raise PublishedFileChanged(f"{self._published} {change}. {remedy}")
            from spectradb.store import versions  # noqa: PLC0415 - reads the record

            versions.check(self.record)
            self.publish()
        return self._published

    @property
    def embedders(self) -> Embedders:
        """The embedders that the lab can use; models of a lab on object storage are brought to what is there now."""
        if self._shared_models:
            self._shared_models.fetch()
        return self._embedders

    @property
    def exists(self) -> bool:
        """Whether there is a lab at the path."""
        return self.record.has("properties") and bool(self.record.dataset("properties").count_rows())

    def close(self) -> None:
        """Close the connection that :meth:`sql` uses; the next call opens the lab as it is then."""
        with self._opening:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def create(self) -> None:
        """Make the lab in its directory, which must be new or empty; what an interrupted making left is completed.

        Raises
        ------
        LabExists
            If other files are there.
        """
        from spectradb.store import versions  # noqa: PLC0415 - reads the record

        strangers = [name for name in self._names() if not _is_own(name)]
        if strangers:
            some = ", ".join(sorted(strangers)[:3])
            msg = f"{self.place} holds other files ({some}). Choose a new or empty directory for the lab."
            raise LabExists(msg)
        if self.address:
            self.address.prepare(create=True)
        with exclusive(self.locks / "init.lock"):
            self.record.create()
            if not self.exists:
                versions.write_new(self.record, __version__)
            self.publish()

    def create_if_missing(self) -> None:
        """Make the lab where there is none, and publish one whose making was interrupted before that.

        Raises
        ------
        LabExists
            If other files are there.
        """
        if not self.exists:
            self.create()
        elif not self.address and not self._published.exists():
            self.publish()

    def check(self) -> None:
        """Check that there is a lab and that this version of spectradb can work with it.

        Where another version has published it, the file gets this one's macros and views.

        Raises
        ------
        NoLab
            If there is no lab.
        SchemaVersionMismatch
            If it has another schema version; the message says what to do.
        """
        state = [] if self.address else state_of_properties(self._record_path)
        sql = schemas.state()
        if was_checked(self.locks, state, SCHEMA_VERSION, sql):
            return
        from spectradb.store import versions  # noqa: PLC0415 - reads the record
        from spectradb.store.schema_sync import sync_schema  # noqa: PLC0415 - the same

        self._check_exists()
        if self.address:
            self.address.prepare()
        versions.check(self.record)
        if state and self._is_of_another_version() and os.access(self.path, os.W_OK):
            sync_schema(self.record)
            self.publish()
        if not self.finish_removals() and state:
            note_checked(self.locks, state, SCHEMA_VERSION, sql)

    def connection(self, *, statement: str | None = None) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB connection to the published lab, with the model functions added.

        Parameters
        ----------
        statement : str, optional
            What it is for: the functions are added only where the statement names one.

        Returns
        -------
        duckdb.DuckDBPyConnection
            The connection of the calling thread: the same until something is published through this object, or :meth:`close`
            is called.
        """
        return self.opened().of_thread(statement=statement)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a DuckDB connection as :meth:`connection` does, but a new one with each call.

        Returns
        -------
        duckdb.DuckDBPyConnection
            A connection that nobody else uses.
        """
        return self.opened().cursor()

    def opened(self) -> OpenedLab:
        """Open the published lab, once for all threads.

        Returns
        -------
        OpenedLab
            The same until something is published through this object, or :meth:`close` is called.
        """
        with self._opening:
            if self._opened is None:
                published = self.published
                if self.address and not published.exists():
                    raise NoLab(f"{self.place} was never published. Run `spectradb publish {self.place}`.")
                self._opened = OpenedLab(published, embedders=self.embedders)
            return self._opened

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
        from spectradb.removal.pending import finish  # noqa: PLC0415 - reads the record
        from spectradb.store.publishing.publish import publish  # noqa: PLC0415

        published = publish(
            self.record,
            self._published,
            rebuild=rebuild,
            sent_to=self._published_object,
            before=lambda: finish(self.record, remove_files=self._remove_model_files),
        )
        # Calls of other threads end on what they opened; the next ones see what is published now.
        with self._opening:
            self._opened = None
        return published

    def finish_removals(self) -> bool:
        """Bring to its end what a process that was killed had begun to remove.

        Returns
        -------
        bool
            Whether there was such a thing.
        """
        from spectradb.removal.pending import noted  # noqa: PLC0415 - reads the record

        if not noted(self.record):
            return False
        if self.address or os.access(self.path, os.W_OK):
            self.publish()
        return True

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
        from spectradb.store import versions  # noqa: PLC0415 - reads the record

        self._check_exists()
        if self.address:
            self.address.prepare()
        with exclusive(self.locks / "init.lock"):
            before, after = versions.upgrade(self.record)
        self.publish(rebuild=True)
        return before, after

    def compact(self) -> None:
        """Keep the record quick to read after many imports or searches, unless somebody embeds; see :meth:`Record.compact`."""
        if self.address is None:  # others' locks on object storage would have to be waited for; there `clean` does it
            with exclusive_if_free(self.locks / "embed.lock") as is_free:
                if is_free:
                    self.record.compact()

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

        Raises
        ------
        BadParameter
            If the days are no number from 0 upwards.
        """
        if not 0 <= older_than_days < math.inf:
            raise BadParameter(f"older than {older_than_days:g} days: give a number from 0 upwards, such as 1")
        from spectradb.store.indexes.ann_index import clean_vector_indexes  # noqa: PLC0415 - this verb alone needs them
        from spectradb.store.indexes.collection_indexes import remove_stale_indexes  # noqa: PLC0415

        if self.address:
            with exclusive(self.locks / "embed.lock"):
                self.record.compact()
        else:
            self.compact()
        freed = self.record.clean(older_than_days=older_than_days)
        if self.indexes.exists() and self.published.exists():
            with open_published(self.published) as con:
                freed += remove_stale_indexes(con, self.indexes, older_than_days=older_than_days)
                freed += clean_vector_indexes(con, self.indexes, older_than_days=older_than_days)
        return freed

    @contextmanager
    def changing_models(self) -> Iterator[None]:
        """Change the folder of the lab's own models, for the length of a block, while nobody else does.

        Yields
        ------
        None
            To change the folder.
        """
        with exclusive(self.locks / "models.lock"), self._shared_models.changing() if self._shared_models else nullcontext():
            yield

    def own_models(self) -> ModelFolder:
        """Return the folder of the lab's own models, which need not exist yet.

        Returns
        -------
        ModelFolder
            As this machine has it.
        """
        return self._embedders.folder or ModelFolder(self.path / MODELS_FOLDER)

    def _names(self) -> list[str]:
        """List what lies in the lab's directory or at its address."""
        if self.address:
            return sorted(self.address.store.names())
        if self.path.exists() and not self.path.is_dir():
            msg = f"{self.path} is a file. Choose a directory for the lab."
            raise LabExists(msg)
        return [entry.name for entry in self.path.iterdir()] if self.path.exists() else []

    def _remove_model_files(self, name: str) -> None:
        from spectradb.models.adding import remove_model  # noqa: PLC0415 - this verb alone needs it

        with self.changing_models(), suppress(NoModel):
            remove_model(self.own_models(), name)

    def _is_of_another_version(self) -> bool:
        """Whether the published file is whole and has other macros and views than this version makes."""
        from spectradb.store.publishing.filling_sql import surroundings_hash  # noqa: PLC0415 - reads all SQL

        try:
            with open_published(self._published) as con:
                return con.execute(schemas.read("queries/lab/state_of_macros")).fetchall() != [(surroundings_hash(),)]
        except (SpectraDBError, duckdb.Error):
            return False  # missing or changed: whoever needs it is told, or builds it anew

    def _check_exists(self) -> None:
        if self.exists:
            return
        if not self.address and self.path.is_file():
            beside = LabFiles(self.path.parent)
            remedy = f"Name the lab itself: {beside.path}" if beside.exists else "A lab is a directory: name that"
            raise NoLab(f"{self.path} is a file and no lab. {remedy}")
        msg = f"{self.place} is no lab. Make one with `spectradb init {self.place}`, or with connect(path, create=True)."
        raise NoLab(msg)


def _is_own(name: str) -> bool:
    return name in {"lance", "locks", ID_OBJECT, INDEX_FOLDER, MODELS_FOLDER} or name.startswith("lab.duckdb")
