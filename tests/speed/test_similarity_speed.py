"""Scores of peaks beside matchms, pair by pair and by its matrix, and beside ms_entropy: the same results, pairs per second.

On pairs of MassBank spectra with precursors within 10 ppm where MassBank is at hand, else on random spectra. Sizes:
``SPECTRADB_SPEED_PAIRS`` (pairs scored here), ``SPECTRADB_SPEED_THEIR_PAIRS`` (of them, pairs scored one by one elsewhere).
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import matchms.similarity as in_matchms
import ms_entropy
import numpy as np
import pytest
from matchms import Spectrum, calculate_scores
from scale import MASSBANK

from spectradb.similarity.methods import peak_score

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

N_PAIRS = int(os.environ.get("SPECTRADB_SPEED_PAIRS", "200000"))
N_THEIR_PAIRS = int(os.environ.get("SPECTRADB_SPEED_THEIR_PAIRS", "10000"))
N_MATRIX = 150
TOLERANCE = 0.01
POWERS = {"mz_power": 0.0, "intensity_power": 0.5}
THEIRS = {
    "cosine_greedy": in_matchms.CosineGreedy,
    "cosine_hungarian": in_matchms.CosineHungarian,
    "modified_cosine": in_matchms.ModifiedCosineGreedy,
    "modified_cosine_hungarian": in_matchms.ModifiedCosineHungarian,
}


@dataclass
class Pairs:
    """Flat spectra and pairs of them."""

    offsets: NDArray[np.int64]
    mz: NDArray[np.float64]
    intensity: NDArray[np.float32]
    precursor_mz: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]

    def peaks(self, i: int) -> NDArray[np.float64]:
        own = slice(self.offsets[i], self.offsets[i + 1])
        return np.stack([self.mz[own], self.intensity[own].astype(np.float64)], axis=1)


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    rng = np.random.default_rng(5)
    if MASSBANK.exists():
        query = (
            "SELECT mz, intensity, precursor_mz FROM read_parquet($path) WHERE ms_type = 'MS2' AND len(mz) > 0 "
            "AND precursor_mz > 0 AND list_min(intensity) > 0 ORDER BY precursor_mz, accession"
        )
        rows = duckdb.execute(query, {"path": str(MASSBANK)}).fetchall()
        rows = [(mz, heights, precursor) for mz, heights, precursor in rows if mz == sorted(mz)]
    else:
        rows = [(np.sort(rng.uniform(50, 500, 25)), rng.uniform(1, 1000, 25), 200 + 0.0001 * i) for i in range(50_000)]
    precursor = np.array([row[2] for row in rows])
    left = rng.integers(0, len(rows), 20 * N_PAIRS)
    low, high = (
        np.searchsorted(precursor, precursor[left] * (1 - 1e-5)),
        np.searchsorted(precursor, precursor[left] * (1 + 1e-5)),
    )
    right = low + (rng.random(len(left)) * (high - low)).astype(np.int64)
    left, right = (index[left != right][:N_PAIRS] for index in (left, right))
    return Pairs(
        np.cumsum([0, *(len(row[0]) for row in rows)]).astype(np.int64),
        np.concatenate([row[0] for row in rows]).astype(np.float64),
        np.concatenate([row[1] for row in rows]).astype(np.float32),
        precursor,
        left,
        right,
    )


def as_matchms(pairs: Pairs, which: Any) -> dict[int, Spectrum]:
    return {
        int(i): Spectrum(
            mz=pairs.peaks(i)[:, 0].copy(),
            intensities=pairs.peaks(i)[:, 1].copy(),
            metadata={"precursor_mz": float(pairs.precursor_mz[i])},
            metadata_harmonization=False,
        )
        for i in which
    }


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds (the best of three) and the result."""
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - begin)
    return min(seconds), result


def report(capsys: Any, name: str, ours: float, others: dict[str, float]) -> None:
    with capsys.disabled():
        beside = "".join(f"; {other} {rate:,.0f} (x {ours / rate:.1f})" for other, rate in others.items())
        print(f"\n{name:26} {ours:12,.0f} pairs/s{beside}", end="")


@pytest.mark.parametrize("method", THEIRS)
@pytest.mark.parametrize("far", [False, True], ids=["in a precursor window", "open"])
def test_cosines_beside_matchms(pairs: Pairs, method: str, far: bool, capsys: Any) -> None:
    left, right = pairs.left, pairs.right
    if far:
        right = np.random.default_rng(6).permutation(right)
    score = peak_score(method, {"tolerance_da": TOLERANCE, **POWERS})
    score.scores(pairs, pairs, left[:1000], right[:1000])  # compiles
    our_seconds, ours = timed(lambda: score.scores(pairs, pairs, left, right))

    theirs = THEIRS[method](tolerance=TOLERANCE, **POWERS)
    some = slice(0, N_THEIR_PAIRS)
    spectra = as_matchms(pairs, np.unique(np.r_[left[some], right[some]]))
    one_by_one = list(zip(left[some].tolist(), right[some].tolist(), strict=True))
    theirs.pair(spectra[one_by_one[0][0]], spectra[one_by_one[0][1]])
    their_seconds, found = timed(lambda: [theirs.pair(spectra[i], spectra[j]) for i, j in one_by_one])
    np.testing.assert_allclose(ours.score[some], [float(one["score"]) for one in found], atol=1e-9)
    np.testing.assert_array_equal(ours.matches[some], [int(one["matches"]) for one in found])

    rates = {"matchms pair by pair": len(one_by_one) / their_seconds}
    if not far:
        rates["matchms matrix"] = by_matrix(pairs, method)
    report(capsys, f"{method}{' open' if far else ''}", len(left) / our_seconds, rates)


def by_matrix(pairs: Pairs, method: str) -> float:
    """Score all pairs of neighbours in the order of precursors by matchms's matrix; return its rate."""
    start = int(pairs.left[0])
    which = np.arange(start, min(start + N_MATRIX, len(pairs.precursor_mz)))
    spectra = list(as_matchms(pairs, which).values())
    seconds, scores = timed(lambda: calculate_scores(spectra, spectra, THEIRS[method](tolerance=TOLERANCE, **POWERS)))
    left, right = (index.ravel() for index in np.meshgrid(which, which, indexing="ij"))
    ours = peak_score(method, {"tolerance_da": TOLERANCE, **POWERS}).scores(pairs, pairs, left, right)
    matrix = scores.to_array()
    name = next(name for name in matrix.dtype.names if name.endswith("score"))
    np.testing.assert_allclose(ours.score, matrix[name].ravel(), atol=1e-9)
    return len(left) / seconds


def test_entropy_beside_ms_entropy(pairs: Pairs, capsys: Any) -> None:
    score = peak_score("entropy_similarity", {"tolerance_da": TOLERANCE})
    score.scores(pairs, pairs, pairs.left[:1000], pairs.right[:1000])
    our_seconds, ours = timed(lambda: score.scores(pairs, pairs, pairs.left, pairs.right))
    some = slice(0, N_THEIR_PAIRS)
    peaks = {i: pairs.peaks(i).astype(np.float32) for i in np.unique(np.r_[pairs.left[some], pairs.right[some]]).tolist()}
    one_by_one = list(zip(pairs.left[some].tolist(), pairs.right[some].tolist(), strict=True))
    compare = ms_entropy.calculate_entropy_similarity
    their_seconds, found = timed(lambda: [compare(peaks[i], peaks[j], ms2_tolerance_in_da=TOLERANCE) for i, j in one_by_one])
    # Peaks of equal intensity that are to be merged have no order there.
    assert np.mean(np.abs(ours.score[some] - found) > 1e-5) < 0.005
    report(capsys, "entropy_similarity", len(pairs.left) / our_seconds, {"ms_entropy": len(one_by_one) / their_seconds})


def test_weighted_cosine(pairs: Pairs, capsys: Any) -> None:
    score = peak_score("weighted_cosine", {"weights": "SQRT"})
    score.scores(pairs, pairs, pairs.left[:1000], pairs.right[:1000])
    seconds, ours = timed(lambda: score.scores(pairs, pairs, pairs.left, pairs.right))
    backwards = score.scores(pairs, pairs, pairs.left[::-1], pairs.right[::-1])
    np.testing.assert_array_equal(ours.score, backwards.score[::-1])
    report(capsys, "weighted_cosine", len(pairs.left) / seconds, {})
