"""Placing structures among the learned vectors of spectra: a Lance column of the record's structures, shown by analytes.

As columns of vectors, it is only there where it was filled, carries the fingerprint of the model that filled it, and is NULL
for structures that came later, until the model embeds again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from spectradb.embedders.analogue.embedder import AnalogueEmbedder
from spectradb.late_modules import late
from spectradb.models.registry import OPEN_EMBEDDER
from spectradb.similarity.structures import fingerprint_bits
from spectradb.store.record_schema import STRUCTURE_PLACES, STRUCTURE_PLACES_DIMENSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    import lance

    from spectradb.embedders.embedder import Embedder
    from spectradb.store.record import Record
else:
    lance = late("lance")

commit = late("lance.commit")

_FINGERPRINT = b"spectradb:fingerprint"
_KEY = "structure_id"
_TYPE = pa.list_(pa.float16(), STRUCTURE_PLACES_DIMENSION)


def fill_structure_places(record: Record, model: Embedder) -> int:
    """Place every structure that has no place yet where the learned vectors of its spectra are expected.

    Parameters
    ----------
    record : Record
        The lab's record.
    model : Embedder
        The model; all but the analogue model that comes with spectradb, or one of its name and size, place nothing.

    Returns
    -------
    int
        Structures placed now; those that cannot be read have no place.
    """
    if not (isinstance(model, AnalogueEmbedder) and model.name == OPEN_EMBEDDER):
        return 0
    if model.dimension - model.n_binned != STRUCTURE_PLACES_DIMENSION:
        return 0
    dataset = record.dataset("structures")
    if STRUCTURE_PLACES in dataset.schema.names:
        stored = (dataset.schema.field(STRUCTURE_PLACES).metadata or {}).get(_FINGERPRINT, b"").decode()
        if stored == model.fingerprint:
            unplaced = f"{STRUCTURE_PLACES} IS NULL AND smiles IS NOT NULL"
            return _fill(record, model, record.read("structures", columns=[_KEY, "smiles"], where=unplaced))
        dataset.drop_columns([STRUCTURE_PLACES])
    return _add(record, model)


def _add(record: Record, model: AnalogueEmbedder) -> int:
    """Add the column, filled; begin again when an import came in between."""
    field = pa.field(STRUCTURE_PLACES, _TYPE, metadata={_FINGERPRINT: model.fingerprint.encode()})
    schema = pa.schema([field])
    while True:
        dataset = record.dataset("structures")

        @lance.batch_udf(output_schema=schema)  # type: ignore[untyped-decorator]
        def placed(batch: pa.RecordBatch) -> pa.RecordBatch:
            return pa.RecordBatch.from_arrays([_places(model, batch.column("smiles").to_pylist())], schema=schema)

        try:
            dataset.add_columns(placed, read_columns=["smiles"])
        except commit.CommitConflictError:
            continue
        return int(record.dataset("structures").count_rows(f"{STRUCTURE_PLACES} IS NOT NULL"))


def _fill(record: Record, model: AnalogueEmbedder, rows: pa.Table) -> int:
    places = _places(model, rows["smiles"].to_pylist())
    new = pa.table({_KEY: rows[_KEY], STRUCTURE_PLACES: places}).filter(places.is_valid())
    record.update("structures", _KEY, new)
    return int(new.num_rows)


def _places(model: AnalogueEmbedder, smiles: Sequence[str | None]) -> pa.FixedSizeListArray:
    distinct = sorted({text or "" for text in smiles})
    number = {text: i for i, text in enumerate(distinct)}
    vectors = model.embed_structures(fingerprint_bits(distinct)) if distinct else np.zeros((0, STRUCTURE_PLACES_DIMENSION))
    rows = vectors[[number[text or ""] for text in smiles]].astype(np.float16)
    unplaced = pa.array(~rows.any(axis=1))
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), STRUCTURE_PLACES_DIMENSION, mask=unplaced)
