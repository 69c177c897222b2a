"""Libraries and query sets of any size: precursor masses as in real libraries, vectors with a planted right answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
from blocked_blas import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MASSBANK = Path(__file__).parents[3] / "shared" / "data" / "massbank" / "massbank_2025.05.1.parquet"
SPECTRA_PER_ANALYTE = 12
BLOCK_ROWS = 65_536


def precursor_masses(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw n neutral masses in Da, resampled from MassBank where it is at hand, else log-normal; isomers share a mass."""
    if MASSBANK.exists():
        sql = "SELECT DISTINCT inchikey[:14], exact_mass FROM read_parquet($path) WHERE exact_mass > 50"
        masses = duckdb.execute(sql, {"path": str(MASSBANK)}).fetchnumpy()["exact_mass"]
    else:
        masses = np.round(rng.lognormal(5.7, 0.45, 6000), 4)
    # Half of the analytes share a formula with another one, as real isomers do; the others are shifted by CH2 and the like.
    shift = rng.choice([0.0, 0.0, 0.0, 14.01565, 15.99491, 2.01565, 43.98983, 162.05282], n)
    return np.asarray(rng.choice(masses, n) + shift)


def simulate(n_library: int, n_queries: int, dimension: int, seed: int = 0) -> tuple[Side, Side]:
    """Simulate a library and queries, each query a noisy copy of some analyte's direction.

    Parameters
    ----------
    n_library, n_queries : int
        Numbers of spectra.
    dimension : int
        Length of the vectors.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    (Side, Side)
        Queries and library, sorted by ion mode and precursor m/z; a query's analyte is its right answer.
    """
    rng = np.random.default_rng(seed)
    n_analytes = max(1, n_library // SPECTRA_PER_ANALYTE)
    masses = precursor_masses(n_analytes, rng)
    # Popular analytes have many spectra: a long tail that ends at a few hundred, as in public libraries.
    weight = np.minimum(rng.pareto(1.5, n_analytes) + 0.2, 30.0)
    owner = rng.choice(n_analytes, n_library, p=weight / weight.sum())
    centres = rng.standard_normal((n_analytes, dimension), dtype=np.float32)
    library = _side(owner, masses, centres, rng, first_id=0)
    queries = _side(rng.choice(n_analytes, n_queries, p=weight / weight.sum()), masses, centres, rng, first_id=10**9)
    return queries, library


def _side(
    owner: NDArray[np.int64], masses: NDArray[np.float64], centres: NDArray[np.float32], rng: np.random.Generator, first_id: int
) -> Side:
    positive = rng.random(len(owner)) < 0.67
    precursor_mz = (masses[owner] + np.where(positive, 1.00728, -1.00728)) * (1 + rng.normal(0, 2e-6, len(owner)))
    order = np.lexsort((precursor_mz, positive))
    owner, positive, precursor_mz = owner[order], positive[order], precursor_mz[order]
    vectors = np.empty((len(owner), centres.shape[1]), dtype=np.float32)
    for start in range(0, len(owner), 65_536):
        rows = slice(start, start + 65_536)
        noisy = centres[owner[rows]] + rng.standard_normal((len(owner[rows]), centres.shape[1]), dtype=np.float32)
        vectors[rows] = (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float16)
    return Side(np.arange(len(owner)) + first_id, precursor_mz, positive, owner, vectors)


def simulate_to(
    directory: Path, n_library: int, n_queries: int, dimension: int, seed: int = 0, *, n_analytes: int | None = None
) -> None:
    """Simulate as :func:`simulate` does, but into files, block by block, so that libraries larger than memory can be made.

    Parameters
    ----------
    directory : pathlib.Path
        Gets ``join.duckdb`` with the tables ``queries`` and ``library``, and for each ``<name>.npz`` and ``<name>.npy``.
    n_library, n_queries : int
        Numbers of spectra.
    dimension : int
        Length of the vectors.
    seed : int
        Seed of the random numbers.
    n_analytes : int, optional
        Number of analytes; by default one for every ``SPECTRA_PER_ANALYTE`` library spectra.
    """
    rng = np.random.default_rng(seed)
    n_analytes = max(1, n_analytes or n_library // SPECTRA_PER_ANALYTE)
    masses = precursor_masses(n_analytes, rng)
    weight = np.minimum(rng.pareto(1.5, n_analytes) + 0.2, 30.0)
    for name, n, first_id in (("library", n_library, 0), ("queries", n_queries, 10**9)):
        owner = rng.choice(n_analytes, n, p=weight / weight.sum())
        positive = rng.random(n) < 0.67
        precursor_mz = (masses[owner] + np.where(positive, 1.00728, -1.00728)) * (1 + rng.normal(0, 2e-6, n))
        order = np.lexsort((precursor_mz, positive))
        columns = {"precursor_mz": precursor_mz[order], "positive": positive[order], "analyte": owner[order]}
        np.savez(directory / f"{name}.npz", ids=np.arange(n) + first_id, **columns)
        vectors = np.lib.format.open_memmap(directory / f"{name}.npy", mode="w+", dtype=np.float32, shape=(n, dimension))
        for start in range(0, n, BLOCK_ROWS):
            rows = slice(start, min(start + BLOCK_ROWS, n))
            vectors[rows] = _noisy_copies(columns["analyte"][rows], dimension, seed, rng)
        vectors.flush()
        _to_table(directory, name, vectors, {"id": np.arange(n) + first_id, **columns})


def _noisy_copies(analyte: NDArray[np.int64], dimension: int, seed: int, rng: np.random.Generator) -> NDArray[np.float16]:
    """Draw unit vectors around the directions of their analytes; a direction is drawn from the analyte's number alone."""
    unique, inverse = np.unique(analyte, return_inverse=True)
    centres = np.stack(
        [np.random.default_rng((seed, number)).standard_normal(dimension, dtype=np.float32) for number in unique]
    )
    noisy = centres[inverse] + rng.standard_normal((len(analyte), dimension), dtype=np.float32)
    return (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float16)


def _to_table(directory: Path, name: str, vectors: NDArray[np.float32], columns: dict[str, NDArray[Any]]) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, len(vectors), BLOCK_ROWS):
            rows = slice(start, start + BLOCK_ROWS)
            part = {
                "id": pa.array(columns["id"][rows]),
                "analyte_id": pa.array([f"A{number:013d}" for number in columns["analyte"][rows]]),
                "precursor_mz": pa.array(columns["precursor_mz"][rows]),
                "ion_mode": pa.array(np.where(columns["positive"][rows], "positive", "negative")),
                "embedding": pa.FixedSizeListArray.from_arrays(pa.array(np.array(vectors[rows]).ravel()), vectors.shape[1]),
            }
            yield pa.record_batch(part)

    first = next(batches())
    with duckdb.connect(directory / "join.duckdb", config={"memory_limit": "2GB"}) as con:
        con.register("side", pa.RecordBatchReader.from_batches(first.schema, batches()))
        con.execute(f"CREATE OR REPLACE TABLE {name} AS FROM side")
