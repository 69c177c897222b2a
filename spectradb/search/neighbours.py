"""How the queries of a search compare with library spectra that they cannot be: what calibrations need to know besides hits.

The SQL macro ``neighbour_pairs`` says which spectra these are. Merged and refined searches compare plain vectors here: a
calibration learns what such scores are worth beside theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb.search.methods.spectrum_peaks import read_both_sides
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from spectradb.search.methods.protocol import Method, SearchJob


def search_neighbours(con: duckdb.DuckDBPyConnection, method: Method, job: SearchJob) -> pa.Table:
    """Compare the queries of a search with what they cannot be.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    method : Method
        How pairs are scored.
    job : SearchJob
        The search.

    Returns
    -------
    pyarrow.Table
        query_id, neighbour_score (null without a neighbour) and neighbour_analytes of every query.

    Raises
    ------
    BadParameter
        If searches by the method cannot be calibrated.
    """
    statement = method.neighbours(job)
    values = {**job.values("ppm", "left_out", "contributors", "query_ids"), **statement.values}
    with method.prepare(con, lambda: read_both_sides(con, job.study, job.library)) as prepared:
        return to_arrow(con, statement.text, {**values, **prepared})
