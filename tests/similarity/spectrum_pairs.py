"""Spectra for the tests of scores: flat batches, random ones and real pairs, and the scores of matchms for them."""

from functools import cache
from pathlib import Path
from types import SimpleNamespace

import duckdb
import numpy as np
import pytest
from hypothesis import strategies as st
from matchms import Spectrum

MASSBANK = Path(__file__).parents[3] / "shared" / "data" / "massbank" / "massbank_2025.05.1.parquet"


def batch(*spectra, precursor_mz=None):
    """Make a batch of spectra given as lists of (m/z, intensity)."""
    lengths = [len(peaks) for peaks in spectra]
    flat = [peak for peaks in spectra for peak in sorted(peaks)]
    return SimpleNamespace(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        mz=np.array([mz for mz, _ in flat], np.float64),
        intensity=np.array([height for _, height in flat], np.float32),
        precursor_mz=np.array(precursor_mz or [500.0] * len(spectra), np.float64),
    )


def peaks(spectra, i):
    """Peaks of spectrum i: an array of (m/z, intensity)."""
    own = slice(spectra.offsets[i], spectra.offsets[i + 1])
    return np.stack([spectra.mz[own], spectra.intensity[own].astype(np.float64)], axis=1)


def in_matchms(spectra):
    """The spectra of a batch as matchms has them."""
    return [
        Spectrum(
            mz=peaks(spectra, i)[:, 0].copy(),
            intensities=peaks(spectra, i)[:, 1].copy(),
            metadata={"precursor_mz": float(spectra.precursor_mz[i])},
            metadata_harmonization=False,
        )
        for i in range(len(spectra.offsets) - 1)
    ]


def by_matchms(score, spectra, left, right):
    """Score pairs with matchms, pair by pair: scores and numbers of matches."""
    theirs = in_matchms(spectra)
    found = [score.pair(theirs[i], theirs[j]) for i, j in zip(left, right, strict=True)]
    return np.array([float(one["score"]) for one in found]), np.array([int(one["matches"]) for one in found])


# On a grid as fine as the tolerance and with few levels of intensity, so that conflicts, edges and ties abound.
CROWDED = st.lists(
    st.tuples(st.integers(0, 40).map(lambda step: 100 + 0.005 * step), st.sampled_from([0.0625, 0.25, 0.25, 0.5625, 1.0])),
    min_size=1,
    max_size=14,
    unique_by=lambda peak: peak[0],
)
SPREAD = st.lists(
    st.tuples(st.floats(50, 600), st.floats(0.015625, 1, width=32)),
    min_size=1,
    max_size=20,
    unique_by=lambda peak: round(peak[0], 6),
)
SPECTRUM = CROWDED | SPREAD


@cache
def massbank_pairs():
    """4,000 spectra of MassBank, with pairs of like precursors (left, right) and random ones (far_left, far_right)."""
    if not MASSBANK.exists():
        pytest.skip("MassBank is not at hand (../shared/data/massbank)")
    query = (
        "SELECT mz, intensity, precursor_mz FROM read_parquet($path) WHERE ms_type = 'MS2' AND len(mz) > 0 "
        "AND precursor_mz > 0 AND list_min(intensity) > 0 AND hash(accession) % 5 = 0 "
        "ORDER BY precursor_mz, accession LIMIT 4000 OFFSET 8000"
    )
    rows = duckdb.execute(query, {"path": str(MASSBANK)}).fetchall()
    spectra = batch(*[list(zip(mz, heights, strict=True)) for mz, heights, _ in rows], precursor_mz=[row[2] for row in rows])
    rng = np.random.default_rng(11)
    first = rng.integers(0, len(rows) - 20, 4000)
    return SimpleNamespace(
        spectra=spectra,
        left=first,
        right=first + rng.integers(1, 20, 4000),
        far_left=rng.integers(0, len(rows), 4000),
        far_right=rng.integers(0, len(rows), 4000),
    )
