"""Verbs about the compiled extension of this machine: native build, native status."""

from __future__ import annotations

import click

from spectradb.cli.output import show, speaking
from spectradb.udfs.native import build_extension, extension_status


@click.group()
def native() -> None:
    """Compile the extension that makes searches by embeddings several times faster; nothing else needs it."""


@native.command()
@click.option("--again", is_flag=True, help="Compile it although it is there.")
@speaking
def build(*, again: bool, as_json: bool, quiet: bool) -> None:
    """Compile the extension with this machine's C compiler, into the user's cache directory."""
    build_extension(again=again)
    show(extension_status(), as_json=as_json, quiet=quiet)


@native.command()
@speaking
def status(*, as_json: bool, quiet: bool) -> None:
    """Say whether the extension is built, and with which compiler it would be."""
    show(extension_status(), as_json=as_json, quiet=quiet)


COMMANDS = (native,)
