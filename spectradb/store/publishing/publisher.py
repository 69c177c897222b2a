"""One pass over the published tables: fill what changed, keep the rest, then renew views and macros where their SQL changed.

Where there is a file published before, it is copied and changed in proportion to what changed in the record; a new file is
built, with everything in its order again, where there is none, where most spectra changed since that was done last, or where
much of the file is free space.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from spectradb import schemas
from spectradb.store.engine_progress import without_progress_in_files
from spectradb.store.publishing.file_copy import copy_file, remove_database
from spectradb.store.publishing.filling_sql import comments, surroundings_hash
from spectradb.store.publishing.published_hits import HitsFiller
from spectradb.store.publishing.published_spectra import Change, SpectraFiller
from spectradb.store.publishing.published_tables import MARKS, OTHERS, SOURCES, TableNote
from spectradb.store.record_parts import Parts, fragments_of
from spectradb.store.record_schema import STRUCTURE_PLACES, table_schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from spectradb.store.record import Record

_LOG = logging.getLogger(__name__)

_MEMORY_LIMIT = "1GB"
# So many spectra are filled whole, in their order, in less time than it takes to find out what changed.
_FEW_SPECTRA = 4_096
# Spectra put in or taken out since all were put in their order, as a share of all: then it is done again.
_MOVED_SHARE = 0.5
# Free space as a share of the file, from so many bytes on: then a new file is built.
_FREE_SHARE, _FREE_BYTES = 0.5, 64 << 20
_SURROUNDINGS = "macros and views"
_VECTORS = "vectors"
# What these tables show of spectra: nothing but structures and analytes; nothing but what an import does not change.
_OF_STRUCTURES = {"structures", "analyte_names", "analytes"}
_OF_SPECTRA = {"libraries", "studies", "runs", "samples"}
# What these show of spectra an import decides, and vectors do not change.
_OF_PEAKS = ("peak_spectra", "peak_index", "loss_index")
_OF_IMPORTS = {"cluster_members", "collection_states", "spectrum_codewords", *_OF_PEAKS}
# Filled from published tables alone.
_DERIVED = {"collection_states", "analyte_names", "analytes", *_OF_PEAKS}


class _Do(Enum):
    """What is to be done with the spectra."""

    KEEP = "keep"
    CHANGE = "change"
    FILL = "fill"
    BUILD = "build"  # in a new file


class Publisher:
    """What builds one published file.

    Parameters
    ----------
    record : Record
        The lab's record.
    following : pathlib.Path
        The file to build.
    previous : pathlib.Path or None
        The file published before, if it can be copied from.
    """

    def __init__(self, record: Record, following: Path, previous: Path | None) -> None:
        self.record = record
        self.following = following
        self.previous = previous
        self.versions = record.versions(MARKS) | record.versions(OTHERS)
        self.filled: list[str] = []
        self.copied: list[str] = []
        self.changed: list[str] = []
        self.con = self._connection()
        self.states: dict[str, str] = {}
        self.notes: dict[str, TableNote] = {}
        self._read_notes()
        self._spectra: Change | None = None
        self._told: dict[str, tuple[str, str | None]] = {}

    def is_current(self) -> bool:
        """Tell whether the file published before shows the record as it is.

        Returns
        -------
        bool
            Whether there is nothing to do.
        """
        is_dressed = self.states.get(_SURROUNDINGS) == surroundings_hash()
        return is_dressed and all(self._is_unchanged(table) for table in SOURCES)

    def run(self) -> None:
        """Build the file."""
        do = self._for_spectra()
        if self.previous is None or do is _Do.BUILD or not self._change(self.previous, do):
            self._build(do)

    def close(self) -> None:
        """Let go of all files."""
        self.con.close()

    def _connection(self) -> duckdb.DuckDBPyConnection:
        spill = f"{self.following}.spill"
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY_LIMIT,
            "temp_directory": spill,
            "checkpoint_threshold": "1B",
        }
        if self.record.dataset("spectra", self.versions["spectra"]).count_rows() <= _FEW_SPECTRA:
            config["threads"] = 1  # for so few rows, more of them only wait for each other
        con = duckdb.connect(config=config)
        return without_progress_in_files(con)

    def _read_notes(self) -> None:
        if self.previous is None:
            return
        try:
            self.con.execute(schemas.fill("publish/attach_previous", path=self.previous))
            rows = self.con.execute(schemas.read("publish/previous_states")).fetchall()
            self.states = {table: state for table, state, _ in rows}
            self.notes = {table: TableNote.from_json(sources) for table, _, sources in rows if sources}
        except (duckdb.Error, KeyError, TypeError, ValueError):
            # An older schema or a damaged file: the record has everything.
            self.previous, self.states, self.notes = None, {}, {}

    def _is_unchanged(self, table: str) -> bool:
        return self.states.get(table) == self._note(table).state

    def _note(self, table: str) -> TableNote:
        return TableNote.of(table, self.versions)

    def _models(self) -> dict[str, int]:
        models = self.record.read("models", columns=["name", "dimension"], version=self.versions["models"]).to_pylist()
        columns = set(self.record.dataset("spectra", self.versions["spectra"]).schema.names)
        return {m["name"]: m["dimension"] for m in models if f"embedding_{m['name']}" in columns}

    def _for_spectra(self) -> _Do:
        if self._is_unchanged("spectra"):
            return _Do.KEEP
        before = self.notes.get("spectra")
        whole = _Do.BUILD if before is None or before.n_rows > _FEW_SPECTRA else _Do.FILL
        if before is None or before.parts is None or before.sql != self._note("spectra").sql:
            return whole
        dataset = self.record.dataset("spectra", self.versions["spectra"])
        changed = Parts.of(dataset, [f"embedding_{model}" for model in self._models()]).changed_since(before.parts)
        n_coming = sum(fragment.count_rows() for fragment in fragments_of(dataset, changed))
        n_now = dataset.count_rows()
        n_moved = before.n_moved + n_coming + max(0, before.n_rows + n_coming - n_now)
        return whole if n_now <= _FEW_SPECTRA or n_moved > _MOVED_SHARE * n_now else _Do.CHANGE

    def _change(self, previous: Path, do: _Do) -> bool:
        """Change a copy of the file published before; return False where a new file is better."""
        self.con.execute(schemas.read("publish/detach_previous"))
        copy_file(previous, self.following)
        self.con.execute(schemas.fill("publish/continue", path=self.following))
        models = self._models()
        if not self._is_unchanged("hits"):
            self.con.execute(schemas.read("publish/change/previous_searches"))
        is_whole = all(self._renew(table, models, do) for table in SOURCES)
        if is_whole:
            self._dress(models, is_new=False)
            self._finish()
        if is_whole and not self._is_wasteful():
            self.con.execute(schemas.read("publish/let_go"))
            return True
        self._begin_again()
        return False

    def _build(self, do: _Do) -> None:
        """Build a new file; tables that have not changed are copied from the file published before."""
        models = self._models()
        self.con.execute(schemas.fill("publish/begin", path=self.following))
        self.con.execute(schemas.read("tables/lab/publications"))
        for table in SOURCES:
            if self._is_unchanged(table) and not (table == "spectra" and do is not _Do.KEEP):
                self.con.execute(schemas.read(schemas.tables()[table]))
                if table == "spectra":
                    self._add_embedding_columns(models)
                self.con.execute(schemas.fill("publish/copy", table_name=table))
                self._tell(table, self.notes[table])
                self.copied.append(table)
            else:
                self._create_and_fill(table, models)
        self._dress(models, is_new=True)
        self._finish()
        self.con.execute(schemas.read("publish/let_go"))

    def _begin_again(self) -> None:
        self.con.close()
        remove_database(self.following)
        self.filled, self.copied, self.changed, self._spectra, self._told = [], [], [], None, {}
        self.con = self._connection()
        if self.previous is not None:
            self.con.execute(schemas.fill("publish/attach_previous", path=self.previous))

    def _renew(self, table: str, models: Mapping[str, int], do: _Do) -> bool:
        """Bring a table of the copy to what the record shows; return False where that fails."""
        if self._is_unchanged(table):
            self.copied.append(table)
        elif table == "spectra" and do is _Do.CHANGE:
            return self._change_spectra(models)
        elif table == "hits" and self._change_hits():
            pass
        elif self._is_unaffected(table):
            self._tell(table, self._note(table))
            self.copied.append(table)
        elif table == "peak_spectra" and all(self._is_behind(name) for name in _OF_PEAKS):
            self._change_peaks()
        elif table in self.changed:
            pass
        else:
            self.con.execute(schemas.fill("publish/drop", table_name=table))
            self._create_and_fill(table, models)
        return True

    def _change_spectra(self, models: Mapping[str, int]) -> bool:
        before = self.notes["spectra"]
        change = None if before.parts is None else self._spectra_filler(models).change(before.parts)
        if change is None:
            _LOG.info("the published spectra are not as many as the record's; they are filled anew")
            return False
        n_moved = before.n_moved + change.n_moved
        self._tell("spectra", replace(self._note("spectra"), parts=change.parts, n_rows=change.n_rows, n_moved=n_moved))
        self._spectra = change
        self.changed.append("spectra")
        return True

    def _is_behind(self, table: str) -> bool:
        """Tell whether a table shows, by the SQL of today, the spectra that there were before they were changed just now."""
        before, spectra = self.notes.get(table), self.notes.get("spectra")
        if self._spectra is None or before is None or spectra is None or before.sql != self._note(table).sql:
            return False
        return all(before.versions.get(source) == spectra.versions.get(source) for source in SOURCES[table])

    def _change_peaks(self) -> None:
        """Take out the peaks of the spectra that went or are others, and put in those of the ones that came."""
        for step in (
            "publish/change/delete_peaks",
            "publish/change/delete_losses",
            "publish/change/delete_peak_spectra",
            "tables/spectra/peak_spectra.fill",
            "publish/change/insert_peaks",
            "publish/change/insert_losses",
        ):
            self.con.execute(schemas.read(step))
        for table in _OF_PEAKS:
            self._tell(table, self._note(table))
            self.changed.append(table)

    def _change_hits(self) -> bool:
        before = self.notes.get("hits")
        if before is None or before.parts is None or before.sql != self._note("hits").sql:
            return False
        filler = self._hits_filler()
        parts = filler.change(before.parts)
        if parts is None:
            return False
        self._tell("hits", replace(self._note("hits"), parts=parts, n_rows=filler.n_published()))
        self.changed.append("hits")
        return True

    def _is_unaffected(self, table: str) -> bool:
        """Tell whether what changed in the spectra, and nothing else did, is nothing that a table shows."""
        before, now = self.notes.get(table), self._note(table)
        if self._spectra is None or before is None or before.sql != now.sql:
            return False
        others = now.others(before)
        if table in _OF_STRUCTURES:
            return others <= {"imports", "spectra"} and self._spectra.n_with_structure == 0
        if table in _OF_SPECTRA:
            return others <= {"spectra"} and self._spectra.n_others == 0
        return table in _OF_IMPORTS and others <= {"imports", "spectra"} and self._spectra.n_others == 0

    def _create_and_fill(self, table: str, models: Mapping[str, int]) -> None:
        self.con.execute(schemas.read(schemas.tables()[table]))
        note = self._note(table)
        if table == "spectra":
            self._add_embedding_columns(models)
            filler = self._spectra_filler(models)
            note = replace(note, parts=filler.fill(), n_rows=filler.n_published())
        elif table == "hits":
            hits = self._hits_filler()
            note = replace(note, parts=hits.fill(), n_rows=hits.n_published())
        elif table == "analytes":
            self._fill_analytes()
        elif table in _DERIVED:
            self.con.execute(schemas.read(f"{schemas.tables()[table]}.fill"))
        else:
            columns = table_schema(table).names if table == "structures" else None
            rows = self.record.stream(table, columns=columns, version=self.versions[table])
            self.con.register(f"record_{table}", rows)
            self.con.execute(schemas.read(f"{schemas.tables()[table]}.fill"))
            self.con.unregister(f"record_{table}")
        self._tell(table, note)
        self.filled.append(table)

    def _fill_analytes(self) -> None:
        """Fill the analytes, with the places of structures where a model gave them."""
        version = self.versions["structures"]
        columns = ["structure_id", STRUCTURE_PLACES]
        if STRUCTURE_PLACES in self.record.dataset("structures", version).schema.names:
            self.con.register("structure_places", self.record.stream("structures", columns=columns, version=version))
        else:
            none = [pa.field("structure_id", pa.int64()), pa.field(STRUCTURE_PLACES, pa.list_(pa.float32()))]
            self.con.register("structure_places", pa.schema(none).empty_table())
        self.con.execute(schemas.read("tables/analytes/analytes.fill"))
        self.con.unregister("structure_places")

    def _add_embedding_columns(self, models: Mapping[str, int]) -> None:
        for model, dimension in models.items():
            self.con.execute(schemas.fill("publish/add_embedding_column", model=model, dimension=dimension))

    def _spectra_filler(self, models: Mapping[str, int]) -> SpectraFiller:
        scratch = self.following.with_name(f"{self.following.name}.vectors")
        return SpectraFiller(self.con, self.record, self.versions["spectra"], models, scratch)

    def _hits_filler(self) -> HitsFiller:
        return HitsFiller(self.con, self.record, self.versions["hits"])

    def _tell(self, table: str, note: TableNote) -> None:
        self._tell_state(table, note.state, note.to_json())

    def _tell_state(self, table: str, state: str, sources: str | None = None) -> None:
        self._told[table] = (state, sources)

    def _finish(self) -> None:
        """Write down what every table shows, in one statement, and everything to the file."""
        told = {
            "table_names": list(self._told),
            "states": [state for state, _ in self._told.values()],
            "sources": [sources for _, sources in self._told.values()],
            "published": datetime.now(UTC).replace(tzinfo=None),
        }
        self.con.execute(schemas.read("publish/notes"), told)
        self.con.execute(schemas.read("publish/finish"))

    def _dress(self, models: Mapping[str, int], *, is_new: bool) -> None:
        """Make macros, views and comments where the file has none or others, and what shows collections as models see them."""
        if is_new or self.states.get(_SURROUNDINGS) != surroundings_hash():
            for kind, name in self.con.execute(schemas.read("publish/objects/own_objects")).fetchall():
                self.con.execute(schemas.fill(f"publish/objects/drop_{kind}", object_name=name))
            for name in schemas.creation_order("macros", "views"):
                self.con.execute(schemas.read(name))
            for table in ("publications", *SOURCES):
                self.con.execute(comments(table))
            self._tell_state(_SURROUNDINGS, surroundings_hash())
        names = [name for (name,) in self.con.execute(schemas.read("publish/collections")).fetchall()]
        rows = self.con.execute(schemas.read("publish/default_model")).fetchall()
        default = rows[0][0] if rows else None
        made_by = [schemas.statements_only(f"publish/{name}") for name in ("embedded_view", "default_view")]
        state = hashlib.sha256(repr((names, sorted(models), default, made_by)).encode()).hexdigest()
        if not is_new and self.states.get(_VECTORS) == state:
            return
        self.con.execute(schemas.read("publish/objects/new_vector_views"))
        for collection in names:
            for model in models:
                self.con.execute(schemas.fill("publish/embedded_view", collection=collection, model=model))
            if default in models:
                self.con.execute(schemas.fill("publish/default_view", collection=collection, model=str(default)))
        self._tell_state(_VECTORS, state)

    def _is_wasteful(self) -> bool:
        n_blocks, n_free, n_bytes = self.con.execute(schemas.read("publish/objects/free_blocks")).fetchall()[0]
        return bool(n_bytes >= _FREE_BYTES and n_free > _FREE_SHARE * n_blocks)
