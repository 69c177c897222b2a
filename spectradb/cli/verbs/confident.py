"""The verb that says which answers are called confident."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB
from spectradb.cli.output import speaking
from spectradb.facade.lab import connect

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@LAB
@click.argument("rule", required=False)
@speaking
def confident(lab: Path, rule: str | None, *, as_json: bool, quiet: bool) -> None:
    """Say or set the RULE by which answers are called confident, and count them.

    Conditions are joined by "and": probability >= 0.9, q_value <= 0.05, score >= 0.7, score_gap >= 0.1, matched_peaks >= 4, not
    ambiguous; or `default`, a probability of at least 0.9, which a search has once its library is calibrated.
    """
    told = connect(lab).confident(rule)
    if quiet:
        return
    if as_json:
        click.echo(json.dumps(told.as_dict()))
        return
    for line in told.lines():
        click.echo(line)


COMMANDS = (confident,)
