"""Verbs for other programs that ask a lab: macros for a connection that attaches it, and a server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import speaking
from spectradb.cli.path_type import PATH
from spectradb.facade.serving import DEFAULT_HOST, DEFAULT_PORT, Serving

if TYPE_CHECKING:
    from pathlib import Path


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


@click.command()
@LAB
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address of this machine to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="Port; 0: a free one.")
@click.option(
    "--token-file",
    type=PATH,
    help="File with the token that clients must send. Default: the variable SPECTRADB_TOKEN, else one is made and shown.",
)
@click.option("--certificate", type=PATH, help="Certificate in PEM format: the server speaks TLS.")
@click.option("--key", type=PATH, help="Its key.")
@click.option("--rows", type=click.IntRange(min=1), default=100_000, show_default=True, help="Rows of an answer, at most.")
@click.option(
    "--seconds", type=click.FloatRange(0, min_open=True), default=30.0, show_default=True, help="Time of a statement."
)
@click.option("--memory-mb", type=click.IntRange(min=64), default=2048, show_default=True, help="Memory of statements, in MB.")
@speaking
def serve(
    lab: Path,
    host: str,
    port: int,
    token_file: Path | None,
    certificate: Path | None,
    key: Path | None,
    rows: int,
    seconds: float,
    memory_mb: int,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Serve the published lab over HTTP, read-only, to those who have the token, until a signal ends it.

    Statements are one SELECT each and reach no file of this machine; searches store nothing. What is published meanwhile is
    shown.
    """
    from spectradb.server.access import token_of  # noqa: PLC0415 - few commands serve
    from spectradb.server.limits import Limits  # noqa: PLC0415
    from spectradb.server.run import is_loopback  # noqa: PLC0415

    token, was_made = token_of(token_file)
    limits = Limits(rows=rows, seconds=seconds, megabytes=memory_mb)
    serving = Serving(open_files(lab))
    with serving.serve(token=token, host=host, port=port, certificate=certificate, key=key, limits=limits) as server:
        warnings = []
        if not (server.is_encrypted or is_loopback(host)):
            warnings.append(
                "other machines can reach it, and without TLS all who share the network can read the token and the answers: "
                "give --certificate and --key, or put it behind a proxy that speaks TLS"
            )
        # The token is shown once, also where else nothing is.
        if as_json:
            click.echo(json.dumps({"address": server.address, "token": token if was_made else None, "warnings": warnings}))
        elif not quiet:
            click.echo(f"{lab} is served at {server.address}, which says how to ask; Ctrl-C ends it")
        if was_made and not as_json:
            click.echo(f"token: {token}")
        for warning in warnings:
            click.echo(f"warning: {warning}", err=True)
        server.wait()


COMMANDS = (macros, serve)
