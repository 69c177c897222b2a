"""The search indexes of a lab: one file per collection and model, derived from the published state, never trusted beyond it."""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from spectradb import schemas
from spectradb.errors import UnreadableFile
from spectradb.store.engine_progress import without_progress_in_files
from spectradb.store.indexes.mmap_index import READ_ONCE, write_search_index
from spectradb.store.indexes.mmap_index_format import SearchIndex, read_search_index
from spectradb.whole_files import is_unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUFFIX = ".spectra-index"
_SECONDS_PER_DAY = 86_400


def collection_index(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    collection: str,
    model: str,
    rebuild: bool = False,
) -> SearchIndex:
    """Take the search index of a published collection, building it where it is missing, damaged or of another state.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    folder : pathlib.Path
        Where indexes are kept.
    collection, model : str
        Whose vectors, by which model.
    rebuild : bool
        Build it anew although its header is in order.

    Returns
    -------
    SearchIndex
        The index; its fingerprint stands for the published state, collection and model.

    Raises
    ------
    NoEmbedding
        If the collection has no vectors of the model.
    """
    path = folder / f"{schemas.identifier(collection, 'collection')}__{schemas.identifier(model, 'model')}{_SUFFIX}"
    fingerprint = _fingerprint(con, path)
    standing = None if rebuild else _standing(path)
    if standing and standing.fingerprint == fingerprint:
        return standing
    with _read_once(con) as reader:
        return write_search_index(reader, f"vectors.{collection}__{model}", path, fingerprint=fingerprint)


def remove_stale_indexes(con: duckdb.DuckDBPyConnection, folder: Path, *, older_than_days: float) -> int:
    """Remove indexes of another state than the published one, damaged ones, and what killed writers left behind.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    folder : pathlib.Path
        Where indexes are kept.
    older_than_days : float
        Unfinished files that are younger stay: they may be somebody's who is writing.

    Returns
    -------
    int
        Bytes freed.
    """
    freed = 0
    for path in sorted(folder.iterdir()):
        size, changed = path.stat().st_size, path.stat().st_mtime
        if path.suffix == _SUFFIX and not is_unfinished(path):
            standing = _standing(path)
            is_stale = standing is None or standing.fingerprint != _fingerprint(con, path)
        else:
            is_unfinished_index = is_unfinished(path) or path.suffix == ".next"  # as earlier versions named them
            is_stale = is_unfinished_index and time.time() - changed > older_than_days * _SECONDS_PER_DAY
        if is_stale:
            path.unlink(missing_ok=True)
            freed += size
    return freed


@contextmanager
def _read_once(con: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published lab another time, so that what is read once does not stay in the memory of the connection in use."""
    files = con.execute(schemas.read("queries/lab/attached_file")).fetchall()
    with without_progress_in_files(duckdb.connect(config=dict(READ_ONCE))) as own:
        try:
            for (file,) in files:
                own.execute(schemas.fill("queries/lab/open_lab", path=Path(file)))
            shows_the_same = bool(files) and _state(own) == _state(con)
        except duckdb.Error:
            shows_the_same = False
        # Where the lab was published again meanwhile, another file has the name.
        yield own if shows_the_same else con


def _state(con: duckdb.DuckDBPyConnection) -> str:
    (state,) = con.execute(schemas.read("queries/lab/spectra_state")).fetchall()[0]
    return str(state)


def _fingerprint(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    return hashlib.sha256(f"{_state(con)}/{path.stem}".encode()).hexdigest()


def _standing(path: Path) -> SearchIndex | None:
    try:
        return read_search_index(path)
    except (FileNotFoundError, UnreadableFile):
        return None
