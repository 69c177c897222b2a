"""The table about scores of peaks: pairs a second beside matchms, ms_entropy and Flash entropy search."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import ms_entropy
import numpy as np
from matchms import Spectrum
from matchms.similarity import CosineGreedy, CosineHungarian, ModifiedCosineGreedy, ModifiedCosineHungarian
from page_table import Table
from scale import precursor_masses

from spectradb.similarity.methods import peak_score

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

N_SPECTRA, N_PAIRS, N_THEIR_PAIRS, N_QUERIES, N_PEAKS = 50_000, 500_000, 5000, 2000, 40
TOLERANCE, PPM = 0.01, 10.0


class Peaks(NamedTuple):
    """n spectra of N_PEAKS peaks each, sorted by precursor."""

    offsets: NDArray[np.int64]
    mz: NDArray[np.float64]
    intensity: NDArray[np.float32]
    precursor_mz: NDArray[np.float64]

    def of(self, i: int) -> NDArray[np.float32]:
        own = slice(self.offsets[i], self.offsets[i + 1])
        return np.stack([self.mz[own], self.intensity[own]], axis=1).astype(np.float32)


def _spectra(n: int) -> Peaks:
    """Draw spectra whose fragments come from a few common places, so that peaks match."""
    rng = np.random.default_rng(7)
    precursor = np.sort(precursor_masses(n, rng) + 1.00728)
    common = np.sort(rng.uniform(50, 400, 600))
    mz = np.sort(rng.choice(common, (n, N_PEAKS)) + rng.normal(0, 0.002, (n, N_PEAKS)), axis=1)
    intensity = rng.pareto(1.0, (n, N_PEAKS)).astype(np.float32) + 0.01
    return Peaks(np.arange(n + 1) * N_PEAKS, mz.ravel(), intensity.ravel(), precursor)


def _window_pairs(spectra: Peaks, queries: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    low, high = (np.searchsorted(spectra.precursor_mz, spectra.precursor_mz[queries] * (1 + s * PPM * 1e-6)) for s in (-1, 1))
    counts = high - low
    right = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(low, counts)
    return np.repeat(queries, counts), right


def _timed(work: Callable[[], object], repeats: int = 3) -> float:
    seconds = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def peaks_table(folder: Path, scale: float) -> Table:
    """Compare scores of peaks with matchms pair by pair, and searches by spectral entropy with Flash entropy search."""
    spectra = _spectra(int(N_SPECTRA * scale))
    n = len(spectra.precursor_mz)
    rng = np.random.default_rng(8)
    left, right = rng.integers(0, n, int(N_PAIRS * scale)), rng.integers(0, n, int(N_PAIRS * scale))
    some = min(int(N_THEIR_PAIRS * scale), len(left))
    table = Table(
        f"Scores of peaks: random pairs of {n:,} spectra of {N_PEAKS} peaks, {TOLERANCE} Da",
        ("score", "pairs a second", "of whom", "times theirs"),
    )
    powers = {"tolerance": TOLERANCE, "mz_power": 0.0, "intensity_power": 0.5}
    as_matchms = {
        i: Spectrum(
            mz=spectra.of(i)[:, 0].astype(float),
            intensities=spectra.of(i)[:, 1].astype(float),
            metadata={"precursor_mz": float(spectra.precursor_mz[i])},
            metadata_harmonization=False,
        )
        for i in set(left[:some].tolist()) | set(right[:some].tolist())
    }
    pairs = list(zip(left[:some].tolist(), right[:some].tolist(), strict=True))
    cosines = {
        "cosine_greedy": CosineGreedy(**powers),
        "cosine_hungarian": CosineHungarian(**powers),
        "modified_cosine": ModifiedCosineGreedy(**powers),
        "modified_cosine_hungarian": ModifiedCosineHungarian(**powers),
    }
    theirs: dict[str, tuple[str, Callable[[], object]]] = {
        name: ("matchms", lambda method=method: [method.pair(as_matchms[i], as_matchms[j]) for i, j in pairs])
        for name, method in cosines.items()
    }
    for method in cosines.values():
        method.pair(as_matchms[pairs[0][0]], as_matchms[pairs[0][1]])  # compiles
    peaks = {i: spectra.of(i) for i in as_matchms}
    theirs["entropy_similarity"] = (
        "ms_entropy",
        lambda: [ms_entropy.calculate_entropy_similarity(peaks[i], peaks[j], ms2_tolerance_in_da=TOLERANCE) for i, j in pairs],
    )
    for name, (whose, work) in theirs.items():
        score = peak_score(name, {"tolerance_da": TOLERANCE})
        score.scores(spectra, spectra, left[:100], right[:100])
        ours = len(left) / _timed(lambda score=score: score.scores(spectra, spectra, left, right))
        rate = some / _timed(work, repeats=1)
        table.rows += [(name, ours, "spectradb", ours / rate), (name, rate, whose, 1.0)]
    table.rows += _flash_rows(spectra, rng, scale)
    table.notes.append(
        f"Searches within {PPM:g} ppm of the precursor: spectra of the library as queries, pairs a second of their windows."
    )
    return table


def _flash_rows(spectra: Peaks, rng: np.random.Generator, scale: float) -> list[tuple[object, ...]]:
    queries = rng.choice(len(spectra.precursor_mz), int(N_QUERIES * scale), replace=False)
    left, right = _window_pairs(spectra, queries)
    score = peak_score("entropy_similarity", {"tolerance_da": TOLERANCE})
    ours = len(left) / _timed(lambda: score.scores(spectra, spectra, left, right))
    flash = ms_entropy.FlashEntropySearch()
    library = [{"precursor_mz": float(mz), "peaks": spectra.of(i)} for i, mz in enumerate(spectra.precursor_mz)]
    built = _timed(lambda: flash.build_index(library), repeats=1)

    def search() -> None:
        for i in queries.tolist():
            mz = float(spectra.precursor_mz[i])
            flash.search(
                mz, spectra.of(i), ms1_tolerance_in_da=mz * PPM * 1e-6, ms2_tolerance_in_da=TOLERANCE, method="identity"
            )

    rate = len(left) / _timed(search, repeats=1)
    what = f"entropy search, {len(queries):,} queries, {len(left):,} pairs"
    return [(what, ours, "spectradb", ours / rate), (what, rate, f"Flash entropy search (index built in {built:.1f} s)", 1.0)]
