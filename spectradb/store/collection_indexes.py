"""The search indexes of a lab: one file per collection and model, derived from the published state, never trusted beyond it."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.errors import BadParameter, UnreadableFile
from spectradb.store.search_index import write_search_index
from spectradb.store.search_index_format import SearchIndex, read_search_index

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from spectradb.store.record import Record

#: Folder of a lab with its search indexes.
INDEX_FOLDER = "indexes"

_SUFFIX = ".spectra-index"
_SECONDS_PER_DAY = 86_400


def collection_index(
    con: duckdb.DuckDBPyConnection,
    folder: Path,
    *,
    collection: str,
    model: str,
    record: Record | None = None,
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
    record : Record, optional
        The lab's record, which has the vectors in half precision: an index of half the size. They are taken only if, brought to
        unit length, they are the published ones.
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
    relation = f"vectors.{collection}__{model}"
    recorded = _recorded(record, collection, model) if record else None
    try:
        return write_search_index(con, relation, path, fingerprint=fingerprint, recorded=recorded)
    except (BadParameter, OSError):
        # The record has moved on since it was published, and has other vectors now.
        if recorded is None:
            raise
    return write_search_index(con, relation, path, fingerprint=fingerprint)


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
        if path.suffix == _SUFFIX:
            standing = _standing(path)
            is_stale = standing is None or standing.fingerprint != _fingerprint(con, path)
        else:
            is_stale = path.suffix == ".next" and time.time() - changed > older_than_days * _SECONDS_PER_DAY
        if is_stale:
            path.unlink(missing_ok=True)
            freed += size
    return freed


def _fingerprint(con: duckdb.DuckDBPyConnection, path: Path) -> str:
    (state,) = con.execute(schemas.read("queries/spectra_state")).fetchall()[0]
    return hashlib.sha256(f"{state}/{path.stem}".encode()).hexdigest()


def _standing(path: Path) -> SearchIndex | None:
    try:
        return read_search_index(path)
    except (FileNotFoundError, UnreadableFile):
        return None


def _recorded(record: Record, collection: str, model: str) -> pa.RecordBatchReader | None:
    """Read the vectors of a collection as the record has them now; None where it has none."""
    dataset, column = record.dataset("spectra"), f"embedding_{model}"
    if column not in dataset.schema.names:
        return None
    return dataset.scanner(columns=["spectrum_id", column], filter=f"collection = '{collection}'").to_reader()
