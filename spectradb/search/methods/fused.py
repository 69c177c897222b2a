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
from spectradb.search.methods.peaks import prepared_scorer, resolve_score
from spectradb.search.methods.protocol import SIDES, Asked, Method, MethodKind, SearchJob, Statement
from spectradb.similarity.methods import PEAK_SCORES
from spectradb.spelling import known_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    import duckdb

    from spectradb.search.methods.spectrum_peaks import PeakSides
    from spectradb.similarity.methods import Setting
    from spectradb.similarity.pairs import PeakScore

FUSED = "fused"

#: Weights to choose from.
WEIGHTS = tuple(round(0.1 * i, 1) for i in range(11))

_PEAK_METHOD = "entropy_similarity"


@dataclass(frozen=True, kw_only=True)
class Fused(Method):
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

    name = FUSED
    needs_vectors = True

    weight: float
    peak_method: str
    of_peaks: PeakScore

    def __post_init__(self) -> None:
        """Refuse a weight without meaning."""
        if not 0 <= self.weight <= 1:
            raise BadParameter(f"{FUSED}: weight is {self.weight}; give a number from 0 (embeddings alone) to 1 (peaks alone)")

    def settings(self) -> dict[str, Setting]:
        """Return the weight, and the score with its settings."""
        return {"weight": self.weight, "peak_method": self.peak_method, **self.of_peaks.settings()}

    def prepare(
        self, con: duckdb.DuckDBPyConnection, peaks: Callable[[], PeakSides]
    ) -> AbstractContextManager[Mapping[str, object]]:
        """Make the peaks ready, and yield the number of their scorer."""
        return prepared_scorer(con, self.of_peaks, peaks)

    def statement(self, job: SearchJob) -> Statement:
        """Return what finds the hits."""
        return job.statement("queries/identify/identify_fused", *SIDES, weight=self.weight)

    def neighbours(self, job: SearchJob) -> Statement:
        """Return what compares the queries with what they cannot be."""
        return job.statement("queries/identify/neighbours/neighbours_fused", *SIDES, weight=self.weight)


def resolve_fused(asked: Asked) -> Fused:
    """Return the mixture that settings mean.

    Parameters
    ----------
    asked : Asked
        Settings are ``weight``, ``peak_method``, and those of that score. Without a weight: that of the latest calibration of
        the same library and model with otherwise the same settings.

    Returns
    -------
    Fused
        The mixture.

    Raises
    ------
    BadParameter
        If there is no such setting or score, a value means nothing, or nothing tells the weight.
    """
    given = dict(asked.settings)
    weight = given.pop("weight", None)
    method = str(given.pop("peak_method", _PEAK_METHOD))
    if method not in PEAK_SCORES:
        raise BadParameter(f"{FUSED}: there is no peak_method {method!r}; there are: {known_names(method, PEAK_SCORES)}")
    of_peaks = resolve_score(method, given, fragment_tolerance_da=asked.fragment_tolerance_da)
    if weight is None:
        weight = _calibrated_weight(asked, Fused(weight=0, peak_method=method, of_peaks=of_peaks))
    try:
        return Fused(weight=float(weight), peak_method=method, of_peaks=of_peaks)
    except ValueError as error:
        raise BadParameter(f"{FUSED}: weight is {weight!r}; give a number from 0 to 1") from error


def _calibrated_weight(asked: Asked, fused: Fused) -> float:
    library, model = asked.library, asked.model
    values = {"library": library, "method": FUSED, "model": model}
    for (text,) in asked.con.execute(schemas.read("queries/calibration/calibrated_settings"), values).fetchall():
        calibrated = json.loads(text)
        if {**fused.settings(), "weight": calibrated["weight"]} == calibrated:
            return float(calibrated["weight"])
    remedy = f"Run `spectradb calibrate --library {library} --method {FUSED}`, which chooses one, or pass --setting weight=0.3."
    raise BadParameter(f"{FUSED}: no calibration of {library} by {model} with these settings tells the weight. {remedy}")


def choose_weight(con: duckdb.DuckDBPyConnection, job: SearchJob, *, scorer: int) -> tuple[float, dict[float, float]]:
    """Choose the weight on a library searched against itself, each query's contributor or copies left out.

    Accuracy is that of the first candidate, among queries with the right one and another to choose from, weighted as
    :func:`spectradb.search.calibration.fit.query_weights` does. Of all weights whose loss against the best is within one
    standard error of that loss (over analytes), the smallest is taken: the score of peaks must earn its part.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    job : SearchJob
        The search of the library against itself.
    scorer : int
        The scorer of the library's spectra, as :func:`spectradb.search.methods.peak_scorers.peak_scorer` gives it.

    Returns
    -------
    weight : float
        The weight, of :data:`WEIGHTS`.
    accuracy : dict of float to float
        The accuracy of every weight; empty when the library has no such query, and the weight is 0: embeddings alone.
    """
    values = {"scorer": scorer, "weights": list(WEIGHTS), **job.values("library", "model", "ppm", "contributors", "left_out")}
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


KIND = MethodKind(name=FUSED, resolve=resolve_fused, needs_vectors=True, at_hand=False)
