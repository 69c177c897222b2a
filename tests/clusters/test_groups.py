"""Groups of repeated spectra on arrays: which pairs are near, complete linkage, and merged peaks, counted by hand."""

import numpy as np
import pytest

from spectradb.arrays.peak_batch import PeakBatch
from spectradb.clusters import linkage
from spectradb.clusters.alike import Neighbourhood, Pairs, alike, by_peaks
from spectradb.clusters.consensus import merged_peaks
from spectradb.clusters.linkage import complete_groups
from spectradb.clusters.settings import ClusterSettings
from spectradb.errors import BadParameter
from spectradb.similarity.cosine import CosineGreedy


def batch(*spectra, precursor=None, mode=None):
    lengths = [len(peaks) for peaks in spectra]
    flat = [peak for peaks in spectra for peak in peaks]
    return PeakBatch(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        mz=np.array([float(mz) for mz, _ in flat]),
        intensity=np.array([height for _, height in flat], np.float32),
        precursor_mz=np.array(precursor or [500.0] * len(spectra)),
        ion_mode=np.array(mode or [1] * len(spectra), np.int8),
    )


def pairs(*found):
    first, second, score = zip(*found, strict=True) if found else ((), (), ())
    return Pairs(np.array(first, np.int64), np.array(second, np.int64), np.array(score, np.float32))


def groups(found, n, min_score=0.8, places=None):
    return complete_groups(found, n, min_score=min_score, places=np.arange(n) + 100.0 if places is None else places).tolist()


def test_near_are_those_of_one_mode_within_ppm_and_time():
    mode = np.array([-1, 1, 1, 1, 1], np.int8)
    precursor = np.array([500.0, 500.0, 500.004, 500.0051, 500.0099])
    seconds = np.array([0.0, 10.0, 40.0, np.nan, 20.0])

    def near(ppm, window):
        parts = list(Neighbourhood(ppm, window).pairs(mode, precursor, seconds))
        return [(int(i), int(j)) for first, second in parts for i, j in zip(first, second, strict=True)]

    assert near(10.0, None) == [(1, 2), (2, 3), (3, 4)]
    # A retention time that is not known is no reason to keep spectra apart.
    assert set(near(30.0, 15.0)) == {(1, 3), (2, 3), (3, 4), (1, 4)}
    assert set(near(30.0, 30.0)) == {(1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)}


def test_pairs_come_alike_however_many_are_listed_at_once(monkeypatch):
    random = np.random.default_rng(4)
    precursor = np.sort(random.uniform(300, 300.02, 60))
    arguments = np.ones(60, np.int8), precursor, np.full(60, np.nan)

    def listed():
        return [
            tuple(map(int, pair)) for part in Neighbourhood(10.0, 5.0).pairs(*arguments) for pair in zip(*part, strict=True)
        ]

    at_once = listed()
    monkeypatch.setattr("spectradb.clusters.alike._PAIRS", 7)
    assert listed() == at_once
    expected = [(i, j) for i in range(60) for j in range(i + 1, 60) if precursor[j] <= precursor[i] * (1 + 10e-6)]
    assert at_once == expected


def test_alike_by_peaks_keeps_scores_from_the_least_upwards():
    spectra = batch([(100, 1), (200, 1)], [(100, 1), (200, 1)], [(100, 1), (300, 1)])
    found = alike(
        Neighbourhood(10.0, None),
        by_peaks(spectra, CosineGreedy(tolerance_da=0.01)),
        spectra,
        np.full(3, np.nan),
        min_score=0.6,
    )
    assert (found.first.tolist(), found.second.tolist(), found.score.tolist()) == ([0], [1], pytest.approx([1.0]))


def test_a_chain_is_no_group():
    # 0-1-2-3: each is like the next, and the ends are no pair.
    chain = pairs((0, 1, 0.9), (1, 2, 0.95), (2, 3, 0.9))
    assert groups(chain, 5) == [0, 1, 1, 3, 4]
    square = pairs((0, 1, 0.9), (1, 2, 0.95), (0, 2, 0.85), (2, 3, 0.9))
    assert groups(square, 4) == [0, 0, 0, 3]
    assert groups(square, 4, min_score=0.9) == [0, 1, 1, 3]
    assert groups(pairs(), 3) == [0, 1, 2]


def test_every_two_of_a_group_are_a_pair():
    random = np.random.default_rng(8)
    i, j = np.triu_indices(40, 1)
    score = random.uniform(0, 1, len(i)).astype(np.float32)
    kept = score >= 0.4
    found = np.array(groups(Pairs(i[kept], j[kept], score[kept]), 40, min_score=0.4))
    least = {(a, b): s for a, b, s in zip(i, j, score, strict=True)}
    together = [(a, b) for a, b in zip(i, j, strict=True) if found[a] == found[b]]
    assert len(together) > 20
    assert min(least[pair] for pair in together) >= 0.4
    # No two groups could be one.
    for a in set(found):
        for b in set(found) - {a}:
            across = [least[min(x, y), max(x, y)] for x in np.flatnonzero(found == a) for y in np.flatnonzero(found == b)]
            assert min(across) < 0.4


def test_what_hangs_together_by_too_many_is_parted_at_the_widest_gap(monkeypatch):
    monkeypatch.setattr(linkage, "_MOST_AT_ONCE", 4)
    i, j = np.triu_indices(6, 1)
    places = np.array([100.0, 100.001, 100.002, 100.006, 100.007, 100.008])
    assert groups(Pairs(i, j, np.ones(len(i), np.float32)), 6, places=places) == [0, 0, 0, 3, 3, 3]


def test_merged_peaks_weigh_by_intensity_and_count_members():
    spectra = batch(
        [(100.000, 10.0), (200.0, 5.0)],
        [(100.004, 50.0), (150.0, 50.0), (300.0, 25.0)],
        [(100.008, 2.0), (300.0, 1.0)],
        [(77.0, 3.0)],
    )
    members, bounds = np.array([0, 1, 2, 3]), np.array([0, 3, 4])
    merged = merged_peaks(spectra, members, bounds, tolerance_da=0.01, min_share=0.5)
    # Of 3 members 2 must have a peak: those at 150 and 200 are left out. Base peaks are 10, 50 and 2.
    assert merged.offsets.tolist() == [0, 2, 3]
    assert merged.mz.tolist() == pytest.approx([100.004, 300.0, 77.0])
    assert merged.intensity.tolist() == pytest.approx([10.0, 10.0 / 3, 3.0])
    every = merged_peaks(spectra, members, bounds, tolerance_da=0.01, min_share=0.0)
    assert every.mz.tolist() == pytest.approx([100.004, 150.0, 200.0, 300.0, 77.0])
    # Peaks farther from the highest than the tolerance are peaks of their own.
    apart = merged_peaks(spectra, members[:3], bounds[:2], tolerance_da=0.005, min_share=0.0)
    assert apart.mz.tolist() == pytest.approx([100.002, 100.008, 150.0, 200.0, 300.0])


def test_settings_without_meaning_are_refused():
    for wrong in (
        {"method": "spectral_contrast"},
        {"spectrum": "worst"},
        {"min_score": 0.0},
        {"min_share": 1.5},
        {"rt_window_s": -1.0},
        {"ppm": 0.0},
        {"fragment_tolerance_da": 0.0},
    ):
        with pytest.raises(BadParameter):
            ClusterSettings(**wrong)
