"""Search for analogues on arrays: what is asked of what, what is found, and what to expect of a score."""

import numpy as np
import pyarrow as pa
import pytest
from made_spectra import family_table, write_arrow

from spectradb.arrays.annotated_spectra import load_training_data, training_data
from spectradb.embedders.binned import BinnedEmbedder
from spectradb.errors import NoSpectra
from spectradb.evaluation.analogue_card import analogue_lines
from spectradb.evaluation.analogue_shortlist import Mixture, by_shortlist
from spectradb.evaluation.analogues import analogue_task, answers, by_peaks, by_vectors, possible
from spectradb.evaluation.expected_tanimoto import FIRST, LATER, expected, fitted_curves, reliability
from spectradb.similarity.enough_matches import EnoughMatches
from spectradb.similarity.methods import peak_score
from spectradb.similarity.structures import MORGAN, PATHS, tanimoto


@pytest.fixture(scope="module")
def data():
    return training_data(family_table(lengths=range(1, 4)))


def everything(data):
    return np.ones(len(data), dtype=bool)


def test_a_table_is_read_as_a_file_is(data, tmp_path):
    other = load_training_data(write_arrow(family_table(lengths=range(1, 4)), tmp_path / "d.arrow"))
    assert (other.analytes, other.smiles, other.peaks.mz.tolist()) == (data.analytes, data.smiles, data.peaks.mz.tolist())
    assert (data.digest, len(other.digest)) == ("", 64)


def test_no_molecule_is_on_both_sides(data):
    task = analogue_task(data, everything(data), n_molecules=10, spectra_per_molecule=1, seed=3)
    asked, searched = task.molecule[task.queries], task.molecule[task.library]
    assert len(task.queries) == len(set(asked.tolist())) == 10
    assert not set(asked.tolist()) & set(searched.tolist())
    assert len(task.library) == len(data) - 20
    again = analogue_task(data, everything(data), n_molecules=10, spectra_per_molecule=1, seed=3)
    assert again.queries.tolist() == task.queries.tolist()


def test_nothing_to_ask_or_to_find_is_said(data):
    with pytest.raises(NoSpectra, match="no molecule is left to ask for"):
        analogue_task(data, ~everything(data))
    with pytest.raises(NoSpectra, match="nothing is left in the library"):
        analogue_task(data, everything(data))


def test_answers_are_the_best_molecules_with_their_similarity(data):
    task = analogue_task(data, everything(data), n_molecules=8, spectra_per_molecule=1)
    vectors = BinnedEmbedder().embed(data.peaks).astype(np.float64)
    found = answers(task, "binned", by_vectors(task, BinnedEmbedder())).to_pylist()
    keys = task.molecules.keys
    for query in task.queries[[0, -1]]:
        same = task.library[data.peaks.ion_mode[task.library] == data.peaks.ion_mode[query]]
        scores = vectors[same] @ vectors[query]
        best = {keys[m]: scores[task.molecule[same] == m].max() for m in np.unique(task.molecule[same])}
        rows = [row for row in found if row["query_id"] == query]
        assert [row["rank"] for row in rows] == list(range(1, min(10, len(best)) + 1))
        assert [row["score"] for row in rows] == pytest.approx(sorted(best.values(), reverse=True)[:10], abs=2e-3)
        own, first = task.molecule[query], keys.index(rows[0]["analyte_id"])
        for name, part in (("morgan", MORGAN), ("rdkit", PATHS)):
            alike = tanimoto(task.molecules.bits[[own]][:, part], task.molecules.bits[[first]][:, part])[0, 0]
            assert rows[0][f"tanimoto_{name}"] == pytest.approx(alike)


def test_matched_peaks_come_before_scores(data):
    task = analogue_task(data, everything(data), n_molecules=3, spectra_per_molecule=1)
    queries, library = task.queries[:2], task.library[:50]
    scorer = peak_score("modified_cosine")
    pairs = scorer.scores(data.peaks, data.peaks, np.repeat(queries, 50), np.tile(library, 2))
    plain = by_peaks(task, scorer, least_matches=0)(queries, library)
    np.testing.assert_allclose(plain.ravel(), pairs.score, atol=1e-6)
    ranked = by_peaks(task, scorer, least_matches=2)(queries, library)
    np.testing.assert_allclose(ranked.ravel(), pairs.score + (pairs.matches >= 2), atol=1e-6)


@pytest.mark.parametrize("n_listed", [2, 10_000])
def test_a_shortlist_mixes_the_nearest_spectrum_of_the_nearest_molecules(data, n_listed):
    task = analogue_task(data, everything(data), n_molecules=3, spectra_per_molecule=1)
    queries = task.queries[:2]
    library = task.library[np.argsort(task.molecule[task.library], kind="stable")]
    of_peaks = EnoughMatches(score=peak_score("modified_cosine"), least_matches=2)
    vectors = by_vectors(task, BinnedEmbedder())
    mixture = Mixture(weight=0.25, consensus=0.0, voters=2, spread=0.1)
    places = np.zeros((len(task.molecules.bits), 3), dtype=np.float32)
    found = by_shortlist(task, vectors, of_peaks, mixture=mixture, places=places, n_listed=n_listed)(queries, library)
    molecules = task.molecule[library]
    for q, query in enumerate(queries):
        alike = vectors(np.array([query]), library)[0]
        nearest = {m: max(np.flatnonzero(molecules == m), key=lambda i: (alike[i], -i)) for m in np.unique(molecules)}
        listed = sorted(nearest.values(), key=lambda i: -alike[i])[:n_listed]
        pairs = of_peaks.scores(data.peaks, data.peaks, np.full(len(listed), query), library[listed])
        np.testing.assert_allclose(found[q, listed], 0.75 * alike[listed] + 0.25 * pairs.score, atol=1e-6)
        rest = np.setdiff1d(np.arange(len(library)), listed)
        assert found[q, rest].max(initial=-9.0) < found[q, listed].min()


def test_a_shortlist_gains_by_what_its_first_agree_on():
    alike = np.array([[0.6, 0.7, 0.5, 0.1]], dtype=np.float32)
    of_peaks = np.array([[0.6, 0.1, 0.5, 0.1]], dtype=np.float32)
    places = np.array([[[1, 0], [0, 1], [0.6, 0.8], [0, 0]]], dtype=np.float32)
    # Mixed half and half: .6, .4, .5, .1; the first two are those of .6 and .5.
    say = 1 / (1 + np.exp(-1.0))
    likeness = np.array([say + (1 - say) * 0.6, (1 - say) * 0.8, say * 0.6 + (1 - say), 0])
    found = Mixture(weight=0.5, consensus=0.25, voters=2, spread=0.1).scores(alike, of_peaks, places)
    np.testing.assert_allclose(found[0], (np.array([0.6, 0.4, 0.5, 0.1]) + 0.25 * likeness) / 1.25, atol=1e-6)
    without = Mixture(weight=0.5, consensus=0.0, voters=2, spread=0.1).scores(alike, of_peaks, places)
    np.testing.assert_allclose(without[0], [0.6, 0.4, 0.5, 0.1], atol=1e-6)


def test_what_is_possible_is_the_highest_similarity_of_the_ion_mode(data):
    task = analogue_task(data, everything(data), n_molecules=5, spectra_per_molecule=1)
    for row in possible(task).to_pylist():
        query = row["query_id"]
        same = task.library[data.peaks.ion_mode[task.library] == data.peaks.ion_mode[query]]
        inside = np.unique(task.molecule[same])
        bits = task.molecules.bits
        alike = tanimoto(bits[[task.molecule[query]]][:, MORGAN], bits[inside][:, MORGAN])
        assert row["n_library_analytes"] == len(inside)
        assert (row["highest_morgan"], row["mean_morgan"]) == pytest.approx((alike.max(), alike.mean()))


def found(similarity, n=4000, n_molecules=40):
    chance = np.random.default_rng(0)
    score, rank = chance.random(n), chance.integers(1, 3, n)
    return pa.table(
        {
            "query_analyte_id": [f"M{i % n_molecules}" for i in range(n)],
            "rank": rank,
            "score": score,
            "tanimoto_morgan": similarity(score, rank) + 0.1 * chance.standard_normal(n),
        }
    )


def test_curves_follow_the_mean_of_what_was_found():
    curves = fitted_curves(found(lambda score, rank: np.where(rank == 1, 0.2 + 0.5 * score, 0.1 + 0.2 * score)))
    assert expected(curves[FIRST], np.array([0.25, 0.5, 0.75])) == pytest.approx([0.325, 0.45, 0.575], abs=0.03)
    assert expected(curves[LATER], np.array([0.5])) == pytest.approx([0.2], abs=0.03)
    checked = reliability(found(lambda score, rank: 0.2 + 0.5 * score), curves[FIRST])
    assert [row["observed"] for row in checked] == pytest.approx([row["expected"] for row in checked], abs=0.04)
    assert len(checked) == 5


def test_curves_never_fall_and_need_thirty_molecules():
    falling = fitted_curves(found(lambda score, rank: 0.6 - 0.5 * score))
    assert (np.diff(falling[FIRST]["tanimoto"]) >= 0).all()
    assert fitted_curves(found(lambda score, rank: score, n_molecules=29)) is None


def test_lines_tell_gains_with_their_intervals():
    row = {"method": "binned", "ion_mode": "positive", "n_molecules": 1200, "tanimoto_morgan": 0.2, "tanimoto_rdkit": 0.3}
    row |= {"highest_morgan": 0.5, "highest_rdkit": 0.6}
    ends = [f"{kind}_{name}" for kind in ("difference", "low", "high") for name in ("morgan", "rdkit")]
    other = {**row, "method": "m", **dict(zip(ends, (0.04, 0.05, 0.01, 0.02, 0.06, 0.07), strict=True))}
    first, second = analogue_lines([{**row, **dict.fromkeys(ends)}, other])
    assert first == "positive, binned: Morgan 0.200, paths 0.300; 1,200 molecules, at best 0.500 and 0.600"
    gains = "+0.040 [+0.010, +0.060] and +0.050 [+0.020, +0.070] from binned"
    assert second == f"positive, m: Morgan 0.200, paths 0.300, {gains}; 1,200 molecules, at best 0.500 and 0.600"
