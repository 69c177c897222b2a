"""What SQL calls as ``peak_score(scorer, query_id, library_id)``: scores of peaks, each search's by a number of its own.

One function serves all searches of a process, those of other threads included, so that none can meet the spectra of another.
"""

from __future__ import annotations

import itertools
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from duckdb.func import PythonUDFType

from spectradb import schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import duckdb
    import numpy.typing as npt

    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.similarity.pairs import PeakScore

    Ids = npt.NDArray[np.int64]

_numbers = itertools.count(1)
_scorers: dict[int, Callable[[Ids, Ids], npt.NDArray[np.float32]]] = {}
_registering = threading.Lock()


def add_peak_scorer(
    con: duckdb.DuckDBPyConnection, score: PeakScore, queries: tuple[Ids, PeakBatch], library: tuple[Ids, PeakBatch]
) -> int:
    """Make the spectra of one search ready for a score of peaks, and teach its connection ``peak_score`` if need be.

    The spectra are made ready once, and the engine hands over ids only: a call with the peaks themselves would copy and prepare
    them for every pair.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The connection.
    score : PeakScore
        The score.
    queries, library : (numpy.ndarray of int64, PeakBatch)
        Ascending ids and the spectra that they name; both sides may be the same object.

    Returns
    -------
    int
        The scorer's number, for the parameter ``$scorer``; :func:`remove_peak_scorer` lets go of the spectra.
    """
    scorer = score.prepare(queries[1], library[1])

    def of_pairs(query_id: Ids, library_id: Ids) -> npt.NDArray[np.float32]:
        left = np.searchsorted(queries[0], query_id)
        right = np.searchsorted(library[0], library_id)
        # In the precision in which hits are stored, so that what ties there was ranked as a tie.
        return scorer.scores(left, right).score.astype(np.float32)

    with _registering:
        known = {name for (name,) in con.execute(schemas.read("queries/lab/scalar_functions")).fetchall()}
        if "peak_score" not in known:
            con.create_function("peak_score", _peak_score, ["BIGINT", "BIGINT", "BIGINT"], "FLOAT", type=PythonUDFType.ARROW)
    number = next(_numbers)
    _scorers[number] = of_pairs
    return number


def remove_peak_scorer(number: int | None) -> None:
    """Let go of the spectra of a scorer.

    Parameters
    ----------
    number : int or None
        What :func:`add_peak_scorer` returned; None: there is nothing to let go of.
    """
    if number is not None:
        del _scorers[number]


@contextmanager
def peak_scorer(
    con: duckdb.DuckDBPyConnection, score: PeakScore, queries: tuple[Ids, PeakBatch], library: tuple[Ids, PeakBatch]
) -> Iterator[int]:
    """Have a scorer for the length of a block.

    Parameters
    ----------
    con, score, queries, library
        As for :func:`add_peak_scorer`.

    Yields
    ------
    int
        The scorer's number.
    """
    number = add_peak_scorer(con, score, queries, library)
    try:
        yield number
    finally:
        remove_peak_scorer(number)


def _peak_score(scorer: pa.ChunkedArray, query_id: pa.ChunkedArray, library_id: pa.ChunkedArray) -> pa.Array:
    # All rows of a call are of one statement, and so of one scorer.
    return pa.array(_scorers[scorer[0].as_py()](query_id.to_numpy(), library_id.to_numpy()))
