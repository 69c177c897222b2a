"""The verb markers: which clusters of spectra tell a group of runs or samples from the others, and by how much."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.stats import mannwhitneyu, rankdata

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.samples.design import read_design, vectors_of
from spectradb.samples.estimators import classifier
from spectradb.samples.vector_kind import before, quoted
from spectradb.store.record_schema import table_schema
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from spectradb.samples.vector_kind import VectorKind
    from spectradb.store.record import Record

Floats = npt.NDArray[np.float64]

_MOST_WAYS = 20_000


@dataclass(frozen=True)
class MarkersReport:
    """What a comparison of groups did.

    Parameters
    ----------
    study, target, level : str
        Study, the column that makes the groups, and what was compared: runs or samples.
    codebook : str
        The codebook whose clusters were compared.
    groups : dict of str to int
        Groups and how many runs or samples each has.
    n_clusters : int
        Clusters compared.
    seconds : float
        Time it took.
    best : tuple of dict
        The markers of least q of each group, rows of ``queries/samples/best_markers``, once published.
    """

    study: str
    target: str
    level: str
    codebook: str
    groups: dict[str, int]
    n_clusters: int
    seconds: float
    best: tuple[dict[str, Any], ...] = ()

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        sizes = ", ".join(f"{group} ({n})" for group, n in self.groups.items())
        lines = [f"{self.study}: {self.n_clusters} clusters of {self.codebook} compared for {self.target}: {sizes}"]
        for row in self.best:
            effect = f"log2 fold {row['log2_fold']:+.1f}, Cliff's delta {row['cliffs_delta']:+.2f}, q {row['q_value']:.1e}"
            lines.append(
                f"  {row['group_value']}: cluster {row['codeword']}, {effect}, weight {row['weight']:+.2f}, "
                f"{_precursor(row)}{_seen(row)}, {_answer(row)}"
            )
        return lines

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return self.__dict__ | {"best": list(self.best)}


def _seen(row: dict[str, Any]) -> str:
    """Say what the spectra that elute with a marker's tell of it."""
    told = f" ({row['seen_adduct']} by what elutes with it)" if row["seen_adduct"] else ""
    others = ", ".join(str(word) for word in row["other_codewords"])
    return told + (f", other adducts in clusters {others}" if others else "")


def _precursor(row: dict[str, Any]) -> str:
    """Say which m/z most spectra of a cluster have, and how many."""
    if row["precursor_mz"] is None:
        return "no spectra left"
    return f"m/z {row['precursor_mz']:.4f} in {row['n_at_mz']:,} of {row['n_cluster']:,} spectra"


def _answer(row: dict[str, Any]) -> str:
    """Say what the cluster is named, and in the words of identifications how sure that is."""
    if row["name"] is None:
        return "no answer that half of them share"
    probability = "" if row["probability"] is None else f", probability {row['probability']:.2f}"
    confident = "" if row["n_confident"] is None else f", {row['n_confident']:,} confident"
    named = f"{row['name']} ({row['adduct'] or 'adduct not stated'}, {row['ppm_error']:+.1f} ppm{probability})"
    return f"answered {named} in {row['n_named']:,}{confident}"


def compare_groups(shares: Floats, in_group: npt.NDArray[np.bool_], *, pseudo_share: float) -> dict[str, Floats]:
    """Compare the shares of clusters in a group with those in the others.

    Parameters
    ----------
    shares : numpy.ndarray of float, shape (n, k)
        Share of the spectra of each run or sample that falls into each cluster.
    in_group : numpy.ndarray of bool, shape (n,)
        Who is in the group.
    pseudo_share : float
        Added to both means before their ratio is taken, so that absence gives a finite fold.

    Returns
    -------
    dict of str to numpy.ndarray of float, shape (k,)
        share_group, share_others (means); log2_fold; cliffs_delta, P(group > others) - P(group < others), which is
        2 U / (n m) - 1 with the Mann-Whitney U of the group; p_value, two-sided: exact, over all ways to choose the group from
        these shares, ties included, where there are at most 20,000 ways; else by the normal approximation with correction for
        ties (1 where all shares are equal).
    """
    group, others = shares[in_group], shares[~in_group]
    with np.errstate(divide="ignore", invalid="ignore"):
        test = mannwhitneyu(group, others, axis=0, method="asymptotic")
    if math.comb(len(shares), len(group)) <= _MOST_WAYS:
        p_value = _exact_p(shares, len(group), test.statistic)
    else:
        p_value = np.nan_to_num(test.pvalue, nan=1.0)
    mean_group, mean_others = group.mean(axis=0), others.mean(axis=0)
    return {
        "share_group": mean_group,
        "share_others": mean_others,
        "log2_fold": np.log2((mean_group + pseudo_share) / (mean_others + pseudo_share)),
        "cliffs_delta": 2 * test.statistic / (len(group) * len(others)) - 1,
        "p_value": p_value,
    }


def _exact_p(shares: Floats, n_group: int, statistic: Floats) -> Floats:
    """Return the share of all choices of a group whose U is at least as far from its mean as the statistic."""
    ways = np.array(list(combinations(range(len(shares)), n_group)))
    chosen = np.zeros((len(ways), len(shares)))
    np.put_along_axis(chosen, ways, 1.0, axis=1)
    u = chosen @ rankdata(shares, axis=0) - n_group * (n_group + 1) / 2
    middle = n_group * (len(shares) - n_group) / 2
    p_value: Floats = (np.abs(u - middle) >= np.abs(statistic - middle) - 1e-9).mean(axis=0)
    return p_value


def find_markers(
    record: Record,
    con: duckdb.DuckDBPyConnection,
    kind: VectorKind,
    *,
    target: str,
    only: Mapping[str, str] | None = None,
) -> MarkersReport:
    """Compare each group with all others, cluster by cluster, and record the comparison.

    Parameters
    ----------
    record : Record
        The lab's record; an earlier comparison of the same kind is replaced.
    con : duckdb.DuckDBPyConnection
        The published lab, with the codebook histograms aggregated.
    kind : VectorKind
        Which codebook histograms: the method is ``codebook``.
    target, only
        As for :func:`spectradb.samples.design.read_design`.

    Returns
    -------
    MarkersReport
        What was done.

    Raises
    ------
    BadParameter
        If there is one group only, or the study has no codebook.
    """
    begun = time.perf_counter()
    kind.check(con)
    design = read_design(con, study=kind.study, target=target, level=kind.level, only=only)
    groups, sizes = np.unique(design.classes, return_counts=True)
    if len(groups) < 2:
        msg = f"{target!r} makes one group only ({groups[0]}): there is nothing to compare it with"
        raise BadParameter(msg)
    codebook = _codebook_of(con, kind)
    _, roots = vectors_of(record, con, kind, design.unit_ids)
    created = datetime.now(UTC).replace(tzinfo=None)
    rows: list[dict[str, object]] = []
    compared = 0
    for group, size in zip(groups, sizes, strict=True):
        in_group = design.classes == group
        con.register("compared_units", pa.table({"unit_id": list(design.unit_ids), "in_group": in_group}))
        parameters = {"codebook": codebook, "level": kind.level}
        found = con.execute(schemas.read("queries/samples/marker_representatives"), parameters).fetchall()
        con.unregister("compared_units")
        codewords = np.array([codeword for codeword, _, _ in found])
        half_a_spectrum = 0.5 * len(design.unit_ids) / sum(n for _, n, _ in found)
        columns = compare_groups(roots[:, codewords] ** 2, in_group, pseudo_share=half_a_spectrum)
        fitted = classifier("logistic").fit(roots[:, codewords], in_group)
        columns["weight"] = fitted[-1].coef_[0]
        compared = len(found)
        constants = {
            "study": kind.study,
            "target": target,
            "group_value": str(group),
            "level": kind.level,
            "model": kind.embedder,
            "codebook": codebook,
            "n_group": int(size),
            "n_others": len(design.unit_ids) - int(size),
            "created": created,
        }
        rows += [
            constants
            | {"codeword": codeword, "n_spectra": n, "spectrum_id": spectrum_id}
            | {name: float(values[place]) for name, values in columns.items()}
            for place, (codeword, n, spectrum_id) in enumerate(found)
        ]
    record.append("group_markers", pa.Table.from_pylist(rows, schema=table_schema("group_markers")))
    same = f"study = {quoted(kind.study)} AND target = {quoted(target)} AND level = {quoted(kind.level)}"
    record.delete("group_markers", f"{same} AND codebook = {quoted(codebook)} AND {before(created)}")
    counts_of = {str(group): int(n) for group, n in zip(groups, sizes, strict=True)}
    return MarkersReport(kind.study, target, kind.level, codebook, counts_of, compared, time.perf_counter() - begun)


def with_best(report: MarkersReport, con: duckdb.DuckDBPyConnection, *, k: int = 3) -> MarkersReport:
    """Add the best markers of each group to the report of a published comparison.

    Parameters
    ----------
    report : MarkersReport
        Of a published comparison.
    con : duckdb.DuckDBPyConnection
        The published lab.
    k : int
        Markers of each group.

    Returns
    -------
    MarkersReport
        With ``best``.
    """
    wanted = {"study": report.study, "target": report.target, "level": report.level, "codebook": report.codebook, "k": k}
    rows = to_arrow(con, schemas.read("queries/samples/best_markers"), wanted).to_pylist()
    return replace(report, best=tuple(rows))


def _codebook_of(con: duckdb.DuckDBPyConnection, kind: VectorKind) -> str:
    rows = con.execute(schemas.read("queries/samples/codebook_in_use"), kind.columns()).fetchall()
    if not rows:
        msg = f"{kind.study} has no codebook histograms. Run `spectradb aggregate --method codebook` on it first."
        raise BadParameter(msg)
    return str(rows[0][0])
