"""The protocol ``dilution``: what is still found in diluted samples (the paper's Table 2, Figures 3 and 4, Appendix D)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb import schemas
from spectradb.benchmarks.dilution_tables import dilution_tables
from spectradb.benchmarks.report import Findings, Result
from spectradb.errors import BadParameter, NoSpectra
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

_COUNTS = ("true_positives", "false_positives")
_AGREED = (
    "that set is what these searches agree on, not what is known to be there: it can show whether a method still finds at a "
    "dilution what all find undiluted, and how much else it reports meanwhile; it cannot show that an identification is right, "
    "nor credit a method with an analyte that it alone finds. Undiluted samples, and the figures of all samples together, are "
    "judged by their own answers"
)
_SPURIOUS = (
    "spurious hits are analytes outside the reference set, whether in the sample or not: precision compares methods, and is no "
    "error rate. Where samples were diluted with other samples instead of solvent, analytes of those are spurious as well"
)
_METRICS = ("threshold", *_COUNTS, "precision", "recall", "f1")


@dataclass(frozen=True, kw_only=True)
class DilutionSettings:
    """How to judge dilutions.

    Parameters
    ----------
    column : str
        Column of the sample table that tells the dilution or proportion.
    undiluted : str or None
        Its value in undiluted samples; None: of ``dilution`` the lowest number, of other columns the highest.
    truth : pathlib.Path or None
        File with the analytes of the sample; None: those on which all searches agree in undiluted samples.
    score, matched_peaks, runs
        Least score and matched peaks of such an identification, and in how many undiluted runs each search must make it.
    baseline : str
        The method that the others are compared with.
    step : float
        Distance of thresholds.
    """

    column: str
    undiluted: str | None
    truth: Path | None
    score: float
    matched_peaks: int
    runs: int
    baseline: str
    step: float = 0.01


def judge_dilution(con: duckdb.DuckDBPyConnection, searches: dict[str, str], settings: DilutionSettings) -> Findings:
    """Judge searches of a dilution series against a set of analytes.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    searches : dict of str to str
        The search of each method.
    settings : DilutionSettings
        How.

    Returns
    -------
    Findings
        Best thresholds globally, by dilution and by file; comparisons with the baseline; consistency.

    Raises
    ------
    BadParameter
        If the column, its undiluted value or the baseline is not there, or the file names no analyte.
    NoSpectra
        If the searches agree on no analyte.
    """
    if settings.baseline not in searches:
        raise BadParameter(f"the baseline {settings.baseline} is not among the methods: {', '.join(searches)}")
    parts = _run(con, "parts", search=next(iter(searches.values())), column=settings.column)
    undiluted = _undiluted(parts, settings)
    reference = _reference(con, list(searches.values()), settings, undiluted)
    con.register("benchmark_truth", pa.table({"analyte_id": reference}))
    results: list[Result] = []
    thresholds: dict[str, float] = {}
    for method, search in searches.items():
        own = {"search": search, "step": settings.step}
        for row in _run(con, "sweep", **own):
            results += _counts(method, f"threshold {row['threshold']:g}", row, _METRICS[1:])
        for per, title in (("search", "{}"), (settings.column, settings.column + " {}"), ("run", "run {}")):
            for row in _run(con, "best", column=per, **own):
                results += _counts(method, title.format(row["part"]), row, _METRICS)
                if per == "search":
                    thresholds[method] = row["threshold"]
        for row in _run(con, "agreement", column=settings.column, undiluted=undiluted, **own):
            share = row["share_in_reference"]
            results.append(Result(method, f"{settings.column} {row['part']}", "found_undiluted_too", share, row["n_found"]))
    for method in searches:
        if method != settings.baseline:
            results += _against_baseline(con, searches, method, settings, thresholds)
    con.unregister("benchmark_truth")
    dilutions = [f"{settings.column} {row['part']}" for row in parts if row["part"] is not None]
    tables = dilution_tables(results, list(searches), settings.baseline, dilutions, consistency=settings.truth is not None)
    parameters: dict[str, object] = {"undiluted": undiluted, "reference": reference}
    return Findings(results, tables, _notes(parts, settings, undiluted, reference), parameters)


def _run(con: duckdb.DuckDBPyConnection, query: str, **values: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = to_arrow(con, schemas.read(f"queries/dilution/{query}"), values).to_pylist()
    return rows


def _undiluted(parts: list[dict[str, Any]], settings: DilutionSettings) -> str:
    known = {row["part"]: row["number"] for row in parts if row["part"] is not None}
    listed = ", ".join(known) or "none"
    if settings.undiluted is not None:
        if settings.undiluted not in known:
            raise BadParameter(f"no sample has {settings.column} {settings.undiluted!r}; values are: {listed}")
        return settings.undiluted
    numbers = {part: number for part, number in known.items() if number is not None}
    if not numbers:
        raise BadParameter(f"the sample table has no numbers in a column {settings.column!r} (values: {listed})")
    pick = min if settings.column == "dilution" else max
    return str(pick(numbers, key=numbers.__getitem__))


def _reference(con: duckdb.DuckDBPyConnection, searches: list[str], settings: DilutionSettings, undiluted: str) -> list[str]:
    if settings.truth is not None:
        if not settings.truth.is_file():
            raise BadParameter(f"{settings.truth} is no file: give a table with the column analyte_id or inchikey")
        rows = con.execute(schemas.read("queries/dilution/truth"), {"file": str(settings.truth)}).fetchall()
        unknown = [stated for stated, analyte in rows if analyte is None]
        if unknown:
            raise BadParameter(
                f"{settings.truth}: {unknown[0]!r} is neither an InChIKey nor an analyte_id. Correct it, or leave the row out"
            )
        if not rows:
            raise BadParameter(f"{settings.truth} names no analyte: it needs the column analyte_id or inchikey")
        return sorted({analyte for _, analyte in rows})
    values = {
        "searches": searches,
        "column": settings.column,
        "undiluted": undiluted,
        "score": settings.score,
        "matched_peaks": settings.matched_peaks,
        "runs": settings.runs,
    }
    rows = con.execute(schemas.read("queries/dilution/reference"), values).fetchall()
    if not rows:
        raise NoSpectra(
            f"the searches agree on no analyte in samples with {settings.column} {undiluted} (score {settings.score:g}, "
            f"{settings.matched_peaks} matched peaks, {settings.runs} runs). Ask for less, or give the analytes in a file."
        )
    return [analyte for (analyte,) in rows]


def _counts(method: str, subset: str, row: dict[str, Any], metrics: tuple[str, ...]) -> list[Result]:
    return [Result(method, subset, metric, row[metric], row["n_true"]) for metric in metrics]


def _against_baseline(
    con: duckdb.DuckDBPyConnection,
    searches: dict[str, str],
    method: str,
    settings: DilutionSettings,
    thresholds: dict[str, float],
) -> list[Result]:
    baseline, pair = settings.baseline, f"{method} against {settings.baseline}"
    both = {"search_a": searches[baseline], "search_b": searches[method]}
    results = []
    for row in _run(con, "files", step=settings.step, **both):
        for name, value in (("won", row["wins_b"]), ("lost", row["wins_a"]), ("change", row["mean_change"])):
            results.append(Result(pair, "files", f"{row['metric']}_{name}", value, row["n_parts"]))
    for row in _run(con, "welch", step=settings.step, column=settings.column, **both):
        subset = f"{settings.column} {row['part']}"
        results.append(Result(pair, subset, "precision_difference", row["mean_b"] - row["mean_a"], row["n_b"]))
        results.append(Result(pair, subset, "welch_p", row["p_greater"], row["n_b"]))
    cuts = {"threshold_a": thresholds[baseline], "threshold_b": thresholds[method]}
    shared = {(row["in_a"], row["in_b"]): row["n"] for row in _run(con, "overlap", **both, **cuts)}
    n = sum(shared.values())
    for name, key in (("found_by_both", (True, True)), ("found_only_by_it", (False, True)), ("missed", (True, False))):
        results.append(Result(pair, "all", name, shared.get(key, 0), n))
    return results


def _notes(parts: list[dict[str, Any]], settings: DilutionSettings, undiluted: str, reference: list[str]) -> list[str]:
    described = ", ".join(f"{row['part']} ({row['n_runs']} runs)" for row in parts if row["part"] is not None)
    notes = [f"{settings.column}: {described}; undiluted is {undiluted}"]
    if settings.truth is not None:
        notes.append(f"reference set: {len(reference):,} analytes of {settings.truth.name}; the library may lack some")
    else:
        how = f"score {settings.score:g}, {settings.matched_peaks} matched peaks, {settings.runs} runs, by every method"
        notes.append(f"reference set: {len(reference):,} analytes found in undiluted samples ({how})")
        notes.append(_AGREED)
    notes.append(_SPURIOUS)
    unknown = sum(row["n_runs"] for row in parts if row["part"] is None)
    if unknown:
        notes.append(f"{unknown} runs have no {settings.column}; they count in the global figures only")
    notes.append(
        "Welch's test takes neighbouring thresholds for independent, which they are not: its p tells curves apart, no more"
    )
    return notes
