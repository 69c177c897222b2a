"""Evaluating embedders and other scores by the library search that they are for, on arrays alone.

Every method scores the same pairs of queries and candidates (:mod:`spectradb.evaluation.window_search`), so that methods can be
compared query by query. A row of the result is a method on a part of the queries. Queries with a single candidate analyte are
answered rightly by any method; what methods are worth shows among those with two or more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spectradb.arrays.half_precision import narrowed, widened
from spectradb.errors import BadParameter
from spectradb.evaluation.queries import isomer_groups, query_subsets
from spectradb.evaluation.statistics import AnalyteBootstrap, roc_auc
from spectradb.evaluation.window_search import merged_scores, pair_scores, ranks_of_truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spectradb.arrays.annotated_spectra import TrainingData
    from spectradb.arrays.peak_batch import PeakBatch
    from spectradb.embedders.embedder import Embedder
    from spectradb.evaluation.window_search import CandidatePairs

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
#: Scores pairs of spectra: two arrays of rows of the data to one array of scores.
PairScore = Callable[[Rows, Rows], Floats]

_INTERVALS = ("top_1", "top_1_per_analyte", "difference", "difference_per_analyte")
#: Columns of :attr:`Evaluation.rows`.
ROW_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("method", "subset", "candidates")),
        *((name, pa.int64()) for name in ("n_queries", "n_analytes")),
        *((name, pa.float64()) for name in ("top_1", "top_1_low", "top_1_high", "top_5")),
        *((name, pa.float64()) for name in ("top_1_per_analyte", "top_1_per_analyte_low", "top_1_per_analyte_high")),
        *((name, pa.float64()) for name in ("top_5_per_analyte", "auc_in_reach", "top_1_by_any")),
        ("baseline", pa.string()),
        *((name + end, pa.float64()) for name in _INTERVALS[2:] for end in ("", "_low", "_high")),
    ]
)
#: Columns of :attr:`Evaluation.members`.
MEMBER_SCHEMA = pa.schema(
    [
        ("group", pa.int64()),
        ("ion_mode", pa.string()),
        ("precursor_mz", pa.float64()),
        ("n_members", pa.int64()),
        ("analyte_id", pa.string()),
        ("n_queries", pa.int64()),
        ("method", pa.string()),
        ("top_1", pa.float64()),
        ("difference", pa.float64()),
    ]
)


@runtime_checkable
class TwoPartEmbedder(Protocol):
    """An embedder whose vector has two parts that can be judged apart."""

    def embed_parts(self, batch: PeakBatch, *, device: str = "cpu") -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Embed a batch as hash vectors and as pooled vectors."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Evaluation:
    """What an evaluation found.

    Parameters
    ----------
    rows : pyarrow.Table
        One row per part of the queries, number of candidates (``any``, ``2 or more``, ``1``) and method: share of queries whose
        analyte came first (``top_1``) or among the first five (``top_5``), over queries and as the mean over analytes; area
        under the ROC curve of the best score, right against wrong answers; differences of ``top_1`` from the baseline, query by
        query; 95% intervals by drawing analytes. ``top_1_by_any``, the same for all methods of a part, is the share of queries
        that at least one method answers rightly: whoever picks one of these answers, however well, gets no further. NULL:
        undefined.
    members : pyarrow.Table
        One row per analyte of a group of queries that share a precursor window, and method: ``top_1`` of the analyte's queries
        and its difference from the baseline. Where a method answers with one isomer always, it shows here.
    """

    rows: pa.Table
    members: pa.Table


def method_scores(
    data: TrainingData, pairs: CandidatePairs, embedder: Embedder, *, device: str = "cpu", parts: bool = True
) -> dict[str, Floats]:
    """Score pairs by the vectors of an embedder, at the precision at which a lab keeps them.

    Parameters
    ----------
    data : TrainingData
        Spectra.
    pairs : CandidatePairs
        p pairs.
    embedder : Embedder
        Makes the vectors.
    device : str
        Where: ``cpu``, ``cuda`` or ``cuda:<number>``.
    parts : bool
        Whether to score the parts of a trained encoder's vector, too.

    Returns
    -------
    dict of str to numpy.ndarray of shape (p,), float64
        Scores by the name of the embedder; as ``<name> merged`` those of an analyte's best spectra merged; for a trained
        encoder also ``<name> hash`` and ``<name> encoder``.

    Raises
    ------
    BadParameter
        The device is unknown or absent.
    """
    rows = np.unique(np.concatenate([pairs.query, pairs.reference]))
    places = np.full(len(data), -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    peaks = data.take(rows).peaks
    vectors = {embedder.name: embedder.embed(peaks, device=device)}
    if parts and isinstance(embedder, TwoPartEmbedder):
        hashed, encoded = embedder.embed_parts(peaks, device=device)
        vectors |= {f"{embedder.name} hash": hashed, f"{embedder.name} encoder": encoded}
    stored = {name: widened(narrowed(array)) for name, array in vectors.items()}
    scores = {name: pair_scores(array, pairs, places=places) for name, array in stored.items()}
    merged = merged_scores(data, pairs, scores[embedder.name], stored[embedder.name], places=places)
    return {embedder.name: scores[embedder.name], f"{embedder.name} merged": merged} | scores


def evaluate(
    data: TrainingData,
    pairs: CandidatePairs,
    methods: Mapping[str, Floats | PairScore],
    *,
    subsets: Mapping[str, Bools] | None = None,
    baseline: str | None = None,
    ppm: float = 10.0,
    n_draws: int = 2000,
    seed: int = 0,
) -> Evaluation:
    """Judge scores by the searches that they make.

    Parameters
    ----------
    data : TrainingData
        Spectra.
    pairs : CandidatePairs
        p pairs of q queries, such as :func:`spectradb.evaluation.queries.search_pairs` gives.
    methods : mapping of str to array or callable
        Scores of shape (p,), or a function from the rows of queries and references, both of shape (p,), to scores.
    subsets : mapping of str to numpy.ndarray of shape (q,), bool, optional
        Parts of the queries; None: those of :func:`spectradb.evaluation.queries.query_subsets`.
    baseline : str, optional
        Method with which the others are compared; None: the first.
    ppm : float
        Step within a group of ``members``.
    n_draws : int
        Draws of an interval.
    seed : int
        Source of chance.

    Returns
    -------
    Evaluation
        Tables.

    Raises
    ------
    BadParameter
        There is no method, the baseline is none of them, or scores are not one finite number for each pair.
    """
    names = list(methods)
    if not names or (baseline is not None and baseline not in methods):
        raise BadParameter(f"the baseline {baseline!r} is not among the methods {names}. Name one of them.")
    baseline = baseline or names[0]
    outcomes = [_outcome(data, pairs, name, methods[name]) for name in names]
    ranks, top_scores = (np.stack(columns, axis=1) for columns in zip(*outcomes, strict=True))
    judged = _Judged(names, names.index(baseline), ranks, top_scores, data.analyte[pairs.queries])
    parts = query_subsets(data, pairs) if subsets is None else dict(subsets)
    rows: list[dict[str, Any]] = []
    for subset, chosen in parts.items():
        by_candidates = {"any": chosen, "2 or more": chosen & (pairs.n_candidates > 1)}
        if subset == "all":
            by_candidates["1"] = chosen & (pairs.n_candidates == 1)
        for label, part in by_candidates.items():
            if part.any():
                rows += ({**row, "subset": subset, "candidates": label} for row in judged.rows(part, n_draws, seed))
    members = _members(data, pairs, judged, isomer_groups(data, pairs, ppm=ppm))
    return Evaluation(
        rows=pa.Table.from_pylist(rows, schema=ROW_SCHEMA), members=pa.Table.from_pylist(members, schema=MEMBER_SCHEMA)
    )


def _outcome(data: TrainingData, pairs: CandidatePairs, name: str, method: Floats | PairScore) -> tuple[Rows, Floats]:
    given = method(pairs.query, pairs.reference) if callable(method) else method
    scores = np.asarray(given, dtype=np.float64)
    if scores.shape != pairs.query.shape or not np.isfinite(scores).all():
        raise BadParameter(
            f"{name}: scores of shape {scores.shape}; give one finite number for each of {len(pairs.query)} pairs"
        )
    starts = np.searchsorted(pairs.query, pairs.queries)
    top = np.maximum.reduceat(scores, starts) if len(starts) else scores
    return ranks_of_truth(data, pairs, scores), top


@dataclass(frozen=True, eq=False, slots=True)
class _Judged:
    """Ranks of the right analyte and best scores, of shape (q, number of methods)."""

    names: list[str]
    baseline: int
    ranks: Rows
    top_scores: Floats
    analyte: Rows

    def rows(self, part: Bools, n_draws: int, seed: int) -> list[dict[str, Any]]:
        first, five = (self.ranks[part] == 1).astype(np.float64), (self.ranks[part] <= 5).astype(np.float64)
        difference = first - first[:, [self.baseline]]
        bootstrap = AnalyteBootstrap(self.analyte[part], n_draws=n_draws, seed=seed)
        values = np.concatenate([first, difference], axis=1)
        intervals = np.stack(bootstrap.intervals(values))  # (over queries or analytes, low or high, value)
        means = np.stack([values.mean(axis=0), bootstrap.per_analyte(values).mean(axis=0)])
        by_any = float(first.max(axis=1).mean())
        five_per_analyte = bootstrap.per_analyte(five).mean(axis=0)
        rows = []
        for method, name in enumerate(self.names):
            auc = roc_auc(first[:, method] == 1, self.top_scores[part][:, method])
            row: dict[str, Any] = {
                "method": name,
                "n_queries": len(first),
                "n_analytes": bootstrap.n_analytes,
                "top_5": float(five[:, method].mean()),
                "top_5_per_analyte": float(five_per_analyte[method]),
                "auc_in_reach": None if np.isnan(auc) else auc,
                "top_1_by_any": by_any,
            }
            for number, measure in enumerate(_INTERVALS):
                kind, column = number % 2, method + number // 2 * len(self.names)
                if number < 2 or method != self.baseline:
                    low, high = intervals[kind, :, column]
                    row |= {measure: means[kind, column], f"{measure}_low": low, f"{measure}_high": high}
            if method != self.baseline:
                row["baseline"] = self.names[self.baseline]
            rows.append(row)
        return rows


def _members(data: TrainingData, pairs: CandidatePairs, judged: _Judged, group: Rows) -> list[dict[str, Any]]:
    precursor_mz = data.peaks.precursor_mz[pairs.queries]
    right = judged.ranks == 1
    rows = []
    for number in range(int(group.max(initial=-1)) + 1):
        inside = group == number
        analytes = np.unique(judged.analyte[inside])
        shared = {
            "group": number,
            "ion_mode": {1: "positive", -1: "negative"}.get(int(data.peaks.ion_mode[pairs.queries[inside][0]]), "unknown"),
            "precursor_mz": float(np.median(precursor_mz[inside])),
            "n_members": len(analytes),
        }
        for analyte in analytes:
            own = inside & (judged.analyte == analyte)
            top_1 = right[own].mean(axis=0)
            identity = {"analyte_id": data.analytes[analyte], "n_queries": int(own.sum())}
            for method, name in enumerate(judged.names):
                change = None if method == judged.baseline else float(top_1[method] - top_1[judged.baseline])
                rows.append({**shared, **identity, "method": name, "top_1": float(top_1[method]), "difference": change})
    return rows
