"""The verb that undoes a mistake: remove."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - click asks for it

import click

from spectradb.cli.lab_argument import LAB
from spectradb.cli.output import show, speaking
from spectradb.facade.lab import connect
from spectradb.removal.extent import KINDS


@click.command()
@LAB
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@speaking
def remove(lab: Path, kind: str, name: str, *, dry_run: bool, as_json: bool, quiet: bool) -> None:
    """Remove a study, a library, a search or a model from a lab, with everything that hangs on it."""
    show(connect(lab).remove(kind, name, dry_run=dry_run), as_json=as_json, quiet=quiet)


COMMANDS = (remove,)
