"""Verbs that search: identify, search."""

from __future__ import annotations

from pathlib import Path

import click

from spectradb.cli.lab_verbs import LAB
from spectradb.cli.output import show, show_rows, speaking
from spectradb.lab import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_K, DEFAULT_PPM, connect

_MODEL = click.option("--model", help="Whose vectors to compare; the lab's default model when not given.")
_PPM = click.option("--ppm", default=DEFAULT_PPM, show_default=True, help="Half-width of the precursor window in ppm.")
# A terminal is narrow: what the JSON and CSV forms say besides.
_NOT_ON_A_TERMINAL = ("query_id", "analyte_id", "smiles", "library_spectrum_id", "n_candidate_analytes")
_K = click.option("-k", default=DEFAULT_K, show_default=True, help="Analytes per query.")


@click.command()
@LAB
@click.option("--study", required=True, help="The study whose spectra are the queries.")
@click.option("--library", required=True, help="The library to compare with.")
@_MODEL
@_PPM
@_K
@click.option(
    "--fragment-tolerance",
    "fragment_tolerance_da",
    default=DEFAULT_FRAGMENT_TOLERANCE_DA,
    show_default=True,
    help="Tolerance in Da for counting matched peaks.",
)
@click.option("--name", help="Name of the search; made of study, library and model when not given.")
@speaking
def identify(
    lab: Path,
    study: str,
    library: str,
    model: str | None,
    ppm: float,
    k: int,
    fragment_tolerance_da: float,
    name: str | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Identify the spectra of a study against a library; the search and its hits are recorded."""
    opened = connect(lab)
    report = opened.identify(study, library, model=model, ppm=ppm, k=k, fragment_tolerance_da=fragment_tolerance_da, name=name)
    show(report, as_json=as_json, quiet=quiet, path=opened.published)


@click.command()
@LAB
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--library", required=True, help="The library to compare with.")
@_MODEL
@_PPM
@_K
@click.option("--open", "open_search", is_flag=True, help="Search without a precursor filter.")
@click.option("--ion-mode", type=click.Choice(["positive", "negative"]), help="Ion mode of spectra that do not tell theirs.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the result as CSV.")
@speaking
def search(
    lab: Path,
    file: Path,
    library: str,
    model: str | None,
    ppm: float,
    k: int,
    ion_mode: str | None,
    *,
    open_search: bool,
    as_csv: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Search the spectra of a file against a library, without storing anything."""
    opened = connect(lab)
    found = opened.search_file(file, library=library, ion_mode=ion_mode, model=model, ppm=None if open_search else ppm, k=k)
    if quiet:
        return
    hits = opened.connection().from_arrow(found.hits)
    if as_json or as_csv:
        show_rows(hits, "json" if as_json else "csv")
    else:
        show_rows(hits.select(*(name for name in found.hits.column_names if name not in _NOT_ON_A_TERMINAL)), "table")
    for line in found.lines():
        click.echo(line, err=True)


COMMANDS = (identify, search)
