"""Tables about the similarity join: its forms side by side, and growth with the library and with the queries."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import duckdb
from blocked_blas import rank_analytes
from measure import measure
from page_table import Table
from scale import simulate_to
from test_native_join import INDEX, build_index, by_index, by_merged
from test_similarity_join import PPM, K, by_blas, by_sql, load_sides

from spectradb.errors import MissingDependency
from spectradb.udfs import native

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from measure import Measurement

N_LIBRARY, N_QUERIES, DIMENSION = 200_000, 20_000, 512
SMALL = ((1000, 1), (1000, 1000), (10_000, 100), (10_000, 10_000), (100_000, 1), (100_000, 1000))
SMALL_COLUMNS = ("native", "BLAS", "ratio")
REPEATS = 7


def has_extension() -> bool:
    """Tell whether the native extension can be built here."""
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
        ("form", "seconds", "peak GB", "of it anonymous", "times blocked BLAS", "ms a query", "rows"),
    )
    blas = measure(by_blas, folder, repeats=3)
    forms: dict[str, Measurement] = {"blocked BLAS over sorted windows (numpy)": blas}
    if has_extension():
        built = measure(build_index, folder)
        forms["native extension over a search index"] = measure(by_index, folder, repeats=3)
        forms["the same, 8 best spectra of an analyte merged"] = measure(by_merged, folder, repeats=3)
        table.notes.append(f"Building the index: {built.seconds:.1f} s, {built.peak_gb:.2f} GB, once per state of the library.")
    forms["pure SQL"] = measure(by_sql, folder, repeats=3)
    for name, one in forms.items():
        assert one.result[0] == blas.result[0]
        ms = one.seconds / n_queries * 1000
        of_blas = one.seconds / blas.seconds
        table.rows.append((name, one.seconds, one.peak_gb, one.anonymous_gb, of_blas, ms, one.result[0]))
    return table


def in_memory(folder: Path) -> tuple[float, float, float, float, int]:
    """Seconds of a search by either form, first and best, once library and index are open; and the number of rows."""
    queries, library = load_sides(folder)
    with duckdb.connect(folder / "join.duckdb", read_only=True, config={"allow_unsigned_extensions": "true"}) as con:
        native.load_extension(con)
        parameters = {"path": str(folder / "library.spectra-index"), "ppm": PPM, "k": K}
        forms: tuple[Callable[[], int], ...] = (
            lambda: con.sql(INDEX, params=parameters).to_arrow_table().num_rows,
            lambda: len(rank_analytes(queries, library, PPM, K).query),
        )
        seconds, rows = [], []
        for form in forms:
            took = []
            for _ in range(REPEATS):
                begin = time.perf_counter()
                rows.append(form())
                took.append(time.perf_counter() - begin)
            seconds += [took[0], min(took[1:])]
    assert len(set(rows)) == 1
    return (*seconds, rows[0])  # type: ignore[return-value]


def small_table(folder: Path, scale: float) -> Table:
    """Search small libraries, where what a statement costs by itself counts: is blocked BLAS ever faster?"""
    table = Table(
        f"Small searches, {DIMENSION // 2}-d: the native extension beside blocked BLAS",
        ("library", "queries", "rows", *(f"{how}: {what}" for how in ("whole", "first", "next") for what in SMALL_COLUMNS)),
        notes=[
            "Whole: ms of one call that opens everything. First: of the first search once all is open; the native one checks",
            f"the index. Next: of the best of {REPEATS - 1} more. BLAS has its vectors at hand and checks nothing.",
        ],
    )
    if not has_extension():
        table.notes.append("No C compiler was found: the native extension is not measured.")
        return table
    # The smallest sizes are the point: they do not shrink further.
    for n_library, n_queries in SMALL if scale >= 1 else SMALL[:3]:
        own = folder / f"{n_library}-{n_queries}"
        own.mkdir()
        simulate_to(own, n_library, n_queries, DIMENSION // 2)
        build_index(own)
        first, best, blas_first, blas, rows = measure(in_memory, own).result
        whole, whole_blas = (measure(work, own).seconds for work in (by_index, by_blas))
        pairs = (whole, whole_blas), (first, blas_first), (best, blas)
        cells = ((ours * 1000, theirs * 1000, ours / theirs) for ours, theirs in pairs)
        table.rows.append((n_library, n_queries, rows, *itertools.chain(*cells)))
    return table


def growth_table(folder: Path, scale: float) -> Table:
    """Double the library, then the queries."""
    table = Table(
        f"Growth of the similarity join, {DIMENSION // 2}-d: doubling the library, doubling the queries",
        ("library", "queries", "rows", "native s", "native GB", "SQL s", "SQL GB", "BLAS s"),
    )
    sizes = [(50_000, 20_000), (100_000, 20_000), (200_000, 20_000), (400_000, 20_000), (200_000, 40_000), (200_000, 80_000)]
    for n_library, n_queries in sizes:
        own = folder / f"{n_library}-{n_queries}"
        own.mkdir()
        n_library, n_queries = int(n_library * scale), int(n_queries * scale)  # noqa: PLW2901 - as run
        simulate_to(own, n_library, n_queries, DIMENSION // 2)
        by_native = None
        if has_extension():
            measure(build_index, own)
            by_native = measure(by_index, own, repeats=3)
        sql, blas = measure(by_sql, own, repeats=2), measure(by_blas, own, repeats=2)
        ours = (by_native.seconds, by_native.peak_gb) if by_native else (None, None)
        table.rows.append((n_library, n_queries, sql.result[0], *ours, sql.seconds, sql.peak_gb, blas.seconds))
    return table
