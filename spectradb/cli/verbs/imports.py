"""Verbs that bring spectra and vectors in: import-library, import-study, import-features, embed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from spectradb.cli.cluster_options import on_cluster
from spectradb.cli.isolation_option import MAX_ISOLATION
from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import EXIT_SOME_FILES_FAILED, show, speaking
from spectradb.cli.path_type import PATH
from spectradb.facade.features import Features
from spectradb.facade.lab import connect
from spectradb.facade.models import Models
from spectradb.ingest.spectra.peaks import PeakRecipe
from spectradb.models.registry import DEFAULT_EMBEDDER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spectradb.facade.lab import Lab
    from spectradb.ingest.report import ImportReport

_ION_MODE = click.option(
    "--ion-mode", type=click.Choice(["positive", "negative"]), help="Ion mode of spectra that do not tell theirs."
)


def _import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (
        click.option(
            "--select", help="For tables that DuckDB reads: a SELECT from '{file}', a .sql file, or massbank or massspecgym."
        ),
        _ION_MODE,
        click.option(
            "--rt-unit",
            type=click.Choice(["seconds", "minutes"]),
            help="Unit of retention times that state none; by default the format's usual one, and the report says so.",
        ),
        click.option("--max-peaks", default=PeakRecipe().max_peaks, show_default=True, help="Peaks to keep per spectrum."),
        click.option(
            "--min-relative-intensity",
            default=PeakRecipe().min_relative_intensity,
            show_default=True,
            help="Drop peaks below this share of the base peak.",
        ),
        click.option(
            "--precursor-tolerance",
            help="How far a stated precursor m/z may be from that of structure and adduct, such as '10 ppm'; further off, a "
            "spectrum of a library is searched at the computed one.  [default: 0.01 Da, 20 ppm: the larger]",
        ),
        MAX_ISOLATION,
        click.option(
            "--replace",
            is_flag=True,
            help="Put records that are stored in another version in their places; otherwise they are reported and not taken.",
        ),
        click.option("--origin", help="Where the collection comes from."),
        click.option("--licence", help="Licence of the collection."),
        click.option(
            "--processes",
            type=click.IntRange(min=1),
            help="Processes that read files at once.  [default: one for each core, fewer for few or small files]",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("import-library")
@LAB
@click.argument("name")
@click.argument("files", nargs=-1, required=True, type=PATH)
@_import_options
@click.option("--drop-duplicates", is_flag=True, help="Leave out spectra that are in the library under another id.")
@speaking
def import_library(lab: Path, name: str, files: tuple[Path, ...], *, as_json: bool, quiet: bool, **settings: object) -> None:
    """Import a reference library: mzML, mzXML, MGF, MSP, MassBank records, GNPS and MoNA JSON, mzSpecLib, tables."""
    opened = connect(lab, create=True)
    report = opened.import_library(name, files, quiet=quiet, **_with_recipe(settings))
    _finish(opened, report, as_json=as_json, quiet=quiet)


@click.command("import-study")
@LAB
@click.argument("name")
@click.argument("files", nargs=-1, required=True, type=PATH)
@click.option("--samples", type=PATH, help="CSV with one row per run: file, sample, sample_type, group, ...")
@_import_options
@speaking
def import_study(lab: Path, name: str, files: tuple[Path, ...], *, as_json: bool, quiet: bool, **settings: object) -> None:
    """Import the runs of a study; each file is one run."""
    opened = connect(lab, create=True)
    report = opened.import_study(name, files, quiet=quiet, **_with_recipe(settings))
    _finish(opened, report, as_json=as_json, quiet=quiet)


@click.command("import-features")
@LAB
@click.argument("study")
@click.argument("file", type=PATH)
@click.option("--format", "file_format", help="Whose table it is: mzmine or msdial. Default: as its header tells.")
@speaking
def import_features(lab: Path, study: str, file: Path, file_format: str | None, *, as_json: bool, quiet: bool) -> None:
    """Import the areas of a feature table of MZmine or MS-DIAL beside the spectra of a study."""
    files = open_files(lab)
    report = Features(files).import_features(study, file, file_format=file_format)
    show(report, as_json=as_json, quiet=quiet, path=files.published)


@click.command()
@LAB
@click.option("--model", default=DEFAULT_EMBEDDER, show_default=True, help="The embedder.")
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda or cuda:<number>.")
@click.option("--batch-size", default=4096, show_default=True, help="Spectra per call of the model.")
@click.option("--refill", is_flag=True, help="Embed all spectra anew, also when the model has changed.")
@on_cluster
@speaking
def embed(
    lab: Path,
    model: str,
    device: str,
    batch_size: int,
    ray: str | None,
    ray_workers: int | None,
    *,
    refill: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Fill the embedding column of a model: every spectrum that has no vector yet gets one."""
    files = open_files(lab)
    report = Models(files).embed(
        model, device=device, batch_size=batch_size, refill=refill, ray=ray, ray_workers=ray_workers, quiet=quiet
    )
    show(report, as_json=as_json, quiet=quiet, path=files.published)


def _with_recipe(settings: dict[str, Any]) -> dict[str, Any]:
    recipe = PeakRecipe(max_peaks=settings.pop("max_peaks"), min_relative_intensity=settings.pop("min_relative_intensity"))
    return settings | {"recipe": recipe}


def _finish(opened: Lab, report: ImportReport, *, as_json: bool, quiet: bool) -> None:
    show(report, as_json=as_json, quiet=quiet, path=opened.published)
    if report.failures:
        for failure in report.failures if quiet else ():
            click.echo(f"Error: {failure.explanation}", err=True)
        sys.exit(EXIT_SOME_FILES_FAILED)


COMMANDS = (import_library, import_study, import_features, embed)
