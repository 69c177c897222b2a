"""Verbs about samples: aggregate, classify, project, compare-methods, markers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_verbs import LAB
from spectradb.cli.output import show, speaking
from spectradb.errors import BadParameter
from spectradb.lab import connect
from spectradb.samples.aggregate import DEFAULT_CODEWORDS
from spectradb.samples.experiment import CLASSIFIERS, DEFAULT_SEEDS, REGRESSIONS, SPLITS
from spectradb.samples.project import PROJECTIONS
from spectradb.samples.vector_kind import LEVELS, METHODS

if TYPE_CHECKING:
    from pathlib import Path

_STUDY = click.option("--study", required=True, help="The study.")
_TARGET = click.option(
    "--target", required=True, help="A column of the sample table, or a condition on one, such as 'tomato>0'."
)
_METHOD = click.option(
    "--method", type=click.Choice(METHODS), default="mean", show_default=True, help="How spectra become one vector."
)
_MODEL = click.option("--model", help="Whose vectors; the lab's default model when not given.")
_LEVEL = click.option(
    "--level", type=click.Choice(LEVELS), default="run", show_default=True, help="What one vector stands for."
)
_BLANKS = click.option("--subtract-blanks", is_flag=True, help="Leave out spectra that blank samples show as well.")
_ONLY = click.option(
    "--only",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Who takes part; without it, blanks, QC and pools are left out. May be given several times.",
)
_GROUPS = click.option("--groups", metavar="COLUMN", help="Column whose groups never straddle a split.")
_SEEDS = click.option("--seeds", default=DEFAULT_SEEDS, show_default=True, help="Repeats of splits that a seed decides.")


@click.command()
@LAB
@_STUDY
@_METHOD
@_MODEL
@_LEVEL
@_BLANKS
@click.option(
    "--codewords", "n_codewords", default=DEFAULT_CODEWORDS, show_default=True, help="Size of the codebook, for that method."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the codebook.")
@speaking
def aggregate(
    lab: Path,
    study: str,
    method: str,
    model: str | None,
    level: str,
    n_codewords: int,
    seed: int,
    *,
    subtract_blanks: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Aggregate the spectra of each run or sample to one vector, into sample_embeddings."""
    opened = connect(lab)
    report = opened.aggregate(
        study,
        method=method,
        model=model,
        level=level,
        subtract_blanks=subtract_blanks,
        n_codewords=n_codewords,
        seed=seed,
    )
    show(report, as_json=as_json, quiet=quiet, path=opened.published)


@click.command()
@LAB
@_STUDY
@_TARGET
@click.option(
    "--method",
    "methods",
    type=click.Choice(METHODS),
    multiple=True,
    default=["mean"],
    show_default=True,
    help="How spectra become one vector; several are compared on the same splits.",
)
@_MODEL
@_LEVEL
@_BLANKS
@click.option(
    "--estimator",
    type=click.Choice([*CLASSIFIERS, *(name for name in REGRESSIONS if name not in CLASSIFIERS)]),
    help="What learns; logistic when not given, or ridge with --regress.",
)
@click.option("--splits", type=click.Choice(SPLITS), default="stratified", show_default=True, help="Who is held out.")
@_GROUPS
@_SEEDS
@click.option("--features", "n_features", type=click.IntRange(min=1), help="Keep so many features, chosen inside each fold.")
@click.option("--regress", is_flag=True, help="Predict a number instead of a class.")
@_ONLY
@click.option("--baselines", is_flag=True, help="Add the precursor profile, and what can be said without any spectra.")
@click.option("--name", help="Name of the job; made of study, target, estimator and splits when not given.")
@speaking
def classify(
    lab: Path,
    study: str,
    target: str,
    methods: tuple[str, ...],
    model: str | None,
    level: str,
    estimator: str | None,
    splits: str,
    groups: str | None,
    seeds: int,
    n_features: int | None,
    only: tuple[str, ...],
    name: str | None,
    *,
    subtract_blanks: bool,
    regress: bool,
    baselines: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Predict a column of the sample table on runs or samples not learnt from, into sample_predictions."""
    opened = connect(lab)
    report = opened.classify(
        study,
        target,
        methods=methods,
        model=model,
        level=level,
        subtract_blanks=subtract_blanks,
        estimator=estimator,
        splits=splits,
        seeds=seeds,
        n_features=n_features,
        regress=regress,
        groups=groups,
        only=_pairs(only),
        baselines=baselines,
        name=name,
    )
    show(report, as_json=as_json, quiet=quiet, path=opened.published)


@click.command()
@LAB
@_STUDY
@_METHOD
@_MODEL
@_LEVEL
@_BLANKS
@click.option(
    "--by", "projections", type=click.Choice(PROJECTIONS), multiple=True, default=PROJECTIONS, show_default=True, help="How."
)
@click.option("--seed", default=0, show_default=True, help="Seed of UMAP.")
@speaking
def project(
    lab: Path,
    study: str,
    method: str,
    model: str | None,
    level: str,
    projections: tuple[str, ...],
    seed: int,
    *,
    subtract_blanks: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Draw runs or samples in the plane, into sample_projection."""
    opened = connect(lab)
    report = opened.project(
        study,
        method=method,
        model=model,
        level=level,
        subtract_blanks=subtract_blanks,
        projections=projections,
        seed=seed,
    )
    show(report, as_json=as_json, quiet=quiet, path=opened.published)


@click.command("compare-methods")
@LAB
@_STUDY
@_TARGET
@click.option(
    "--by",
    multiple=True,
    default=["chromatography", "ion_mode"],
    show_default=True,
    metavar="COLUMN",
    help="Columns that tell ways of measuring apart.",
)
@_METHOD
@_MODEL
@_GROUPS
@_SEEDS
@speaking
def compare_methods(
    lab: Path,
    study: str,
    target: str,
    by: tuple[str, ...],
    method: str,
    model: str | None,
    groups: str | None,
    seeds: int,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say which chromatography and ion mode, or other column of the runs, separates classes best."""
    opened = connect(lab)
    report = opened.compare_methods(study, target, by=by, method=method, model=model, seeds=seeds, groups=groups)
    show(report, as_json=as_json, quiet=quiet, path=opened.published)


@click.command()
@LAB
@_STUDY
@_TARGET
@_MODEL
@_LEVEL
@_BLANKS
@_ONLY
@speaking
def markers(
    lab: Path,
    study: str,
    target: str,
    model: str | None,
    level: str,
    only: tuple[str, ...],
    *,
    subtract_blanks: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Say which clusters of spectra tell each group from the others, into group_markers."""
    opened = connect(lab)
    report = opened.markers(study, target, model=model, level=level, subtract_blanks=subtract_blanks, only=_pairs(only))
    show(report, as_json=as_json, quiet=quiet, path=opened.published)


def _pairs(only: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for text in only:
        column, equals, value = text.partition("=")
        if not equals:
            msg = f"--only {text!r} must be COLUMN=VALUE"
            raise BadParameter(msg)
        pairs[column.strip()] = value.strip()
    return pairs


COMMANDS = (aggregate, classify, project, compare_methods, markers)
