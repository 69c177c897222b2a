"""The verbs that draw: report, dashboard, plot, which draws one hit, and viewer, a page that opens any lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import show, speaking
from spectradb.cli.path_type import PATH
from spectradb.facade.lab import connect
from spectradb.facade.report import DEFAULT_DASHBOARD, DEFAULT_FILE, Reports
from spectradb.viewer.packages import REGISTRY

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@LAB
@click.option("--out", type=PATH, default=DEFAULT_FILE, show_default=True, help="The HTML file to write.")
@click.option("--study", "studies", multiple=True, help="Only this study; may be repeated.")
@click.option(
    "--search",
    "searches",
    multiple=True,
    help="Describe this search in full; may be repeated. Default: the newest of each study.",
)
@click.option(
    "--group", metavar="COLUMN", help="Column of the sample table that colours pictures. Default: what was last predicted."
)
@click.option("--figures", type=PATH, metavar="FOLDER", help="Write each figure there as PNG and SVG too.")
@speaking
def report(
    lab: Path,
    out: Path,
    studies: tuple[str, ...],
    searches: tuple[str, ...],
    group: str | None,
    figures: Path | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write one self-contained HTML page: imports, identification, benchmarks, samples, markers."""
    opened = connect(lab)
    written = opened.report(out, studies=studies, searches=searches, group=group, figures=figures)
    show(written, as_json=as_json, quiet=quiet)


@click.command()
@LAB
@click.option("--query", required=True, metavar="ID", help="The query: its spectrum_id, native_id, or run/native_id.")
@click.option("--search", help="The search. Default: the last that has a candidate for the query.")
@click.option("--rank", type=click.IntRange(min=1), default=1, show_default=True, help="Which candidate.")
@click.option("--out", type=PATH, default="hit.svg", show_default=True, help="The file to write, .svg or .png.")
@speaking
def plot(lab: Path, query: str, search: str | None, rank: int, out: Path, *, as_json: bool, quiet: bool) -> None:
    """Draw a query over a library spectrum that answered it: matched peaks, their ppm, names and structures."""
    show(Reports(open_files(lab)).plot_hit(query, search=search, rank=rank, out=out), as_json=as_json, quiet=quiet)


@click.command()
@LAB
@click.option("--out", type=PATH, default=DEFAULT_DASHBOARD, show_default=True, help="The HTML file to write.")
@speaking
def dashboard(lab: Path, out: Path, *, as_json: bool, quiet: bool) -> None:
    """Write one interactive HTML page of ten tiles: runs, confidence, blanks, drift, markers and more; needs no server."""
    show(Reports(open_files(lab)).dashboard(out), as_json=as_json, quiet=quiet)


@click.command()
@click.option(
    "--out",
    type=PATH,
    default="viewer.html",
    show_default=True,
    help="The file to write, or a folder to write viewer.html into.",
)
@click.option(
    "--assets",
    type=PATH,
    multiple=True,
    help="Local copies of the packages in the page: a tarball, or a folder of them; may be repeated. Nothing is fetched then.",
)
@click.option("--registry", default=REGISTRY, show_default=True, metavar="URL", help="The npm registry that has the packages.")
@speaking
def viewer(out: Path, assets: tuple[Path, ...], registry: str, *, as_json: bool, quiet: bool) -> None:
    """Write a page that opens a lab in the browser: searches, hits, mirror plots, samples, SQL; nothing leaves the machine.

    The page is one file with the database in it. Open it, and drop a lab.duckdb on it; on a web server it also takes
    viewer.html?lab=lab.duckdb. The database, duckdb-wasm, is fetched once from the npm registry, and checked.
    """
    from spectradb.viewer.write import write_viewer  # noqa: PLC0415 - reads all statements

    show(write_viewer(out, assets=assets, registry=registry), as_json=as_json, quiet=quiet)


COMMANDS = (report, plot, dashboard, viewer)
