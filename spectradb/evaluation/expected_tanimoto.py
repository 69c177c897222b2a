"""How alike to expect a molecule to be that was found with a score: a curve fitted on molecules that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectradb.late_modules import late

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Floats = npt.NDArray[np.float64]
    Rows = npt.NDArray[np.int64]

isotonic = late("sklearn.isotonic")

#: Points of a curve, and rows of a table of its reliability.
_POINTS, _BINS = 8, 5
#: Names of the curves.
FIRST, LATER = "first", "later"
#: Fewest queried molecules that a curve is fitted on: fewer say nothing of others.
FEWEST_MOLECULES = 30

Curve = dict[str, list[float]]


def fitted_curves(found: pa.Table) -> dict[str, Curve] | None:
    """Fit curves that never fall, one for first answers and one for later ones.

    Parameters
    ----------
    found : pyarrow.Table
        Answers with ``query_analyte_id``, ``rank``, ``score`` and ``tanimoto_morgan``, all of one ion mode.

    Returns
    -------
    dict of dict or None
        ``first`` and ``later``, each with ``score`` and ``tanimoto``: points between which the curve is straight, and beyond
        which it is level. None where fewer than 30 molecules were asked for.

    Notes
    -----
    Means of groups of equally many answers, every molecule having one weight, made to rise by isotonic regression.
    """
    molecules, number = np.unique(found["query_analyte_id"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    if len(molecules) < FEWEST_MOLECULES:
        return None
    rank, score, similarity = (found[name].to_numpy() for name in ("rank", "score", "tanimoto_morgan"))
    return {
        name: _fitted(number[part], score[part], similarity[part]) for name, part in ((FIRST, rank == 1), (LATER, rank > 1))
    }


def _fitted(molecule: Rows, score: Floats, similarity: Floats) -> Curve:
    weight = 1.0 / np.bincount(molecule)[molecule]
    groups = [group for group in np.array_split(np.argsort(score, kind="stable"), _POINTS) if len(group)]
    means = np.array([[np.average(values[g], weights=weight[g]) for values in (score, similarity)] for g in groups])
    weights = [weight[g].sum() for g in groups]
    rising = isotonic.IsotonicRegression().fit_transform(means[:, 0], means[:, 1], sample_weight=weights)
    return {"score": [round(float(x), 5) for x in means[:, 0]], "tanimoto": [round(float(y), 4) for y in rising]}


def expected(curve: Curve, score: Floats) -> Floats:
    """Read a curve.

    Parameters
    ----------
    curve : dict
        One of :func:`fitted_curves`.
    score : numpy.ndarray of float64, shape (n,)
        Scores.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
        Expected Tanimoto similarities.
    """
    return np.interp(score, curve["score"], curve["tanimoto"])


def reliability(found: pa.Table, curve: Curve) -> list[dict[str, float]]:
    """Set what was expected of first answers beside what they were.

    Parameters
    ----------
    found : pyarrow.Table
        Answers to molecules that the curve was not fitted on, with ``rank``.
    curve : dict
        One of :func:`fitted_curves`.

    Returns
    -------
    list of dict
        ``expected``, ``observed`` (means) and ``n`` of five groups of equally many first answers, by what was expected; none
        where there are no answers.
    """
    first = found["rank"].to_numpy() == 1
    told = expected(curve, found["score"].to_numpy()[first])
    true = found["tanimoto_morgan"].to_numpy()[first]
    groups = [group for group in np.array_split(np.argsort(told, kind="stable"), _BINS) if len(group)]
    return [
        {"expected": round(float(told[g].mean()), 4), "observed": round(float(true[g].mean()), 4), "n": len(g)} for g in groups
    ]
