"""Filling the published spectra: whole, in the order in which searches read them, or only what changed in the record.

What changed is told by the parts of the record. Spectra of new and changed parts are taken out and put in again; a new model's
column is filled beside the others, which stay as they are. Spectra that came since the table was filled whole stand behind
those, sorted among themselves.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType

from spectradb import schemas
from spectradb.arrays.arrow_vectors import widened_array
from spectradb.store.record_parts import Parts, fragments_of, parts_with_others
from spectradb.store.record_schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import duckdb
    import lance
    from numpy.typing import NDArray

    from spectradb.store.record import Record

_KEYS = ("spectrum_id", "collection", "peaks_hash", "precursor_mz", "analyte_id", "import_id")
_ORDER = ("spectrum_id", "ion_mode", "precursor_mz")
_PEAKS = ("mz", "intensity")
# So many spectra are sorted in one go, which is quicker; of more a part at a time, some 200 MB with two models' vectors.
_SORTED_AT_ONCE = 100_000
_SPECTRA_AT_ONCE = 40_960


@dataclass(frozen=True)
class Change:
    """What changed in the published spectra.

    Parameters
    ----------
    parts : Parts
        The parts of the record whose rows are published now.
    n_rows : int
        Published spectra.
    n_moved : int
        Spectra that were put in or taken out.
    n_others : int
        Spectra of which more than peaks and vectors is another, is new, or is gone.
    n_with_structure : int
        Those of them that have a structure or an analyte.
    """

    parts: Parts
    n_rows: int
    n_moved: int
    n_others: int
    n_with_structure: int


class SpectraFiller:
    """Fills the table ``spectra`` of the file that is being published.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The connection to that file, with the table ``imports`` filled.
    record : Record
        The lab's record.
    version : int
        The version of its spectra.
    models : mapping of str to int
        The models whose vectors are published, with their dimensions.
    scratch : pathlib.Path
        A file that may be made and is removed again.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, record: Record, version: int, models: Mapping[str, int], scratch: Path
    ) -> None:
        self.con = con
        self.record = record
        self.version = version
        self.models = models
        self.scratch = scratch
        self.dataset: lance.LanceDataset = record.dataset("spectra", version)
        self.parts = Parts.of(self.dataset, self._vectors(models))

    def fill(self) -> Parts:
        """Fill the table, which is empty and has the columns of all models.

        Returns
        -------
        Parts
            The parts whose rows it has now.
        """
        with self._registered("spectrum_keys", list(_KEYS), None):
            self.con.execute(schemas.read("publish/spectrum_keys"))
        self._insert(None)
        uncounted = {}
        if self.n_published() != self.dataset.count_rows():
            uncounted = parts_with_others(self.dataset, "import_id", self._imports())
        return self.parts.without(uncounted)

    def change(self, before: Parts) -> Change | None:
        """Bring the table from one state of the record to the next.

        Parameters
        ----------
        before : Parts
            The parts of the record whose rows it has.

        Returns
        -------
        Change or None
            What changed. None: the table does not have as many rows as the record has, and is to be filled whole.
        """
        changed = self.parts.changed_since(before)
        n_before = self.n_published()
        new_columns = self._renew_columns(before)
        self._find_going(changed, has_lost=self.parts.has_lost_since(before))
        self.con.execute(schemas.read("publish/change/other_spectra"))
        n_others, n_with_structure = self._one("publish/change/other_counts")
        self.con.execute(schemas.read("publish/change/kept_duplicates"))
        self.con.execute(schemas.read("publish/change/delete_spectra"))
        n_kept = self.n_published()
        if changed:
            self._insert(changed)
        n_now = self.n_published()
        if n_others:
            self.con.execute(schemas.read("publish/change/duplicates"))
        uncounted = parts_with_others(self.dataset, "import_id", self._imports(), changed) if changed else {}
        if n_now != self.dataset.count_rows() - sum(uncounted.values()):
            return None
        for model in new_columns:
            self.con.execute(schemas.read("publish/go_on"))
            self._fill_column(model)
        n_moved = (n_before - n_kept) + (n_now - n_kept)
        return Change(self.parts.without(uncounted), n_now, n_moved, n_others, n_with_structure)

    def n_published(self) -> int:
        """Count the published spectra.

        Returns
        -------
        int
            Rows of the table.
        """
        (n,) = self.con.execute(schemas.read("publish/change/row_count"), {"table_name": "spectra"}).fetchall()[0]
        return int(n)

    def _renew_columns(self, before: Parts) -> list[str]:
        """Drop columns of models that are gone or were filled anew, add those that are missing; return what to fill."""
        kept = {name.removeprefix("embedding_") for name in self.parts.kept_columns(before)}
        for column in before.columns:
            if (model := column.removeprefix("embedding_")) not in kept:
                self.con.execute(schemas.fill("publish/change/drop_embedding_column", model=model))
        new = [model for model in self.models if model not in kept]
        for model in new:
            self.con.execute(schemas.fill("publish/add_embedding_column", model=model, dimension=self.models[model]))
        return new

    def _find_going(self, changed: list[int], *, has_lost: bool) -> None:
        columns = [name for name in table_schema("spectra").names if name not in _PEAKS]
        with self._registered("spectra", columns, changed):
            self.con.execute(schemas.read("publish/change/coming_spectra"))
        if not has_lost:
            self.con.execute(schemas.read("publish/change/going_spectra_of_parts"))
            return
        with self._registered("spectrum_ids", ["spectrum_id"], None):
            self.con.execute(schemas.read("publish/change/going_spectra"))

    def _insert(self, among: list[int] | None) -> None:
        """Insert spectra of some parts, or of all, in their order; many a part at a time, as sorting them takes memory."""
        columns = [name for name in self.dataset.schema.names if not name.startswith("embedding_")]
        columns += [name for name in self._vectors(self.models) if name in self.dataset.schema.names]
        fragments = self.dataset.get_fragments() if among is None else fragments_of(self.dataset, among)
        if sum(fragment.count_rows() for fragment in fragments) <= _SORTED_AT_ONCE:
            with self._registered("spectra", columns, among):
                self.con.execute(schemas.read("tables/spectra/spectra.fill"))
            return
        parts = self.record.rows_at(
            "spectra", self._places(among), at_once=_SPECTRA_AT_ONCE, columns=columns, version=self.version
        )
        for number, rows in enumerate(parts):
            if number:
                self.con.execute(schemas.read("publish/go_on"))
            self.con.register("record_spectra", rows)
            self.con.execute(schemas.read("tables/spectra/spectra.fill"))
            self.con.unregister("record_spectra")

    def _places(self, among: list[int] | None) -> NDArray[np.int64]:
        """Find where the record has the spectra, in the order in which they are published."""
        keys = self._rows(list(_ORDER), among).read_all()
        counts = [(fragment.fragment_id, fragment.count_rows()) for fragment in self.dataset.get_fragments()]
        starts = np.cumsum([0, *(n for _, n in counts)])
        spans = [
            np.arange(start, start + n)
            for (number, n), start in zip(counts, starts, strict=False)
            if among is None or number in among
        ]
        places = np.concatenate(spans) if spans else np.empty(0, np.int64)
        self.con.register("record_places", keys.append_column("place", pa.array(places)))
        sorted_places: NDArray[np.int64] = self.con.execute(schemas.read("publish/spectra_places")).fetchnumpy()["place"]
        self.con.unregister("record_places")
        return sorted_places

    def _fill_column(self, model: str) -> None:
        """Fill the column of one model by way of a file of its vectors that is read at random."""
        dimension, column = self.models[model], f"embedding_{model}"
        n = self.dataset.count_rows()
        ids, has_vector = np.empty(n, np.int64), np.empty(n, np.bool_)
        try:
            stored = np.memmap(self.scratch, np.float16, "w+", shape=(max(n, 1), dimension))
            at = 0
            for batch in self.dataset.scanner(columns=["spectrum_id", column], scan_in_order=True).to_batches():
                rows = slice(at, at := at + batch.num_rows)
                vectors = batch.column(column)
                ids[rows] = batch.column("spectrum_id").to_numpy()
                has_vector[rows] = vectors.is_valid().to_numpy(zero_copy_only=False)
                values = vectors.values.slice(vectors.offset * dimension, len(vectors) * dimension).fill_null(np.float16(0))
                stored[rows] = values.to_numpy(zero_copy_only=False).reshape(len(vectors), dimension)
            order = np.argsort(ids, kind="stable")
            lookup = _Lookup(ids[order], order, has_vector, stored)
            self.con.create_function(
                "vector_of_spectrum",
                lookup.of,
                ["BIGINT"],
                f"FLOAT[{dimension}]",
                type=PythonUDFType.ARROW,
                null_handling=FunctionNullHandling.SPECIAL,
            )
            self.con.execute(schemas.fill("publish/change/fill_embedding_column", model=model, dimension=dimension))
            self.con.remove_function("vector_of_spectrum")
        finally:
            self.scratch.unlink(missing_ok=True)

    def _rows(self, columns: list[str], among: list[int] | None) -> pa.RecordBatchReader:
        return self.record.stream("spectra", columns=columns, version=self.version, parts=among)

    @contextmanager
    def _registered(self, name: str, columns: list[str], among: list[int] | None) -> Iterator[None]:
        self.con.register(f"record_{name}", self._rows(columns, among))
        yield
        self.con.unregister(f"record_{name}")

    def _vectors(self, models: Mapping[str, int]) -> list[str]:
        return [f"embedding_{model}" for model in models]

    def _imports(self) -> list[str]:
        return [name for (name,) in self.con.execute(schemas.read("publish/change/finished_imports")).fetchall()]

    def _one(self, name: str) -> tuple[Any, ...]:
        return self.con.execute(schemas.read(name)).fetchall()[0]


class _Lookup:
    """Vectors by the spectrum they are of."""

    def __init__(
        self, ids: NDArray[np.int64], places: NDArray[np.int64], has_vector: NDArray[np.bool_], stored: NDArray[np.float16]
    ) -> None:
        self.ids = ids
        self.places = places
        self.has_vector = has_vector
        self.stored = stored

    def of(self, spectrum_ids: pa.Array) -> pa.Array:
        """Return the vectors of some spectra in single precision; NULL for those that have none."""
        asked = spectrum_ids.to_numpy()
        found = np.minimum(np.searchsorted(self.ids, asked), len(self.ids) - 1)
        places = self.places[found]
        is_known = (self.ids[found] == asked) & self.has_vector[places]
        return widened_array(self.stored[places], mask=~is_known)
