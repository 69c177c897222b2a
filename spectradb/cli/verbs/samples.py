"""Verbs about samples: aggregate, classify, project, compare-methods, markers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from spectradb.cli.lab_argument import LAB
from spectradb.cli.output import Report, show, speaking
from spectradb.facade.lab import Lab, connect
from spectradb.samples.experiment import CLASSIFIERS, DEFAULT_SEEDS, REGRESSIONS, SPLITS
from spectradb.samples.project import PROJECTIONS
from spectradb.samples.vector_kind import LEVELS, METHODS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Decorator = Callable[[Any], Any]


def _pairs(_context: click.Context, _option: click.Parameter, only: tuple[str, ...]) -> dict[str, str]:
    """Read what was given as COLUMN=VALUE."""
    pairs = {}
    for text in only:
        column, equals, value = text.partition("=")
        if not equals:
            msg = f"{text!r} must be COLUMN=VALUE"
            raise click.BadParameter(msg)
        pairs[column.strip()] = value.strip()
    return pairs


_TARGET = click.option(
    "--target", required=True, help="A column of the sample table, or a condition on one, such as 'tomato>0'."
)
_METHOD = click.option(
    "--method", type=click.Choice(METHODS), default="mean", show_default=True, help="How spectra become one vector."
)
_MODEL = click.option("--model", help="Whose vectors; the lab's default model when not given.")
# Whose vectors, of what, of which spectra: what all verbs ask but the one that compares runs.
_VECTORS = (
    _MODEL,
    click.option("--level", type=click.Choice(LEVELS), default="run", show_default=True, help="What one vector stands for."),
    click.option("--subtract-blanks", is_flag=True, help="Leave out spectra that blank samples show as well."),
)
_ONLY = click.option(
    "--only",
    multiple=True,
    callback=_pairs,
    metavar="COLUMN=VALUE",
    help="Who takes part; without it, blanks, QC and pools are left out. May be given several times.",
)
_SPLIT = (
    click.option("--groups", metavar="COLUMN", help="Column whose groups never straddle a split."),
    click.option("--seeds", default=DEFAULT_SEEDS, show_default=True, help="Repeats of splits that a seed decides."),
)


def _verb(name: str, *options: Decorator) -> Callable[[Callable[..., Report]], click.Command]:
    """Make a command of a call on a lab and a study, with options that are parameters of the lab's method."""

    def make(call: Callable[..., Report]) -> click.Command:
        @functools.wraps(call)
        def command(lab: Path, study: str, *, as_json: bool, quiet: bool, **settings: Any) -> None:  # noqa: ANN401 - options
            opened = connect(lab)
            show(call(opened, study, **settings), as_json=as_json, quiet=quiet, path=opened.published)

        decorated = speaking(command)
        for option in reversed((click.option("--study", required=True, help="The study."), *options)):
            decorated = option(decorated)
        return click.command(name)(LAB(decorated))

    return make


@_verb(
    "aggregate",
    _METHOD,
    *_VECTORS,
    click.option(
        "--codewords",
        "n_codewords",
        type=int,
        show_default="one to 100 spectra, 8 to 512",
        help="Size of the codebook, for that method.",
    ),
    click.option("--seed", default=0, show_default=True, help="Seed of the codebook."),
)
def aggregate(lab: Lab, study: str, **settings: Any) -> Report:  # noqa: ANN401 - options, as declared above
    """Aggregate the spectra of each run or sample to one vector, into sample_embeddings."""
    return lab.aggregate(study, **settings)


@_verb(
    "classify",
    _TARGET,
    click.option(
        "--method",
        "methods",
        type=click.Choice(METHODS),
        multiple=True,
        default=["mean"],
        show_default=True,
        help="How spectra become one vector; several are compared on the same splits.",
    ),
    *_VECTORS,
    click.option(
        "--estimator",
        type=click.Choice([*CLASSIFIERS, *(name for name in REGRESSIONS if name not in CLASSIFIERS)]),
        help="What learns; logistic when not given, or ridge with --regress.",
    ),
    click.option("--splits", type=click.Choice(SPLITS), default="stratified", show_default=True, help="Who is held out."),
    *_SPLIT,
    click.option(
        "--features", "n_features", type=click.IntRange(min=1), help="Keep so many features, chosen inside each fold."
    ),
    click.option("--regress", is_flag=True, help="Predict a number instead of a class."),
    _ONLY,
    click.option("--baselines", is_flag=True, help="Add the precursor profile, and what can be said without any spectra."),
    click.option("--name", help="Name of the job; made of study, target, estimator and splits when not given."),
)
def classify(lab: Lab, study: str, **settings: Any) -> Report:  # noqa: ANN401
    """Predict a column of the sample table on runs or samples not learnt from, into sample_predictions."""
    return lab.classify(study, **settings)


@_verb(
    "project",
    _METHOD,
    *_VECTORS,
    click.option(
        "--by",
        "projections",
        type=click.Choice(PROJECTIONS),
        multiple=True,
        default=PROJECTIONS,
        show_default=True,
        help="How; UMAP needs `pip install 'spectradb[umap]'`.",
    ),
    click.option("--seed", default=0, show_default=True, help="Seed of UMAP."),
)
def project(lab: Lab, study: str, **settings: Any) -> Report:  # noqa: ANN401
    """Draw runs or samples in the plane, into sample_projection."""
    return lab.project(study, **settings)


@_verb(
    "compare-methods",
    _TARGET,
    click.option(
        "--by",
        multiple=True,
        default=["chromatography", "ion_mode"],
        show_default=True,
        metavar="COLUMN",
        help="Columns that tell acquisition modes apart.",
    ),
    _METHOD,
    _MODEL,
    *_SPLIT,
)
def compare_methods(lab: Lab, study: str, **settings: Any) -> Report:  # noqa: ANN401
    """Say which chromatography and ion mode, or other column of the runs, separates classes best."""
    return lab.compare_methods(study, **settings)


@_verb("markers", _TARGET, *_VECTORS, _ONLY)
def markers(lab: Lab, study: str, **settings: Any) -> Report:  # noqa: ANN401
    """Say which clusters of spectra tell each group from the others, into group_markers."""
    return lab.markers(study, **settings)


COMMANDS = (aggregate, classify, project, compare_methods, markers)
