"""Try a ranker of candidates: boosted trees over the scores of several searches; whole laboratories are left out.

``python tests/speed/choosing/ranker.py LAB massbank --search by_binned --search by_entropy --contributor LCSB --record``

The searches are of the library against itself (`identify --study massbank --library massbank --leave-out contributor -k 20`),
one for each way of scoring; the first is what others are compared with. The trees learn from the queries of laboratories that
are not named, and are judged on those of the named ones, and, learnt from four fifths of the others, on the last fifth.
Settings of the trees are as they were first written down; other sets of features and a linear form were tried and looked at on
the same laboratories, without more success. Models that were trained on some of these laboratories look better there.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from figures import record
from sklearn.ensemble import HistGradientBoostingClassifier

from spectradb.evaluation.resampling import draw_weights, ratio_intervals
from spectradb.facade.lab import connect
from spectradb.search.calibration.fit import query_weights

RANKER, FOLDS, RESAMPLES = "trees over all of these", 5, 1000
CANDIDATES = """
WITH truth AS MATERIALIZED (FROM search_truth($first) WHERE answerable AND n_candidate_analytes > 1),
scores AS MATERIALIZED (
    SELECT query_id, analyte_id, list_position($searches, search_id) AS place, score, matched_peaks, library_spectrum_id
    FROM hits WHERE list_contains($searches, search_id)
)
SELECT
    query_id,
    scores.analyte_id,
    any_value(truth.analyte_id) AS truth,
    any_value(coalesce(query.contributor, '')) AS contributor,
    any_value(truth.n_candidate_analytes) AS n_candidates,
    map_from_entries(list({key: place, value: scores.score})) AS by_place,
    [by_place[n] FOR n IN range(1, len($searches) + 1)] AS scores,
    max(matched_peaks) AS matched_peaks,
    bool_or(query.adduct = library.adduct)::INTEGER AS same_adduct,
    bool_or(query.instrument_type = library.instrument_type)::INTEGER AS same_instrument,
    min(abs(coalesce(query.collision_energy_ev, query.collision_energy_nce * query.precursor_mz / 500)
        - coalesce(library.collision_energy_ev, library.collision_energy_nce * library.precursor_mz / 500))) AS energy_apart
FROM scores
JOIN truth USING (query_id)
JOIN spectra AS query ON query.spectrum_id = query_id
JOIN spectra AS library ON library.spectrum_id = library_spectrum_id
GROUP BY query_id, scores.analyte_id
ORDER BY query_id, scores.analyte_id"""
OF_PAIR = ("matched_peaks", "same_adduct", "same_instrument", "energy_apart")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("library")
    parser.add_argument(
        "--search", action="append", required=True, help="a search of the library against itself; NAME, or NAME=what to call it"
    )
    parser.add_argument("--contributor", action="append", required=True, help="a laboratory that is never learnt from")
    parser.add_argument("--about", help="the data in a few words; default: the name of the library")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    called = {name: label or name for name, _, label in (given.partition("=") for given in options.search)}
    searches = list(called)
    with connect(options.lab) as lab:
        found = lab.sql(CANDIDATES, {"first": searches[0], "searches": searches}).to_arrow_table()
    laboratory = np.array(found["contributor"].to_pylist())
    query = np.unique(found["query_id"].to_numpy(), return_inverse=True)[1]
    truth, analyte = np.array(found["truth"].to_pylist()), np.array(found["analyte_id"].to_pylist())
    scores = np.array(found["scores"].to_pylist(), dtype=np.float64)
    scores = np.where(np.isnan(scores), np.nanmin(scores, axis=0), scores)
    of_pair = [found[name].cast("double").to_numpy(zero_copy_only=False) for name in OF_PAIR]
    features = np.column_stack(
        [scores, *of_pair, *(behind_best(x, query) for x in [*scores.T, *of_pair]), found["n_candidates"]]
    )
    right, weight = truth == analyte, query_weights(laboratory.tolist(), truth.tolist())
    test = np.isin(laboratory, options.contributor)
    by_trees = np.full(len(query), np.nan)
    by_trees[test] = learnt(features, right, weight, ~test, test)
    names, counts = np.unique(laboratory[~test], return_counts=True)
    for fold in range(FOLDS):
        own = np.isin(laboratory, names[np.argsort(-counts, kind="stable")][fold::FOLDS])
        by_trees[own] = learnt(features, right, weight, ~test & ~own, own)
    rows = []
    for label, part in (("the named", test), ("others, left out in turn", ~test)):
        tops = {
            name: top(values[part], query[part], right[part]) for name, values in zip(called.values(), scores.T, strict=True)
        }
        oracle = np.any(list(tops.values()), axis=0)
        tops |= {RANKER: top(by_trees[part], query[part], right[part]), "(at least one score right)": oracle}
        first = np.unique(query[part], return_index=True)[1]
        units = np.unique(truth[part][first], return_inverse=True)[1]
        rows += [
            [label, name, len(first), *against(found_right, tops[called[searches[0]]], units)]
            for name, found_right in tops.items()
        ]
    for row in rows:
        print(" | ".join(map(str, row)))
    if options.record:
        record(
            "ranker",
            topic="methods",
            title=f"{options.about or options.library}: a ranker of candidates, queries in reach with two or more",
            columns=["laboratories", "score", "queries", "top-1", "more than the first"],
            rows=rows,
            notes=[f"The named: {', '.join(options.contributor)}. 95 % of {RESAMPLES:,} samples of analytes in brackets."],
        )


def behind_best(values: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Say how far each candidate lies behind the highest of its query."""
    best = np.full(query.max() + 1, -np.inf)
    np.fmax.at(best, query, values)
    return values - best[query]


def learnt(features: np.ndarray, right: np.ndarray, weight: np.ndarray, learn: np.ndarray, ask: np.ndarray) -> np.ndarray:
    """Learn whether candidates are right from some, and say how probable it is of others."""
    trees = HistGradientBoostingClassifier(
        max_iter=200, learning_rate=0.05, max_leaf_nodes=15, min_samples_leaf=100, l2_regularization=5, random_state=0
    )
    return trees.fit(features[learn], right[learn], sample_weight=weight[learn]).predict_proba(features[ask])[:, 1]


def top(values: np.ndarray, query: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Tell of each query whether the first candidate is right; ties go to the smaller analyte_id, as rows are ordered."""
    order = np.lexsort([np.arange(len(query)), -values, query])
    return right[order][np.unique(query[order], return_index=True)[1]]


def against(right: np.ndarray, other: np.ndarray, units: np.ndarray) -> tuple[float, str]:
    """Give a share, and its paired difference from another with the interval."""
    gained = right.astype(float) - other
    sums, counts = np.bincount(units, gained)[:, None].astype(float), np.bincount(units)[:, None].astype(float)
    low, high = ratio_intervals(sums, counts, draw_weights(len(counts), resamples=RESAMPLES, seed=0))
    return round(float(right.mean()), 4), "" if right is other else f"{gained.mean():+.4f} [{low[0]:+.4f}, {high[0]:+.4f}]"


if __name__ == "__main__":
    main()
