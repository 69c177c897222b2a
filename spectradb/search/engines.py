"""The engines of searches: plain SQL, or the native extension over a search index; the same rows by either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import duckdb

from spectradb import schemas
from spectradb.errors import BadParameter, MissingDependency, UnreadableFile
from spectradb.search.methods.protocol import SIDES, Hits, Method, SearchJob
from spectradb.search.methods.spectrum_peaks import read_both_sides
from spectradb.spelling import known_names
from spectradb.store.indexes.collection_indexes import collection_index
from spectradb.store.statements import to_arrow
from spectradb.udfs.native import built_extension

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from spectradb.search.spec import SearchSpec

AUTO, SQL, NATIVE = "auto", "sql", "native"

#: Names of the engines; auto: native where the extension is built and the search allows it, else sql.
ENGINES = (AUTO, SQL, NATIVE)

# A damaged index shows only when its vectors are read: then it is built anew, once.
_ATTEMPTS = 2


class Engine(Protocol):
    """What searches by a method. What is not overridden is plain SQL."""

    @property
    def settings(self) -> Mapping[str, object]:
        """What searches record of it before it has searched, beside the settings of the method."""
        return {}

    def build(self, con: duckdb.DuckDBPyConnection) -> None:  # noqa: ARG002
        """Build what all processes that search are to find.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        """
        return

    def prepare(
        self, con: duckdb.DuckDBPyConnection, method: Method, job: SearchJob
    ) -> AbstractContextManager[Mapping[str, object]]:
        """Make ready what serves all ranges of queries, for the length of a block.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        method : Method
            How pairs are scored.
        job : SearchJob
            The search.

        Returns
        -------
        context manager
            Yields what :meth:`hits` takes.
        """
        return method.prepare(con, lambda: read_both_sides(con, job.study, job.library))

    def hits(self, con: duckdb.DuckDBPyConnection, method: Method, job: SearchJob, prepared: Mapping[str, object]) -> Hits:
        """Search.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab.
        method : Method
            How pairs are scored.
        job : SearchJob
            The search, or its part on a range of the queries.
        prepared : mapping
            What :meth:`prepare` has yielded.

        Returns
        -------
        Hits
            What was found.

        Raises
        ------
        UnreadableFile
            If an index cannot be read even when built anew.
        """
        return method.hits(con, job, prepared)


@dataclass(frozen=True)
class PlainSQL(Engine):
    """Search by the statement of the method, as it is."""


@dataclass(frozen=True)
class IndexedSearch(Engine):
    """Search by way of a search index, in the native extension.

    Parameters
    ----------
    folder : pathlib.Path
        Where indexes are kept.
    fall_back : bool
        Search in plain SQL where an index cannot be had.
    """

    folder: Path
    fall_back: bool

    @property
    def settings(self) -> dict[str, object]:
        """The engine's name."""
        return {"engine": NATIVE}

    def hits(self, con: duckdb.DuckDBPyConnection, method: Method, job: SearchJob, prepared: Mapping[str, object]) -> Hits:
        """Search by the index of the library."""
        statement = job.statement("queries/identify/identify_indexed", *SIDES, spectra=method.native_spectra)
        values = job.values("search_id", "ppm", "k", "fragment_tolerance_da", "contributors", "query_range", "query_ids")
        for attempt in range(_ATTEMPTS):
            try:
                index = collection_index(con, self.folder, collection=job.library, model=job.model, rebuild=attempt > 0)
                of_index = {"search_index": str(index.path), "fingerprint": index.fingerprint}
                return Hits(to_arrow(con, statement.text, {**values, **statement.values, **of_index}), self.settings)
            except (duckdb.Error, BadParameter, OSError) as error:
                reason = str(error)
        if self.fall_back:
            return method.hits(con, job, prepared)
        raise UnreadableFile(str(self.folder), job.library, reason, "Search with --engine sql")


def check_engine(engine: str) -> None:
    """Check that there is an engine.

    Parameters
    ----------
    engine : str
        Its name.

    Raises
    ------
    BadParameter
        If it is none of :data:`ENGINES`.
    """
    if engine not in ENGINES:
        raise BadParameter(f"there is no engine {engine!r}; there are: {known_names(engine, ENGINES)}")


def resolve_engine(con: duckdb.DuckDBPyConnection, spec: SearchSpec, method: Method, folder: Path | None) -> Engine:
    """Return what searches within a precursor window.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    spec : SearchSpec
        The search; the native engine leaves nothing out.
    method : Method
        How pairs are scored.
    folder : pathlib.Path or None
        Where indexes are kept; None: nowhere.

    Returns
    -------
    Engine
        The engine.

    Raises
    ------
    BadParameter
        If the native one was asked for and cannot do the search.
    MissingDependency
        If the native one was asked for and its extension is not built.
    """
    engine = spec.engine
    # To list all functions takes longer than to see that the extension is not there.
    if engine == SQL or (engine == AUTO and (folder is None or built_extension() is None)):
        return PlainSQL()
    if method.native_spectra is None or spec.left_out:
        if engine == AUTO:
            return PlainSQL()
        what = f"leave out a {spec.left_out}" if spec.left_out else f"search by {method.name}"
        raise BadParameter(f"the engine {NATIVE} does not {what}: search with --engine {SQL}")
    known = {name for (name,) in con.execute(schemas.read("queries/lab/scalar_functions")).fetchall()}
    if not {"index_rank_analytes", "native_matched_peaks"} <= known:
        if engine == AUTO:
            return PlainSQL()
        raise MissingDependency(f"the engine {NATIVE} needs the native extension. Run `spectradb native build`")
    if folder is None:
        raise BadParameter(f"the engine {NATIVE} needs a folder for its index")
    return IndexedSearch(folder, fall_back=engine == AUTO)
