"""The similarity join three or four ways, each in a process of its own: the same rows, time, peak memory.

Blocked BLAS over sorted windows; pure SQL; the bin join in SQL with scores from the search index; the search index by itself.

Sizes: ``SPECTRADB_SPEED_LIBRARY``, ``SPECTRADB_SPEED_QUERIES`` (spectra) and ``SPECTRADB_SPEED_DIMENSION``. Methods:
``SPECTRADB_SPEED_METHODS`` (by default ``blas,sql,bins,index``). Where to keep the simulation: ``SPECTRADB_SPEED_KEEP``.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from measure import Measurement, measure
from scale import simulate_to
from test_similarity_join import DIMENSION, N_LIBRARY, N_QUERIES, PPM, K, by_blas, by_sql

from spectradb.errors import MissingDependency
from spectradb.store.indexes.mmap_index import READ_ONCE, write_search_index
from spectradb.udfs import native

METHODS = os.environ.get("SPECTRADB_SPEED_METHODS", "blas,sql,bins,index").split(",")
NAMES = {"blas": "blocked BLAS", "sql": "SQL", "bins": "bin join, native scores", "index": "search index"}

# rank_analytes, but for the inner product: it comes from the index, whose rows are numbered as the simulated library's are.
BINS = """
WITH query_bins AS (
    SELECT id, precursor_mz, ion_mode, embedding, unnest([bin - 1, bin, bin + 1]) AS bin
    FROM (SELECT *, floor(ln(precursor_mz) / -ln(1 - $ppm * 1.000001e-6))::BIGINT AS bin FROM queries)
),
library_bins AS (
    SELECT id, precursor_mz, ion_mode, analyte_id, floor(ln(precursor_mz) / -ln(1 - $ppm * 1.000001e-6))::BIGINT AS bin
    FROM library
),
best AS (
    SELECT q.id AS query_id, analyte_id, min({s: -index_inner_product($path, l.id, q.embedding), id: l.id}) AS hit
    FROM query_bins AS q
    INNER JOIN library_bins AS l ON l.ion_mode = q.ion_mode AND l.bin = q.bin
    WHERE abs(l.precursor_mz - q.precursor_mz) <= q.precursor_mz * $ppm * 1e-6
    GROUP BY query_id, analyte_id
)
SELECT query_id, row_number() OVER by_score AS rank, analyte_id, hit.id AS library_id, 0 - hit.s AS score
FROM best
WINDOW by_score AS (PARTITION BY query_id ORDER BY hit.s, analyte_id)
QUALIFY rank <= $k
"""
INDEX = "FROM rank_analytes_indexed('queries', 'library', $path, '', ppm := $ppm, k := $k)"
MERGED = "FROM rank_analytes_indexed('queries', 'library', $path, '', ppm := $ppm, k := $k, spectra := 8)"


def by_statement(directory: Path, statement: str, name: str) -> tuple[int, float]:
    with duckdb.connect(directory / "join.duckdb", read_only=True, config={"allow_unsigned_extensions": "true"}) as con:
        native.load_extension(con)
        parameters = {"path": str(directory / "library.spectra-index"), "ppm": PPM, "k": K}
        rows = con.sql(statement, params=parameters).to_arrow_table()
    top = rows.filter(pa.compute.equal(rows["rank"], 1)).sort_by("query_id")
    columns = {"query": "query_id", "library": "library_id", "score": "score"}
    np.savez(directory / f"{name}.npz", **{key: top[column].to_numpy() for key, column in columns.items()})
    return rows.num_rows, float(np.asarray(rows["score"]).sum())


def by_bins(directory: Path) -> tuple[int, float]:
    return by_statement(directory, BINS, "bins")


def by_index(directory: Path) -> tuple[int, float]:
    return by_statement(directory, INDEX, "index")


def by_merged(directory: Path) -> tuple[int, float]:
    return by_statement(directory, MERGED, "merged")


def build_index(directory: Path) -> int:
    with duckdb.connect(directory / "join.duckdb", read_only=True, config=dict(READ_ONCE)) as con:
        return write_search_index(con, "library", directory / "library.spectra-index", fingerprint="simulated").bytes


FUNCTIONS = {"blas": by_blas, "sql": by_sql, "bins": by_bins, "index": by_index}


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> Path:
    try:
        native.build_extension()
    except MissingDependency as error:
        pytest.skip(str(error))
    keep = os.environ.get("SPECTRADB_SPEED_KEEP")
    directory = Path(keep) / f"{N_LIBRARY}-{N_QUERIES}-{DIMENSION}" if keep else tmp_path_factory.mktemp("join")
    if not (directory / "done").exists():
        directory.mkdir(parents=True, exist_ok=True)
        simulate_to(directory, N_LIBRARY, N_QUERIES, DIMENSION)
        (directory / "done").touch()
    return directory


def test_the_join_three_ways(directory, capsys):
    begin = time.perf_counter()
    built = measure(build_index, directory)
    seconds = time.perf_counter() - begin
    found = {method: measure(FUNCTIONS[method], directory, repeats=3 if N_LIBRARY < 1_000_000 else 2) for method in METHODS}

    reference = next(iter(found))
    left = top_hits(directory, reference)
    for method, one in found.items():
        assert one.result[0] == found[reference].result[0]
        assert one.result[1] == pytest.approx(found[reference].result[1], rel=1e-5)
        right = top_hits(directory, method)
        np.testing.assert_array_equal(left["query"], right["query"])
        np.testing.assert_allclose(left["score"], right["score"], atol=2e-6)
        # Each adds up in its own order: where two scores agree to the last digits, either may come first.
        assert (left["library"] != right["library"]).mean() < 1e-3

    with capsys.disabled():
        n_rows = found[reference].result[0]
        print(f"\n{N_QUERIES:,} queries x {N_LIBRARY:,} library spectra, {DIMENSION} dimensions, {n_rows:,} rows")
        print(f"  building the index      {seconds:7.2f} s  {built.peak_gb:5.2f} GB  (the file: {built.result / 1e9:.2f} GB)")
        for method, one in found.items():
            print(f"  {NAMES[method]:23} {one.seconds:7.2f} s  {one.peak_gb:5.2f} GB{ratio(one, found.get('blas'))}")


def top_hits(directory: Path, method: str) -> dict[str, np.ndarray]:
    found = np.load(directory / f"{method}.npz")
    order = np.argsort(found["query"])
    return {name: found[name][order] for name in ("query", "library", "score")}


def ratio(one: Measurement, blas: Measurement | None) -> str:
    return f"  {one.seconds / blas.seconds:5.2f} times blocked BLAS" if blas else ""
