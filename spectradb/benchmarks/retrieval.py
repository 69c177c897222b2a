"""The protocol ``retrieval``: how often the right analyte is first, per spectrum and per analyte (the paper's Table 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectradb import schemas
from spectradb.benchmarks.method_searches import K, candidates, seconds_of
from spectradb.benchmarks.report import Findings, PrintedTable, Result, pivot
from spectradb.benchmarks.training_marks import register_training_parts
from spectradb.evaluation.resampling import auc_interval, draw_weights, ratio_intervals
from spectradb.similarity.methods import PEAK_SCORES
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    import duckdb
    import numpy.typing as npt

    from spectradb.benchmarks.method_searches import Comparison

#: Threshold of MCES distances, as in the paper.
MCES_THRESHOLD = 15.0


def judge_retrieval(
    con: duckdb.DuckDBPyConnection, comparison: Comparison, searches: dict[str, str], *, resamples: int, seed: int
) -> Findings:
    """Judge searches of spectra whose analytes are known.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    comparison : Comparison
        What was compared.
    searches : dict of str to str
        The search of each method.
    resamples, seed : int
        Samples of analytes for confidence intervals, and the seed by which they are drawn.

    Returns
    -------
    Findings
        Accuracy, MCES distances (where they are in the lab) and ROC AUC, by method and part of the data, among them what any
        compared model was trained on and what none was; speed.
    """
    register_training_parts(con, list(searches.values()))
    con.register("judged", _judged(con, searches))
    con.unregister("training_parts")
    terms = to_arrow(con, schemas.read("queries/retrieval/terms"), {"baselines": list(PEAK_SCORES)})
    analytes = sorted(set(terms["analyte_id"].to_pylist()))
    results: list[Result] = []
    for subset in sorted(set(terms["subset"].to_pylist()), key=lambda name: (name != "all", name)):
        part = terms.filter(pc.equal(terms["subset"], subset))
        own = sorted(set(part["analyte_id"].to_pylist()))
        weights = draw_weights(len(own), resamples=resamples, seed=seed)
        results += ratios(part, "analyte_id", own, weights, subset=subset)
        results += [_auc(con, method, subset, own, weights) for method in searches]
    con.unregister("judged")
    chosen_from = candidates(con, comparison)
    seconds = seconds_of(con, list(searches.values()))
    for method, search in searches.items():
        results.append(Result(method, "all", "search_seconds", seconds[search], chosen_from.n_pairs))
        results.append(Result(method, "all", "pairs_per_second", chosen_from.n_pairs / seconds[search], chosen_from.n_pairs))
    spectra = next((r.n for r in results if r.metric == "top_1_per_spectrum" and r.subset == "all"), 0)
    notes = [
        f"{spectra:,} spectra of {len(analytes):,} analytes; intervals: {resamples:,} samples of analytes, 95 %",
        f"{chosen_from.n_copies:,} library spectra have the peaks of {chosen_from.n_copied:,} queries; no query met its copy",
        "share_closed: of what the best score of peaks (by top 1, of each part and way of averaging) leaves of the possible",
    ]
    return Findings(results, _tables(results, list(searches)), notes)


def ratios(terms: pa.Table, unit: str, units: list[str], weights: npt.NDArray[np.float32], *, subset: str) -> list[Result]:
    """Turn terms of ratios into results with confidence intervals.

    Parameters
    ----------
    terms : pyarrow.Table
        method, metric, numerator, denominator and n of each unit.
    unit : str
        Name of the column that tells units apart.
    units : list of str
        Its values, sorted.
    weights : numpy.ndarray of float32, shape (resamples, len(units))
        From :func:`spectradb.evaluation.resampling.draw_weights`.
    subset : str
        The part of the data.

    Returns
    -------
    list of Result
        One per method and metric.
    """
    keys = list(zip(terms["method"].to_pylist(), terms["metric"].to_pylist(), strict=True))
    columns = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    column = np.array([columns[key] for key in keys])
    row = np.searchsorted(np.array(units), np.array(terms[unit].to_pylist()))
    parts = np.zeros((3, len(units), len(columns)))
    for i, name in enumerate(("numerator", "denominator", "n")):
        np.add.at(parts[i], (row, column), terms[name].to_numpy())
    numerator, denominator, n = parts.sum(axis=1)
    low, high = ratio_intervals(parts[0], parts[1], weights)
    return [
        Result(method, subset, metric, _ratio(numerator[i], denominator[i]), int(n[i]), float(low[i]), float(high[i]))
        for (method, metric), i in columns.items()
    ]


def _judged(con: duckdb.DuckDBPyConnection, searches: dict[str, str]) -> pa.Table:
    parts = []
    for method, search in searches.items():
        values = {"search": search, "at_k": K, "limit_distance": MCES_THRESHOLD}
        rows = to_arrow(con, schemas.read("queries/retrieval/rows"), values)
        parts.append(rows.add_column(0, "method", pa.array([method] * rows.num_rows, pa.string())))
    return pa.concat_tables(parts)


def _auc(
    con: duckdb.DuckDBPyConnection,
    method: str,
    subset: str,
    analytes: list[str],
    weights: npt.NDArray[np.float32],
) -> Result:
    scored = to_arrow(con, schemas.read("queries/retrieval/scores"), {"method": method, "subset": subset})
    con.register("scored", scored)
    n_true, n_false, auc = con.execute(schemas.read("queries/retrieval/auc")).fetchall()[0]
    con.unregister("scored")
    unit = np.searchsorted(np.array(analytes), np.array(scored["analyte_id"].to_pylist(), dtype=object).astype(str))
    correct = scored["correct"].to_numpy(zero_copy_only=False).astype(bool)
    low, high = auc_interval(scored["score"].to_numpy(), correct, unit, weights)
    return Result(method, subset, "roc_auc", auc, n_true + n_false, low, high)


def _tables(results: list[Result], methods: list[str]) -> list[PrintedTable]:
    tables = []
    for averaged in ("spectrum", "analyte"):
        metrics = [f"{name}_per_{averaged}" for name in ("top_1", "top_5", "top_10", "share_of_possible", "share_closed")]
        extra = [f"{name}_per_{averaged}" for name in ("mces_1", "mces_k")]
        metrics += [name for name in extra if any(r.metric == name for r in results)]
        shown = [r for r in results if r.metric == f"best_possible_per_{averaged}" and r.subset == "all"][:1]
        best = f" (best possible {shown[0].value:.3f}, n = {shown[0].n:,})" if shown and shown[0].value is not None else ""
        header = ["method", *(name.removesuffix(f"_per_{averaged}") for name in metrics)]
        tables.append(PrintedTable(f"per {averaged}{best}", header, pivot(results, methods, metrics)))
    subsets = [name for name in dict.fromkeys(r.subset for r in results) if name not in {"all", "no candidate"}]
    for metric in ("top_1_per_spectrum", "top_1_per_analyte", "roc_auc"):
        rows = [[method, *(_plain(results, method, subset, metric) for subset in ("all", *subsets))] for method in methods]
        if metric != "roc_auc":
            best_possible = metric.replace("top_1", "best_possible")
            rows.append(
                ["(best possible)", *(_plain(results, methods[0], subset, best_possible) for subset in ("all", *subsets))]
            )
        tables.append(PrintedTable(f"{metric} by part of the data", ["method", "all", *subsets], rows))
    speed = ["search_seconds", "pairs_per_second"]
    rows = [[method, *(_plain(results, method, "all", metric) for metric in speed)] for method in methods]
    tables.append(PrintedTable("speed of the whole search", ["method", *speed], rows))
    return tables


def _plain(results: list[Result], method: str, subset: str, metric: str) -> float | int | None:
    for r in results:
        if (r.method, r.subset, r.metric) == (method, subset, metric):
            return round(r.value) if metric == "pairs_per_second" and r.value is not None else r.value
    return None


def _ratio(numerator: float, denominator: float) -> float | None:
    return float(numerator / denominator) if abs(denominator) > 1e-12 else None
