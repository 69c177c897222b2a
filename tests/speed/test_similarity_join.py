"""The similarity join in SQL beside blocked BLAS: the same rows, time as a ratio, peak memory of either process.

Sizes: ``SPECTRADB_SPEED_LIBRARY``, ``SPECTRADB_SPEED_QUERIES`` (spectra) and ``SPECTRADB_SPEED_DIMENSION``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import blocked_blas
import duckdb
import numpy as np
import pyarrow as pa
import pytest
from blocked_blas import Side
from measure import measure
from scale import simulate

import spectradb

if TYPE_CHECKING:
    from pathlib import Path

N_LIBRARY = int(os.environ.get("SPECTRADB_SPEED_LIBRARY", "200000"))
N_QUERIES = int(os.environ.get("SPECTRADB_SPEED_QUERIES", "20000"))
DIMENSION = int(os.environ.get("SPECTRADB_SPEED_DIMENSION", "512"))
PPM, K = 10.0, 10


def save(directory: Path, name: str, side: Side) -> None:
    np.savez(
        directory / f"{name}.npz", ids=side.ids, precursor_mz=side.precursor_mz, positive=side.positive, analyte=side.analyte
    )
    np.save(directory / f"{name}.npy", side.vectors)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(side.vectors.ravel()), DIMENSION)
    columns = {
        "id": pa.array(side.ids),
        "analyte_id": pa.array([f"A{number:013d}" for number in side.analyte]),
        "precursor_mz": pa.array(side.precursor_mz),
        "ion_mode": pa.array(np.where(side.positive, "positive", "negative")),
        "embedding": vectors,
    }
    with duckdb.connect(directory / "join.duckdb") as con:
        con.register("side", pa.table(columns))
        con.execute(f"CREATE TABLE {name} AS FROM side")


def load_sides(directory: Path) -> tuple[Side, Side]:
    sides = []
    for name in ("queries", "library"):
        meta = np.load(directory / f"{name}.npz")
        vectors = np.load(directory / f"{name}.npy", mmap_mode="r")
        sides.append(Side(meta["ids"], meta["precursor_mz"], meta["positive"], meta["analyte"], vectors))
    return sides[0], sides[1]


def by_blas(directory: Path) -> tuple[int, float]:
    hits = blocked_blas.rank_analytes(*load_sides(directory), PPM, K)
    top = hits.rank == 1
    np.savez(directory / "blas.npz", query=hits.query[top], library=hits.library[top], score=hits.score[top])
    return len(hits.query), float(hits.score.sum())


def by_sql(directory: Path) -> tuple[int, float]:
    with duckdb.connect(directory / "join.duckdb", read_only=True) as con:
        spectradb.extend(con)
        rows = con.sql("FROM rank_analytes('queries', 'library', ppm := ?, k := ?)", params=[PPM, K]).to_arrow_table()
    top = rows.filter(pa.compute.equal(rows["rank"], 1)).sort_by("query_id")
    np.savez(
        directory / "sql.npz",
        query=top["query_id"].to_numpy(),
        library=top["library_id"].to_numpy(),
        score=top["score"].to_numpy(),
    )
    return rows.num_rows, float(np.asarray(rows["score"]).sum())


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> Path:
    directory = tmp_path_factory.mktemp("join")
    queries, library = simulate(N_LIBRARY, N_QUERIES, DIMENSION)
    save(directory, "queries", queries)
    save(directory, "library", library)
    return directory


def test_sql_beside_blocked_blas(directory, capsys):
    blas = measure(by_blas, directory, repeats=3)
    sql = measure(by_sql, directory, repeats=3)

    assert sql.result[0] == blas.result[0]
    assert sql.result[1] == pytest.approx(blas.result[1], rel=1e-5)
    left, right = np.load(directory / "blas.npz"), np.load(directory / "sql.npz")
    order = np.argsort(left["query"])
    np.testing.assert_array_equal(left["query"][order], right["query"])
    np.testing.assert_allclose(left["score"][order], right["score"], atol=2e-6)
    different = left["library"][order] != right["library"]
    # BLAS sums in another order: where two scores agree to the last digits, either may come first.
    assert different.mean() < 1e-3

    with capsys.disabled():
        print(f"\n{N_QUERIES:,} queries x {N_LIBRARY:,} library spectra, {DIMENSION} dimensions, {sql.result[0]:,} rows")
        print(f"  blocked BLAS {blas.seconds:7.2f} s  {blas.peak_gb:5.2f} GB")
        print(f"  SQL          {sql.seconds:7.2f} s  {sql.peak_gb:5.2f} GB   {sql.seconds / blas.seconds:.1f} times as long")
