"""Checking sets of candidates: what they promise beside what they keep, on laboratories and molecules left out.

``python -m spectradb.benchmarks.set_check LAB LIBRARY --part development``

The library is searched against itself, contributors left out, as calibrations do. The limits of sets are found on the queries
of some laboratories and kept for those of others: each laboratory by all others, or the laboratories and analytes of one part
of :mod:`spectradb.benchmarks.calibration_check` by those of the other.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from spectradb import schemas
from spectradb.benchmarks.calibration_check import PARTS, is_test_analyte, is_test_laboratory
from spectradb.errors import SpectraDBError
from spectradb.evaluation.resampling import draw_weights, ratio_intervals
from spectradb.search.calibrate import kind_of_search
from spectradb.search.checks import CONTRIBUTOR
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_PPM, SearchSpec
from spectradb.store.statements import to_arrow
from spectradb.workspace.connection import open_published
from spectradb.workspace.lab_files import LabFiles

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

#: Promises that are checked.
COVERAGES = (0.8, 0.9, 0.95)
#: Kinds of queries: a name, and the fewest and most candidates (None: no end).
KINDS = (("1", 1, 1), ("2", 2, 2), ("3-5", 3, 5), ("6 and more", 6, None), ("2 and more", 2, None), ("all", 1, None))
#: Queries that a laboratory must have for a figure of its own.
LEAST_QUERIES = 50

_RESAMPLES = 1000


def main(arguments: Sequence[str] | None = None) -> None:
    """Check as the command line says.

    Parameters
    ----------
    arguments : sequence of str, optional
        Lab, library and options; None: those of the process.
    """
    options = _parser().parse_args(arguments)
    try:
        files = LabFiles(options.lab)
        files.check()
        spec = SearchSpec(
            study=options.library,
            library=options.library,
            method=options.method,
            model=options.model or files.default_model,
            left_out=CONTRIBUTOR,
            ppm=options.ppm,
            fragment_tolerance_da=DEFAULT_FRAGMENT_TOLERANCE_DA,
        )
        kind = kind_of_search(files, spec)
        with open_published(files.published) as con:
            checked = check(con, kind.search_id, options.part)
    except SpectraDBError as error:
        sys.exit(f"Error: {error}")
    for line in lines(checked):
        print(line)
    if options.json:
        options.json.write_text(json.dumps(checked, indent=1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m spectradb.benchmarks.set_check",
        description="Sets of candidates: what is promised and what is kept, on laboratories and molecules left out.",
    )
    parser.add_argument("lab", type=Path, help="folder of the lab")
    parser.add_argument("library", help="the library, with spectra of several contributors")
    parser.add_argument("--method", default=EMBEDDING, help="as for identify; default: %(default)s")
    parser.add_argument("--model", help="whose vectors to compare; the lab's default model when not given")
    parser.add_argument(
        "--ppm", type=float, default=DEFAULT_PPM, help="half-width of the precursor window; default: %(default)s"
    )
    parser.add_argument("--part", choices=PARTS, help="judge this part of the library only; default: each laboratory by others")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    return parser


def check(con: duckdb.DuckDBPyConnection, search: str, part: str | None = None) -> list[dict[str, Any]]:
    """Judge the sets of queries by limits of other laboratories.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    search : str
        Search of a library against itself, contributors left out.
    part : {"development", "test"}, optional
        The former: only among what is not of the part for the last look; the latter: that part, by limits of the other. None:
        every laboratory by all others.

    Returns
    -------
    list of dict
        A row for each promise and kind of query: ``coverage`` (promised), ``candidates``, ``n``, ``covered`` with its interval
        ``low`` and ``high`` (over analytes), ``size`` (mean), ``single`` (share of sets with one candidate), ``lowest`` (of
        laboratories with enough queries) and ``laboratories`` (how many those are).
    """
    known = to_arrow(con, schemas.read("queries/evaluation/gaps_of_truth"), {"search": search})
    return [
        row
        for coverage in COVERAGES
        for judged in [pa.concat_tables(_judged(con, search, coverage, *sides) for sides in _splits(known, part))]
        for row in _rows(judged, coverage)
    ]


def _splits(known: pa.Table, part: str | None) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Give what limits are found on, and what is judged by them."""
    laboratory = np.array([name or "" for name in known["contributor"].to_pylist()], dtype=object)
    of_laboratory = np.array([is_test_laboratory(name) for name in laboratory], dtype=bool)
    of_analyte = np.array([is_test_analyte(name) for name in known["analyte_id"].to_pylist()], dtype=bool)
    development = ~of_laboratory & ~of_analyte
    if part == "test":
        yield known.filter(pa.array(development)), known.filter(pa.array(of_laboratory & of_analyte))
        return
    among = development if part else np.ones(len(laboratory), dtype=bool)
    for name in np.unique(laboratory[among]):
        others, own = among & (laboratory != name), among & (laboratory == name)
        if others.any():
            yield known.filter(pa.array(others)), known.filter(pa.array(own))


def _judged(con: duckdb.DuckDBPyConnection, search: str, coverage: float, known: pa.Table, judged: pa.Table) -> pa.Table:
    con.register("set_known", known)
    con.register("set_judged", judged)
    try:
        return to_arrow(con, schemas.read("queries/evaluation/set_coverage"), {"search": search, "coverage": coverage})
    finally:
        con.unregister("set_known")
        con.unregister("set_judged")


def _rows(judged: pa.Table, coverage: float) -> Iterator[dict[str, Any]]:
    n_candidates, size = (judged[name].to_numpy() for name in ("n_candidate_analytes", "set_size"))
    covered = judged["is_covered"].to_numpy(zero_copy_only=False).astype(float)
    analyte, laboratory = (
        np.unique(np.array([name or "" for name in judged[of].to_pylist()], dtype=str), return_inverse=True)[1]
        for of in ("analyte_id", "contributor")
    )
    for candidates, fewest, most in KINDS:
        here = (n_candidates >= fewest) & (most is None or n_candidates <= most)
        if not here.any():
            continue
        units = np.unique(analyte[here], return_inverse=True)[1]
        sums, counts = np.bincount(units, covered[here])[:, None].astype(float), np.bincount(units)[:, None].astype(float)
        low, high = ratio_intervals(sums, counts, draw_weights(len(counts), resamples=_RESAMPLES, seed=0))
        n_of = np.bincount(laboratory[here])
        enough = n_of >= LEAST_QUERIES
        of_laboratories = np.bincount(laboratory[here], covered[here])[enough] / n_of[enough]
        yield {
            "coverage": coverage,
            "candidates": candidates,
            "n": int(here.sum()),
            "covered": float(covered[here].mean()),
            "low": float(low[0]),
            "high": float(high[0]),
            "size": float(size[here].mean()),
            "single": float((size[here] == 1).mean()),
            "lowest": float(of_laboratories.min()) if enough.any() else None,
            "laboratories": int(enough.sum()),
        }


def lines(checked: list[dict[str, Any]]) -> list[str]:
    """Describe a check to a person.

    Parameters
    ----------
    checked : list of dict
        As :func:`check` gives it.

    Returns
    -------
    list of str
        Lines of text.
    """
    told = ["promised  candidates  queries  covered [interval]      mean size  single  lowest laboratory (of)"]
    for row in checked:
        lowest = "-" if row["lowest"] is None else f"{row['lowest']:.1%} ({row['laboratories']})"
        interval = f"{row['covered']:.1%} [{row['low']:.1%}, {row['high']:.1%}]"
        told.append(
            f"{row['coverage']:>8.0%}  {row['candidates']:<10}  {row['n']:>7,}  {interval:<22}  {row['size']:>9.2f}"
            f"  {row['single']:>6.1%}  {lowest}"
        )
    return told


if __name__ == "__main__":
    main()
