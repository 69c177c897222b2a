"""The verb that imports features that other programs found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import show, speaking
from spectradb.cli.path_type import PATH
from spectradb.facade.features import Features

if TYPE_CHECKING:
    from pathlib import Path


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


COMMANDS = (import_features,)
