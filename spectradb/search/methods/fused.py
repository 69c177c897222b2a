"""The method ``fused``: a mixture of the inner product of embeddings and a score of peaks.

``score = (1 - weight) * embedding + weight * peaks``. The weight is a setting; :func:`choose_weight` chooses it on a library.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.search.calibration.fit import query_weights
from spectradb.similarity.methods import PEAK_SCORES, peak_score
from spectradb.spelling import known_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from spectradb.similarity.methods import Setting
    from spectradb.similarity.pairs import PeakScore

FUSED = "fused"

#: Weights to choose from.
WEIGHTS = tuple(round(0.1 * i, 1) for i in range(11))

_PEAK_METHOD = "entropy_similarity"
# A score whose own tolerance is in ppm, as in spectradb.search.methods.peaks.
_OWN_TOLERANCE = "weighted_cosine"


@dataclass(frozen=True, kw_only=True)
class Fusion:
    """A mixture of embeddings and a score of peaks.

    Parameters
    ----------
    weight : float
        Weight of the score of peaks, 0 to 1.
    peak_method : str
        Its name, one of :data:`spectradb.similarity.methods.PEAK_SCORES`.
    of_peaks : PeakScore
        The score with its settings.

    Raises
    ------
    BadParameter
        If the weight lies outside 0 to 1.
    """

    weight: float
    peak_method: str
    of_peaks: PeakScore

    def __post_init__(self) -> None:
        """Refuse a weight without meaning."""
        if not 0 <= self.weight <= 1:
            raise BadParameter(f"{FUSED}: weight is {self.weight}; give a number from 0 (embeddings alone) to 1 (peaks alone)")

    def settings(self) -> dict[str, str | float | bool]:
        """Return the settings.

        Returns
        -------
        dict of str to value
            Values that JSON can hold.
        """
        return {"weight": self.weight, "peak_method": self.peak_method, **self.of_peaks.settings()}


def chosen_fusion(
    con: duckdb.DuckDBPyConnection,
    settings: Mapping[str, Setting] | None,
    *,
    library: str,
    model: str,
    fragment_tolerance_da: float,
) -> Fusion:
    """Return the mixture that settings mean.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    settings : mapping of str to value, optional
        ``weight``, ``peak_method``, and settings of that score. Without a weight: that of the latest calibration of the same
        library and model with otherwise the same settings.
    library, model : str
        What is searched, by whose vectors.
    fragment_tolerance_da : float
        The tolerance in Da of the score of peaks unless the settings say otherwise.

    Returns
    -------
    Fusion
        The mixture.

    Raises
    ------
    BadParameter
        If there is no such setting or score, a value means nothing, or nothing tells the weight.
    """
    given = dict(settings or {})
    weight = given.pop("weight", None)
    method = str(given.pop("peak_method", _PEAK_METHOD))
    if method not in PEAK_SCORES:
        raise BadParameter(f"{FUSED}: there is no peak_method {method!r}; there are: {known_names(method, PEAK_SCORES)}")
    if method != _OWN_TOLERANCE:
        given.setdefault("tolerance_da", fragment_tolerance_da)
    of_peaks = peak_score(method, given)
    if weight is None:
        weight = _calibrated_weight(con, Fusion(weight=0, peak_method=method, of_peaks=of_peaks), library=library, model=model)
    try:
        return Fusion(weight=float(weight), peak_method=method, of_peaks=of_peaks)
    except ValueError as error:
        raise BadParameter(f"{FUSED}: weight is {weight!r}; give a number from 0 to 1") from error


def _calibrated_weight(con: duckdb.DuckDBPyConnection, fusion: Fusion, *, library: str, model: str) -> float:
    values = {"library": library, "method": FUSED, "model": model}
    for (text,) in con.execute(schemas.read("queries/calibration/calibrated_settings"), values).fetchall():
        found = json.loads(text)
        if {**fusion.settings(), "weight": found["weight"]} == found:
            return float(found["weight"])
    remedy = f"Run `spectradb calibrate --library {library} --method {FUSED}`, which chooses one, or pass --setting weight=0.3."
    raise BadParameter(f"{FUSED}: no calibration of {library} by {model} with these settings tells the weight. {remedy}")


def choose_weight(
    con: duckdb.DuckDBPyConnection,
    *,
    library: str,
    model: str,
    ppm: float,
    contributors: Sequence[str] | None,
    scorer: int,
    left_out: str = "contributor",
) -> tuple[float, dict[float, float]]:
    """Choose the weight on a library searched against itself, each query's contributor or copies left out.

    Accuracy is that of the first candidate, among queries with the right one and another to choose from, weighted as
    :func:`spectradb.search.calibration.fit.query_weights` does. Of all weights whose loss against the best is within one
    standard error of that loss (over analytes), the smallest is taken: the score of peaks must earn its part.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    library, model : str
        What is searched, by whose vectors.
    ppm : float
        Half-width of the precursor window in ppm.
    contributors : sequence of str, optional
        Whose spectra are the queries; all when None.
    scorer : int
        The scorer of the library's spectra, as :func:`spectradb.search.methods.peak_scorers.peak_scorer` gives it.
    left_out : {"contributor", "copies"}
        What each query is kept from.

    Returns
    -------
    weight : float
        The weight, of :data:`WEIGHTS`.
    accuracy : dict of float to float
        The accuracy of every weight; empty when the library has no such query, and the weight is 0: embeddings alone.
    """
    of_queries = {"ppm": ppm, "contributors": list(contributors) if contributors else None, "left_out": left_out}
    values = {"library": library, "model": model, "scorer": scorer, "weights": list(WEIGHTS), **of_queries}
    rows = con.execute(schemas.read("queries/calibration/fusion_accuracy"), values).fetchall()
    if not rows:
        return WEIGHTS[0], {}
    cells = sorted({row[:2] for row in rows}, key=str)
    place = {cell: i for i, cell in enumerate(cells)}
    accuracy = np.zeros((len(cells), len(WEIGHTS)))
    for contributor, analyte, weight, value in rows:
        accuracy[place[contributor, analyte], WEIGHTS.index(round(weight, 1))] = value
    of_cell = query_weights([cell[0] for cell in cells], [cell[1] for cell in cells])
    mean = np.average(accuracy, axis=0, weights=of_cell)
    loss = accuracy[:, [int(mean.argmax())]] - accuracy
    mean_loss = np.average(loss, axis=0, weights=of_cell)
    _, analyte_of_cell = np.unique([cell[1] for cell in cells], return_inverse=True)
    of_analyte = np.zeros((analyte_of_cell.max() + 1, len(WEIGHTS)))
    np.add.at(of_analyte, analyte_of_cell, of_cell[:, None] * (loss - mean_loss))
    error = np.sqrt((of_analyte**2).sum(axis=0)) / of_cell.sum()
    within = np.flatnonzero(mean_loss <= error + 1e-12)
    return WEIGHTS[int(within[0])], dict(zip(WEIGHTS, (float(value) for value in mean), strict=True))
