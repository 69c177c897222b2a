"""Verbs about what changed: reannotate, and state keep, list, changes, drop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import show, show_rows, speaking
from spectradb.facade.history import History

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from spectradb.workspace.lab_files import LabFiles

_NAME = click.argument("name")
_CSV = click.option("--csv", "as_csv", is_flag=True, help="Print the rows as CSV.")


@click.command()
@LAB
@click.argument("study")
@click.argument("library")
@click.option("--search", help="The earlier search. Default: the newest of STUDY against LIBRARY.")
@click.option("--name", help="Name of the new search. Default: that of the earlier one with the version of the record.")
@speaking
def reannotate(
    lab: Path, study: str, library: str, search: str | None, name: str | None, *, as_json: bool, quiet: bool
) -> None:
    """Search STUDY against LIBRARY again as it was searched last, but only what may be answered otherwise now.

    A new search is recorded with the hits of all; those of spectra that are the same, and whose candidates are the same, are
    carried over.
    """
    files = open_files(lab)
    report = History(files).reannotate(study, library, search=search, name=name)
    show(report, as_json=as_json, quiet=quiet, path=files.published)


@click.group()
def state() -> None:
    """Keep the state of a library or study by name, and see what changed since."""


@state.command()
@LAB
@click.argument("collection")
@_NAME
@speaking
def keep(lab: Path, collection: str, name: str, *, as_json: bool, quiet: bool) -> None:
    """Keep the present state of COLLECTION, a library or study, as NAME: `clean` leaves what it consists of."""
    show(History(open_files(lab)).keep_state(collection, name), as_json=as_json, quiet=quiet)


@state.command(name="list")
@LAB
@_CSV
@speaking
def list_states(lab: Path, *, as_csv: bool, as_json: bool, quiet: bool) -> None:
    """List the states that are kept, and the searches that compared them."""
    files = open_files(lab)
    _rows(files, History(files).states(), as_csv=as_csv, as_json=as_json, quiet=quiet)


@state.command()
@LAB
@_NAME
@_CSV
@speaking
def changes(lab: Path, name: str, *, as_csv: bool, as_json: bool, quiet: bool) -> None:
    """List the spectra that are new, changed or gone since state NAME was kept."""
    files = open_files(lab)
    _rows(files, History(files).state_changes(name), as_csv=as_csv, as_json=as_json, quiet=quiet)


@state.command()
@LAB
@_NAME
@speaking
def drop(lab: Path, name: str, *, as_json: bool, quiet: bool) -> None:
    """Keep state NAME no longer; `clean` frees what nothing else names."""
    show(History(open_files(lab)).drop_state(name), as_json=as_json, quiet=quiet)


def _rows(files: LabFiles, rows: pa.Table, *, as_csv: bool, as_json: bool, quiet: bool) -> None:
    if not quiet:
        relation = files.connection(statement="").from_arrow(rows)
        show_rows(relation, "json" if as_json else "csv" if as_csv else "table")


COMMANDS = (reannotate, state)
