"""Exact open search: the analytes nearest to each query among all vectors of a library, by blocked matrix products.

Products of blocks of queries and library vectors are as fast as the machine multiplies; what is kept of each is a short list
per query. An analyte counts by its best vector. Ties go to the smaller analyte, then to the smaller id.

The last digits of a matrix product depend on its shape: on how many queries there are, and where in a block a row lies. What
may enter a short list is therefore multiplied again, pair by pair, so that equal vectors have equal scores, however the work
is divided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spectradb.arrays.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

QUERY_ROWS = 1024
LIBRARY_ROWS = 8192
PAIRS = 16_384


@dataclass(frozen=True)
class Shortlists:
    """The best analytes of n queries, the best first; k places each.

    Parameters
    ----------
    score : numpy.ndarray of float32, shape (n, k)
        Inner products.
    analyte : numpy.ndarray of int32, shape (n, k)
        Numbers of analytes; -1 at places that are empty because the library has fewer.
    row : numpy.ndarray of int64, shape (n, k)
        The library's row that gave the score.
    """

    score: NDArray[np.float32]
    analyte: NDArray[np.int32]
    row: NDArray[np.int64]


def nearest_analytes(
    queries: NDArray[np.float32],
    blocks: Iterable[tuple[int, NDArray[np.float32]]],
    analytes: NDArray[np.int32],
    ids: NDArray[np.int64],
    k: int,
    *,
    device: str = "cpu",
) -> Shortlists:
    """Find the k analytes nearest to each query.

    Parameters
    ----------
    queries : numpy.ndarray of float32, shape (n, d)
        Vectors.
    blocks : iterable of (int, numpy.ndarray of float32, shape (m, d))
        The library's vectors, of length one, in blocks, each led by the number of its first row. It is read once.
    analytes : numpy.ndarray of int32, shape (rows,)
        Analyte of each row of the library; -1 for none.
    ids : numpy.ndarray of int64, shape (rows,)
        Id of each row, for ties.
    k : int
        Analytes per query.
    device : str
        Where to multiply: ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.

    Returns
    -------
    Shortlists
        The best analytes.
    """
    n = len(queries)
    found = _empty(n, k)
    work = _Here(queries) if device == "cpu" else _Device(queries, device)
    for first, vectors in blocks:
        work.load(vectors)
        of_rows = (analytes[first : first + len(vectors)], ids, first)
        for start in range(0, n, QUERY_ROWS):
            part = slice(start, min(start + QUERY_ROWS, n))
            work.enter(part, of_rows, (found.score[part], found.analyte[part], found.row[part]))
    return found


def ranked_candidates(
    queries: NDArray[np.float32],
    candidates: tuple[NDArray[np.int64], NDArray[np.int64]],
    vectors: Callable[[NDArray[np.int64]], NDArray[np.float32]],
    analytes: NDArray[np.int32],
    ids: NDArray[np.int64],
    k: int,
) -> Shortlists:
    """Find the k analytes nearest to each query among candidates of its own.

    Parameters
    ----------
    queries : numpy.ndarray of float32, shape (n, d)
        Vectors.
    candidates : (numpy.ndarray of int64, numpy.ndarray of int64), shapes (m,)
        Numbers of queries, and the library's rows to compare with them.
    vectors : callable
        Returns the vectors of some rows.
    analytes, ids, k
        As for :func:`nearest_analytes`.

    Returns
    -------
    Shortlists
        The best analytes; scores are those of the vectors, ties broken as everywhere.
    """
    found = _empty(len(queries), k)
    for start in range(0, len(candidates[0]), PAIRS):
        query, row = (column[start : start + PAIRS] for column in candidates)
        scores = inner_products(queries[query], vectors(row))
        _take_some(query, row, scores, analytes, ids, 0, found.score, found.analyte, found.row)
    return found


def _empty(n: int, k: int) -> Shortlists:
    return Shortlists(
        np.full((n, k), -np.inf, dtype=np.float32), np.full((n, k), -1, dtype=np.int32), np.full((n, k), -1, dtype=np.int64)
    )


# Of the rows of one block: analytes, ids of the whole library, the number of the first.
_OfRows = tuple["NDArray[np.int32]", "NDArray[np.int64]", int]
# Of the queries of one block: scores, analytes and rows of their short lists.
_Lists = tuple["NDArray[np.float32]", "NDArray[np.int32]", "NDArray[np.int64]"]


def _doubt(queries: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bound by how much an inner product with vectors of length one, in any order of additions, can be off; shape (n,)."""
    # The usual bound d * u, doubled for vectors whose length is one only to half precision.
    lengths = np.sqrt(np.einsum("ij,ij->i", queries, queries))
    doubt: NDArray[np.float32] = (lengths * (2 * queries.shape[1] * np.finfo(np.float32).eps / 2)).astype(np.float32)
    return doubt


class _Here:
    """Multiplies on the CPU."""

    def __init__(self, queries: NDArray[np.float32]) -> None:
        self.queries = queries
        self.doubt = _doubt(queries)

    def load(self, vectors: NDArray[np.float32]) -> None:
        self.block = vectors

    def enter(self, part: slice, of_rows: _OfRows, lists: _Lists) -> None:
        queries = self.queries[part]
        _take_best(queries @ self.block.T, queries, self.block, self.doubt[part], *of_rows, *lists)


class _Device:
    """Multiplies on an accelerator, and brings back only scores that may enter a short list."""

    def __init__(self, queries: NDArray[np.float32], device: str) -> None:
        import torch  # noqa: PLC0415 - slow to import, and only accelerators need it

        self.torch = torch
        self.here, self.doubt = queries, _doubt(queries)
        self.queries = torch.from_numpy(queries).to(device)

    def load(self, vectors: NDArray[np.float32]) -> None:
        self.vectors = np.ascontiguousarray(vectors)
        self.block = self.torch.from_numpy(self.vectors).to(self.queries.device)

    def enter(self, part: slice, of_rows: _OfRows, lists: _Lists) -> None:
        scores = self.queries[part] @ self.block.T
        least = self.torch.from_numpy(lists[0][:, -1] - self.doubt[part]).to(scores.device)
        of_list, of_block = self.torch.nonzero(scores >= least[:, None], as_tuple=True)
        query, row = of_list.cpu().numpy(), of_block.cpu().numpy()
        of_pairs = (query, row, scores[of_list, of_block].cpu().numpy())
        _take_likely(*of_pairs, self.here[part], self.vectors, self.doubt[part], *of_rows, *lists)


# Additions may be regrouped, which makes them several at a time; they are so in the same way for every pair.
@compiled(fastmath={"reassoc", "contract"})
def _product(one: NDArray[np.float32], other: NDArray[np.float32]) -> np.float32:
    """Multiply two vectors in double precision; return the nearest float32."""
    total = 0.0
    for i in range(len(one)):
        total += np.float64(one[i]) * np.float64(other[i])
    return np.float32(total)


@compiled()
def inner_products(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply the vectors of two matrices, row by row.

    Parameters
    ----------
    some, others : numpy.ndarray of float32, shape (n, d)
        The matrices.

    Returns
    -------
    numpy.ndarray of float32, shape (n,)
        Inner products, the same for the same two vectors wherever they stand.
    """
    found = np.empty(len(some), dtype=np.float32)
    for i in range(len(some)):
        found[i] = _product(some[i], others[i])
    return found


@compiled()
def _enter(score, analyte, row, ids, best_score, best_analyte, best_row) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Enter one row into the list of one query, where it belongs."""
    k = len(best_score)
    last = k - 1
    for i in range(k):
        if best_analyte[i] == analyte:
            if score < best_score[i] or (score == best_score[i] and ids[row] > ids[best_row[i]]):
                return
            last = i
            break
    else:
        if best_analyte[last] >= 0 and (
            score < best_score[last] or (score == best_score[last] and analyte > best_analyte[last])
        ):
            return
    place = last
    while place > 0 and (
        score > best_score[place - 1]
        or best_analyte[place - 1] < 0
        or (score == best_score[place - 1] and analyte < best_analyte[place - 1])
    ):
        best_score[place] = best_score[place - 1]
        best_analyte[place] = best_analyte[place - 1]
        best_row[place] = best_row[place - 1]
        place -= 1
    best_score[place] = score
    best_analyte[place] = analyte
    best_row[place] = row


@compiled()
def _take_best(  # type: ignore[no-untyped-def]
    scores,  # noqa: ANN001
    queries,  # noqa: ANN001
    vectors,  # noqa: ANN001
    doubt,  # noqa: ANN001
    analytes,  # noqa: ANN001
    ids,  # noqa: ANN001
    first,  # noqa: ANN001
    best_score,  # noqa: ANN001
    best_analyte,  # noqa: ANN001
    best_row,  # noqa: ANN001
) -> None:
    """Enter the pairs of a block, whose scores have the shape (queries, rows), into the lists of its queries."""
    for q in range(scores.shape[0]):
        least = best_score[q, -1] - doubt[q]
        for r in range(scores.shape[1]):
            if scores[q, r] >= least and analytes[r] >= 0:
                product = _product(queries[q], vectors[r])
                if product >= best_score[q, -1]:
                    _enter(product, analytes[r], first + r, ids, best_score[q], best_analyte[q], best_row[q])
                    least = best_score[q, -1] - doubt[q]


@compiled()
def _take_likely(  # type: ignore[no-untyped-def]
    query,  # noqa: ANN001
    row,  # noqa: ANN001
    scores,  # noqa: ANN001
    queries,  # noqa: ANN001
    vectors,  # noqa: ANN001
    doubt,  # noqa: ANN001
    analytes,  # noqa: ANN001
    ids,  # noqa: ANN001
    first,  # noqa: ANN001
    best_score,  # noqa: ANN001
    best_analyte,  # noqa: ANN001
    best_row,  # noqa: ANN001
) -> None:
    """Enter pairs of a block that were likely when it was begun, each of one query and one row, as far as they still are."""
    for i in range(len(query)):
        q, r = query[i], row[i]
        if analytes[r] >= 0 and scores[i] >= best_score[q, -1] - doubt[q]:
            product = _product(queries[q], vectors[r])
            if product >= best_score[q, -1]:
                _enter(product, analytes[r], first + r, ids, best_score[q], best_analyte[q], best_row[q])


@compiled()
def _take_some(query, row, scores, analytes, ids, first, best_score, best_analyte, best_row) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Enter some scores of a block, each of one query and one row, into the lists of their queries."""
    for i in range(len(query)):
        q, r = query[i], row[i]
        if analytes[r] >= 0 and scores[i] >= best_score[q, -1]:
            _enter(scores[i], analytes[r], first + r, ids, best_score[q], best_analyte[q], best_row[q])
