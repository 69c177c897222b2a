"""Tables about the similarity join: its forms side by side, and growth with the library and with the queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from measure import measure
from page_table import Table
from scale import simulate_to
from test_native_join import build_index, by_index
from test_similarity_join import by_blas, by_sql

from spectradb.errors import MissingDependency
from spectradb.udfs import native

if TYPE_CHECKING:
    from pathlib import Path

    from measure import Measurement

N_LIBRARY, N_QUERIES, DIMENSION = 200_000, 20_000, 512


def _has_extension() -> bool:
    try:
        native.build_extension()
    except MissingDependency:
        return False
    return True


def join_table(folder: Path, scale: float) -> Table:
    """Compare pure SQL and the native extension with blocked BLAS."""
    n_library, n_queries = int(N_LIBRARY * scale), int(N_QUERIES * scale)
    simulate_to(folder, n_library, n_queries, DIMENSION)
    table = Table(
        f"Similarity join: {n_queries:,} queries x {n_library:,} library spectra, {DIMENSION}-d, 10 ppm, best analytes",
        ("form", "seconds", "peak GB", "times blocked BLAS", "ms a query", "rows"),
    )
    blas = measure(by_blas, folder, repeats=3)
    forms: dict[str, Measurement] = {"blocked BLAS over sorted windows (numpy)": blas}
    if _has_extension():
        built = measure(build_index, folder)
        forms["native extension over a search index"] = measure(by_index, folder, repeats=3)
        table.notes.append(f"Building the index: {built.seconds:.1f} s, {built.peak_gb:.2f} GB, once per state of the library.")
    forms["pure SQL"] = measure(by_sql, folder, repeats=3)
    for name, one in forms.items():
        assert one.result[0] == blas.result[0]
        ms = one.seconds / n_queries * 1000
        table.rows.append((name, one.seconds, one.peak_gb, one.seconds / blas.seconds, ms, one.result[0]))
    return table


def growth_table(folder: Path, scale: float) -> Table:
    """Double the library, then the queries."""
    table = Table(
        f"Growth of the similarity join, {DIMENSION // 2}-d: doubling the library, doubling the queries",
        ("library", "queries", "rows", "native s", "native GB", "SQL s", "SQL GB", "BLAS s"),
    )
    has_extension = _has_extension()
    sizes = [(50_000, 20_000), (100_000, 20_000), (200_000, 20_000), (400_000, 20_000), (200_000, 40_000), (200_000, 80_000)]
    for n_library, n_queries in sizes:
        own = folder / f"{n_library}-{n_queries}"
        own.mkdir()
        n_library, n_queries = int(n_library * scale), int(n_queries * scale)  # noqa: PLW2901 - as run
        simulate_to(own, n_library, n_queries, DIMENSION // 2)
        by_native = None
        if has_extension:
            measure(build_index, own)
            by_native = measure(by_index, own, repeats=3)
        sql, blas = measure(by_sql, own, repeats=2), measure(by_blas, own, repeats=2)
        ours = (by_native.seconds, by_native.peak_gb) if by_native else (None, None)
        table.rows.append((n_library, n_queries, sql.result[0], *ours, sql.seconds, sql.peak_gb, blas.seconds))
    return table
