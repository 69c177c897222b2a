"""The verb macros: SQL that makes a lab's macros where the lab is attached."""

from __future__ import annotations

import json

import click

from spectradb.cli.output import speaking


@click.command()
@click.option("--catalog", default="lab", show_default=True, metavar="NAME", help="What the file is attached as.")
@speaking
def macros(*, catalog: str, as_json: bool, quiet: bool) -> None:
    """Write the macros for a connection that attaches lab.duckdb beside other databases.

    They are temporary, and name the lab's tables in full: no USE is needed, and a table of the same name is not taken for them.
    """
    from spectradb.workspace.attached_macros import attached_macros  # noqa: PLC0415 - reads all macros

    text = attached_macros(catalog)
    if as_json:
        click.echo(json.dumps({"catalog": catalog, "sql": text}))
    elif not quiet:
        click.echo(text, nl=False)


COMMANDS = (macros,)
