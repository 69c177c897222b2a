"""An engine that runs statements of strangers on one state of a published lab, and can do nothing else."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import duckdb

from spectradb import schemas
from spectradb.errors import PublishedFileChanged
from spectradb.server.refusals import Busy, NotASelect, StatementFailed, TookTooLong
from spectradb.server.select_only import check_select, refused_functions
from spectradb.store.statements import distinct_names, to_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from spectradb.server.limits import Limits

_Answer = TypeVar("_Answer")
_BATCH_ROWS = 8192


class Rows(NamedTuple):
    """The rows of an answer, as values of Python.

    Parameters
    ----------
    names : list of str
        Names of the columns, each once.
    types : list of object
        Their types.
    rows : list of tuple
        The rows.
    truncated : bool
        Whether there are more.
    """

    names: list[str]
    types: list[Any]
    rows: list[tuple[Any, ...]]
    truncated: bool


class LockedEngine:
    """An engine of its own for statements of others: no files, no extensions, no functions of Python, nothing to write to.

    The native extension is not loaded either: it reads files by their names.

    Parameters
    ----------
    path : pathlib.Path
        The ``lab.duckdb`` file.
    limits : Limits
        What statements may take.

    Raises
    ------
    PublishedFileChanged
        If the file cannot be opened.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._limits = limits
        self._con = duckdb.connect()
        try:
            self._con.execute(schemas.fill("queries/lab/open_lab", path=path))
        except duckdb.IOException as error:
            self._con.close()
            raise PublishedFileChanged(f"{path} cannot be opened ({error}). Run `spectradb publish`") from error
        self._con.execute(schemas.fill("queries/serving/lock", megabytes=limits.megabytes, threads=limits.threads))
        self._refused = refused_functions(self._con)
        self._opening = threading.Lock()
        self._free = threading.BoundedSemaphore(limits.statements)

    def close(self) -> None:
        """Close the engine; statements under way end by themselves."""
        self._con.close()

    def rows(
        self,
        statement: str,
        parameters: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        own: bool = False,
        most: int | None = None,
    ) -> Rows:
        """Run a statement.

        Parameters
        ----------
        statement : str
            One SELECT.
        parameters : mapping or sequence, optional
            Values of its parameters.
        own : bool
            Whether it is a statement of the package, which need not be checked.
        most : int, optional
            Rows at most; the limit when None.

        Returns
        -------
        Rows
            Its rows.

        Raises
        ------
        NotASelect, StatementFailed, TookTooLong, Busy
            If it may not run here, cannot run, or takes too long.
        """
        most = most or self._limits.rows

        def read(con: duckdb.DuckDBPyConnection) -> Rows:
            con.execute(statement, parameters or None)
            columns = con.description or []
            rows = con.fetchmany(most + 1)
            names = distinct_names([column[0] for column in columns])
            return Rows(names, [column[1] for column in columns], rows[:most], len(rows) > most)

        return self._run(statement, read, own=own)

    def table(
        self,
        statement: str,
        parameters: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        own: bool = False,
        most: int | None = None,
    ) -> tuple[pa.Table, bool]:
        """Run a statement, and give its rows as Arrow has them.

        Parameters
        ----------
        statement, parameters, own, most
            As for :meth:`rows`.

        Returns
        -------
        (pyarrow.Table, bool)
            The rows, and whether there are more.

        Raises
        ------
        NotASelect, StatementFailed, TookTooLong, Busy
            As for :meth:`rows`.
        """
        import pyarrow as pa  # noqa: PLC0415 - only this form needs it

        most = most or self._limits.rows

        def read(con: duckdb.DuckDBPyConnection) -> tuple[pa.Table, bool]:
            batches, n_rows = [], 0
            reader = to_reader(con, statement, parameters, _BATCH_ROWS)
            for batch in reader:
                batches.append(batch)
                n_rows += batch.num_rows
                if n_rows > most:
                    break
            table = pa.Table.from_batches(batches, schema=reader.schema)
            return table.slice(0, most), n_rows > most

        return self._run(statement, read, own=own)

    def _run(self, statement: str, read: Callable[[duckdb.DuckDBPyConnection], _Answer], *, own: bool) -> _Answer:
        if not self._free.acquire(timeout=self._limits.seconds):
            raise Busy(
                f"{self._limits.statements} statements run, and none ended in {self._limits.seconds:g} s. Ask again later"
            )
        try:
            with self._opening:  # a connection serves one thread at a time
                con = self._con.cursor()
            with con:
                con.execute(schemas.read("queries/lab/use_lab"))
                return self._timed(con, statement, read, own=own)
        finally:
            self._free.release()

    def _timed(
        self, con: duckdb.DuckDBPyConnection, statement: str, read: Callable[[duckdb.DuckDBPyConnection], _Answer], *, own: bool
    ) -> _Answer:
        # The connection is the statement's own: who comes too late interrupts nobody else's.
        ending = threading.Timer(self._limits.seconds, con.interrupt)
        ending.daemon = True
        ending.start()
        try:
            if not own:
                check_select(con, statement, self._refused)
            return read(con)
        except duckdb.InterruptException as error:
            remedy = "Ask for less, such as one study or search, or a LIMIT"
            raise TookTooLong(f"the statement was ended after {self._limits.seconds:g} s. {remedy}") from error
        except duckdb.PermissionException as error:
            raise NotASelect(f"{_first(error)}. A server reads its lab alone: leave files and extensions out") from error
        except (duckdb.Error, RuntimeError, ValueError, TypeError) as error:
            raise StatementFailed(str(error)) from error
        finally:
            ending.cancel()


def _first(error: Exception) -> str:
    return str(error).partition("\n")[0]
