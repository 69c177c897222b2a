"""The verb massql: spectra asked for in the Mass Spectrometry Query Language."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import duckdb

from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import EXIT_ERROR, show_rows, speaking
from spectradb.facade.queries import Queries

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@LAB
@click.argument("query")
@click.option("--collection", "collections", multiple=True, help="Only this library or study; may be given several times.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the result as CSV, a row a spectrum.")
@click.option("--explain", is_flag=True, help="Print the SQL that answers the query, and do not run it.")
@click.option("--view", help="With --explain: as a view of this name.")
@speaking
def massql(
    lab: Path,
    query: str,
    collections: tuple[str, ...],
    view: str | None,
    *,
    as_csv: bool,
    explain: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Ask for spectra in the Mass Spectrometry Query Language, such as "QUERY scaninfo(MS2DATA) WHERE MS2PROD=226.18".

    The parts of the language that are about MS/MS spectra are answered, by SQL on the published lab.
    """
    queries = Queries(open_files(lab))
    if view is not None and not explain:
        msg = "--view goes with --explain: a view lives in the shell that creates it"
        raise click.UsageError(msg)
    if explain:
        click.echo(f"{queries.massql_sql(query, collections=collections, view=view)};")
        return
    try:
        relation = queries.massql(query, collections=collections)
        if not quiet:
            show_rows(relation, "json" if as_json else "csv" if as_csv else "table")
    except duckdb.Error as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_ERROR)


COMMANDS = (massql,)
