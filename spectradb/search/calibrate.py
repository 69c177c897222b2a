"""The verb calibrate: learn from a library how far the scores of a kind of search can be trusted.

The library is searched against itself, each query's own contributor left out, as a foreign laboratory's spectra would be. What
its scores are worth there is what they are taken to be worth for studies. Every query counts twice: as it is, and as a spectrum
of an unknown molecule, its own taken from the candidates: real studies have many unknowns. How many, each study tells itself by
how much oftener than by chance its spectra have candidates, unless the parameter ``answerable`` says it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from spectradb import __version__, schemas
from spectradb.errors import BadParameter, NoSpectra
from spectradb.search.calibration.fit import fit_gap_coefficient
from spectradb.search.calibration.studies import CalibrationRows, fit_calibration
from spectradb.search.calibration.terms import TERMS
from spectradb.search.calibration_report import CalibrationReport
from spectradb.search.checks import (
    CONTRIBUTOR,
    check_collections,
    check_contributors,
    check_embedded,
    check_fragment_tolerance,
    check_left_of_itself,
    check_left_out,
    check_window,
)
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.methods.fused import FUSED, choose_weight, resolve_fused
from spectradb.search.methods.peak_scorers import peak_scorer
from spectradb.search.methods.protocol import Asked
from spectradb.search.methods.spectrum_peaks import read_both_sides
from spectradb.search.neighbours import search_neighbours
from spectradb.search.recorded_searches import (
    current_method_name,
    published_version,
    recorded_settings,
    search_columns,
)
from spectradb.search.run import run_search
from spectradb.search.search_names import Naming, with_digest
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_PPM, SearchSpec, resolve_method
from spectradb.search.training_overlap import training_overlaps
from spectradb.store.record_schema import table_schema
from spectradb.store.statements import to_arrow
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from spectradb.search.methods.protocol import Method
    from spectradb.similarity.methods import Setting
    from spectradb.workspace.lab_files import LabFiles

#: Odds of the first candidate against the second below which an identification is ambiguous.
AMBIGUOUS_ODDS = 3.0

# What a calibration assumes, the word for it in names, and its usual value.
_ASSUMED = {"answerable": ("answerable", None), "ambiguous_odds": ("odds", AMBIGUOUS_ODDS)}
_LEAST_QUERIES = 20


def calibrate(
    lab: LabFiles,
    library: str,
    *,
    method: str = EMBEDDING,
    model: str | None = None,
    settings: Mapping[str, Setting] | None = None,
    contributors: Sequence[str] | None = None,
    left_out: str = CONTRIBUTOR,
    answerable: float | None = None,
    ambiguous_odds: float = AMBIGUOUS_ODDS,
    ppm: float = DEFAULT_PPM,
    fragment_tolerance_da: float = DEFAULT_FRAGMENT_TOLERANCE_DA,
) -> CalibrationReport:
    """Calibrate searches against a library; those by the same method and settings then have probabilities.

    Parameters
    ----------
    lab : LabFiles
        The lab.
    library : str
        Name of the library; it needs spectra of several contributors, or of several energies where copies are left out.
    method, model, settings, ppm, fragment_tolerance_da
        As for :meth:`spectradb.facade.lab.Lab.identify`. By the method ``fused`` without a weight, that is chosen first.
    contributors : sequence of str, optional
        Fit on the spectra of these contributors only; all when None.
    left_out : {"contributor", "copies"}
        What to keep each query from: spectra of its own contributor, as another laboratory's would be; or copies of itself
        alone, which is what a library of one laboratory allows: its spectra against those of other energies.
    answerable : float, optional
        Which share of the queries with a candidate to assume has its analyte within reach, between 0 and 1; None: each study
        tells by how much oftener than by chance its spectra have candidates.
    ambiguous_odds : float
        Odds of the first candidate against the second below which an identification is ambiguous, above 1.

    Returns
    -------
    CalibrationReport
        What was fitted.

    Raises
    ------
    BadParameter
        If a parameter is out of range or means nothing.
    NoCollection, NoEmbedding
        If the library is missing or has no vectors that are needed.
    NoSpectra
        If the library is of one contributor and that is left out, or too few queries are right or wrong to fit anything.
    """
    check_left_out(left_out)
    check_window(ppm, can_be_open=False)
    check_fragment_tolerance(fragment_tolerance_da)
    if answerable is not None and not 0 < answerable < 1:
        raise BadParameter(f"answerable is {answerable}; give a share between 0 and 1, such as 0.5")
    if not (np.isfinite(ambiguous_odds) and ambiguous_odds > 1):
        raise BadParameter(f"ambiguous odds are {ambiguous_odds}; give a number above 1, such as {AMBIGUOUS_ODDS:g}")
    spec = SearchSpec(
        study=library,
        library=library,
        method=method,
        model=model or lab.default_model,
        settings=settings,
        left_out=left_out,
        contributors=contributors,
        ppm=ppm,
        fragment_tolerance_da=fragment_tolerance_da,
    )
    kind = kind_of_search(lab, spec)
    with open_published(lab.published) as con:
        table = calibration_rows(con, kind)
        fitted, brier = _fit(table, answerable, ambiguous_odds, kind.search_id)
        overlap = training_overlaps(con, [kind.search_id]).get(kind.search_id)
        models = con.table("models").to_arrow_table().select(["name", "fingerprint"]).to_pylist()
    created = datetime.now(UTC).replace(tzinfo=None)
    row = {
        **kind.recorded,
        **fitted,
        "model_fingerprint": {m["name"]: m["fingerprint"] for m in models}.get(kind.recorded["model"]),
        "settings": recorded_settings(kind.method),
        "search_id": kind.search_id,
        "created": created,
        "spectradb_version": __version__,
    }
    weight = kind.method.settings().get("weight")
    calibration_id = _record(lab, f"{library}-{spec.model if method == EMBEDDING else method}", row)
    lab.publish()
    return CalibrationReport(
        calibration_id=calibration_id,
        search_id=kind.search_id,
        library=library,
        method=kind.recorded["method"],
        model=kind.recorded["model"],
        n_queries=fitted["n_queries"],
        n_right=fitted["n_right"],
        answerable=fitted["answerable"],
        answerable_found=fitted["answerable_found"],
        coefficients=dict(zip(TERMS, fitted["coefficients"], strict=True)),
        laboratory_spread=fitted["laboratory_spread"],
        brier=brier,
        ambiguous_gap=fitted["ambiguous_gap"],
        weight=None if weight is None else float(weight),
        weight_accuracy=kind.weight_accuracy,
        training_note=overlap.note() if overlap else None,
        left_out=left_out,
    )


@dataclass(frozen=True)
class CalibratedKind:
    """A kind of search, and the search of a library against itself that shows how far it can be trusted.

    Parameters
    ----------
    search_id : str
        That search.
    spec : SearchSpec
        What was asked for, the weight of the method ``fused`` included.
    method : Method
        How pairs are scored.
    recorded : dict
        library, method, model, ppm and fragment_tolerance_da as recorded.
    weight_accuracy : dict of float to float
        Accuracy of every weight that was tried, by the method ``fused``.
    """

    search_id: str
    spec: SearchSpec
    method: Method
    recorded: dict[str, Any]
    weight_accuracy: dict[float, float]


def kind_of_search(lab: LabFiles, spec: SearchSpec) -> CalibratedKind:
    """Search a library against itself, contributors or copies left out, unless it has been done.

    Parameters
    ----------
    lab : LabFiles
        The lab.
    spec : SearchSpec
        The search.

    Returns
    -------
    CalibratedKind
        The search, and what it was asked for.
    """
    library, tried = spec.library, dict[float, float]()
    with open_published(lab.published) as con:
        check_collections(con, library)
        check_contributors(con, library, spec.contributors)
        if spec.method == FUSED and "weight" not in (spec.settings or {}):
            check_left_of_itself(con, library, spec.left_out)
            weight, tried = _choose_weight(con, spec)
            spec = replace(spec, settings={**(spec.settings or {}), "weight": weight})
        method = resolve_method(con, spec)
        if method.needs_vectors:
            check_embedded(con, spec.model, library, embedders=lab.embedders.names())
        check_left_of_itself(con, library, spec.left_out)
        columns = search_columns(spec, method)
        recorded = {name: columns[name] for name in ("library", "method", "model", "ppm", "fragment_tolerance_da")}
        of_search = {
            "left_out": spec.left_out,
            "settings": columns["settings"],
            "record_version": published_version(con),
        }
        searches = con.execute(schemas.read("queries/calibration/calibrating_search"), {**recorded, **of_search}).fetchall()
    search_id = str(searches[0][0]) if searches else _search(lab, spec)
    return CalibratedKind(search_id, spec, method, recorded, tried)


def _choose_weight(con: duckdb.DuckDBPyConnection, spec: SearchSpec) -> tuple[float, dict[float, float]]:
    check_embedded(con, spec.model, spec.library)
    settings = {**(spec.settings or {}), "weight": 0}
    fused = resolve_fused(Asked(con, settings, spec.library, spec.model, spec.fragment_tolerance_da))
    with peak_scorer(con, fused.of_peaks, *read_both_sides(con, spec.library)) as scorer:
        return choose_weight(con, spec.job(), scorer=scorer)


def _search(lab: LabFiles, spec: SearchSpec) -> str:
    """Search the library against itself; the name tells what for."""
    which = "" if spec.left_out == CONTRIBUTOR else f"-{spec.left_out}"
    naming = Naming(purpose=f"calibrate{which}", default_model=lab.default_model)
    return run_search(lab, spec, naming).search_id


def calibration_rows(con: duckdb.DuckDBPyConnection, kind: CalibratedKind) -> pa.Table:
    """Read what a calibration is fitted on.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    kind : CalibratedKind
        The kind of search.

    Returns
    -------
    pyarrow.Table
        Columns of ``queries/calibration/calibration_rows``.
    """
    job = kind.spec.job(kind.search_id)
    con.register("neighbours", search_neighbours(con, kind.method, job))
    of_search = {**job.values("library", "fragment_tolerance_da", "left_out"), "search": job.search_id}
    try:
        return to_arrow(con, schemas.read("queries/calibration/calibration_rows"), of_search)
    finally:
        con.unregister("neighbours")


def _fit(table: pa.Table, answerable: float | None, ambiguous_odds: float, search_id: str) -> tuple[dict[str, Any], float]:
    rows = CalibrationRows.from_arrow(table)
    as_found = ~rows.without_truth
    n_right, n_wrong = int(rows.right.sum()), int((~rows.right).sum())
    if min(n_right, n_wrong) < _LEAST_QUERIES:
        msg = (
            f"search {search_id} has {n_right:,} right and {n_wrong:,} wrong first hits; a calibration needs "
            f"{_LEAST_QUERIES} of each. Use a library with more spectra of the same analytes."
        )
        raise NoSpectra(msg)
    calibration = fit_calibration(rows, answerable)
    weights = rows.take(as_found).weights()
    rank, gap = (
        table[name].to_numpy(zero_copy_only=False).astype(np.float64)[as_found] for name in ("rank_of_truth", "score_gap")
    )
    close = (rank <= 2) & np.isfinite(gap)
    slope = fit_gap_coefficient(gap[close], rank[close] == 1, weights[close]) if close.sum() >= _LEAST_QUERIES else None
    contributors = set(table["contributor"].to_pylist())
    fitted = {
        "contributors": sorted(contributors, key=lambda name: (name is not None, name)),
        "n_queries": int(as_found.sum()),
        "n_right": n_right,
        "answerable": answerable,
        "answerable_found": float(np.average(rows.answerable[as_found], weights=weights)),
        "terms": list(TERMS),
        "coefficients": calibration.coefficients.tolist(),
        "laboratory_spread": calibration.laboratory_spread,
        "chance_coefficients": calibration.chance_coefficients.tolist(),
        "n_close": int(close.sum()),
        "gap_coefficient": slope,
        "ambiguous_odds": ambiguous_odds,
        "ambiguous_gap": float((np.log(ambiguous_odds) / slope) ** 2) if slope is not None and slope > 0 else None,
    }
    return fitted, calibration.brier


def _record(lab: LabFiles, name: str, row: dict[str, Any]) -> str:
    """Add the calibration; the same one is found again and counts as made now, another one takes a name of its own."""
    given = name
    words = [f"{word}-{row[column]:g}" for column, (word, usual) in _ASSUMED.items() if row[column] != usual]
    while True:
        rows = pa.Table.from_pylist([{"calibration_id": name, **row}], schema=table_schema("calibrations"))
        if lab.record.insert_new("calibrations", "calibration_id", rows):
            return name
        there = lab.record.read("calibrations", where=f"calibration_id = '{name}'").to_pylist()
        if not there:
            continue  # removed just now
        wanted = rows.drop_columns(["created", "spectradb_version"]).to_pylist()[0]
        there[0]["method"] = current_method_name(there[0]["method"])
        if all(there[0][column] == value for column, value in wanted.items()):
            lab.record.update("calibrations", "calibration_id", rows.select(["calibration_id", "created"]))
            return name
        longer = "-".join([given, *words])
        name = longer if name == given != longer else with_digest(longer, [repr(value) for value in wanted.values()])
