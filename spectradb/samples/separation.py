"""The verb compare-methods: which chromatography and ion mode, or other column of the runs, separates classes best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.samples.classify import classify
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from spectradb.samples.experiment import Experiment
    from spectradb.samples.vector_kind import VectorKind
    from spectradb.store.record import Record

_METRICS = ("balanced_accuracy", "macro_f1", "auc")


@dataclass(frozen=True)
class SeparationReport:
    """How well each acquisition mode separates classes.

    Parameters
    ----------
    study, target, method : str
        Study, the column whose classes should be apart, and how spectra became one vector.
    rows : tuple of dict
        One per acquisition mode, best first: part, n, n_classes, silhouette, purity and expected_purity (macro
        ``cluster_quality``); job, balanced_accuracy, macro_f1 and auc (macro ``classification_metrics``), None where the part
        has too few of a class; not_classified says why.
    """

    study: str
    target: str
    method: str
    rows: tuple[dict[str, Any], ...]

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        modes = f"{len(self.rows)} acquisition mode{'' if len(self.rows) == 1 else 's'}"
        lines = [f"{self.study}: {self.target} by {self.method}, {modes}, best first"]
        for row in self.rows:
            untrained = f"silhouette {row['silhouette']:.3f}, purity {row['purity']:.3f} (chance {row['expected_purity']:.3f})"
            trained = ", ".join(f"{name} {row[name]:.3f}" for name in _METRICS if row[name] is not None)
            lines.append(f"  {row['part']}: {row['n']} runs, {untrained}, {trained or row['not_classified']}")
        return lines

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return self.__dict__ | {"rows": list(self.rows)}


def classify_parts(
    record: Record,
    con: duckdb.DuckDBPyConnection,
    kind: VectorKind,
    *,
    target: str,
    by: Sequence[str],
    experiment: Experiment,
    group_column: str | None,
) -> dict[str, str]:
    """Classify inside each acquisition mode, as one job each.

    Parameters
    ----------
    record : Record
        The lab's record, to which the predictions are added.
    con : duckdb.DuckDBPyConnection
        The published lab.
    kind : VectorKind
        Which vectors.
    target : str
        The column to predict.
    by : sequence of str
        Columns that tell the ways apart.
    experiment : Experiment
        How to predict.
    group_column : str or None
        Column whose groups never straddle a split.

    Returns
    -------
    dict of str to str
        For each acquisition mode, the name of its job, or after an exclamation mark why there is none.

    Raises
    ------
    BadParameter
        If no run has values in these columns.
    """
    kind.check(con)
    parts = con.execute(schemas.read("queries/samples/run_parts"), {"study": kind.study, "by": list(by)}).fetchall()
    if not parts:
        msg = f"no run of {kind.study} has a value in each of {', '.join(by)}: see the view sample_labels"
        raise BadParameter(msg)
    jobs: dict[str, str] = {}
    for part, filters, _ in parts:
        only: Mapping[str, str] = {entry["name"]: entry["value"] for entry in filters} | {"is_control": "false"}
        name = f"{kind.study}-{target}-{kind.method}-{part}"
        try:
            report = classify(
                record,
                con,
                target=target,
                experiment=experiment,
                kinds=[kind],
                group_column=group_column,
                only=only,
                name=name,
            )
            jobs[part] = report.job
        except BadParameter as error:
            jobs[part] = f"!{error}"
    return jobs


def separation(
    con: duckdb.DuckDBPyConnection, kind: VectorKind, *, target: str, by: Sequence[str], jobs: Mapping[str, str]
) -> SeparationReport:
    """Report on acquisition modes that were classified and published.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    kind : VectorKind
        Which vectors.
    target : str
        The column that was predicted.
    by : sequence of str
        Columns that tell the ways apart.
    jobs : mapping of str to str
        What :func:`classify_parts` gave.

    Returns
    -------
    SeparationReport
        Best first: by macro F1, then by silhouette.
    """
    wanted = {"study": kind.study, "target": target, "method": kind.method, "model": kind.model, "by": list(by)}
    rows = to_arrow(con, schemas.read("queries/samples/cluster_quality"), wanted).to_pylist()
    for row in rows:
        job = jobs.get(row["part"], "!")
        found = to_arrow(con, schemas.read("queries/samples/classification_metrics"), {"job": job}).to_pylist()
        row["job"] = job if found else None
        row["not_classified"] = None if found else job.removeprefix("!")
        row |= {name: found[0][name] if found else None for name in _METRICS}
    rows.sort(key=lambda row: (-(row["macro_f1"] or 0.0), -row["silhouette"], row["part"]))
    return SeparationReport(kind.study, target, kind.method, tuple(rows))
