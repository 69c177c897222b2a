"""How commands speak: lines for people, JSON for programs, silence for cron; errors in one line and an exit status."""

from __future__ import annotations

import functools
import json
import logging
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

import click

from spectradb.errors import SpectraDBError

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

EXIT_ERROR = 1
EXIT_SOME_FILES_FAILED = 3


class Report(Protocol):
    """What a verb returns: itself in lines and as a dict."""

    def lines(self) -> list[str]:
        """Describe it to a person."""

    def as_dict(self) -> dict[str, Any]:
        """Describe it to a program."""


def speaking(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options ``--json`` and ``--quiet``, and turn errors of spectradb into one line and exit status 1.

    Parameters
    ----------
    command : callable
        Takes the keyword arguments ``as_json`` and ``quiet``.

    Returns
    -------
    callable
        The command with the options.
    """

    @click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
    @click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passes everything through
        log = logging.getLogger("spectradb")
        level = log.level
        if kwargs.get("quiet"):
            log.setLevel(logging.ERROR)
        try:
            return command(*args, **kwargs)
        except Exception as error:
            from spectradb.cli.disk_errors import not_writable  # noqa: PLC0415 - seldom needed
            from spectradb.workspace.lab_address import told_at  # noqa: PLC0415 - loads the database

            # What goes wrong with object storage in the middle of a verb reaches here as Lance or DuckDB puts it.
            plain = error if isinstance(error, SpectraDBError) else told_at(kwargs.get("lab"), error) or not_writable(error)
            if plain is None:
                raise
            click.echo(f"Error: {plain}", err=True)
            sys.exit(EXIT_ERROR)
        finally:
            log.setLevel(level)

    return wrapped


def show(report: Report, *, as_json: bool, quiet: bool, path: object = None) -> None:
    """Print what a verb did.

    Parameters
    ----------
    report : Report
        What it did.
    as_json : bool
        For a program.
    quiet : bool
        Not at all.
    path : object, optional
        Where the result is.
    """
    if quiet:
        return
    if as_json:
        click.echo(json.dumps(report.as_dict() | ({"published": str(path)} if path else {}), default=str))
        return
    for line in report.lines():
        click.echo(line)
    if path:
        click.echo(f"published: {path}")


def show_rows(relation: duckdb.DuckDBPyRelation, form: str) -> None:
    """Print the rows of a query.

    Parameters
    ----------
    relation : duckdb.DuckDBPyRelation
        The query.
    form : str
        ``table``, ``csv`` or ``json``.
    """
    if form == "table":
        relation.show(max_width=_width(), max_rows=40)
        return
    names = relation.columns
    if form == "json":
        from spectradb.store.export import is_key  # noqa: PLC0415 - loads the database

        # What only tells rows apart is 64 bits wide, and most readers of JSON would round it.
        keys = [is_key(name, kind) for name, kind in zip(names, relation.types, strict=True)]
        written = [
            [str(value) if is_text and value is not None else value for value, is_text in zip(row, keys, strict=True)]
            for row in relation.fetchall()
        ]
        click.echo(json.dumps([dict(zip(names, row, strict=True)) for row in written], default=_json_value))
        return
    rows = relation.fetchall()
    import csv  # noqa: PLC0415 - only this form needs it

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)


def _json_value(value: object) -> object:
    return float(value) if isinstance(value, Decimal) else str(value)


def _width() -> int:
    import shutil  # noqa: PLC0415 - only tables on a terminal need it

    return shutil.get_terminal_size((160, 40)).columns
