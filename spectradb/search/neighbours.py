"""How the queries of a search compare with library spectra that they cannot be: what calibrations need to know besides hits.

The SQL macro ``neighbour_pairs`` says which spectra these are. Merged and refined searches compare plain vectors here: a
calibration learns what such scores are worth beside theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.search.find_hits import compares_vectors, prepare_peaks
from spectradb.search.methods.fused import Fusion
from spectradb.search.methods.peak_scorers import remove_peak_scorer
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb
    import pyarrow as pa

    from spectradb.search.methods.peaks import SearchScore


def search_neighbours(
    con: duckdb.DuckDBPyConnection,
    score: SearchScore | None,
    values: Mapping[str, object],
    *,
    study: str,
    library: str,
    model: str,
) -> pa.Table:
    """Compare the queries of a search with what they cannot be.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    score : PeakScore, Fusion, Merging, Refining or None
        What scores pairs; None: embeddings alone.
    values : mapping
        ppm, left_out and contributors of the search.
    study, library, model : str
        What is searched, by whose vectors.

    Returns
    -------
    pyarrow.Table
        query_id, neighbour_score (null without a neighbour) and neighbour_share of every query.
    """
    wanted = {"study": study, "library": library, **{name: values[name] for name in ("ppm", "left_out", "contributors")}}
    scorer = prepare_peaks(con, score, study=study, library=library)
    if scorer is not None:
        wanted["scorer"] = scorer
    if isinstance(score, Fusion):
        statement = "queries/identify/neighbours_fused"
        wanted.update(model=model, weight=score.weight)
    elif compares_vectors(score):
        statement = "queries/identify/neighbours"
        wanted["model"] = model
    else:
        statement = "queries/identify/neighbours_by_peaks"
    try:
        return to_arrow(con, schemas.read(statement), wanted)
    finally:
        remove_peak_scorer(scorer)
