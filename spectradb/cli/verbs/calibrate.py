"""The verb that calibrates searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB
from spectradb.cli.output import show, speaking
from spectradb.cli.verbs.searches import read_settings
from spectradb.facade.lab import connect
from spectradb.search.calibrate import AMBIGUOUS_ODDS
from spectradb.search.checks import CONTRIBUTOR
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.methods.registry import method_names
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_PPM

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@LAB
@click.option("--library", required=True, help="The library; it needs spectra of several contributors, or see --leave-out.")
@click.option("--method", default=EMBEDDING, show_default=True, help=f"How pairs are scored: {', '.join(method_names())}.")
@click.option("--model", help="Whose vectors to compare; the lab's default model when not given.")
@click.option(
    "--setting",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting of the method, as for identify; may be repeated.",
)
@click.option(
    "--contributor", "contributors", multiple=True, help="Fit on the spectra of this contributor only; may be repeated."
)
@click.option(
    "--leave-out",
    "left_out",
    default=CONTRIBUTOR,
    show_default=True,
    metavar="contributor|copies",
    help="What to keep each query from: its own contributor, as another laboratory's spectra; or copies of itself alone, for "
    "a library of one laboratory: spectra against those of other energies.",
)
@click.option(
    "--answerable",
    type=float,
    metavar="SHARE",
    help="Share of queries with a candidate to assume has its analyte within reach. Default: each study tells.",
)
@click.option(
    "--ambiguous-odds",
    default=AMBIGUOUS_ODDS,
    show_default=True,
    help="Odds of the first candidate against the second below which an identification is ambiguous.",
)
@click.option("--ppm", default=DEFAULT_PPM, show_default=True, help="Half-width of the precursor window in ppm.")
@click.option(
    "--fragment-tolerance",
    "fragment_tolerance_da",
    default=DEFAULT_FRAGMENT_TOLERANCE_DA,
    show_default=True,
    help="Tolerance in Da, as for identify.",
)
@speaking
def calibrate(
    lab: Path,
    library: str,
    method: str,
    model: str | None,
    settings: tuple[str, ...],
    contributors: tuple[str, ...],
    left_out: str,
    answerable: float | None,
    ambiguous_odds: float,
    ppm: float,
    fragment_tolerance_da: float,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Learn from a library how far scores can be trusted: searches against it then have probabilities."""
    opened = connect(lab)
    report = opened.calibrate(
        library,
        method=method,
        model=model,
        settings=read_settings(settings),
        contributors=contributors,
        left_out=left_out,
        answerable=answerable,
        ambiguous_odds=ambiguous_odds,
        ppm=ppm,
        fragment_tolerance_da=fragment_tolerance_da,
    )
    show(report, as_json=as_json, quiet=quiet, path=opened.published)


COMMANDS = (calibrate,)
