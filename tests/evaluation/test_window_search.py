import dataclasses

import numpy as np
import pytest
from made_spectra import isomer_table, write_arrow

from spectradb.arrays.annotated_spectra import load_training_data
from spectradb.evaluation.window_search import (
    candidate_pairs,
    merged_scores,
    pair_scores,
    ranks_of_truth,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return load_training_data(write_arrow(isomer_table(n_windows=4), tmp_path_factory.mktemp("data") / "d.arrow"))


def test_ranks_are_those_of_plain_loops(data):
    queries = np.flatnonzero(data.from_contributors(["There"]))[::2]
    library = np.flatnonzero(data.from_contributors(["Here"]))
    library = library[data.analyte[library] != data.analyte[queries[0]]]  # some queries have no answer
    pairs = candidate_pairs(data, queries=queries, library=library)
    chance = np.random.default_rng(0)
    vectors = chance.integers(-1, 2, (len(data), 3)).astype(np.float32)  # many ties
    ranks = ranks_of_truth(data, pairs, pair_scores(vectors, pairs))
    expected, counts, answered = [], [], []
    for query in queries:
        best = {}
        for reference in library:
            if (
                abs(data.peaks.precursor_mz[reference] - data.peaks.precursor_mz[query])
                <= 1e-5 * data.peaks.precursor_mz[query]
            ):
                name = data.analytes[data.analyte[reference]]
                best[name] = max(best.get(name, -np.inf), float(vectors[query] @ vectors[reference]))
        truth = data.analytes[data.analyte[query]]
        if truth in best:
            order = sorted(best, key=lambda name: (-best[name], name))
            expected.append(order.index(truth) + 1)
            counts.append(len(best))
            answered.append(query)
    assert 0 < len(answered) < len(queries)
    assert pairs.queries.tolist() == answered
    assert pairs.n_candidates.tolist() == counts
    assert ranks.tolist() == expected


def test_merged_scores_are_those_of_merged_vectors(data):
    queries = np.flatnonzero(data.from_contributors(["There"]))
    pairs = candidate_pairs(data, queries=queries, library=np.flatnonzero(~data.from_contributors(["There"])))
    vectors = np.random.default_rng(0).normal(size=(len(data), 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = pair_scores(vectors, pairs)
    merged = merged_scores(data, pairs, scores, vectors, spectra=3)
    analyte = data.analyte[pairs.reference]
    for query, name in {*zip(pairs.query.tolist(), analyte.tolist(), strict=True)}:
        own = np.flatnonzero((pairs.query == query) & (analyte == name))
        best = own[np.argsort(-scores[own], kind="stable")]
        sums = [vectors[pairs.reference[best[:n]]].sum(axis=0) for n in (1, 2, 3)]
        wanted = max(vectors[query] @ summed / max(np.linalg.norm(summed), 1.0) for summed in sums)
        assert merged[best[0]] == pytest.approx(wanted, abs=1e-6)
        assert merged[best[1:]].tolist() == scores[best[1:]].tolist()
    assert (merged > scores + 1e-3).any()


def test_copies_of_the_query_are_no_answer(data):
    with_copy = dataclasses.replace(data, peaks_hash=np.array([0, 0, *range(2, len(data))]))
    pairs = candidate_pairs(with_copy, queries=np.array([0]), library=np.arange(len(data)))
    assert 1 not in pairs.reference
    assert 0 not in pairs.reference
    assert 2 in pairs.reference
