"""What calibrations are fitted on: each laboratory's queries as the study of a laboratory and of molecules never seen.

Coefficients that are fitted on some laboratories' queries are too sure of those of others: what sets laboratories apart is
seen once a laboratory, however many queries it has. So the log odds of every query are found by coefficients of other
laboratories and other analytes, and fitted once more on these: by how much they are to be shrunk.

How many spectra of a study are of analytes that the library has, nobody knows. Each laboratory is therefore taken as several
studies: of whose analytes the library has few, half, and many, the rest having had their own analyte taken from the
candidates. How much oftener than by chance a study's spectra have candidates (``log_odds_above_chance.sql``) then tells the
share of the right ones. What chance is (``chance_of_candidate.sql``), the other candidates of known queries tell.

What is left between laboratories (their molecules, their instruments, by how much a study's share is mistaken) is a random
effect of the laboratory, and its spread part of the calibration: q-values hold for laboratories that are worse than most.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spectradb.search.calibration.fit import fit_chance, fit_laboratory_spread, fit_log_odds, query_weights
from spectradb.search.calibration.terms import TERMS

if TYPE_CHECKING:
    import pyarrow as pa

    from spectradb.search.calibration.fit import Booleans, Doubles

#: Shares of answerable queries of imitated studies.
SHARES = (0.2, 0.5, 0.8)

_ABOVE_CHANCE, _LOG_CANDIDATES = TERMS.index("above_chance"), TERMS.index("log_candidates")
_CONTRIBUTOR_FOLDS, _ANALYTE_FOLDS = 5, 4
# As in log_odds_above_chance.sql.
_PSEUDO_ANSWERED, _LEAST, _MOST, _LEAST_NOT_BY_CHANCE = 20.0, 0.05, 0.95, 0.05


@dataclass(frozen=True)
class CalibrationRows:
    """First hits of known queries, with and without the truth among the candidates, as arrays.

    Parameters
    ----------
    contributor, analyte : numpy.ndarray of object, shape (n,)
        Of each query.
    terms : numpy.ndarray of float64, shape (n, t)
        Terms of the hit, as :data:`TERMS`.
    right, answerable, without_truth : numpy.ndarray of bool, shape (n,)
        Whether the hit is right, could be, and had the truth taken from its candidates.
    neighbour_analytes : numpy.ndarray of float64, shape (n,)
        Analytes beside the precursor of the query.
    """

    contributor: np.ndarray
    analyte: np.ndarray
    terms: Doubles
    right: Booleans
    answerable: Booleans
    without_truth: Booleans
    neighbour_analytes: Doubles

    @classmethod
    def from_arrow(cls, rows: pa.Table) -> CalibrationRows:
        """Take what ``queries/calibration/calibration_rows`` gives.

        Parameters
        ----------
        rows : pyarrow.Table
            The rows.

        Returns
        -------
        CalibrationRows
            The same.
        """
        flags = {name: rows[name].to_numpy(zero_copy_only=False).astype(bool) for name in ("answerable", "without_truth")}
        return cls(
            contributor=np.array([name or "" for name in rows["contributor"].to_pylist()], dtype=object),
            analyte=np.array(rows["analyte_id"].to_pylist(), dtype=object),
            terms=np.array(rows["terms"].to_pylist(), dtype=np.float64).reshape(-1, len(TERMS)),
            right=rows["correct"].to_numpy(zero_copy_only=False).astype(bool),
            neighbour_analytes=rows["neighbour_analytes"].to_numpy().astype(np.float64),
            **flags,
        )

    def take(self, rows: np.ndarray) -> CalibrationRows:
        """Take some of the rows.

        Parameters
        ----------
        rows : numpy.ndarray
            Places, or a mask.

        Returns
        -------
        CalibrationRows
            These.
        """
        return CalibrationRows(**{name: values[rows] for name, values in self.__dict__.items()})

    def weights(self) -> Doubles:
        """Weigh the rows as :func:`spectradb.search.calibration.fit.query_weights` does."""
        return query_weights(self.contributor.tolist(), self.analyte.tolist())


@dataclass(frozen=True)
class ImitatedStudies:
    """Studies made of the queries of laboratories.

    Parameters
    ----------
    row : numpy.ndarray of int64, shape (m,)
        Places of the hits among the rows that they are made of.
    weight : numpy.ndarray of float64, shape (m,)
        Weights, alike for all spectra of a study but that they are known with one probability and unknown with the other.
    study : numpy.ndarray of int64, shape (m,)
        Number of the study.
    share : numpy.ndarray of float64, shape (m,)
        Its share of answerable ones among all queries.
    above_chance : numpy.ndarray of float64, shape (m,)
        Log odds of the study, as log_odds_above_chance gives them.
    independent : numpy.ndarray of float64, shape (m,)
        How much of an independent observation the hit is: those of one molecule are one.
    """

    row: np.ndarray
    weight: Doubles
    study: np.ndarray
    share: Doubles
    above_chance: Doubles
    independent: Doubles


def imitated_studies(
    rows: CalibrationRows, chance_coefficients: Doubles, shares: tuple[float, ...] = SHARES
) -> ImitatedStudies:
    """Make studies of known shares of answerable queries.

    Parameters
    ----------
    rows : CalibrationRows
        First hits of known queries.
    chance_coefficients : numpy.ndarray of float64, shape (2,)
        As :func:`spectradb.search.calibration.fit.fit_chance` gives them.
    shares : tuple of float
        The shares of answerable queries.

    Returns
    -------
    ImitatedStudies
        One study for each laboratory and share.
    """
    parts = []
    by_chance = chance_of_candidate(chance_coefficients, rows.neighbour_analytes)
    for contributor in np.unique(rows.contributor):
        own = rows.contributor == contributor
        known, unknown = np.flatnonzero(own & rows.answerable), np.flatnonzero(own & rows.without_truth)
        if len(known) == 0:
            continue
        chance = float(by_chance[known].mean())
        of_study = np.concatenate([known, unknown])
        n_known = dict(zip(*np.unique(rows.analyte[known], return_counts=True), strict=True))
        of_molecule = np.array([n_known[analyte] for analyte in rows.analyte[of_study]])
        for share in shares:
            n_answered = share * len(known) + (1 - share) * len(unknown)
            # Spectra as a study has them, each once, and laboratories by the root of their number.
            times = np.where(rows.answerable[of_study], share, 1 - share)
            log_odds = log_odds_above_chance(len(known), n_answered, chance)
            parts.append((of_study, times / np.sqrt(n_answered), share, log_odds, times / of_molecule))
    return ImitatedStudies(
        row=np.concatenate([part[0] for part in parts]),
        weight=np.concatenate([part[1] for part in parts]),
        study=np.concatenate([np.full(len(part[0]), number) for number, part in enumerate(parts)]),
        share=np.concatenate([np.full(len(part[0]), part[2]) for part in parts]),
        above_chance=np.concatenate([np.full(len(part[0]), part[3]) for part in parts]),
        independent=np.concatenate([part[4] for part in parts]),
    )


def chance_of_candidate(coefficients: Doubles, neighbour_analytes: Doubles) -> Doubles:
    """Tell how often spectra have a candidate by chance, as the SQL macro of this name does.

    Parameters
    ----------
    coefficients : numpy.ndarray of float64, shape (2,)
        Intercept and slope.
    neighbour_analytes : numpy.ndarray of float64, shape (n,)
        Analytes beside each precursor.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
        Probabilities.
    """
    chance: Doubles = 1 / (1 + np.exp(-coefficients[0] - coefficients[1] * np.log1p(neighbour_analytes)))
    return chance


def log_odds_above_chance(n_queries: float, n_answered: float, chance: float) -> float:
    """Tell how many answered queries are of analytes in the library, as the SQL macro of this name does.

    Parameters
    ----------
    n_queries, n_answered : float
        Queries, and those with a candidate.
    chance : float
        Share of them that have one by chance.

    Returns
    -------
    float
        Log odds.
    """
    answered = n_answered / n_queries
    share = min(max((answered - chance) / max(1 - chance, _LEAST_NOT_BY_CHANCE) / answered, _LEAST), _MOST)
    half = _PSEUDO_ANSWERED / 2
    return float(np.log((half + n_answered * share) / (half + n_answered * (1 - share))))


def foreign_log_odds(rows: CalibrationRows) -> Doubles:
    """Find the log odds of every hit by coefficients of other laboratories' queries of other analytes.

    Parameters
    ----------
    rows : CalibrationRows
        The hits.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
        Log odds. Where too few others are left, all take part.
    """
    names, place = np.unique(rows.contributor, return_inverse=True)
    by_size = np.argsort(-np.bincount(place), kind="stable")
    fold_of = np.empty(len(names), dtype=np.int64)
    fold_of[by_size] = np.arange(len(names)) % _CONTRIBUTOR_FOLDS
    of_contributor = fold_of[place]
    of_analyte = np.array([zlib.crc32(analyte.encode()) % _ANALYTE_FOLDS for analyte in rows.analyte])
    found = rows.terms @ fit_log_odds(rows.terms, rows.right, rows.weights())
    for contributors in range(_CONTRIBUTOR_FOLDS):
        for analytes in range(_ANALYTE_FOLDS):
            asked = (of_contributor == contributors) & (of_analyte == analytes)
            others = rows.take((of_contributor != contributors) & (of_analyte != analytes))
            if asked.any() and 0 < others.right.sum() < len(others.right):
                found[asked] = rows.terms[asked] @ fit_log_odds(others.terms, others.right, others.weights())
    return found


@dataclass(frozen=True)
class FittedCalibration:
    """What a calibration knows.

    Parameters
    ----------
    coefficients : numpy.ndarray of float64, shape (t,)
        Of the terms, for the mean of laboratories.
    laboratory_spread : float
        Standard deviation of log odds between laboratories.
    chance_coefficients : numpy.ndarray of float64, shape (2,)
        What candidates by chance depend on.
    brier : float
        Mean squared error of the probabilities of imitated studies, by coefficients of other laboratories and analytes; NaN
        where these studies are all right or all wrong, and teach nothing.
    """

    coefficients: Doubles
    laboratory_spread: float
    chance_coefficients: Doubles
    brier: float

    def log_odds(self, terms: Doubles) -> Doubles:
        """Return the log odds that hits are right, in the mean of laboratories.

        Parameters
        ----------
        terms : numpy.ndarray of float64, shape (n, t)
            Their terms.

        Returns
        -------
        numpy.ndarray of float64, shape (n,)
            Log odds.
        """
        found: Doubles = terms @ self.coefficients
        return found


def fit_calibration(rows: CalibrationRows, answerable: float | None) -> FittedCalibration:
    """Fit a calibration.

    Parameters
    ----------
    rows : CalibrationRows
        First hits of known queries, right ones and wrong ones among them, some of them answerable.
    answerable : float or None
        The share of answerable queries to assume; None: each study tells by how much oftener than by chance it has candidates.

    Returns
    -------
    FittedCalibration
        Coefficients, and how far laboratories differ.
    """
    weights = rows.weights()
    coefficients = fit_log_odds(rows.terms, rows.right, weights)
    known = rows.answerable
    chance = fit_chance(rows.neighbour_analytes[known], rows.terms[known, _LOG_CANDIDATES] > 0, weights[known])
    studies = imitated_studies(rows, chance)
    right = rows.right[studies.row]
    of_study = studies.above_chance if answerable is None else _true_log_odds(rows, studies)
    foreign = foreign_log_odds(rows)[studies.row]
    if right.all() or not right.any():
        spread = fit_laboratory_spread(foreign, right, studies.independent, studies.study, 1 / len(SHARES))
        return FittedCalibration(coefficients, spread, chance, float("nan"))
    terms = np.column_stack([np.ones(len(foreign)), foreign, of_study])
    shrunk = fit_log_odds(terms, right, studies.weight)
    spread = fit_laboratory_spread(terms @ shrunk, right, studies.independent, studies.study, 1 / len(SHARES))
    probability = 1 / (1 + np.exp(-(terms @ shrunk)))
    brier = float(np.average((probability - right) ** 2, weights=studies.weight))
    coefficients = coefficients * shrunk[1]
    coefficients[0] += shrunk[0]
    if answerable is None:
        coefficients[_ABOVE_CHANCE] = shrunk[2]
    else:
        coefficients[0] += shrunk[2] * np.log(answerable / (1 - answerable))
    return FittedCalibration(coefficients, spread, chance, brier)


def log_odds_of_worse_laboratory(log_odds: Doubles, spread: float) -> Doubles:
    """Take log odds of the mean laboratory to one that nine of ten exceed, as the SQL macro of this name does.

    Parameters
    ----------
    log_odds : numpy.ndarray of float64, shape (n,)
        Of hits, in the mean of laboratories.
    spread : float
        Standard deviation between laboratories.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
        Log odds.
    """
    found: Doubles = log_odds * np.sqrt(1 + 0.34584 * spread**2) - 1.2816 * spread
    return found


def _true_log_odds(rows: CalibrationRows, studies: ImitatedStudies) -> Doubles:
    """Return the log odds that an answered query of each study is answerable."""
    known = np.bincount(studies.study, studies.weight * rows.answerable[studies.row])
    every = np.bincount(studies.study, studies.weight)
    share = np.clip(known / every, _LEAST, _MOST)
    log_odds: Doubles = np.log(share / (1 - share))[studies.study]
    return log_odds
