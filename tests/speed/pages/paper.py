"""Tables about the largest search that was published: identifying a whole study against all public libraries, and beyond."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from measure import measure
from page_table import Table
from pages.join import has_extension
from scale import simulate_to
from test_native_join import build_index, by_index
from test_similarity_join import PPM, by_blas, by_sql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from measure import Measurement

N_LIBRARY, N_QUERIES, N_ANALYTES = 1_800_000, 225_832, 99_000
#: Dimensions of the vectors; plain SQL takes minutes, so that it runs with the short ones only.
DIMENSIONS = (256, 512)
MOST_SECONDS, MOST_GB = 120.0, 4.0
BEYOND = (10**8, 10**9)


class Rates(NamedTuple):
    """What a search by the index took, for any size."""

    dimension: int
    bytes_a_row: float
    build_seconds_a_row: float
    candidates_a_query_and_row: float
    seconds_a_pair: float
    seconds_a_query: float


def paper_tables(folder: Path, scale: float) -> Iterator[Table]:
    """Search at the size of the paper with vectors of either dimension, then compute larger ones from what was measured."""
    rates = []
    for dimension in DIMENSIONS:
        own = folder / str(dimension)
        own.mkdir()
        table, measured = _paper_table(own, scale, dimension)
        rates += measured
        shutil.rmtree(own)
        yield table
    if rates:
        yield _beyond(rates, int(N_QUERIES * scale))


def _paper_table(folder: Path, scale: float, dimension: int) -> tuple[Table, list[Rates]]:
    n_library, n_queries, n_analytes = (int(n * scale) for n in (N_LIBRARY, N_QUERIES, N_ANALYTES))
    simulate_to(folder, n_library, n_queries, dimension, n_analytes=n_analytes)
    pairs = n_candidates(folder)
    table = Table(
        f"Paper scale, {dimension}-d: {n_queries:,} queries x {n_library:,} spectra of {n_analytes:,} analytes, {PPM:g} ppm",
        ("form", "seconds", "peak GB", "of it anonymous", "times blocked BLAS", "right answers found", "2 min, 4 GB"),
        notes=[
            f"{pairs:,} candidate pairs, {pairs / n_queries:,.0f} a query.",
            "Peak GB counts pages of mapped files, which the system drops where memory is short; anonymous memory does not.",
            "A right answer is the analyte that a query was drawn from, at rank 1.",
        ],
    )
    blas = measure(by_blas, folder)
    rates = []

    def add(name: str, one: Measurement, recall: float | None) -> None:
        # A file that is mapped may stay out of memory, what a process has for its own may not.
        kept = one.seconds <= MOST_SECONDS and one.anonymous_gb <= MOST_GB
        ratio = one.seconds / blas.seconds if recall is not None else None
        table.rows.append((name, one.seconds, one.peak_gb, one.anonymous_gb, ratio, recall, "kept" if kept else "missed"))

    add("blocked BLAS over sorted windows (numpy)", blas, right_answers(folder, "blas"))
    if has_extension():
        built = measure(build_index, folder)
        found = measure(by_index, folder)
        assert found.result[0] == blas.result[0]
        add("building the search index, once per state of the library", built, None)
        add("native extension over the search index", found, right_answers(folder, "index"))
        both = built.seconds + found.seconds
        table.notes.append(
            f"The index takes {built.result / 1e9:.2f} GB on disk. Building and searching: {both:.0f} s, "
            f"{both / MOST_SECONDS:.0%} of two minutes."
        )
        per_row = built.result / n_library, built.seconds / n_library
        rates = [Rates(dimension, *per_row, pairs / n_queries / n_library, found.seconds / pairs, found.seconds / n_queries)]
    if dimension == DIMENSIONS[0]:
        sql = measure(by_sql, folder)
        assert sql.result[0] == blas.result[0]
        add("pure SQL", sql, right_answers(folder, "sql"))
    return table, rates


def n_candidates(folder: Path) -> int:
    """Count the pairs of a query and a library spectrum within the window."""
    queries, library = (np.load(folder / f"{name}.npz") for name in ("queries", "library"))
    pairs = 0
    for mode in (False, True):
        asked = queries["precursor_mz"][queries["positive"] == mode]
        known = library["precursor_mz"][library["positive"] == mode]
        low, high = (np.searchsorted(known, asked * (1 + side * PPM * 1e-6)) for side in (-1, 1))
        pairs += int((high - low).sum())
    return pairs


def right_answers(folder: Path, name: str) -> float:
    """Share of all queries whose first hit is of the analyte that they were drawn from."""
    queries, library, top = (np.load(folder / f"{file}.npz") for file in ("queries", "library", name))
    expected = queries["analyte"][np.searchsorted(queries["ids"], top["query"])]
    return float((library["analyte"][top["library"]] == expected).sum() / len(queries["ids"]))


def _beyond(rates: list[Rates], n_queries: int) -> Table:
    """Compute larger searches: all grows with the number of rows, what a query has to score included."""
    table = Table(
        f"The plan beyond: computed from the rates above for {n_queries:,} queries, on the same cores",
        ("library", "dimension", "index GB", "building, min", "candidates a query", "ms a query", "searching, min"),
        notes=[
            "Each grows in proportion to the library, candidates too. Building assumes a disk that keeps up as here.",
            "The rows of an index stand in the order of precursors: cut into ranges, as many machines can search it at once.",
        ],
    )
    for rows in BEYOND:
        for one in rates:
            candidates = one.candidates_a_query_and_row * rows
            seconds = max(candidates * one.seconds_a_pair, one.seconds_a_query)
            table.rows.append(
                (
                    rows,
                    one.dimension,
                    rows * one.bytes_a_row / 1e9,
                    rows * one.build_seconds_a_row / 60,
                    candidates,
                    seconds * 1000,
                    n_queries * seconds / 60,
                )
            )
    return table
