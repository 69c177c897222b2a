"""Verbs that search: identify, search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from spectradb.cli.cluster_options import on_cluster
from spectradb.cli.isolation_option import MAX_ISOLATION
from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import show, show_rows, speaking
from spectradb.cli.path_type import PATH
from spectradb.errors import BadParameter
from spectradb.facade.report import Reports
from spectradb.facade.searches import Searches
from spectradb.search.engines import AUTO
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.methods.registry import method_names
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_K, DEFAULT_PPM
from spectradb.search.vectors.approximate import AUTO as INDEX_AUTO
from spectradb.search.vectors.approximate import TARGET_RECALL

if TYPE_CHECKING:
    from pathlib import Path

_MODEL = click.option(
    "--model",
    help="Whose vectors to compare. When not given the lab's default; with --open spectradb_analogue, where it is embedded.",
)
_PPM = click.option("--ppm", default=DEFAULT_PPM, show_default=True, help="Half-width of the precursor window in ppm.")
# A terminal is narrow: what the JSON and CSV forms say besides.
_NOT_ON_A_TERMINAL = ("query_id", "analyte_id", "smiles", "library_spectrum_id", "n_candidate_analytes")
_OPEN = click.option("--open", "open_search", is_flag=True, help="Search without a precursor filter.")
_INDEX = click.option(
    "--index",
    default=INDEX_AUTO,
    show_default=True,
    help="How an open search finds vectors: exact (compares all), approximate (by a LanceDB vector index, its recall measured) "
    "or auto: approximate where library and queries are large.",
)
_RECALL = click.option(
    "--recall",
    "target_recall",
    default=TARGET_RECALL,
    show_default=True,
    help="Share of the analytes of an exact search that an approximate one should find.",
)
_K = click.option("-k", default=DEFAULT_K, show_default=True, help="Analytes per query.")
_METHOD = click.option(
    "--method", default=EMBEDDING, show_default=True, help=f"How to score pairs of spectra: {', '.join(method_names())}."
)
_SETTING = click.option(
    "--setting",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A setting of the method, such as intensity_power=1; may be repeated.",
)


@click.command()
@LAB
@click.option("--study", required=True, help="The study whose spectra are the queries.")
@click.option("--library", required=True, help="The library to compare with.")
@_METHOD
@_MODEL
@_SETTING
@click.option(
    "--leave-out",
    "left_out",
    metavar="contributor|copies",
    help="Keep each query from spectra of its own contributor and copies of itself, as when a library is tested on itself; "
    "or from those copies alone.",
)
@click.option(
    "--contributor", "contributors", multiple=True, help="Search only the spectra of this contributor; may be repeated."
)
@_PPM
@_OPEN
@_INDEX
@_RECALL
@_K
@click.option(
    "--fragment-tolerance",
    "fragment_tolerance_da",
    default=DEFAULT_FRAGMENT_TOLERANCE_DA,
    show_default=True,
    help="Tolerance in Da for counting matched peaks, and that of scores of peaks.",
)
@click.option(
    "--engine",
    default=AUTO,
    show_default=True,
    help="What compares vectors: sql, native (the compiled extension), or auto: native where it is built.",
)
@click.option("--device", default="cpu", show_default=True, help="Where an open search multiplies vectors: cpu or cuda.")
@click.option(
    "--clusters",
    is_flag=False,
    flag_value="",
    help="Search one spectrum for each cluster of the study, and give every member what was found; NAME where it has several "
    "clusterings.",
    metavar="[NAME]",
)
@click.option("--name", help="Name of the search; made of what is searched and how when not given.")
@click.option("--replace", is_flag=True, help="Search anew, and take the place of the search that has the name.")
@on_cluster
@speaking
def identify(
    lab: Path,
    study: str,
    library: str,
    method: str,
    model: str | None,
    settings: tuple[str, ...],
    left_out: str | None,
    contributors: tuple[str, ...],
    ppm: float,
    index: str,
    target_recall: float,
    k: int,
    fragment_tolerance_da: float,
    engine: str,
    device: str,
    clusters: str | None,
    name: str | None,
    ray: str | None,
    ray_workers: int | None,
    *,
    replace: bool,
    open_search: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Identify the spectra of a study against a library; the search and its hits are recorded."""
    files = open_files(lab)
    report = Searches(files).identify(
        study,
        library,
        method=method,
        model=model,
        settings=read_settings(settings),
        left_out=left_out,
        contributors=contributors,
        ppm=None if open_search else ppm,
        k=k,
        fragment_tolerance_da=fragment_tolerance_da,
        name=name,
        replace=replace,
        engine=engine,
        device=device,
        index=index,
        target_recall=target_recall,
        clusters=False if clusters is None else clusters or True,
        ray=ray,
        ray_workers=ray_workers,
    )
    show(report, as_json=as_json, quiet=quiet, path=files.published)
    if not (as_json or quiet):
        for line in Reports(files).confident().lines_of(report.search_id):
            click.echo(line)


@click.command()
@LAB
@click.argument("file", type=PATH)
@click.option("--library", required=True, help="The library to compare with.")
@_METHOD
@_MODEL
@_SETTING
@_PPM
@_K
@_OPEN
@_INDEX
@_RECALL
@click.option("--ion-mode", type=click.Choice(["positive", "negative"]), help="Ion mode of spectra that do not tell theirs.")
@MAX_ISOLATION
@click.option("--plot", type=PATH, help="Draw the best hit of all in this file, .svg or .png.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the result as CSV.")
@speaking
def search(
    lab: Path,
    file: Path,
    library: str,
    method: str,
    model: str | None,
    settings: tuple[str, ...],
    ppm: float,
    k: int,
    index: str,
    target_recall: float,
    ion_mode: str | None,
    max_isolation_width: float,
    plot: Path | None,
    *,
    open_search: bool,
    as_csv: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Search the spectra of a file against a library, without storing anything."""
    files = open_files(lab)
    found = Searches(files).search_file(
        file,
        library=library,
        method=method,
        ion_mode=ion_mode,
        max_isolation_width=max_isolation_width,
        model=model,
        settings=read_settings(settings),
        ppm=None if open_search else ppm,
        k=k,
        index=index,
        target_recall=target_recall,
        plot=plot,
    )
    if quiet:
        return
    hits = files.connection(statement="").from_arrow(found.hits)
    if as_json or as_csv:
        show_rows(hits, "json" if as_json else "csv")
    else:
        show_rows(hits.select(*(name for name in found.hits.column_names if name not in _NOT_ON_A_TERMINAL)), "table")
    for line in found.lines():
        click.echo(line, err=True)


def read_settings(settings: tuple[str, ...]) -> dict[str, str]:
    """Read settings written as NAME=VALUE; which there are, and what values mean, the method knows."""
    read = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise BadParameter(f"setting {text!r} must be written as NAME=VALUE, such as intensity_power=1")
        read[name.strip()] = value.strip()
    return read


COMMANDS = (identify, search)
