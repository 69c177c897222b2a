"""The verb that writes refined vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB
from spectradb.cli.output import show, speaking
from spectradb.cli.path_type import PATH
from spectradb.cli.verbs.searches import read_settings
from spectradb.facade.lab import connect
from spectradb.search.spec import DEFAULT_PPM

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@LAB
@click.argument("library")
@click.argument("file", type=PATH)
@click.option("--model", help="Whose vectors to refine; the lab's default model when not given.")
@click.option(
    "--ppm",
    default=DEFAULT_PPM,
    show_default=True,
    help="Half-width of the precursor window in ppm, that of the searches to come.",
)
@click.option(
    "--setting",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="neighbours or strength, as for identify by the method refined; may be repeated.",
)
@speaking
def refine(
    lab: Path,
    library: str,
    file: Path,
    model: str | None,
    ppm: float,
    settings: tuple[str, ...],
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write a library's refined vectors to a .parquet file, for similarity joins in plain SQL."""
    report = connect(lab).refine(library, file, model=model, ppm=ppm, settings=read_settings(settings))
    show(report, as_json=as_json, quiet=quiet)


COMMANDS = (refine,)
