"""The design of an experiment over runs or samples: their vectors, what is to be predicted, and the groups they come in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.samples.aggregate import aggregate
from spectradb.spelling import known_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from spectradb.samples.vector_kind import VectorKind
    from spectradb.store.record import Record

_CONDITION = re.compile(r"(?P<column>.+?)\s*(?P<operator>>=|<=|>|<|=)\s*(?P<value>[^<>=]+)")
_TESTS = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}


@dataclass(frozen=True)
class Design:
    """Which runs or samples take part, with what is to be predicted.

    Parameters
    ----------
    study, target, level : str
        Study, predicted column or condition, and ``"run"`` or ``"sample"``.
    unit_ids : tuple of str
        Runs or samples, sorted.
    classes : numpy.ndarray of str, shape (n,)
        The target as text.
    numbers : numpy.ndarray of float, shape (n,)
        The target as a number; NaN where it is none.
    groups : numpy.ndarray of str, shape (n,), or None
        Group of each run or sample; groups never straddle a split.
    n_left_out : int
        Runs or samples of the study that do not take part: without the target or the group, or not asked for.
    """

    study: str
    target: str
    level: str
    unit_ids: tuple[str, ...]
    classes: npt.NDArray[np.str_]
    numbers: npt.NDArray[np.float64]
    groups: npt.NDArray[np.str_] | None
    n_left_out: int


def read_design(
    con: duckdb.DuckDBPyConnection,
    *,
    study: str,
    target: str,
    level: str = "run",
    group_column: str | None = None,
    only: Mapping[str, str] | None = None,
) -> Design:
    """Read who takes part in an experiment off the sample table.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    study : str
        Name of the study.
    target : str
        A column of the sample table, or a condition on one, such as ``tomato>0``, which makes the classes yes and no.
    level : {"run", "sample"}
        What one vector stands for.
    group_column : str, optional
        The column that makes groups.
    only : mapping of str to str, optional
        Columns and the value that those who take part have there. Without any, blanks, QC and pools are left out.

    Returns
    -------
    Design
        Those that take part.

    Raises
    ------
    BadParameter
        If a column is not in the sample table, a condition compares text, or nobody is left.
    """
    match = _CONDITION.fullmatch(target)
    column = match["column"] if match else target
    labels = _column(con, study, level, column)
    everybody = set(labels)
    chosen = {unit for unit, label in labels.items() if only or not label["is_control"]}
    for name, value in (only or {}).items():
        found = _column(con, study, level, name)
        chosen &= {unit for unit, label in found.items() if label["value"] == value}
    groups = _column(con, study, level, group_column) if group_column else None
    if groups is not None:
        chosen &= set(groups)
    units = tuple(sorted(chosen))
    if not units:
        wanted = ", ".join(f"{name}={value}" for name, value in (only or {}).items()) or "no blank, QC or pool"
        msg = f"no {level} of {study} with a value of {column!r} is left ({wanted}). Look into the view sample_labels."
        raise BadParameter(msg)
    numbers = np.array([np.nan if labels[unit]["number"] is None else labels[unit]["number"] for unit in units])
    classes = np.array([labels[unit]["value"] for unit in units])
    if match:
        classes = _holds(match, classes, numbers)
        numbers = (classes == "yes").astype(float)
    return Design(
        study,
        target,
        level,
        units,
        classes,
        numbers,
        None if groups is None else np.array([groups[unit]["value"] for unit in units]),
        len(everybody) - len(units),
    )


def vectors_of(
    record: Record, con: duckdb.DuckDBPyConnection, kind: VectorKind, unit_ids: Sequence[str] | None = None
) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Return sample vectors of one kind; what was not aggregated yet is aggregated and recorded.

    Parameters
    ----------
    record : Record
        The lab's record.
    con : duckdb.DuckDBPyConnection
        The published lab.
    kind : VectorKind
        Which vectors.
    unit_ids : sequence of str, optional
        The runs or samples wanted; all when None.

    Returns
    -------
    (list of str, numpy.ndarray of float, shape (n, d))
        Runs or samples, and their vectors.

    Raises
    ------
    BadParameter
        If one of those wanted has no vector.
    """
    kind.check(con)
    found = kind.read(con)
    if not found:
        aggregate(record, con, kind)
        con.register("new_sample_embeddings", record.read("sample_embeddings"))
        found = kind.read(con, relation="new_sample_embeddings")
        con.unregister("new_sample_embeddings")
    wanted = sorted(found) if unit_ids is None else list(unit_ids)
    missing = [unit for unit in wanted if unit not in found]
    if missing:
        msg = (
            f"{len(missing)} {kind.level}s of {kind.study} have no vector by {kind.method} (first: {missing[0]}). "
            f"Run `spectradb aggregate --study {kind.study} --method {kind.method}` again, or leave them out with --only."
        )
        raise BadParameter(msg)
    return wanted, np.array([found[unit] for unit in wanted], dtype=np.float64)


def _column(con: duckdb.DuckDBPyConnection, study: str, level: str, name: str) -> dict[str, dict[str, Any]]:
    rows = con.execute(schemas.read("queries/samples/sample_labels"), {"study": study, "level": level, "name": name}).fetchall()
    if not rows:
        names = con.execute(schemas.read("queries/samples/sample_label_names"), {"study": study, "level": level}).fetchall()
        known = known_names(name, (known for (known,) in names), none=f"none: import {study} with --samples")
        msg = f"the sample table of {study} has no column {name!r} with a value; it has: {known}"
        raise BadParameter(msg)
    return {unit: {"value": value, "number": number, "is_control": control} for unit, value, number, control in rows}


def _holds(match: re.Match[str], classes: npt.NDArray[np.str_], numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.str_]:
    operator, value = match["operator"], match["value"].strip()
    if operator == "=":
        holds = classes == value
    else:
        try:
            bound = float(value)
        except ValueError:
            bound = np.nan
        if np.isnan(bound) or np.isnan(numbers).any():
            msg = f"{match[0]!r} compares text: use {match['column']}=VALUE, or a column of numbers"
            raise BadParameter(msg)
        holds = _TESTS[operator](numbers, bound)
    return np.where(holds, "yes", "no")
