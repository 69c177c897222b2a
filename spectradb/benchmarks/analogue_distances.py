"""MCES distances of analogues to the molecules that were asked for, of some queries: each takes a solver."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from spectradb.benchmarks.mces import DistanceWorkers

if TYPE_CHECKING:
    from spectradb.evaluation.analogues import AnalogueTask

#: Distances above the limit are bounds only, and count as it; a pair takes no more than so many seconds.
LIMIT, SECONDS = 15.0, 10.0


def with_distances(rows: pa.Table, task: AnalogueTask, *, n_queries: int, seed: int) -> pa.Table:
    """Compute the MCES distances of some queries' answers.

    Parameters
    ----------
    rows : pyarrow.Table
        Answers, of :data:`spectradb.evaluation.analogues.ANSWER_SCHEMA`.
    task : AnalogueTask
        What was asked.
    n_queries : int
        Queries, drawn at random, the same of every method; 0: none.
    seed : int
        Source of chance.

    Returns
    -------
    pyarrow.Table
        The answers; ``mces`` is NULL for all other queries, and where structures could not be compared.
    """
    if not n_queries:
        return rows
    asked = np.random.default_rng(seed).permutation(task.queries)[:n_queries]
    smiles = dict(zip(task.molecules.keys, task.molecules.smiles, strict=True))
    chosen = np.isin(rows["query_id"].to_numpy(), asked).tolist()
    pairs = [
        (min(own, found), max(own, found)) if wanted else None
        for own, found, wanted in zip(rows["query_analyte_id"].to_pylist(), rows["analyte_id"].to_pylist(), chosen, strict=True)
    ]
    wanted_pairs = sorted({pair for pair in pairs if pair is not None})
    distances: dict[tuple[str, str], float] = {}
    with DistanceWorkers(os.cpu_count() or 1) as pool:
        for (a, b, _, _), answer in pool.distances([(a, b, smiles[a], smiles[b]) for a, b in wanted_pairs], LIMIT, SECONDS):
            if not isinstance(answer, str):
                distances[a, b] = min(answer[0], LIMIT)
    column = pa.array([None if pair is None else distances.get(pair) for pair in pairs], pa.float64())
    return rows.set_column(rows.column_names.index("mces"), "mces", column)
