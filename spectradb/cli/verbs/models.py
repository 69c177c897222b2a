"""Verbs about models: model add, list, show, trust, remove, download."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import show, speaking
from spectradb.cli.path_type import PATH
from spectradb.facade.models import Models
from spectradb.models.folder import SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

_NAME = click.argument("name")


@click.group()
def model() -> None:
    """Say which embedders a lab has, and take in models of others."""


@model.command()
@LAB
@_NAME
@click.argument("file", type=PATH)
@click.option("--kind", type=click.Choice(list(SUFFIXES)), help="What FILE is; told by FILE when not given.")
@click.option("--card", type=PATH, help="JSON file of an ONNX or TorchScript model; beside FILE otherwise.")
@click.option("--trust", is_flag=True, help="Let the code of a TorchScript archive run; it can read and write your files.")
@click.option("--replace", "overwrite", is_flag=True, help="Take the place of a model of that name.")
@speaking
def add(
    lab: Path,
    name: str,
    file: Path,
    kind: str | None,
    card: Path | None,
    *,
    trust: bool,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Take a model into a lab: an encoder of spectradb, DreaMS's checkpoint, or an ONNX or TorchScript model."""
    added = Models(open_files(lab)).add_model(name, file, kind=kind, card=card, trust=trust, overwrite=overwrite)
    show(added, as_json=as_json, quiet=quiet)


@model.command()
@LAB
@click.argument("name", default="dreams")
@speaking
def download(lab: Path, name: str, *, as_json: bool, quiet: bool) -> None:
    """Fetch the published checkpoint of DreaMS from Zenodo and take it into a lab."""
    show(Models(open_files(lab)).download_model(name, quiet=quiet), as_json=as_json, quiet=quiet)


@model.command(name="list")
@LAB
@speaking
def list_models(lab: Path, *, as_json: bool, quiet: bool) -> None:
    """List the embedders that a lab can use."""
    cards = Models(open_files(lab)).models()
    if quiet:
        return
    if as_json:
        click.echo(json.dumps([card.as_dict() for card in cards]))
        return
    for card in cards:
        lines = card.lines()
        click.echo("\n".join(lines if card.problem else lines[:1]))


@model.command(name="show")
@LAB
@_NAME
@speaking
def show_model(lab: Path, name: str, *, as_json: bool, quiet: bool) -> None:
    """Show the card of a model: preprocessing, fingerprint, licence, training data, limits."""
    show(Models(open_files(lab)).model(name), as_json=as_json, quiet=quiet)


@model.command()
@LAB
@_NAME
@speaking
def trust(lab: Path, name: str, *, as_json: bool, quiet: bool) -> None:
    """Let the code of a TorchScript model run: for this user, and as long as the archive stays the same."""
    digest = Models(open_files(lab)).trust_model(name)
    _say({"name": name, "sha256": digest}, f"{name} may run: {digest}", as_json=as_json, quiet=quiet)


@model.command()
@LAB
@_NAME
@speaking
def remove(lab: Path, name: str, *, as_json: bool, quiet: bool) -> None:
    """Remove a lab's model; vectors that it made stay."""
    Models(open_files(lab)).remove_model(name)
    _say({"removed": name}, f"{name} removed", as_json=as_json, quiet=quiet)


def _say(result: dict[str, str], line: str, *, as_json: bool, quiet: bool) -> None:
    if not quiet:
        click.echo(json.dumps(result) if as_json else line)


COMMANDS = (model,)
