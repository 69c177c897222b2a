"""Approximate open search: candidates come from a vector index and are ranked by their vectors; its recall is always measured.

Some queries are searched exactly too. While the analytes that were found are too few of those that should have been, more of
the index is looked at, and what was reached in the end is reported.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spectradb.errors import BadParameter
from spectradb.search.vectors.exact import LIBRARY_ROWS, Shortlists, nearest_analytes, ranked_candidates
from spectradb.spelling import known_names
from spectradb.store.indexes.ann_index import INDEX_TYPE, PARTITION_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from spectradb.store.indexes.ann_index import VectorIndex
    from spectradb.store.indexes.mmap_index_format import IndexedVectors

AUTO, EXACT, APPROXIMATE = "auto", "exact", "approximate"

#: How an open search may find vectors; auto: approximately where both library and queries are large, else exactly.
INDEXES = (AUTO, EXACT, APPROXIMATE)

#: Share of the analytes of an exact search that an approximate one should find.
TARGET_RECALL = 0.95

#: Queries of each ion mode that are searched exactly too; the recall of ten analytes has a standard error of about .01 then.
SAMPLE = 200

#: Vectors in a library from which on its index is asked. On two idle cores comparing all was quicker at every size measured:
#: 0.27 ms a query among 60,000 vectors of 512 dimensions and 1.3 ms among 300,000, by the index 1.7 and 4.4 ms
#: (``tests/speed/page.py --only sizes``). This is not a measured crossover: it is where vectors take 5 GB, more than a laptop's
#: memory has to spare, so that each block of queries would have to read them all from the disk.
CROSSOVER_ROWS = 5_000_000

#: Queries that pay for building a vector index. That takes 50 us of processor time a vector, as comparing it with 3,000 queries
#: does, and some queries are searched exactly too.
CROSSOVER_QUERIES = 10_000

#: Queries from which on an index that stands is worth while: those that are searched exactly too must be few among them.
CROSSOVER_QUERIES_STANDING = 10 * SAMPLE

_FIRST_PROBES = 16
# Spectra to look at for each analyte wanted: libraries have a dozen of each. Queries that find too few look at more.
_ROWS_PER_ANALYTE = 8
_WIDER = 4
_WIDEST = _ROWS_PER_ANALYTE * _WIDER**2
_SEED = 20_240_229
# Products of one pair of vectors differ that much by the order in which they are summed up.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Recall:
    """What an approximate search found of what an exact one finds.

    Parameters
    ----------
    recall : float
        The mean share of the analytes that are nearest, ties included.
    at : int
        How many nearest analytes were looked at.
    n_sampled : int
        Queries on which it was measured, drawn at random.
    n_queries : int
        Queries that they stand for.
    target : float
        What was to be reached.
    n_probes : int
        Partitions of the index that were looked into.
    n_built : int
        Vectors that had to be written into the index before.
    build_seconds : float
        Time that took.
    """

    recall: float
    at: int
    n_sampled: int
    n_queries: int
    target: float
    n_probes: int
    n_built: int = 0
    build_seconds: float = 0.0

    @property
    def settings(self) -> dict[str, object]:
        """What searches record of it; the keys are those of :data:`MEASURED`."""
        return {
            "index_type": INDEX_TYPE,
            "nprobes": self.n_probes,
            "recall": round(self.recall, 4),
            "recall_at": self.at,
            "recall_queries": self.n_sampled,
        }

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        measured = f"recall@{self.at} {self.recall:.3f} on {self.n_sampled:,} of the queries, searched exactly too"
        lines = [f"  approximate by {INDEX_TYPE}, {self.n_probes} partitions probed: {measured}"]
        if self.n_built:
            lines.append(f"  vector index: {self.n_built:,} vectors written in {self.build_seconds:.1f} s")
        if self.recall < self.target:
            lines.append(f"  note: the recall asked for, {self.target}, was not reached: search with --index exact")
        return lines


#: What is known of an approximate search only when it is done.
MEASURED = ("index_type", "nprobes", "recall", "recall_at", "recall_queries")


def recorded_recall(settings: str | None, n_queries: int) -> Recall | None:
    """Read back what a search recorded of its recall.

    Parameters
    ----------
    settings : str or None
        Settings as searches record them.
    n_queries : int
        Queries of the search.

    Returns
    -------
    Recall or None
        What was measured; None of a search that was exact.
    """
    said = json.loads(settings) if settings else {}
    if "recall" not in said:
        return None
    of_what = (int(said["recall_at"]), int(said["recall_queries"]), n_queries)
    return Recall(float(said["recall"]), *of_what, float(said["recall_target"]), int(said["nprobes"]))


def together(parts: Sequence[Recall]) -> Recall | None:
    """Put together what was measured on different queries.

    Parameters
    ----------
    parts : sequence of Recall
        What was measured, each on a sample of its queries.

    Returns
    -------
    Recall or None
        The mean over all queries; None for no part.
    """
    if not parts:
        return None
    n_queries = sum(part.n_queries for part in parts)
    return Recall(
        sum(part.recall * part.n_queries for part in parts) / n_queries,
        max(part.at for part in parts),
        sum(part.n_sampled for part in parts),
        n_queries,
        parts[0].target,
        max(part.n_probes for part in parts),
        sum(part.n_built for part in parts),
        sum(part.build_seconds for part in parts),
    )


def is_approximate(index: str, *, n_rows: int, n_queries: int, stands: bool, device: str) -> bool:
    """Choose how to search.

    Parameters
    ----------
    index : str
        One of :data:`INDEXES`.
    n_rows, n_queries : int
        Vectors in the library, and queries.
    stands : bool
        Whether the library has a vector index already.
    device : str
        Where an exact search multiplies; accelerators do so faster than any index is searched.

    Returns
    -------
    bool
        Whether to search approximately.

    Raises
    ------
    BadParameter
        If there is no such choice.
    """
    if index not in INDEXES:
        raise BadParameter(f"there is no index {index!r}; there are: {known_names(index, INDEXES)}")
    if index == AUTO:
        worth = CROSSOVER_QUERIES_STANDING if stands else CROSSOVER_QUERIES
        return device == "cpu" and n_rows >= CROSSOVER_ROWS and n_queries >= worth
    return index == APPROXIMATE


def check_index(index: str, target_recall: float) -> None:
    """Check how an open search is to find vectors.

    Parameters
    ----------
    index : str
        One of :data:`INDEXES`.
    target_recall : float
        What an approximate search should reach.

    Raises
    ------
    BadParameter
        If there is no such index, or the recall is no share.
    """
    if index not in INDEXES:
        raise BadParameter(f"there is no index {index!r}; there are: {known_names(index, INDEXES)}")
    if not 0 < target_recall <= 1:
        raise BadParameter(f"the recall {target_recall} must be above 0 and at most 1")


def check_no_index(index: str) -> None:
    """Check that no choice was made where there is none: a precursor filter leaves few vectors to compare.

    Parameters
    ----------
    index : str
        One of :data:`INDEXES`.

    Raises
    ------
    BadParameter
        If it is not what is chosen where nothing is said.
    """
    if index != AUTO:
        raise BadParameter(f"the index {index!r} is for searches without a precursor filter: give --open")


def approximate_analytes(
    queries: NDArray[np.float32],
    library: IndexedVectors,
    rows: slice,
    index: VectorIndex,
    analytes: NDArray[np.int32],
    k: int,
    *,
    at: int,
    target: float,
) -> tuple[Shortlists, Recall]:
    """Find the k analytes nearest to each query, as far as an index knows them.

    Parameters
    ----------
    queries : numpy.ndarray of float32, shape (n, d)
        Vectors; at least one.
    library : IndexedVectors
        The library.
    rows : slice
        Its rows that the index holds.
    index : VectorIndex
        The index.
    analytes : numpy.ndarray of int32, shape (rows of the library,)
        Analyte of each row of the library; -1 for none.
    k : int
        Analytes per query.
    at : int
        Nearest analytes whose recall counts, at most k.
    target : float
        Recall to reach if possible.

    Returns
    -------
    (Shortlists, Recall)
        The analytes, with exact scores, and what an exact search of some queries says of them.
    """
    search = _Search(library, rows, index, analytes, k)
    sampled = np.sort(np.random.default_rng(_SEED).permutation(len(queries))[:SAMPLE])
    asked = queries[sampled]
    exact = nearest_analytes(asked, library.blocks(rows, LIBRARY_ROWS), analytes, library.ids, at)
    found, reached, n_probes, width = _found_enough(search, asked, exact, target)
    if len(sampled) < len(queries):
        found = search(queries, n_probes, width)
    return found, Recall(reached, at, len(sampled), len(queries), target, n_probes, index.n_changed, index.seconds)


def recall(found: Shortlists, exact: Shortlists) -> float:
    """Tell which share of the nearest analytes was found.

    Parameters
    ----------
    found : Shortlists
        What an approximate search of n queries found.
    exact : Shortlists
        What an exact one finds.

    Returns
    -------
    float
        The mean over the queries; an analyte as near as the last of the exact ones counts as one of them. 1 without any.
    """
    n_exact = (exact.analyte >= 0).sum(axis=1)
    known = n_exact > 0
    if not known.any():
        return 1.0
    last = exact.score[known, n_exact[known] - 1]
    near = (found.analyte[known] >= 0) & (found.score[known] >= last[:, None] - _ROUNDING)
    return float((np.minimum(near.sum(axis=1), n_exact[known]) / n_exact[known]).mean())


@dataclass(frozen=True)
class _Search:
    library: IndexedVectors
    rows: slice
    index: VectorIndex
    analytes: NDArray[np.int32]
    k: int

    @property
    def n_rows(self) -> int:
        return int(self.rows.stop - self.rows.start)

    def __call__(self, queries: NDArray[np.float32], n_probes: int, width: int) -> Shortlists:
        n_candidates = min(self.k * width, self.n_rows)
        found = self._ranked(queries, n_candidates, n_probes)
        # All candidates may be spectra of few analytes: then the others are farther away than these.
        short = np.flatnonzero((found.analyte < 0).any(axis=1))
        while len(short) and n_candidates < self.n_rows:
            n_candidates, n_probes = min(n_candidates * _WIDER, self.n_rows), n_probes * _WIDER
            more = self._ranked(queries[short], n_candidates, n_probes)
            for column, of_more in zip(_columns(found), _columns(more), strict=True):
                column[short] = of_more
            short = short[(more.analyte < 0).any(axis=1)]
        return found

    def _ranked(self, queries: NDArray[np.float32], n_candidates: int, n_probes: int) -> Shortlists:
        candidates = self.index.candidates(queries, n_candidates, n_probes=n_probes)
        return ranked_candidates(queries, candidates, self.library.at, self.analytes, self.library.ids, self.k)


def _columns(lists: Shortlists) -> tuple[NDArray[np.generic], ...]:
    return lists.score, lists.analyte, lists.row


def _found_enough(
    search: _Search, queries: NDArray[np.float32], exact: Shortlists, target: float
) -> tuple[Shortlists, float, int, int]:
    """Look at more and more of an index until the target is reached, or nothing more is to be gained."""
    for n_probes, width in _efforts(-(-search.n_rows // PARTITION_ROWS)):
        found = search(queries, n_probes, width)
        reached = recall(found, exact)
        if reached >= target:
            break
    return found, reached, n_probes, width


def _efforts(n_partitions: int) -> Iterator[tuple[int, int]]:
    """Name numbers of partitions to probe and of spectra to look at for each analyte, the least effort first."""
    n_probes, width = min(_FIRST_PROBES, n_partitions), _ROWS_PER_ANALYTE
    yield n_probes, width
    while n_probes < n_partitions:
        n_probes = min(2 * n_probes, n_partitions)
        yield n_probes, width
    while width < _WIDEST:
        width *= _WIDER
        yield n_probes, width
