"""The section about the samples of a study: what their runs gave, projections, cluster quality, classifications."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from spectradb.report.figures.confusion import confusion_figure
from spectradb.report.figures.projection import projection_figure
from spectradb.report.figures.regression import regression_figure
from spectradb.report.page import Drawing, Section
from spectradb.report.queries import ask, file_name
from spectradb.report.tables import Column, as_count, as_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

# Cluster quality compares all pairs of runs.
_MOST_UNITS_COMPARED = 2000
_MOST_JOBS = 8
_RUNS = (
    Column("sample_type", "type"),
    Column("sample_group", "group"),
    Column("n_samples", "samples", as_count),
    Column("n_runs", "runs", as_count),
    Column("n_spectra", "spectra", as_count),
    Column("median_answered", "answered of a run (median)", as_count),
    Column("median_confident", "confident of a run (median)", as_count),
    Column("median_analytes", "confident analytes of a run (median)", as_count),
)
_QUALITY = (
    Column("method", "vectors"),
    Column("model", "model"),
    Column("n", "runs", as_count),
    Column("n_classes", "classes", as_count),
    Column("silhouette", "silhouette", as_number),
    Column("purity", "nearest-neighbour purity", as_number),
    Column("expected_purity", "purity by chance", as_number),
)
_CLASSIFICATION = (
    Column("method", "vectors"),
    Column("estimator", "estimator"),
    Column("n_seeds", "repeats", as_count),
    Column("accuracy", "accuracy", as_number),
    Column("balanced_accuracy", "balanced accuracy", as_number),
    Column("macro_f1", "macro F1", as_number),
    Column("auc", "AUC", as_number),
)
_REGRESSION = (
    Column("method", "vectors"),
    Column("estimator", "estimator"),
    Column("n_seeds", "repeats", as_count),
    Column("r2", "R²", as_number),
    Column("mae", "mean absolute error", as_number),
    Column("rmse", "root mean square error", as_number),
)


def sample_section(con: duckdb.DuckDBPyConnection, study: str, *, search: str | None, group: str | None) -> Section | None:
    """Describe the samples of a study.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    study : str
        Its name.
    search : str or None
        The search whose answers are counted.
    group : str or None
        Column of the sample table that colours pictures; when None, what was last predicted or compared.

    Returns
    -------
    Section or None
        None when the study has no runs.
    """
    runs = ask(con, "report/runs", study=study, search=search)
    if not runs:
        return None
    section = Section(f"samples-{file_name(study)}", f"Samples of {study}")
    columns = [row["name"] for row in ask(con, "report/group_columns", study=study)]
    chosen = group or next(iter(columns), None)
    section.table(_RUNS, runs, caption="Runs by type and group" + (f", answered by {search}" if search else ""))
    section.draw(*_projections(con, study, chosen))
    _cluster_quality(con, section, study, chosen)
    jobs = ask(con, "report/jobs", study=study)
    if len(jobs) > _MOST_JOBS:
        section.say(f"The last {_MOST_JOBS} of {len(jobs)} jobs; the table sample_predictions has all.")
    for job in jobs[-_MOST_JOBS:]:
        _job(con, section, job)
    return section


def _projections(con: duckdb.DuckDBPyConnection, study: str, group: str | None) -> list[Drawing]:
    rows = ask(con, "figures/projection", study=study, group=group)
    drawings = []
    for kind, points in groupby(rows, key=_kind_of_projection):
        name = "UMAP" if kind[0] == "umap" else kind[0].upper()
        blanks = ", without what blanks show" if kind[4] else ""
        model = f" by {kind[2]}" if kind[2] else ""
        drawings.append(
            Drawing(
                file_name("projection", study, *(part for part in kind if part)),
                projection_figure(list(points), group=group),
                f"{name} of {kind[3]}s",
                f"Vectors: {kind[1]}{model}{blanks}." + (f" Colour: {group}." if group else ""),
            )
        )
    return drawings


def _kind_of_projection(row: dict[str, Any]) -> tuple[str, str, str, str, bool]:
    return row["projection"], row["method"], row["model"] or "", row["level"], row["blanks_subtracted"]


def _cluster_quality(con: duckdb.DuckDBPyConnection, section: Section, study: str, group: str | None) -> None:
    vectors = ask(con, "report/vectors", study=study)
    rows = []
    for kind in vectors:
        if group and kind["level"] == "run" and not kind["blanks_subtracted"] and kind["n_units"] <= _MOST_UNITS_COMPARED:
            wanted = {"study": study, "target": group, "method": kind["method"], "model": kind["model"], "by": []}
            rows += [row | {"method": kind["method"]} for row in ask(con, "samples/cluster_quality", **wanted)]
    if rows:
        section.table(
            _QUALITY,
            rows,
            caption=f"How well vectors of runs separate {group}, without training: silhouette from -1 to 1, and the share of "
            "runs whose nearest neighbour is of their class",
        )


def _job(con: duckdb.DuckDBPyConnection, section: Section, job: dict[str, Any]) -> None:
    apart = f", {job['group_column']} never on both sides of a split" if job["group_column"] else ""
    section.heading(f"{job['task'].capitalize()} of {job['target']}")
    caption = f"{job['job']}: {job['n_units']} {job['level']}s held out in turn, splits {job['splits']}{apart}"
    if job["task"] == "classification":
        metrics = ask(con, "samples/classification_metrics", job=job["job"])
        section.table(_CLASSIFICATION, metrics, caption=caption)
        section.draw(*_confusions(con, job, metrics))
    else:
        metrics = ask(con, "samples/regression_metrics", job=job["job"])
        section.table(_REGRESSION, metrics, caption=caption)
        best = metrics[0]
        units = ask(con, "figures/regression", job=job["job"], method=best["method"], estimator=best["estimator"])
        figure = regression_figure(units, target=job["target"])
        title = f"{job['target']} by {best['method']} and {best['estimator']}"
        section.draw(Drawing(file_name("regression", job["job"]), figure, title, "Each point is one held out."))


def _confusions(con: duckdb.DuckDBPyConnection, job: dict[str, Any], metrics: Sequence[dict[str, Any]]) -> list[Drawing]:
    best = metrics[0]
    pairs = ask(con, "figures/confusion", job=job["job"], method=best["method"], estimator=best["estimator"])
    title = f"Confusion matrix of {job['target']} by {best['method']} and {best['estimator']}"
    return [
        Drawing(
            file_name("confusion", job["job"]),
            confusion_figure(pairs),
            title,
            "Mean number of a repeat, and share of the true class.",
        )
    ]
