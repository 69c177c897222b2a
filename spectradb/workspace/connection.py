"""DuckDB connections that speak spectradb: over a published lab, or over the user's own tables."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import duckdb

from spectradb import schemas
from spectradb.errors import MissingDependency, NoLab, PublishedFileChanged
from spectradb.models.registry import DEFAULT_EMBEDDER, Embedders
from spectradb.store.engine_progress import without_progress_in_files
from spectradb.udfs import calls_function, register
from spectradb.udfs.native import built_extension, load_extension
from spectradb.workspace.attached_macros import attached_macros

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

#: Folder of a lab with its own models.
MODELS_FOLDER = "models"


def open_published(path: Path, *, embedders: Embedders | None = None, functions: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a published lab for reading, with the native extension where it is built.

    The file is attached to an in-memory database, so that temporary tables and several snapshots of one lab can live in one
    process.

    Parameters
    ----------
    path : pathlib.Path
        The ``lab.duckdb`` file.
    embedders : Embedders, optional
        The lab's embedders; when None, those in the folder ``models`` beside the file, and those built in.
    functions : bool
        Add the functions that run models, which none of the files of SQL calls; :func:`add_functions` does it later.

    Returns
    -------
    duckdb.DuckDBPyConnection
        The connection; it keeps showing the lab as it was published when opened.

    Raises
    ------
    NoLab
        If there is no such file.
    PublishedFileChanged
        If it cannot be opened: it is damaged, or some program has it open for writing.
    """
    if not path.exists():
        msg = f"{path} is missing: the lab was never published. Run `spectradb publish {path.parent}`."
        raise NoLab(msg)
    con = _connect()
    try:
        con.execute(schemas.fill("queries/lab/open_lab", path=path))
    except duckdb.IOException as error:
        con.close()
        reason, _, _ = str(error).partition(". See also")
        remedy = f"Run `spectradb publish {path.parent}`, which puts another file in its place."
        raise PublishedFileChanged(f"{path} cannot be opened ({reason}). {remedy}") from error
    if functions:
        add_functions(con, path, embedders=embedders)
    return con


def add_functions(con: duckdb.DuckDBPyConnection, path: Path, *, embedders: Embedders | None = None) -> None:
    """Add the functions that run models to a connection to a published lab.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The connection.
    path, embedders
        As for :func:`open_published`.
    """
    rows = con.execute(schemas.read("publish/default_model")).fetchall()
    known = embedders or Embedders(path.with_name(MODELS_FOLDER))
    register(con, default_model=rows[0][0] if rows else DEFAULT_EMBEDDER, embedders=known)


class OpenedLab:
    """A published lab, opened once, with a connection for each thread.

    Connections of one engine share what is read and compiled, and not what one of them registers.

    Parameters
    ----------
    path, embedders
        As for :func:`open_published`.
    """

    def __init__(self, path: Path, *, embedders: Embedders | None = None) -> None:
        self._con = open_published(path, embedders=embedders)
        self._path, self._embedders = path, embedders
        self._has_functions = False
        self._opening = threading.Lock()
        self._of_thread = threading.local()
        self._asked: Counter[Hashable] = Counter()
        self._kept: dict[Hashable, Any] = {}
        self._keeping: defaultdict[Hashable, threading.RLock] = defaultdict(threading.RLock)

    @property
    def path(self) -> Path:
        """The file that was opened; another one may have its name by now."""
        return self._path

    @property
    def default_model(self) -> str:
        """The model that is used where none is named, as it was when the lab was opened."""
        return str(self.kept("default model", self._default_model))

    def kept(self, key: Hashable, make: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is made
        """Return something that was made of this state of the lab, and is made once for all threads.

        Parameters
        ----------
        key : hashable
            Names it.
        make : callable
            Makes it.

        Returns
        -------
        object
            What was made.
        """
        try:
            return self._kept[key]
        except KeyError:
            with self._opening:
                lock = self._keeping[key]
        with lock:
            if key not in self._kept:
                self._kept[key] = make()
            return self._kept[key]

    def keeps(self, key: Hashable) -> bool:
        """Tell whether something was made already, so that nobody waits for it.

        Parameters
        ----------
        key : hashable
            Names it.

        Returns
        -------
        bool
            Whether :meth:`kept` returns it at once.
        """
        return key in self._kept

    def times_asked(self, key: Hashable) -> int:
        """Count how often something is asked for.

        Parameters
        ----------
        key : hashable
            Names it.

        Returns
        -------
        int
            Times, this one included.
        """
        with self._opening:
            self._asked[key] += 1
            return self._asked[key]

    def cursor(self, *, statement: str | None = None) -> duckdb.DuckDBPyConnection:
        """Return a connection of the caller's own.

        Parameters
        ----------
        statement : str, optional
            All that it is for; the functions that run models are added where it names one. None: they are added.

        Returns
        -------
        duckdb.DuckDBPyConnection
            A new connection to the lab as it was opened.
        """
        with self._opening:  # a connection serves one thread at a time
            self._add_functions(statement)
            cursor = without_progress_in_files(self._con.cursor())
        return cursor.execute(schemas.read("queries/lab/use_lab"))

    def of_thread(self, *, statement: str | None = None) -> duckdb.DuckDBPyConnection:
        """Return the connection of the calling thread.

        Parameters
        ----------
        statement : str, optional
            As for :meth:`cursor`.

        Returns
        -------
        duckdb.DuckDBPyConnection
            The same one for every call by this thread.
        """
        con: duckdb.DuckDBPyConnection | None = getattr(self._of_thread, "con", None)
        if con is None:
            con = self._of_thread.con = self.cursor(statement=statement)
        elif not self._has_functions:
            with self._opening:
                self._add_functions(statement)
        return con

    def _add_functions(self, statement: str | None) -> None:
        # Connections to one database share their functions; to add them takes longer than most statements.
        if not self._has_functions and (statement is None or calls_function(statement)):
            add_functions(self._con, self._path, embedders=self._embedders)
            self._has_functions = True

    def _default_model(self) -> str:
        rows = self.cursor(statement="").execute(schemas.read("publish/default_model")).fetchall()
        return rows[0][0] if rows else DEFAULT_EMBEDDER

    def close(self) -> None:
        """Close the connection of the calling thread; others end with what uses them."""
        if con := getattr(self._of_thread, "con", None):
            con.close()
        with self._opening:
            self._con.close()


def _connect() -> duckdb.DuckDBPyConnection:
    # What a machine compiled for itself is not signed. Where there is no such thing, the engine stays as strict as it is.
    if built_extension() is None:
        return without_progress_in_files(duckdb.connect())
    con = without_progress_in_files(duckdb.connect(config={"allow_unsigned_extensions": "true"}))
    # One that does not load, since it was built for another engine or removed just now, is as good as none.
    with suppress(MissingDependency):
        load_extension(con)
    return con


def extend(con: duckdb.DuckDBPyConnection, *, lab: str | None = None) -> duckdb.DuckDBPyConnection:
    """Teach a DuckDB connection spectradb's functions and similarity joins, over the tables that it has.

    Nothing is written to the connection's database: the macros are temporary and the functions belong to the connection.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Any open connection.
    lab : str, optional
        The name that a published lab is attached by: all its macros come too, and read its tables.

    Returns
    -------
    duckdb.DuckDBPyConnection
        The same connection.

    Examples
    --------
    >>> import duckdb, spectradb
    >>> con = spectradb.extend(duckdb.connect())
    >>> con.sql("SELECT round(adduct_mz(180.0634, '[M+H]+'), 4) AS mz").fetchall()
    [(181.0707,)]
    """
    register(con)
    if lab is not None:
        con.execute(attached_macros(lab))
        return con
    for name in schemas.creation_order("macros/similarity"):
        con.execute(_temporary(schemas.statements_only(name)))
    return con


def _temporary(statements: str) -> str:
    created, _, _ = statements.partition("COMMENT ON")
    return created.replace("CREATE OR REPLACE MACRO", "CREATE OR REPLACE TEMP MACRO")
