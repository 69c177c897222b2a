"""Publishing: build the next ``lab.duckdb`` from the record beside the old one and rename it into place.

Readers never wait and never see half a change: whoever has the old file open keeps reading it, whoever opens the path gets a
whole file, old or new. Tables whose part of the record has not changed are copied from the old file, unless somebody has
written to that one: then all of it comes from the record.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.store.engine_progress import without_progress_in_files
from spectradb.store.locks import exclusive
from spectradb.store.published_state import PublishedState, logs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from spectradb.store.published_object import PublishedObject
    from spectradb.store.record import Record

_LOG = logging.getLogger(__name__)

# Published tables in the order of filling, each with the tables of the record that decide its content.
SOURCES: dict[str, tuple[str, ...]] = {
    "properties": ("properties",),
    "imports": ("imports",),
    "import_log": ("imports", "import_log"),
    "spectra": ("imports", "models", "spectra"),
    "models": ("models", "spectra"),
    "structures": ("imports", "spectra", "structures"),
    "analyte_names": ("imports", "spectra", "structures"),
    "analytes": ("imports", "spectra", "structures"),
    "libraries": ("imports", "spectra", "libraries"),
    "studies": ("imports", "spectra", "studies"),
    "runs": ("imports", "spectra", "studies", "runs"),
    "samples": ("imports", "spectra", "studies", "runs", "samples"),
    "searches": ("searches",),
    "hits": ("searches", "hits"),
    "codebooks": ("codebooks",),
    "spectrum_codewords": ("imports", "spectra", "codebooks", "spectrum_codewords"),
    "sample_embeddings": ("sample_embeddings",),
    "sample_predictions": ("sample_predictions",),
    "sample_projection": ("sample_projection",),
    "group_markers": ("group_markers",),
    "mces": ("mces",),
    "tautomers": ("tautomers",),
    "calibrations": ("calibrations",),
    "benchmarks": ("benchmarks",),
    "benchmark_results": ("benchmarks", "benchmark_results"),
}

# Tables whose rows make those of others count. Their versions are taken first, and what they name is complete in the others'.
_MARKS = ("imports", "models", "searches", "benchmarks")

_KEY_COLUMNS = ("spectrum_id", "collection", "peaks_hash", "precursor_mz", "analyte_id", "import_id")
_MEMORY_LIMIT = "1GB"
_READ_ONLY = 0o444
# So many spectra are sorted in one go, which is quicker; of more a part at a time, some 200 MB with two models' vectors.
_SORTED_AT_ONCE = 100_000
_SPECTRA_AT_ONCE = 40_960


@dataclass(frozen=True)
class Publication:
    """What publishing did.

    Parameters
    ----------
    path : pathlib.Path
        The published file.
    filled : tuple of str
        Tables filled from the record.
    copied : tuple of str
        Tables copied from the file published before.
    """

    path: Path
    filled: tuple[str, ...]
    copied: tuple[str, ...]


def publish(
    record: Record,
    path: Path,
    *,
    rebuild: bool = False,
    sent_to: PublishedObject | None = None,
    before: Callable[[], object] | None = None,
) -> Publication:
    """Build the next published file and rename it into place; leave it where it shows the record as it is.

    Publishers wait for each other, and each reads the record after its turn has come: the last one publishes everything.

    Parameters
    ----------
    record : Record
        The lab's record.
    path : pathlib.Path
        The file to publish, such as ``lab/lab.duckdb``.
    rebuild : bool
        Fill every table from the record, also those that have not changed; as is done where somebody has written to the
        file published before.
    sent_to : PublishedObject, optional
        Of a lab on object storage, whose working copy the file is: the object that is replaced before the file is.
    before : callable, optional
        Called while nobody else can publish, before the record is looked at.

    Returns
    -------
    Publication
        What was done.
    """
    state = PublishedState(path)
    with exclusive(path.with_name("locks") / "publish.lock"):
        if sent_to:
            sent_to.fetch()
        if before:
            before()
        if change := state.change():
            _LOG.warning("note: %s %s; it is built anew from the record", path, change)
        following = path.with_name(f"{path.name}.next")
        # The copy of an object at the lab's address was fetched just now, at a time of its own.
        is_copied = not rebuild and path.exists() and (state.is_untouched() if sent_to is None else change is None)
        publisher = _publisher(record, following, path if is_copied else None)
        try:
            if publisher.is_current():
                return Publication(path, (), tuple(SOURCES))
            publisher.run()
            if publisher.previous and sent_to is None and not state.is_untouched():
                publisher.con.close()
                publisher = _publisher(record, following, None)
                publisher.run()
            _put_in_place(following, path, state, sent_to)
        finally:
            publisher.con.close()
            _remove(following)
    return Publication(path, tuple(publisher.filled), tuple(publisher.copied))


def _publisher(record: Record, following: Path, previous: Path | None) -> _Publisher:
    _remove(following)
    return _Publisher(record, following, previous)


def _put_in_place(following: Path, path: Path, state: PublishedState, sent_to: PublishedObject | None) -> None:
    """Rename the finished file into place, so that nobody writes to it by mistake."""
    following.chmod(following.stat().st_mode & _READ_ONLY)
    _sync(following)
    state.tell(following)
    with sent_to.replacing(following, note=state.note) if sent_to else nullcontext():
        # The log of somebody who wrote to the file published before: beside another file it would keep all readers out.
        for log in logs(path):
            log.unlink(missing_ok=True)
        following.replace(path)
        _sync(path.parent)
        state.settle()


class _Publisher:
    """One pass over the tables: fill what changed, copy the rest, then renew views and macros."""

    def __init__(self, record: Record, following: Path, previous: Path | None) -> None:
        self.record = record
        self.following = following
        self.previous = previous
        self.versions = record.versions(_MARKS) | record.versions(_other_tables())
        con = duckdb.connect(config={"memory_limit": _MEMORY_LIMIT, "temp_directory": f"{following}.spill"})
        self.con = without_progress_in_files(con)
        self.states = self._previous_states(previous)
        self.filled: list[str] = []
        self.copied: list[str] = []

    def is_current(self) -> bool:
        return all(self._is_unchanged(table) for table in SOURCES)

    def run(self) -> None:
        models = self._models()
        # Spectra are nearly all of a lab: where they have not changed, copying the file whole is by far the fastest. It has the
        # macros and views, too: a table is unchanged only where all SQL of the package is what it was.
        if self.previous is not None and self._is_unchanged("spectra"):
            self.con.execute(schemas.read("publish/detach_previous"))
            shutil.copyfile(self.previous, self.following)
            self.con.execute(schemas.fill("publish/continue", path=self.following))
            self._renew(models)
        else:
            self.con.execute(schemas.fill("publish/begin", path=self.following))
            self.con.execute(schemas.read("tables/publications"))
            self._build(models)
            for name in schemas.creation_order("macros", "views"):
                self.con.execute(schemas.read(name))
        self._create_views(models)
        self.con.execute(schemas.read("publish/finish"))

    def _renew(self, models: dict[str, int]) -> None:
        """Fill anew, in a copy of the file published before, the tables that changed."""
        for table in SOURCES:
            if self._is_unchanged(table):
                self.copied.append(table)
            else:
                self.con.execute(schemas.fill("publish/drop", table_name=table))
                self._create_and_fill(table, models)

    def _build(self, models: dict[str, int]) -> None:
        """Build every table in a new file, copying those that have not changed from the file published before."""
        for table in SOURCES:
            if self._is_unchanged(table):
                self.con.execute(schemas.read(f"tables/{table}"))
                self.con.execute(schemas.fill("publish/copy", table_name=table))
                self._note(table)
                self.copied.append(table)
            else:
                self._create_and_fill(table, models)

    def _create_and_fill(self, table: str, models: dict[str, int]) -> None:
        self.con.execute(schemas.read(f"tables/{table}"))
        if table == "spectra":
            for model, dimension in models.items():
                self.con.execute(schemas.fill("publish/add_embedding_column", model=model, dimension=dimension))
        self._fill(table, models)
        self._note(table)
        self.filled.append(table)

    def _note(self, table: str) -> None:
        note = {"table_name": table, "state": self._state(table), "published": datetime.now(UTC).replace(tzinfo=None)}
        self.con.execute(schemas.read("publish/note"), note)

    def _previous_states(self, previous: Path | None) -> dict[str, str]:
        if previous is None:
            return {}
        try:
            self.con.execute(schemas.fill("publish/attach_previous", path=previous))
            return dict(self.con.execute(schemas.read("publish/previous_states")).fetchall())
        except duckdb.Error:
            # An older schema or a damaged file: the record has everything.
            return {}

    def _models(self) -> dict[str, int]:
        models = self.record.read("models", columns=["name", "dimension"], version=self.versions["models"]).to_pylist()
        columns = set(self.record.dataset("spectra", self.versions["spectra"]).schema.names)
        return {m["name"]: m["dimension"] for m in models if f"embedding_{m['name']}" in columns}

    def _is_unchanged(self, table: str) -> bool:
        return self.states.get(table) == self._state(table)

    def _state(self, table: str) -> str:
        parts = {
            "versions": {source: self.versions[source] for source in SOURCES[table]},
            "statements": _statements_hash(),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _fill(self, table: str, models: dict[str, int]) -> None:
        if table in {"analyte_names", "analytes"}:
            self.con.execute(schemas.read(f"publish/{table}"))
            return
        if table == "spectra":
            self._fill_spectra(models)
            return
        self._register(table, table, None)
        self.con.execute(schemas.read(f"publish/{table}"))
        self.con.unregister(f"record_{table}")

    def _fill_spectra(self, models: dict[str, int]) -> None:
        """Fill spectra in the order in which they are published; many a part at a time, as sorting them takes memory."""
        version = self.versions["spectra"]
        self._register("spectrum_keys", "spectra", list(_KEY_COLUMNS))
        self.con.execute(schemas.read("publish/spectrum_keys"))
        stored = self.record.dataset("spectra", version).schema.names
        wanted = {f"embedding_{model}" for model in models}
        columns = [name for name in stored if not name.startswith("embedding_") or name in wanted]
        if self.record.dataset("spectra", version).count_rows() <= _SORTED_AT_ONCE:
            self._register("spectra", "spectra", columns)
            self.con.execute(schemas.read("publish/spectra"))
            self.con.unregister("record_spectra")
            return
        parts = self.record.rows_at(
            "spectra", self._places(version), at_once=_SPECTRA_AT_ONCE, columns=columns, version=version
        )
        for number, rows in enumerate(parts):
            if number:
                self.con.execute(schemas.read("publish/go_on"))
            self.con.register("record_spectra", rows)
            self.con.execute(schemas.read("publish/spectra"))
            self.con.unregister("record_spectra")

    def _places(self, version: int) -> NDArray[np.int64]:
        """Find where the record has the spectra, in the order in which they are published."""
        keys = self.record.read("spectra", columns=["spectrum_id", "ion_mode", "precursor_mz"], version=version)
        self.con.register("record_places", keys.append_column("place", pa.array(np.arange(len(keys), dtype=np.int64))))
        places: NDArray[np.int64] = self.con.execute(schemas.read("publish/spectra_places")).fetchnumpy()["place"]
        self.con.unregister("record_places")
        return places

    def _register(self, name: str, table: str, columns: list[str] | None) -> None:
        stream = self.record.stream(table, columns=columns, version=self.versions[table])
        self.con.register(f"record_{name}", stream)

    def _create_views(self, models: dict[str, int]) -> None:
        names = [name for (name,) in self.con.execute(schemas.read("publish/collections")).fetchall()]
        rows = self.con.execute(schemas.read("publish/default_model")).fetchall()
        default = rows[0][0] if rows else None
        for collection in names:
            for model in models:
                self.con.execute(schemas.fill("publish/embedded_view", collection=collection, model=model))
            if default in models:
                self.con.execute(schemas.fill("publish/default_view", collection=collection, model=str(default)))


def _other_tables() -> tuple[str, ...]:
    return tuple(sorted({source for sources in SOURCES.values() for source in sources} - set(_MARKS)))


@cache
def _statements_hash() -> str:
    """Hash all SQL of the package: a table filled by other statements, or by another version, is filled anew."""
    return hashlib.sha256("".join(schemas.read(name) for name in schemas.names(".")).encode()).hexdigest()


def _remove(following: Path) -> None:
    """Remove an unfinished file, its log and its spilled data, of this publisher or of one that was killed."""
    for leftover in following.parent.glob(f"{following.name}*"):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
