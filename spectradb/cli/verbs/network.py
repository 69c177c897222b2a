"""The verb that links related spectra."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import show, speaking
from spectradb.cli.path_type import PATH
from spectradb.facade.networks import Networks

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@LAB
@click.argument("collection")
@click.option("--out", type=PATH, help="File to write: .graphml, which Cytoscape opens, or .csv (edges, and nodes beside it).")
@click.option(
    "--method",
    default="embedding",
    show_default=True,
    help="How to score pairs: embedding, modified_cosine, modified_cosine_hungarian, cosine_greedy or cosine_hungarian.",
)
@click.option("--model", help="Whose vectors to compare; the lab's default model when not given.")
@click.option("--min-score", default=0.7, show_default=True, help="Least similarity of an edge.")
@click.option("--top-k", default=10, show_default=True, help="Most neighbours of a spectrum; both must have each other.")
@click.option("--min-matched-peaks", default=6, show_default=True, help="Fewest peaks that two spectra share, shifted or not.")
@click.option("--max-mz-difference", default=500.0, show_default=True, help="Largest difference of the precursors, m/z.")
@click.option(
    "--fragment-tolerance", "fragment_tolerance_da", default=0.01, show_default=True, help="Tolerance in Da for peaks to match."
)
@click.option("--max-family-size", default=100, show_default=True, help="Most spectra of a family.")
@click.option("--search", help="The search whose answers name spectra. Default: the newest of the collection.")
@click.option(
    "--only-confident/--all-answers",
    default=True,
    show_default=True,
    help="Whether answers name spectra only where they are confident by the lab's rule.",
)
@speaking
def network(
    lab: Path,
    collection: str,
    out: Path | None,
    method: str,
    model: str | None,
    min_score: float,
    top_k: int,
    min_matched_peaks: int,
    max_mz_difference: float,
    fragment_tolerance_da: float,
    max_family_size: int,
    search: str | None,
    *,
    only_confident: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Link the related spectra of a study or library to a molecular network, and write it for Cytoscape."""
    made = Networks(open_files(lab)).network(
        collection,
        method=method,
        model=model,
        min_score=min_score,
        top_k=top_k,
        min_matched_peaks=min_matched_peaks,
        max_mz_difference=max_mz_difference,
        fragment_tolerance_da=fragment_tolerance_da,
        max_family_size=max_family_size,
        search=search,
        only_confident=only_confident,
        out=out,
    )
    show(made, as_json=as_json, quiet=quiet)


COMMANDS = (network,)
