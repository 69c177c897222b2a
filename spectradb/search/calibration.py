"""The verb calibrate: learn from a library how far the scores of a kind of search can be trusted.

The library is searched against itself, each query's own contributor left out, as a foreign laboratory's spectra would be. What
its scores are worth there is what they are taken to be worth for studies. Queries whose right analyte no other contributor has
measured count as wrong: real studies have many unknowns. How many is an assumption, the parameter ``answerable``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from spectradb import __version__, schemas
from spectradb.errors import BadParameter, NoSpectra
from spectradb.search.calibration_fit import fit_gap_coefficient, fit_log_odds, query_weights, with_answerable_share
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
from spectradb.search.find_hits import chosen_method, compares_vectors
from spectradb.search.fusion import FUSED, choose_weight, chosen_fusion
from spectradb.search.identify import METHOD
from spectradb.search.methods import EMBEDDING, read_both_sides
from spectradb.search.peak_scorers import peak_scorer
from spectradb.search.recorded_searches import recorded_settings
from spectradb.search.training_overlap import training_overlaps
from spectradb.store.connection import open_published
from spectradb.store.record_schema import table_schema
from spectradb.store.statements import to_arrow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from spectradb.search.lab_verbs import SearchVerbs
    from spectradb.similarity.methods import Setting

#: Names of the terms that the macro hit_terms gives.
TERMS = (
    "intercept",
    "score",
    "score_squared",
    "alone",
    "score_gap",
    "log_candidates",
    "log_matched_peaks",
    "log_peaks",
    "abs_ppm_error",
)

#: Odds of the first candidate against the second below which an identification is ambiguous.
AMBIGUOUS_ODDS = 3.0

_LEAST_QUERIES = 20

_TOO_HIGH = "spectra of another laboratory score lower, so these probabilities are too high for them"


@dataclass(frozen=True)
class CalibrationReport:
    """What calibrating did.

    Parameters
    ----------
    calibration_id, search_id : str
        Names of the calibration, and of the search that it was fitted on.
    library, method : str
        What was calibrated.
    model : str or None
        By whose vectors; None for scores of peaks.
    n_queries, n_right : int
        First hits that it was fitted on, and right ones among them.
    answerable, answerable_found : float
        The share of answerable queries that probabilities assume, and the library's own, both as weighted in the fit.
    coefficients : dict of str to float
        Of the terms.
    brier : float
        Mean squared error of the probabilities, of the queries as weighted.
    ambiguous_gap : float or None
        Score gap below which an identification is ambiguous.
    weight : float or None
        Weight of the score of peaks, by the method ``fused``.
    weight_accuracy : dict of float to float
        Accuracy of every weight that was tried.
    training_note : str or None
        What of the queries the model was trained on, which makes its scores better than they are elsewhere.
    left_out : str
        What queries were kept from: spectra of their own contributor, or copies of themselves alone.
    """

    calibration_id: str
    search_id: str
    library: str
    method: str
    model: str | None
    n_queries: int
    n_right: int
    answerable: float
    answerable_found: float
    coefficients: dict[str, float]
    brier: float
    ambiguous_gap: float | None
    weight: float | None
    weight_accuracy: dict[float, float]
    training_note: str | None = None
    left_out: str = CONTRIBUTOR

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        by = f"{self.method} of {self.model}" if self.model else self.method
        fitted = f"fitted on {self.n_queries:,} queries of search {self.search_id}, {self.n_right:,} of them right"
        share = f"{self.answerable:.1%} of queries have their analyte in reach (in the library: {self.answerable_found:.1%})"
        lines = [
            f"calibration {self.calibration_id}: {by} on {self.library}, {fitted}",
            f"  assumed: {share}; Brier score {self.brier:.3f}",
        ]
        if self.ambiguous_gap is not None:
            lines.append(f"  ambiguous: the next candidate scores within {self.ambiguous_gap:.3f}")
        if self.weight is not None:
            tried = ", ".join(f"{weight:g}: {value:.4f}" for weight, value in self.weight_accuracy.items())
            lines.append(f"  weight of peaks {self.weight:g}" + (f" (accuracy by weight: {tried})" if tried else ""))
        if self.training_note is not None:
            lines.append(f"  note: {self.training_note}. Fit on laboratories that it has not seen, with --contributor.")
        if self.left_out != CONTRIBUTOR:
            lines.append(f"  note: fitted on spectra of {self.library} against others of the same laboratories: {_TOO_HIGH}")
        return lines

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return dict(self.__dict__)


def calibrate(
    lab: SearchVerbs,
    library: str,
    *,
    method: str = EMBEDDING,
    model: str | None = None,
    settings: Mapping[str, Setting] | None = None,
    contributors: Sequence[str] | None = None,
    left_out: str = CONTRIBUTOR,
    answerable: float | None = None,
    ambiguous_odds: float = AMBIGUOUS_ODDS,
    ppm: float = 10.0,
    fragment_tolerance_da: float = 0.01,
) -> CalibrationReport:
    """Calibrate searches against a library; those by the same method and settings then have probabilities.

    Parameters
    ----------
    lab : SearchVerbs
        The lab.
    library : str
        Name of the library; it needs spectra of several contributors, or of several energies where copies are left out.
    method, model, settings, ppm, fragment_tolerance_da
        As for :meth:`spectradb.lab.Lab.identify`. By the method ``fused`` without a weight, that is chosen first.
    contributors : sequence of str, optional
        Fit on the spectra of these contributors only; all when None.
    left_out : {"contributor", "copies"}
        What to keep each query from: spectra of its own contributor, as another laboratory's would be; or copies of itself
        alone, which is what a library of one laboratory allows: its spectra against those of other energies.
    answerable : float, optional
        Which share of the queries with a candidate to assume has its analyte within reach, between 0 and 1; None: the library's
        own share with contributors left out.
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
    by = model or lab.default_model
    given, tried = dict(settings or {}), dict[float, float]()
    with open_published(lab.published) as con:
        check_collections(con, library)
        check_contributors(con, library, contributors)
        if method == FUSED and "weight" not in given:
            check_left_of_itself(con, library, left_out)
            given["weight"], tried = _choose_weight(
                con,
                library,
                by,
                given,
                contributors=contributors,
                left_out=left_out,
                ppm=ppm,
                fragment_tolerance_da=fragment_tolerance_da,
            )
        score = chosen_method(con, method, given, library=library, model=by, fragment_tolerance_da=fragment_tolerance_da)
        by_vectors = compares_vectors(score)
        if by_vectors:
            check_embedded(con, by, library, embedders=lab.embedders.names())
        check_left_of_itself(con, library, left_out)
        of_kind: dict[str, Any] = {
            "library": library,
            "method": method if score else METHOD,
            "model": by if by_vectors else None,
            "ppm": ppm,
            "fragment_tolerance_da": fragment_tolerance_da,
        }
        searches = con.execute(
            schemas.read("queries/calibrating_search"),
            {
                **of_kind,
                "left_out": left_out,
                "settings": recorded_settings(score, contributors),
                "record_version": lab.record.version("spectra"),
            },
        ).fetchall()
    if searches:
        search_id = str(searches[0][0])
    else:
        search_id = _search(lab, library, method, by, given, contributors, left_out, ppm, fragment_tolerance_da)
    with open_published(lab.published) as con:
        table = to_arrow(con, schemas.read("queries/calibration_rows"), {"search": search_id})
        fitted, brier = _fit(table, answerable, ambiguous_odds, search_id)
        overlap = training_overlaps(con, [search_id]).get(search_id)
        models = con.table("models").to_arrow_table().select(["name", "fingerprint"]).to_pylist()
    created = datetime.now(UTC).replace(tzinfo=None)
    row = {
        **of_kind,
        **fitted,
        "model_fingerprint": {m["name"]: m["fingerprint"] for m in models}.get(by) if by_vectors else None,
        "settings": recorded_settings(score, None),
        "search_id": search_id,
        "created": created,
        "spectradb_version": __version__,
    }
    calibration_id = _record(lab, f"{library}-{by if method == EMBEDDING else method}", row)
    lab.publish()
    return CalibrationReport(
        calibration_id=calibration_id,
        search_id=search_id,
        library=library,
        method=of_kind["method"],
        model=of_kind["model"],
        n_queries=fitted["n_queries"],
        n_right=fitted["n_right"],
        answerable=fitted["answerable"],
        answerable_found=fitted["answerable_found"],
        coefficients=dict(zip(TERMS, fitted["coefficients"], strict=True)),
        brier=brier,
        ambiguous_gap=fitted["ambiguous_gap"],
        weight=float(given["weight"]) if method == FUSED else None,
        weight_accuracy=tried,
        training_note=overlap.note() if overlap else None,
        left_out=left_out,
    )


def _choose_weight(
    con: duckdb.DuckDBPyConnection,
    library: str,
    model: str,
    settings: Mapping[str, Setting],
    *,
    contributors: Sequence[str] | None,
    left_out: str,
    ppm: float,
    fragment_tolerance_da: float,
) -> tuple[float, dict[float, float]]:
    check_embedded(con, model, library)
    fusion = chosen_fusion(
        con, {**settings, "weight": 0}, library=library, model=model, fragment_tolerance_da=fragment_tolerance_da
    )
    with peak_scorer(con, fusion.of_peaks, *read_both_sides(con, library)) as scorer:
        return choose_weight(
            con, library=library, model=model, ppm=ppm, scorer=scorer, contributors=contributors, left_out=left_out
        )


def _search(
    lab: SearchVerbs,
    library: str,
    method: str,
    model: str,
    settings: Mapping[str, Setting],
    contributors: Sequence[str] | None,
    left_out: str,
    ppm: float,
    fragment_tolerance_da: float,
) -> str:
    """Search the library against itself; the name tells what for."""
    which = "" if left_out == CONTRIBUTOR else f"-{left_out}"
    report = lab.identify(
        library,
        library,
        method=method,
        model=model,
        settings=settings,
        left_out=left_out,
        contributors=contributors,
        ppm=ppm,
        fragment_tolerance_da=fragment_tolerance_da,
        purpose=f"calibrate{which}",
    )
    return report.search_id


def _fit(rows: pa.Table, answerable: float | None, ambiguous_odds: float, search_id: str) -> tuple[dict[str, Any], float]:
    right, reachable = (rows[name].to_numpy(zero_copy_only=False).astype(bool) for name in ("correct", "answerable"))
    n_right, n = int(right.sum()), rows.num_rows
    if min(n_right, n - n_right) < _LEAST_QUERIES:
        msg = (
            f"search {search_id} has {n_right:,} right and {n - n_right:,} wrong first hits; a calibration needs "
            f"{_LEAST_QUERIES} of each. Use a library with more spectra of the same analytes."
        )
        raise NoSpectra(msg)
    contributors, analytes = rows["contributor"].to_pylist(), rows["analyte_id"].to_pylist()
    weights = query_weights(contributors, analytes)
    found = float(np.average(reachable, weights=weights))
    if answerable is not None:
        if reachable.all():
            msg = f"every query of search {search_id} is answerable: there is none to learn from how others would score"
            raise BadParameter(msg)
        weights = with_answerable_share(weights, reachable, answerable)
    terms = np.array(rows["terms"].to_pylist(), dtype=np.float64)
    coefficients = fit_log_odds(terms, right, weights)
    probability = 1 / (1 + np.exp(-(terms @ coefficients)))
    rank, gap = (rows[name].to_numpy(zero_copy_only=False).astype(np.float64) for name in ("rank_of_truth", "score_gap"))
    close = (rank <= 2) & np.isfinite(gap)
    slope = fit_gap_coefficient(gap[close], rank[close] == 1, weights[close]) if close.sum() >= _LEAST_QUERIES else None
    fitted = {
        "contributors": sorted(set(contributors), key=lambda name: (name is not None, name)),
        "n_queries": n,
        "n_right": n_right,
        "answerable": found if answerable is None else answerable,
        "answerable_found": found,
        "terms": list(TERMS),
        "coefficients": coefficients.tolist(),
        "n_close": int(close.sum()),
        "gap_coefficient": slope,
        "ambiguous_odds": ambiguous_odds,
        "ambiguous_gap": float((np.log(ambiguous_odds) / slope) ** 2) if slope is not None and slope > 0 else None,
    }
    return fitted, float(np.average((probability - right) ** 2, weights=weights))


def _record(lab: SearchVerbs, name: str, row: dict[str, Any]) -> str:
    """Add the calibration under a name that no other has."""
    number = 1
    while True:
        calibration_id = name if number == 1 else f"{name}-{number}"
        rows = pa.Table.from_pylist([{"calibration_id": calibration_id, **row}], schema=table_schema("calibrations"))
        if lab.record.insert_new("calibrations", "calibration_id", rows):
            return calibration_id
        number += 1
