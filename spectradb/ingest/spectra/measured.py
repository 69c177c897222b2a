"""Numbers that a spectrum has beside its peaks, without those that mean that there is none."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from spectradb.ingest.fields.ion_mobility import VOLTAGES, mobility_type

#: Columns whose numbers are above 0; programs write 0 or -1 where they have none.
POSITIVE = ("precursor_intensity", "ccs")


#: Those columns and the others that :func:`measured` gives, as harmonised spectra have them.
MEASURED_FIELDS = (
    pa.field("precursor_intensity", pa.float64()),
    pa.field("ion_mobility", pa.float64()),
    pa.field("ion_mobility_type", pa.string()),  # a term of PSI-MS, which tells the unit
    pa.field("ccs", pa.float64()),  # square angstroms
)


def measured(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    """Take the measured numbers of raw spectra.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        n raw spectra.

    Returns
    -------
    dict of str to pyarrow.Array, shape (n,)
        ``retention_time_s``, not negative, the columns of :data:`POSITIVE`, ``ion_mobility``, which is positive unless it is a
        voltage, and ``ion_mobility_type``; NULL where a number cannot be one, or its kind is not told.
    """
    seconds = batch.column("retention_time_s")
    times = pc.if_else(pc.and_(pc.is_finite(seconds), pc.greater_equal(seconds, 0)), seconds, None)
    columns = {name: batch.column(name) for name in POSITIVE}
    positive = {name: pc.if_else(pc.and_(pc.is_finite(x), pc.greater(x, 0)), x, None) for name, x in columns.items()}
    return {"retention_time_s": times, **positive, **_mobilities(batch)}


def _mobilities(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    numbers = batch.column("ion_mobility")
    if numbers.null_count == len(numbers):
        return {"ion_mobility": numbers, "ion_mobility_type": pa.nulls(len(numbers), pa.string())}
    kinds = pa.array([mobility_type(text) for text in batch.column("ion_mobility_type").to_pylist()], pa.string())
    possible = pc.or_(pc.greater(numbers, 0), pc.is_in(kinds, value_set=pa.array(VOLTAGES)))
    found = pc.if_else(pc.and_(pc.is_finite(numbers), possible), numbers, None)
    return {"ion_mobility": found, "ion_mobility_type": pc.if_else(pc.is_valid(found), kinds, None)}
