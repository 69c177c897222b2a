"""The verb that trains an encoder."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB
from spectradb.cli.output import show, speaking
from spectradb.cli.path_type import PATH
from spectradb.facade.lab import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@click.command()
@LAB
@click.argument("config")
@click.option("--out", required=True, type=PATH, help="Directory of the run; a killed run goes on there.")
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda or cuda:<number>.")
@click.option("--threads", type=click.IntRange(min=1), help="Threads on the CPU; no more than idle cores. Default: all cores.")
@click.option("--library", multiple=True, metavar="NAME", help="Library to train on; may be repeated. Default: all.")
@click.option(
    "--any-licence", is_flag=True, help="Take spectra of any licence, and of none stated, for a model that stays in house."
)
@speaking
def train(
    lab: Path,
    config: str,
    out: Path,
    device: str,
    threads: int | None,
    library: tuple[str, ...],
    *,
    any_licence: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Train a model on the lab's libraries as CONFIG says: tiny, small, base, analogue, or a TOML file."""
    with _lines_logged(shown=not quiet and not sys.stderr.isatty()):
        report = connect(lab).train(
            config, out=out, device=device, threads=threads, library=library, any_licence=any_licence, quiet=quiet
        )
    show(report, as_json=as_json, quiet=quiet)


@contextmanager
def _lines_logged(*, shown: bool) -> Iterator[None]:
    """Write what training logs to standard error, where no progress bar can be drawn."""
    logger = logging.getLogger("spectradb.training")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    before = logger.level
    if shown:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


COMMANDS = (train,)
