"""The option of every verb that reads spectra from files."""

from __future__ import annotations

import click

from spectradb.ingest.spectra.precursor import MAX_ISOLATION_WIDTH

MAX_ISOLATION = click.option(
    "--max-isolation-width",
    default=MAX_ISOLATION_WIDTH,
    show_default=True,
    help="Widest isolation window, in m/z; spectra of wider ones (DIA, MSE) are dropped.",
)
