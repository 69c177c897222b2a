"""Verbs that speak SQL: sql, shell, export."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import click
import duckdb

from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import EXIT_ERROR, show, show_rows, speaking
from spectradb.cli.path_type import PATH
from spectradb.cli.stopping import leave_interrupts_to_another
from spectradb.errors import MissingDependency
from spectradb.facade.queries import Queries
from spectradb.udfs.native import shell_statements


@click.command()
@LAB
@click.argument("query")
@click.option("--csv", "as_csv", is_flag=True, help="Print the result as CSV.")
@speaking
def sql(lab: Path, query: str, *, as_csv: bool, as_json: bool, quiet: bool) -> None:
    """Run SQL on the published lab; besides what a DuckDB shell knows, functions can run models here."""
    try:
        relation = Queries(open_files(lab)).sql(query)
        if relation is not None and not quiet:
            show_rows(relation, "json" if as_json else "csv" if as_csv else "table")
    except duckdb.Error as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_ERROR)


@click.command()
@LAB
@click.argument("arguments", nargs=-1)
@speaking
def shell(lab: Path, arguments: tuple[str, ...], *, as_json: bool, quiet: bool) -> None:
    """Open the published lab in the DuckDB shell, read-only; further arguments go to the shell.

    Where `spectradb native build` was run, the shell has cosine_greedy, modified_cosine, weighted_cosine, entropy_similarity,
    adduct_mz and embed_binned.
    """
    opened = open_files(lab)
    program = _duckdb_program()
    form = ["-json"] if as_json else []
    loading = [word for statement in shell_statements() for word in ("-cmd", statement)]
    # What a machine compiled for itself is not signed.
    with_extension = ["-unsigned", *loading] if loading else []
    command = [program, "-readonly", *with_extension, *form, *arguments, str(opened.published)]
    leave_interrupts_to_another()
    sys.exit(subprocess.run(command, check=False, stdout=subprocess.DEVNULL if quiet else None).returncode)  # noqa: S603 - the user's own shell


@click.command()
@LAB
@click.argument("table")
@click.argument("file", type=PATH)
@click.option(
    "--format",
    "file_format",
    metavar="FORMAT",
    help="Format, where the suffix of FILE does not tell: table, xlsx, mgf, msp, mzspeclib, sirius, mztab, gnps-batch, gnps or "
    "gnps-quant.",
)
@click.option("--study", help="Only rows of this study or library.")
@click.option("--search", help="Only rows of this search. Default, of answers: those of the newest search of each study.")
@click.option("--confident", is_flag=True, help="Only answers that are confident by the lab's rule.")
@click.option("--safe-csv", is_flag=True, help="Write CSV in which Excel takes no text for a number, a date or a formula.")
@speaking
def export(
    lab: Path,
    table: str,
    file: Path,
    file_format: str | None,
    study: str | None,
    search: str | None,
    *,
    confident: bool,
    safe_csv: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write a table, a view or a SELECT to a file of another program.

    Any rows become .parquet, .csv, .tsv, .json or .xlsx, with identifiers as text; spectra .mgf, .msp, .mzspeclib.txt or .ms
    (SIRIUS), or GNPS's batch upload; identifications also .mztab, with every candidate, or GNPS's table (--format gnps).
    """
    chosen = {"file_format": file_format, "study": study, "search": search}
    report = Queries(open_files(lab)).export(table, file, **chosen, confident=confident, safe_csv=safe_csv)
    show(report, as_json=as_json, quiet=quiet)


def _duckdb_program() -> str:
    # The shell that was installed with spectradb goes before another one on the PATH.
    beside = Path(sys.executable).with_name("duckdb")
    program = str(beside) if beside.exists() else shutil.which("duckdb")
    if program is None:
        msg = "the DuckDB shell is not installed. Install it with `pip install duckdb-cli`, or use `spectradb sql`."
        raise MissingDependency(msg)
    return program


COMMANDS = (sql, shell, export)
