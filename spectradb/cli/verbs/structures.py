"""Verbs about the structures that searches confuse: mces, tautomers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from spectradb.benchmarks.mces import DEFAULT_THRESHOLD
from spectradb.cli.lab_argument import LAB
from spectradb.cli.output import show, speaking
from spectradb.facade.lab import connect

if TYPE_CHECKING:
    from pathlib import Path

_SEARCHES = click.argument("searches", nargs=-1, required=True, metavar="SEARCH...")


@click.command()
@LAB
@_SEARCHES
@click.option("--at-k", default=1, show_default=True, help="Ranks that count.")
@click.option("--threshold", default=DEFAULT_THRESHOLD, show_default=True, help="Distances above it are bounds only.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes. Default: one per core.")
@speaking
def mces(
    lab: Path, searches: tuple[str, ...], at_k: int, threshold: float, workers: int | None, *, as_json: bool, quiet: bool
) -> None:
    """Compute how far the wrong answers of searches are from the truth, as MCES distances; mces_at_k in SQL reads them."""
    opened = connect(lab)
    report = opened.mces(*searches, at_k=at_k, threshold=threshold, workers=workers, quiet=quiet)
    show(report, as_json=as_json, quiet=quiet, path=opened.published)


@click.command()
@LAB
@_SEARCHES
@speaking
def tautomers(lab: Path, searches: tuple[str, ...], *, as_json: bool, quiet: bool) -> None:
    """Find which analytes that searches confuse are tautomers of each other; error_analysis in SQL reads it."""
    opened = connect(lab)
    show(opened.tautomers(*searches, quiet=quiet), as_json=as_json, quiet=quiet, path=opened.published)


COMMANDS = (mces, tautomers)
