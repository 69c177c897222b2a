"""The verb demo: the whole way from files to answers on simulated data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from spectradb.cli.output import speaking
from spectradb.cli.path_type import PATH
from spectradb.cli.text_table import plain_values, text_table

if TYPE_CHECKING:
    from pathlib import Path

    from spectradb.demo.run import DemoReport


@click.command()
@click.argument("directory", default="spectradb-demo", type=PATH)
@speaking
def demo(directory: Path, *, as_json: bool, quiet: bool) -> None:
    """Show the whole way from files to answers in DIRECTORY (./spectradb-demo): simulate, import, embed, identify, ask."""
    from spectradb.demo.run import run_demo  # noqa: PLC0415 - no other verb needs the simulation

    report = run_demo(directory, tell=_nothing if quiet or as_json else click.echo)
    if quiet:
        return
    if as_json:
        click.echo(json.dumps(_as_dict(report), default=str))
        return
    with_duckdb, with_spectradb = report.shell_commands
    click.echo(f"published: {report.lab / 'lab.duckdb'}\n\nask it yourself:\n  {with_duckdb}\n  {with_spectradb}")
    for answer in report.answers:
        click.echo(f"\n-- {answer.question}\n{answer.sql}\n{text_table(answer.result)}")


def _nothing(line: str) -> None:
    del line


def _as_dict(report: DemoReport) -> dict[str, object]:
    return {
        "directory": str(report.directory),
        "lab": str(report.lab),
        "published": str(report.lab / "lab.duckdb"),
        "simulated": True,
        "shell": report.shell_commands[0],
        "done": report.done,
        "answers": [
            {
                "question": answer.question,
                "sql": answer.sql,
                "rows": [
                    dict(zip(answer.result.column_names, row, strict=True))
                    for row in zip(*(plain_values(column) for column in answer.result.columns), strict=True)
                ],
            }
            for answer in report.answers
        ],
    }


COMMANDS = (demo,)
