"""Numbers that a spectrum has beside its peaks, without those that mean that there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

if TYPE_CHECKING:
    import pyarrow as pa

#: Columns whose numbers are above 0; programs write 0 or -1 where they have none.
POSITIVE = ("precursor_intensity", "ion_mobility", "ccs")


def measured(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    """Take the measured numbers of raw spectra.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        n raw spectra.

    Returns
    -------
    dict of str to pyarrow.Array, shape (n,)
        ``retention_time_s``, not negative, and the columns of :data:`POSITIVE`; NULL where a number cannot be one.
    """
    seconds = batch.column("retention_time_s")
    times = pc.if_else(pc.and_(pc.is_finite(seconds), pc.greater_equal(seconds, 0)), seconds, None)
    columns = {name: batch.column(name) for name in POSITIVE}
    positive = {name: pc.if_else(pc.and_(pc.is_finite(x), pc.greater(x, 0)), x, None) for name, x in columns.items()}
    return {"retention_time_s": times, **positive}
