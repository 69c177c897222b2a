"""Evaluations as text for people and as values for JSON."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from spectradb.evaluation.evaluate import Evaluation


def as_values(table: pa.Table, *, digits: int = 4) -> list[dict[str, Any]]:
    """Turn a table of results into values that JSON can hold.

    Parameters
    ----------
    table : pyarrow.Table
        Rows or members of an evaluation.
    digits : int
        Decimals to keep.

    Returns
    -------
    list of dict
        One entry per row; what is undefined is left out.
    """
    return [
        {name: round(value, digits) if isinstance(value, float) else value for name, value in row.items() if value is not None}
        for row in table.to_pylist()
    ]


def report_lines(evaluation: Evaluation) -> list[str]:
    """Write the rows of an evaluation as a table of text.

    Parameters
    ----------
    evaluation : Evaluation
        What was found.

    Returns
    -------
    list of str
        A heading for each part of the queries, and a line for each method; shares in percent, with 95% intervals. Of several
        methods a last line says how many queries at least one of them answers rightly.
    """
    lines: list[str] = []
    rows = evaluation.rows.to_pylist()
    width = max([len(row["method"]) for row in rows], default=0)
    heading = (
        f"{'':{width}}  {'top-1 %':21} {'per analyte %':21} {'top-5 %':>7} {'AUC in reach':>12}  difference in top-1, points"
    )
    for (subset, candidates), group in groupby(rows, key=lambda row: (row["subset"], row["candidates"])):
        part = list(group)
        counts = f"{part[0]['n_queries']:,} queries of {part[0]['n_analytes']:,} analytes"
        lines += ["", f"{subset}, candidates: {candidates} ({counts})", heading, *(_method_line(row, width) for row in part)]
        if len(part) > 1:
            lines.append(f"right by at least one method: {100 * part[0]['top_1_by_any']:.2f}%")
    return lines[1:]


def member_lines(evaluation: Evaluation) -> list[str]:
    """Write the members of groups of isomers as a table of text.

    Parameters
    ----------
    evaluation : Evaluation
        What was found.

    Returns
    -------
    list of str
        A heading for each group, and a line for each member with the top-1 of each method in percent.
    """
    methods = list(dict.fromkeys(evaluation.members["method"].to_pylist()))
    lines: list[str] = []
    group = None
    for row in evaluation.members.to_pylist():
        if row["group"] != group:
            group = row["group"]
            lines += ["", f"m/z {row['precursor_mz']:.4f} {row['ion_mode']}, {row['n_members']} members, top-1 %"]
            lines.append(f"{'':14} queries  " + "  ".join(methods))
        if row["method"] == methods[0]:
            lines.append(f"{row['analyte_id']:14} {row['n_queries']:7,}")
        lines[-1] += f"  {100 * row['top_1']:{len(row['method'])}.{0 if len(row['method']) < 6 else 1}f}"
    return lines


def _method_line(row: dict[str, Any], width: int) -> str:
    auc = "-" if row["auc_in_reach"] is None else f"{row['auc_in_reach']:.3f}"
    shares = f"{_share(row, 'top_1')} {_share(row, 'top_1_per_analyte')} {100 * row['top_5']:7.2f}"
    line = f"{row['method']:{width}}  {shares} {auc:>12}"
    if row["difference"] is not None:
        ends = (100 * row[f"difference{end}"] for end in ("", "_low", "_high"))
        line += "  {:+.2f} [{:+.2f}, {:+.2f}] from ".format(*ends) + row["baseline"]
    return line


def _share(row: dict[str, Any], name: str) -> str:
    mean, low, high = (100 * row[name + end] for end in ("", "_low", "_high"))
    return f"{mean:6.2f} [{low:5.1f}, {high:5.1f}]"
