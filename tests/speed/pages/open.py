"""The tables about open search: exact in batches, by vector indexes, and one query at a time by DuckDB and by LanceDB."""

from __future__ import annotations

import shutil
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
from spectradb.search.vectors.approximate import approximate_analytes, recall
from spectradb.search.vectors.exact import LIBRARY_ROWS, Shortlists, nearest_analytes, ranked_candidates
from spectradb.store.indexes.ann_index import INDEX_TYPE, vector_index, vector_index_path
from spectradb.store.indexes.mmap_index import write_search_index
from spectradb.store.indexes.mmap_index_format import IndexedVectors, open_search_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

N_LIBRARY, N_QUERIES, DIMENSION, K = 200_000, 1000, 256, 10
N_ONE_BY_ONE = 100

# Of the table about sizes, at scale 1: spectra in the library; queries; dimension of the vectors, that of the encoders shipped.
SIZES = (10_000, 50_000, 200_000, 500_000, 1_000_000)
N_ASKED, SIZES_DIMENSION = 10_000, 512
N_JUDGED = 1000

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
            built, seconds, reached = found.result
            how = ", ".join(f"{key} {value}" for key, value in search.items())
            ms = seconds * 1000
            table.rows.append((f"{name} {how}".strip(), ms, ms / alone, reached, built if of_index else None, found.peak_gb))
    return table


def _path(folder: Path) -> Path:
    return folder / "indexes" / "library__made_up.spectra-index"


def write_index(folder: Path) -> None:
    """Write the search index that exact search reads and the vector indexes are made of."""
    with duckdb.connect(folder / "join.duckdb", read_only=True, config={"memory_limit": "2GB"}) as con:
        write_search_index(con, "library", _path(folder), fingerprint="made up")


def _by_mode(folder: Path) -> Iterator[tuple[str, IndexedVectors, slice, NDArray[np.float32]]]:
    library, (vectors, positive, _) = open_search_index(_path(folder)), _load(folder, "queries")
    yield "negative", library, slice(0, library.n_negative), np.array(vectors[~positive])
    yield "positive", library, slice(library.n_negative, len(library.ids)), np.array(vectors[positive])


def _load_kernels(library: IndexedVectors, rows: slice, queries: NDArray[np.float32]) -> None:
    """Compile, or load, what a process compiles once."""
    few, some = queries[:1], np.zeros(1, dtype=np.int64)
    nearest_analytes(few, library.blocks(slice(rows.start, rows.start + 1), 1), library.analytes, library.ids, 1)
    ranked_candidates(few, (some, some), library.at, library.analytes, library.ids, 1)


def exactly(folder: Path) -> tuple[float, int]:
    """Search both ion modes exactly; return seconds (without reading and checking the file) and bytes of the index."""
    seconds = 0.0
    for _, library, rows, queries in _by_mode(folder):
        _load_kernels(library, rows, queries)
        begin = time.perf_counter()
        nearest_analytes(queries, library.blocks(rows, LIBRARY_ROWS), library.analytes, library.ids, K + 1)
        seconds += time.perf_counter() - begin
    return seconds, _path(folder).stat().st_size


def approximately(folder: Path, target: float) -> tuple[float, float, float, float, int]:
    """Search both ion modes by vector indexes.

    Returns seconds to build, seconds to search with the sample that is searched exactly too, recall of the sample, recall of
    the first queries of each ion mode, and partitions probed.
    """
    built = seconds = measured = true = 0.0
    n_queries = probes = 0
    for mode, library, rows, queries in _by_mode(folder):
        index = vector_index(vector_index_path(folder / "indexes", "library", "made_up", mode), library, rows)
        built += index.seconds
        _load_kernels(library, rows, queries)
        begin = time.perf_counter()
        found, said = approximate_analytes(queries, library, rows, index, library.analytes, K + 1, at=K, target=target)
        seconds += time.perf_counter() - begin
        judged = slice(0, N_JUDGED)
        whole = nearest_analytes(queries[judged], library.blocks(rows, LIBRARY_ROWS), library.analytes, library.ids, K)
        measured += said.recall * len(queries)
        true += recall(Shortlists(found.score[judged], found.analyte[judged], found.row[judged]), whole) * len(queries)
        n_queries += len(queries)
        probes = max(probes, said.n_probes)
    return built, seconds, measured / n_queries, true / n_queries, probes


def by_lancedb_itself(folder: Path, at_once: int) -> tuple[float, float]:
    """Ask LanceDB itself over the same data sets, so many queries a call; return seconds a query and recall of spectra."""
    database = lancedb.connect(folder / "indexes")
    seconds, share, n = 0.0, 0.0, 0
    for mode, library, rows, queries in _by_mode(folder):
        table = database.open_table(f"library__made_up__{mode}")
        asked = queries[: max(N_ONE_BY_ONE, at_once) // 2]
        begin = time.perf_counter()
        found = [
            ids for start in range(0, len(asked), at_once) for ids in _asked_together(table, asked[start : start + at_once])
        ]
        seconds += time.perf_counter() - begin
        each = np.arange(len(library.ids), dtype=np.int32)
        truth = nearest_analytes(asked, library.blocks(rows, LIBRARY_ROWS), each, library.ids, K)
        share += sum(len(np.intersect1d(ids, library.ids[row])) / K for ids, row in zip(found, truth.row, strict=True))
        n += len(asked)
    return seconds / n, share / n


def _asked_together(table: Any, queries: NDArray[np.float32]) -> list[NDArray[np.int64]]:
    """Search for queries in one call; return the ids found of each. One query has no number, several have."""
    asked = table.search(queries[0] if len(queries) == 1 else list(queries))
    found = asked.distance_type("dot").nprobes(32).refine_factor(5).limit(K).to_arrow()
    ids = found["id"].to_numpy()
    if len(queries) == 1:
        return [ids]
    of_query = found["query_index"].to_numpy()
    return [ids[of_query == i] for i in range(len(queries))]


def sizes_table(folder: Path, scale: float) -> Table:
    """Compare exact search with search by a vector index, from small libraries to large ones."""
    n_queries = max(int(N_ASKED * scale), 4 * N_ONE_BY_ONE)
    table = Table(
        f"Open search by size: exact, and by vector indexes ({INDEX_TYPE}); {n_queries:,} queries, {SIZES_DIMENSION}-d",
        (
            "library spectra",
            "form",
            "ms a query",
            "recall@10",
            "measured on a sample",
            "partitions probed",
            "build s",
            "peak GB",
        ),
        notes=[
            "Approximate: with the queries that are searched exactly too, 200 of each ion mode; build s is paid once.",
            "LanceDB's own search finds spectra, not analytes, with 32 partitions probed and refine_factor 5.",
        ],
    )
    for full_size in SIZES:
        n_library = int(full_size * scale)
        simulate_to(folder, n_library, n_queries, SIZES_DIMENSION)
        measure(write_index, folder)
        whole = measure(exactly, folder)
        ms = whole.result[0] / n_queries * 1000
        table.rows.append((n_library, "exact", ms, 1.0, None, None, None, whole.peak_gb))
        for target in (0.95, 0.99):
            found = measure(approximately, folder, target)
            built, seconds, measured, true, probes = found.result
            ms = seconds / n_queries * 1000
            how = f"approximate, recall {target} asked for"
            table.rows.append((n_library, how, ms, true, measured, probes, built or None, found.peak_gb))
        for at_once in (1, N_JUDGED):
            alone = measure(by_lancedb_itself, folder, at_once)
            how = f"LanceDB's own search, {at_once:,} a call"
            table.rows.append((n_library, how, alone.result[0] * 1000, alone.result[1], None, 32, None, alone.peak_gb))
        shutil.rmtree(folder / "indexes")
    return table
