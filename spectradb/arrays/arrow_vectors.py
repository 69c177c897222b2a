"""Vectors as the record stores them, in half precision, brought to single precision and unit length for whoever reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from spectradb.arrays.half_precision import widened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt


def wide_schema(stored: pa.Schema) -> pa.Schema:
    """Return the schema of rows whose vectors have been widened.

    Parameters
    ----------
    stored : pyarrow.Schema
        As the record has it.

    Returns
    -------
    pyarrow.Schema
        With single precision in place of half.
    """
    return pa.schema([_wide(field) for field in stored])


def widen(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Widen the vectors of rows.

    Parameters
    ----------
    batches : iterable of pyarrow.RecordBatch
        As the record has them.
    schema : pyarrow.Schema
        As :func:`wide_schema` gives it.

    Yields
    ------
    pyarrow.RecordBatch
        The same rows; everything but vectors as it is.
    """
    for batch in batches:
        yield pa.RecordBatch.from_arrays([_wide_vectors(column) for column in batch.columns], schema=schema)


def widened_array(stored: npt.NDArray[np.float16], mask: npt.NDArray[np.bool_] | None = None) -> pa.FixedSizeListArray:
    """Widen stored vectors into an Arrow array.

    Parameters
    ----------
    stored : numpy.ndarray of shape (n, dimension), float16
        Stored vectors.
    mask : numpy.ndarray of shape (n,), bool, optional
        True where there is none.

    Returns
    -------
    pyarrow.FixedSizeListArray
        n vectors in single precision and of unit length; NULL where there is none.
    """
    nulls = None if mask is None else pa.array(mask)
    return pa.FixedSizeListArray.from_arrays(pa.array(widened(stored).ravel()), stored.shape[1], mask=nulls)


def _holds_vectors(kind: pa.DataType) -> bool:
    return bool(pa.types.is_fixed_size_list(kind) and pa.types.is_float16(kind.value_type))


def _wide(field: pa.Field) -> pa.Field:
    return field.with_type(pa.list_(pa.float32(), field.type.list_size)) if _holds_vectors(field.type) else field


def _wide_vectors(column: pa.Array) -> pa.Array:
    if not _holds_vectors(column.type):
        return column
    size = column.type.list_size
    # Not flatten(), which leaves out the places behind NULL vectors.
    stored = column.values.slice(column.offset * size, len(column) * size).fill_null(np.float16(0))
    vectors = stored.to_numpy(zero_copy_only=False).reshape(len(column), size)
    return widened_array(vectors, column.is_null().to_numpy(zero_copy_only=False))
