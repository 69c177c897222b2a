"""The verb classify: predict what the sample table says from sample vectors, on runs or samples not learnt from."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.samples.design import Design, read_design, vectors_of
from spectradb.samples.estimators import class_scores, classifier, regression
from spectradb.samples.experiment import MAJORITY, MEAN
from spectradb.samples.splits import is_repeated, make_splits
from spectradb.samples.vector_kind import before, quoted
from spectradb.store.record_schema import table_schema
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb

    from spectradb.samples.experiment import Experiment
    from spectradb.samples.vector_kind import VectorKind
    from spectradb.store.record import Record

BASELINE_METHOD = "precursor_profile"
NO_METHOD = "none"
_SHOWN = {
    "classification": ("accuracy", "balanced_accuracy", "macro_f1", "auc"),
    "regression": ("r2", "mae", "rmse"),
}


@dataclass(frozen=True)
class ClassifyReport:
    """What a job did.

    Parameters
    ----------
    job : str
        Its name.
    task : str
        ``classification`` or ``regression``.
    n_units : int
        Runs or samples that were used.
    n_left_out : int
        Those of the study that did not.
    seconds : float
        Time it took.
    metrics : tuple of dict
        Rows of the macro ``classification_metrics`` or ``regression_metrics``; filled once the job is published.
    """

    job: str
    task: str
    n_units: int
    n_left_out: int
    seconds: float
    metrics: tuple[dict[str, Any], ...] = ()

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        lines = [f"job {self.job}: {self.n_units} used, {self.n_left_out} left out, {self.seconds:.1f} s"]
        for row in self.metrics:
            values = ", ".join(f"{name} {_shown(row[name])}" for name in _SHOWN[self.task])
            lines.append(f"  {row['method']}, {row['estimator']}: {values} ({row['n_seeds']} repeats)")
        return lines

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return self.__dict__ | {"metrics": list(self.metrics)}


def classify(
    record: Record,
    con: duckdb.DuckDBPyConnection,
    *,
    target: str,
    experiment: Experiment,
    kinds: Sequence[VectorKind],
    group_column: str | None = None,
    only: Mapping[str, str] | None = None,
    baselines: bool = False,
    name: str | None = None,
) -> ClassifyReport:
    """Predict a column of the sample table for runs or samples not learnt from, and record the predictions.

    Parameters
    ----------
    record : Record
        The lab's record, to which the predictions are added; a job of the same name is replaced.
    con : duckdb.DuckDBPyConnection
        The published lab.
    target, group_column, only
        As for :func:`spectradb.samples.design.read_design`.
    experiment : Experiment
        How to predict.
    kinds : sequence of VectorKind
        Kinds of vectors to compare, on the same splits; of one study and level.
    baselines : bool
        Add the precursor profile with the same estimator, and the commonest class (or the mean) without any spectra.
    name : str, optional
        Name of the job; made of study, target, estimator and splits when None.

    Returns
    -------
    ClassifyReport
        What was done, without the metrics, which are SQL over what will be published.

    Raises
    ------
    BadParameter
        If a parameter means nothing, or the sample table does not support the splits.
    """
    if experiment.seeds < 1 or (experiment.n_features is not None and experiment.n_features < 1):
        msg = "seeds and features must be at least 1"
        raise BadParameter(msg)
    begun = time.perf_counter()
    first = kinds[0]
    for kind in kinds:
        kind.check(con)
    design = read_design(con, study=first.study, target=target, level=first.level, group_column=group_column, only=only)
    if experiment.regress and np.isnan(design.numbers).any():
        msg = f"{target!r} is not a number for every {first.level} that takes part: choose with --only, or do not regress"
        raise BadParameter(msg)
    job = name or _job_name(first, target, experiment)
    arms = [(kind, experiment.estimator, vectors_of(record, con, kind, design.unit_ids)[1]) for kind in kinds]
    if baselines:
        profile = replace(first, method=BASELINE_METHOD)
        if profile not in kinds:
            arms.append((profile, experiment.estimator, vectors_of(record, con, profile, design.unit_ids)[1]))
        blind = np.zeros((len(design.unit_ids), 1))
        arms.append((replace(first, method=NO_METHOD), MEAN if experiment.regress else MAJORITY, blind))
    created = datetime.now(UTC).replace(tzinfo=None)
    rows: list[dict[str, object]] = []
    for kind, estimator, vectors in arms:
        constants = kind.columns() | {
            "job": job,
            "target": target,
            "task": experiment.task,
            "estimator": estimator,
            "splits": experiment.splits,
            "group_column": group_column,
            "created": created,
        }
        rows += [constants | row for row in held_out_predictions(vectors, design, experiment, estimator)]
    record.append("sample_predictions", pa.Table.from_pylist(rows, schema=table_schema("sample_predictions")))
    record.delete("sample_predictions", f"job = {quoted(job)} AND {before(created)}")
    return ClassifyReport(job, experiment.task, len(design.unit_ids), design.n_left_out, time.perf_counter() - begun)


def held_out_predictions(
    vectors: npt.NDArray[np.float64], design: Design, experiment: Experiment, estimator: str
) -> Iterator[dict[str, object]]:
    """Predict each run or sample by what was learnt without it.

    Parameters
    ----------
    vectors : numpy.ndarray of float, shape (n, d)
        Vectors of those who take part.
    design : Design
        Who takes part.
    experiment : Experiment
        How to predict.
    estimator : str
        Which estimator, in place of the experiment's own.

    Yields
    ------
    dict
        seed, fold, unit_id; truth, predicted and probabilities, or truth_number and predicted_number.
    """
    classes = None if experiment.regress else design.classes
    for seed in range(experiment.seeds if is_repeated(experiment.splits) else 1):
        splits = make_splits(experiment.splits, classes, design.groups, len(design.unit_ids), seed=seed)
        for fold, (learnt, judged) in enumerate(splits):
            predicted = _predict_numbers if experiment.regress else _predict_classes
            for index, row in zip(judged, predicted(vectors, design, experiment, estimator, learnt, judged, seed), strict=True):
                yield {"seed": seed, "fold": fold, "unit_id": design.unit_ids[index]} | row


def _predict_classes(
    vectors: npt.NDArray[np.float64],
    design: Design,
    experiment: Experiment,
    estimator: str,
    learnt: npt.NDArray[np.intp],
    judged: npt.NDArray[np.intp],
    seed: int,
) -> Iterator[dict[str, object]]:
    if len(set(design.classes[learnt])) < 2:
        msg = f"a fold has only {design.classes[learnt][0]!r} to learn from: choose other --splits or --groups"
        raise BadParameter(msg)
    fitted = classifier(estimator, seed=seed, n_features=experiment.n_features).fit(vectors[learnt], design.classes[learnt])
    scores = class_scores(fitted, vectors[judged])
    names = [str(name) for name in fitted.classes_]
    for truth, predicted, row in zip(design.classes[judged], fitted.predict(vectors[judged]), scores, strict=True):
        probabilities = list(zip(names, (float(score) for score in row), strict=True))
        yield {"truth": str(truth), "predicted": str(predicted), "probabilities": probabilities}


def _predict_numbers(
    vectors: npt.NDArray[np.float64],
    design: Design,
    experiment: Experiment,
    estimator: str,
    learnt: npt.NDArray[np.intp],
    judged: npt.NDArray[np.intp],
    seed: int,
) -> Iterator[dict[str, object]]:
    groups = None if design.groups is None else design.groups[learnt]
    model = regression(estimator, seed=seed, n_features=experiment.n_features, groups=groups)
    fitted = model.fit(vectors[learnt], design.numbers[learnt])
    for truth, predicted in zip(design.numbers[judged], fitted.predict(vectors[judged]), strict=True):
        yield {"truth_number": float(truth), "predicted_number": float(predicted)}


def with_metrics(report: ClassifyReport, con: duckdb.DuckDBPyConnection) -> ClassifyReport:
    """Add the metrics of a job to its report.

    Parameters
    ----------
    report : ClassifyReport
        Of a published job.
    con : duckdb.DuckDBPyConnection
        The published lab.

    Returns
    -------
    ClassifyReport
        With ``metrics``.
    """
    rows = to_arrow(con, schemas.read(f"queries/samples/{report.task}_metrics"), {"job": report.job}).to_pylist()
    return replace(report, metrics=tuple(rows))


def _job_name(kind: VectorKind, target: str, experiment: Experiment) -> str:
    parts = [kind.study, target, experiment.estimator, experiment.splits] + (["minus-blanks"] if kind.subtract_blanks else [])
    return re.sub(r"\s+", "-", "-".join(parts))


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
