"""The table about open search: exact in batches, and one query at a time by DuckDB and by LanceDB."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import duckdb
import lancedb
import numpy as np
import pyarrow as pa
from measure import measure
from page_table import Table
from scale import simulate_to

import spectradb
from spectradb.search.nearest_analytes import LIBRARY_ROWS, nearest_analytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

N_LIBRARY, N_QUERIES, DIMENSION, K = 200_000, 1000, 256, 10
N_ONE_BY_ONE = 100
INDEXES: dict[str, tuple[dict[str, Any], tuple[dict[str, int], ...]]] = {
    "LanceDB, no index": ({}, ({},)),
    "LanceDB IVF_RQ": ({"index_type": "IVF_RQ"}, ({"nprobes": 20}, {"nprobes": 50, "refine_factor": 5})),
    "LanceDB IVF_PQ": ({"index_type": "IVF_PQ"}, ({"nprobes": 20, "refine_factor": 5}, {"nprobes": 50, "refine_factor": 20})),
}


def _load(folder: Path, name: str) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.int64]]:
    columns = np.load(folder / f"{name}.npz")
    vectors = np.load(folder / f"{name}.npy", mmap_mode="r")
    return vectors, columns["positive"], columns["analyte"]


def _blocks(library: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    for start in range(0, len(library), LIBRARY_ROWS):
        yield start, np.array(library[start : start + LIBRARY_ROWS])


def by_product(folder: Path) -> None:
    library, queries = _load(folder, "library")[0], np.array(_load(folder, "queries")[0])
    for _, block in _blocks(library):
        for start in range(0, len(queries), 1024):
            queries[start : start + 1024] @ block.T


def by_batches(folder: Path) -> None:
    library, queries = _load(folder, "library"), np.array(_load(folder, "queries")[0])
    nearest_analytes(queries, _blocks(library[0]), library[2].astype(np.int32), np.arange(len(library[0])), K + 1)


def by_macro(folder: Path) -> None:
    with duckdb.connect(folder / "join.duckdb", read_only=True) as con:
        spectradb.extend(con)
        con.execute("SET enable_progress_bar = false")
        con.execute(f"CREATE TEMP TABLE asked AS FROM queries LIMIT {N_ONE_BY_ONE}")
        con.execute(f"FROM nearest('asked', 'library', k := {K})").fetchall()


def exact(folder: Path) -> NDArray[np.int64]:
    """Rows of the K nearest spectra of the first queries."""
    library, queries = _load(folder, "library")[0], np.array(_load(folder, "queries")[0][:N_ONE_BY_ONE])
    scores = queries @ np.array(library).T
    return np.argpartition(-scores, K, axis=1)[:, :K]


def by_lancedb(folder: Path, name: str, search: dict[str, int]) -> tuple[float, float, float]:
    """Search query by query; return seconds to build the index, seconds a query, and recall@10 against exact search."""
    of_index, _ = INDEXES[name]
    library, queries = _load(folder, "library")[0], np.array(_load(folder, "queries")[0][:N_ONE_BY_ONE])
    uri = folder / "lancedb"
    database = lancedb.connect(uri)
    if "library" not in database.list_tables().tables:
        schema = pa.schema({"row": pa.int64(), "vector": pa.list_(pa.float32(), library.shape[1])})

        def batches() -> Iterator[pa.RecordBatch]:
            for start, block in _blocks(library):
                vectors = pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), library.shape[1])
                yield pa.record_batch([pa.array(np.arange(start, start + len(block))), vectors], schema=schema)

        database.create_table("library", batches(), schema=schema)
    table = database.open_table("library")
    begin = time.perf_counter()
    if of_index:
        table.create_index(metric="dot", vector_column_name="vector", replace=True, **of_index)
    built = time.perf_counter() - begin
    found = []
    truth = exact(folder)
    begin = time.perf_counter()
    for query in queries:
        asked = table.search(query).distance_type("dot").limit(K)
        if of_index:
            asked = asked.nprobes(search["nprobes"])
            asked = asked.refine_factor(search["refine_factor"]) if "refine_factor" in search else asked
        found.append(asked.to_arrow()["row"].to_numpy())
    seconds = (time.perf_counter() - begin) / len(queries)
    return built, seconds, float(np.mean([len(np.intersect1d(a, b)) / K for a, b in zip(found, truth, strict=True)]))


def open_table(folder: Path, scale: float) -> Table:
    """Compare exact batched search with its matrix product and with searches one query at a time."""
    n_library, n_queries = int(N_LIBRARY * scale), max(int(N_QUERIES * scale), N_ONE_BY_ONE)
    simulate_to(folder, n_library, n_queries, DIMENSION)
    table = Table(
        f"Open search (no precursor filter): {n_library:,} library spectra, {DIMENSION}-d, the {K} nearest",
        ("form", "ms a query", "times the product alone", "recall@10", "build s", "peak GB"),
        notes=[f"In batches: {n_queries:,} queries; one at a time: {N_ONE_BY_ONE}. Recall is measured against exact search."],
    )
    product = measure(by_product, folder, repeats=2)
    alone = product.seconds / n_queries * 1000
    table.rows.append(("the matrix product alone (BLAS)", alone, 1.0, None, None, product.peak_gb))
    batched = measure(by_batches, folder, repeats=2)
    ours = batched.seconds / n_queries * 1000
    table.rows.append(("spectradb, exact, in batches, analytes ranked", ours, ours / alone, 1.0, None, batched.peak_gb))
    macro = measure(by_macro, folder)
    one = macro.seconds / N_ONE_BY_ONE * 1000
    table.rows.append(("DuckDB macro nearest, exact", one, one / alone, 1.0, None, macro.peak_gb))
    for name, (of_index, searches) in INDEXES.items():
        for search in searches:
            found = measure(by_lancedb, folder, name, search)
            built, seconds, recall = found.result
            how = ", ".join(f"{key} {value}" for key, value in search.items())
            ms = seconds * 1000
            table.rows.append((f"{name} {how}".strip(), ms, ms / alone, recall, built if of_index else None, found.peak_gb))
    return table
