"""The engines of searches by embeddings: plain SQL, or the native extension over a search index; the same rows by either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import duckdb

from spectradb import schemas
from spectradb.errors import BadParameter, MissingDependency, UnreadableFile
from spectradb.search.methods.merged import MERGED
from spectradb.search.methods.peaks import EMBEDDING
from spectradb.spelling import known_names
from spectradb.store.indexes.collection_indexes import collection_index
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

AUTO, SQL, NATIVE = "auto", "sql", "native"

#: Names of the engines; auto: native where the extension is built and the search allows it, else sql.
ENGINES = (AUTO, SQL, NATIVE)

# A damaged index shows only when its vectors are read: then it is built anew, once.
_ATTEMPTS = 2


@dataclass(frozen=True)
class IndexedSearch:
    """Search by way of search indexes.

    Parameters
    ----------
    folder : pathlib.Path
        Where indexes are kept.
    fall_back : bool
        Search in plain SQL where an index cannot be had.
    spectra : int
        Most spectra of an analyte that are merged; 1: an analyte counts by its best spectrum.
    """

    folder: Path
    fall_back: bool
    spectra: int = 1

    settings: ClassVar[dict[str, object]] = {"engine": NATIVE}

    def hits(
        self, con: duckdb.DuckDBPyConnection, values: Mapping[str, object], *, study: str, library: str, model: str
    ) -> pa.Table | None:
        """Identify a study against a library.

        Parameters
        ----------
        con : duckdb.DuckDBPyConnection
            The published lab, with the extension.
        values : mapping
            search_id, ppm, k, fragment_tolerance_da, contributors and query_range of the search.
        study, library, model : str
            What is searched, by whose vectors.

        Returns
        -------
        pyarrow.Table or None
            The hits; None where an index cannot be had and plain SQL is to do.

        Raises
        ------
        UnreadableFile
            If the index cannot be read even when built anew, and there is to be no falling back.
        """
        statement = schemas.read("queries/identify/identify_indexed")
        names = ("search_id", "ppm", "k", "fragment_tolerance_da", "contributors", "query_range")
        searched = {"study": study, "library": library, "model": model}
        wanted = {**searched, **{name: values[name] for name in names}, "spectra": self.spectra}
        for attempt in range(_ATTEMPTS):
            try:
                index = collection_index(con, self.folder, collection=library, model=model, rebuild=attempt > 0)
                of_index = {"search_index": str(index.path), "fingerprint": index.fingerprint}
                return to_arrow(con, statement, {**wanted, **of_index})
            except (duckdb.Error, BadParameter, OSError) as error:
                reason = str(error)
        if self.fall_back:
            return None
        raise UnreadableFile(str(self.folder), library, reason, "Search with --engine sql")


def chosen_engine(
    con: duckdb.DuckDBPyConnection,
    engine: str,
    *,
    folder: Path | None,
    method: str,
    left_out: str | None,
    spectra: int = 1,
) -> IndexedSearch | None:
    """Return what the native engine searches with, or None for plain SQL.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    engine : str
        One of :data:`ENGINES`.
    folder : pathlib.Path or None
        Where indexes are kept; None: nowhere.
    method : str
        How pairs are scored; the native engine knows embeddings, merged or not.
    left_out : str or None
        What queries are kept from; the native engine keeps them from nothing.
    spectra : int
        Most spectra of an analyte that are merged.

    Returns
    -------
    IndexedSearch or None
        None: plain SQL.

    Raises
    ------
    BadParameter
        If there is no such engine, or the native one was asked for and cannot do the search.
    MissingDependency
        If the native one was asked for and its extension is not built.
    """
    if engine not in ENGINES:
        raise BadParameter(f"there is no engine {engine!r}; there are: {known_names(engine, ENGINES)}")
    if engine == SQL or (engine == AUTO and folder is None):
        return None
    if method not in {EMBEDDING, MERGED} or left_out:
        if engine == AUTO:
            return None
        what = f"leave out a {left_out}" if left_out else f"search by {method}"
        raise BadParameter(f"the engine {NATIVE} does not {what}: search with --engine {SQL}")
    known = {name for (name,) in con.execute(schemas.read("queries/lab/scalar_functions")).fetchall()}
    if not {"index_rank_analytes", "native_matched_peaks"} <= known:
        if engine == AUTO:
            return None
        raise MissingDependency(f"the engine {NATIVE} needs the native extension. Run `spectradb native build`")
    if folder is None:
        raise BadParameter(f"the engine {NATIVE} needs a folder for its index")
    return IndexedSearch(folder, fall_back=engine == AUTO, spectra=spectra)
