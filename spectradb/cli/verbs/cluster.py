"""The verb that clusters repeated spectra."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import show, speaking
from spectradb.facade.clusters import RepeatedSpectra

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@LAB
@click.argument("study")
@click.option("--into", help="Name of the study for the spectra that stand for the clusters. Default: STUDY_clusters.")
@click.option(
    "--method",
    default="embedding",
    show_default=True,
    help="How to score pairs: embedding, cosine_greedy or cosine_hungarian.",
)
@click.option("--model", help="Whose vectors to compare; the lab's default model when not given.")
@click.option("--min-score", default=0.8, show_default=True, help="Least score of every two members of a cluster.")
@click.option("--ppm", default=10.0, show_default=True, help="Largest difference of the precursors of every two, in ppm.")
@click.option(
    "--rt-window",
    "rt_window_s",
    default=30.0,
    show_default=True,
    help="Largest difference of the retention times of every two that have one, in seconds.",
)
@click.option("--any-rt", is_flag=True, help="Cluster whatever the retention times are.")
@click.option(
    "--fragment-tolerance",
    "fragment_tolerance_da",
    default=0.01,
    show_default=True,
    help="How far peaks may be from the one that they are merged with, in Da.",
)
@click.option(
    "--min-share",
    default=0.5,
    show_default=True,
    help="Share of the members that must have a peak for the consensus to have it.",
)
@click.option(
    "--spectrum",
    default="consensus",
    show_default=True,
    help="What stands for a cluster: consensus (its members' peaks merged) or best (those of the member of the highest total "
    "ion current).",
)
@speaking
def cluster(
    lab: Path,
    study: str,
    into: str | None,
    method: str,
    model: str | None,
    min_score: float,
    ppm: float,
    rt_window_s: float,
    fragment_tolerance_da: float,
    min_share: float,
    spectrum: str,
    *,
    any_rt: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Cluster the repeated spectra of a study, with one consensus spectrum for each cluster."""
    files = open_files(lab)
    report = RepeatedSpectra(files).cluster(
        study,
        into=into,
        method=method,
        model=model,
        min_score=min_score,
        ppm=ppm,
        rt_window_s=None if any_rt else rt_window_s,
        fragment_tolerance_da=fragment_tolerance_da,
        min_share=min_share,
        spectrum=spectrum,
    )
    show(report, as_json=as_json, quiet=quiet, path=files.published)


COMMANDS = (cluster,)
