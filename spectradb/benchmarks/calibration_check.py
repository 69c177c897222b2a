"""Checking calibrations: the false discovery rate asked for beside the one observed, on laboratories and molecules left out.

``python -m spectradb.benchmarks.calibration_check LAB LIBRARY --part development``

The library is searched against itself, contributors left out. A calibration is fitted on the queries of some laboratories and
analytes, and judged on other laboratories' queries of other analytes, taken as studies of which the library has few, half, or
many of the analytes: these shares the calibration is not told.

What calibrations are made of is chosen on the part ``development`` alone: laboratories and analytes that are not of the part
``test``. That part, of a third of the laboratories (by a hash of the name, and the three of :data:`TEST_LABORATORIES`) and a
third of the analytes (by a hash of the identifier), is judged by calibrations that were fitted on the other part, and is looked
at when nothing is to be chosen any more.
"""

from __future__ import annotations

import argparse
import json
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spectradb.errors import BadParameter, SpectraDBError
from spectradb.search.calibrate import calibration_rows, kind_of_search
from spectradb.search.calibration.studies import (
    SHARES,
    CalibrationRows,
    fit_calibration,
    imitated_studies,
    log_odds_of_worse_laboratory,
)
from spectradb.search.calibration.terms import TERMS
from spectradb.search.checks import CONTRIBUTOR
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_PPM, SearchSpec
from spectradb.workspace.connection import open_published
from spectradb.workspace.lab_files import LabFiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.search.calibration.fit import Doubles

#: False discovery rates that are asked for.
LEVELS = (0.05, 0.1, 0.2)

#: Parts of a library: for choosing what calibrations are made of, and for the last look.
PARTS = ("development", "test")

#: Laboratories of MassBank that are of the part ``test`` whatever their hash.
TEST_LABORATORIES = frozenset({"Athens_Univ", "LCSB", "Washington_State_Univ"})

#: Bins of probability.
BINS = 10

_TEST_ONE_OF = 3
_FOLDS = 5
_ANALYTE_FOLDS = 2

#: Answers that a study must have kept for its own rate to be worth a figure.
LEAST_KEPT = 10


def main(arguments: Sequence[str] | None = None) -> None:
    """Check as the command line says.

    Parameters
    ----------
    arguments : sequence of str, optional
        Lab, library and options; None: those of the process.
    """
    options = _parser().parse_args(arguments)
    try:
        files = LabFiles(options.lab)
        files.check()
        spec = SearchSpec(
            study=options.library,
            library=options.library,
            method=options.method,
            model=options.model or files.default_model,
            left_out=CONTRIBUTOR,
            ppm=options.ppm,
            fragment_tolerance_da=options.fragment_tolerance,
        )
        kind = kind_of_search(files, spec)
        with open_published(files.published) as con:
            rows = CalibrationRows.from_arrow(calibration_rows(con, kind))
        checked = check(rows, options.test, part=options.part)
    except SpectraDBError as error:
        sys.exit(f"Error: {error}")
    for line in lines(checked):
        print(line)
    if options.json:
        options.json.write_text(json.dumps(checked, indent=1))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m spectradb.benchmarks.calibration_check",
        description="False discovery rates asked for and observed, on laboratories and molecules left out of the calibration.",
    )
    parser.add_argument("lab", type=Path, help="folder of the lab")
    parser.add_argument("library", help="the library, with spectra of several contributors")
    parser.add_argument("--method", default=EMBEDDING, help="as for identify; default: %(default)s")
    parser.add_argument("--model", help="whose vectors to compare; the lab's default model when not given")
    parser.add_argument(
        "--ppm", type=float, default=DEFAULT_PPM, help="half-width of the precursor window; default: %(default)s"
    )
    parser.add_argument(
        "--fragment-tolerance", type=float, default=DEFAULT_FRAGMENT_TOLERANCE_DA, help="tolerance in Da; default: %(default)s"
    )
    parser.add_argument(
        "--test", action="append", default=[], metavar="NAME", help="judge on this contributor only; default: on all, by turns"
    )
    parser.add_argument("--part", choices=PARTS, help="judge on this part of the library only; default: on all of it")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    return parser


def check(rows: CalibrationRows, test: Sequence[str] = (), *, part: str | None = None) -> dict[str, Any]:
    """Judge calibrations on laboratories and analytes that they were not fitted on.

    Parameters
    ----------
    rows : CalibrationRows
        First hits of a library searched against itself, contributors left out.
    test : sequence of str, optional
        Judge on these contributors, fitting on all others; without them every contributor is judged in its turn.
    part : {"development", "test"}, optional
        The former: neither fit nor judge on what is of the part for the last look; the latter: judge on that part, fitting on
        the other. None: on all.

    Returns
    -------
    dict
        ``studies``: a row for each contributor, share and level; ``rates``: a row for each share and level; ``bins``: a row for
        each share and bin of probability.

    Raises
    ------
    BadParameter
        If no query is of such a contributor.
    """
    missing = sorted(set(test) - set(rows.contributor.tolist()))
    if missing:
        raise BadParameter(f"no query is of the contributor {missing[0]!r}")
    of_test = np.array([is_test_laboratory(name) for name in rows.contributor]), np.array([*map(is_test_analyte, rows.analyte)])
    if part == "development":
        rows = rows.take(~of_test[0] & ~of_test[1])
    judged = [
        judged_row
        for own, others in (_splits(rows, test) if part != "test" else [(of_test[0] & of_test[1], ~of_test[0] & ~of_test[1])])
        if own.any()
        for judged_row in [_judge(rows, own, others)]
    ]
    share, study, probability, lower, right, weight = (np.concatenate(column) for column in zip(*judged, strict=True))
    of_studies = [
        row | {"contributor": str(contributor), "share": of_share}
        for of_share in SHARES
        for contributor in np.unique(study)
        for here in [(study == contributor) & (share == of_share)]
        if here.any()
        for row in _rates(lower[here], right[here], weight[here])
    ]
    return {
        "studies": of_studies,
        "rates": [_pooled(of_studies, of_share, level) for of_share in SHARES for level in LEVELS],
        "bins": [
            row | {"share": of_share}
            for of_share in SHARES
            for here in [share == of_share]
            for row in _bins(probability[here], right[here], weight[here])
        ],
    }


def is_test_laboratory(contributor: str) -> bool:
    """Tell whether a laboratory is kept for the last look.

    Parameters
    ----------
    contributor : str
        Its name.

    Returns
    -------
    bool
        For the three of :data:`TEST_LABORATORIES` and a third of the others.
    """
    return contributor in TEST_LABORATORIES or zlib.crc32(b"test laboratory " + contributor.encode()) % _TEST_ONE_OF == 0


def is_test_analyte(analyte: str) -> bool:
    """Tell whether an analyte is kept for the last look.

    Parameters
    ----------
    analyte : str
        Its identifier.

    Returns
    -------
    bool
        For a third of them.
    """
    return zlib.crc32(b"test analyte " + analyte.encode()) % _TEST_ONE_OF == 0


def _splits(rows: CalibrationRows, test: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Give what to judge, and what to fit on, by turns: masks of the rows."""
    of_analyte = np.array([zlib.crc32(b"check " + analyte.encode()) % _ANALYTE_FOLDS for analyte in rows.analyte])
    return [
        (own & (of_analyte == fold), ~own & (of_analyte != fold))
        for judged in _parts(rows, test)
        for own in [np.isin(rows.contributor, judged)]
        for fold in range(_ANALYTE_FOLDS)
    ]


def _judge(rows: CalibrationRows, own: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, ...]:
    """Judge rows by a calibration of others: share, contributor, probability, lower probability, right and weight of each."""
    fitted = fit_calibration(rows.take(others), None)
    of_laboratories = rows.take(np.isin(rows.contributor, np.unique(rows.contributor[own])))
    mine = own[np.isin(rows.contributor, np.unique(rows.contributor[own]))]
    # A study is all that the laboratory measured: it tells its share by that.
    studies = imitated_studies(of_laboratories, fitted.chance_coefficients)
    here = mine[studies.row]
    row, share = studies.row[here], studies.share[here]
    terms = of_laboratories.terms[row]
    terms[:, TERMS.index("above_chance")] = studies.above_chance[here]
    log_odds = fitted.log_odds(terms)
    lower = log_odds_of_worse_laboratory(log_odds, fitted.laboratory_spread)
    # Spectra as a study has them, not weighed for a fit: each once, as known or as unknown.
    weight = np.where(of_laboratories.answerable[row], share, 1 - share)
    right = of_laboratories.right[row]
    return share, of_laboratories.contributor[row], 1 / (1 + np.exp(-log_odds)), 1 / (1 + np.exp(-lower)), right, weight


def _parts(rows: CalibrationRows, test: Sequence[str]) -> list[list[str]]:
    """Contributors to be judged together, all others being fitted on."""
    if test:
        return [list(test)]
    names, n_rows = np.unique(rows.contributor, return_counts=True)
    by_size = names[np.argsort(-n_rows, kind="stable")].tolist()
    return [part for part in (by_size[start::_FOLDS] for start in range(_FOLDS)) if part]


def _rates(probability: Doubles, right: np.ndarray, weight: Doubles) -> list[dict[str, float]]:
    """Count what is kept of one study at each level, by its q-values, as the macro probability_q_values finds them."""
    downwards = np.argsort(-probability, kind="stable")
    q_value = np.empty(len(probability))
    kept_so_far = np.cumsum(weight[downwards])
    q_value[downwards] = np.cumsum((weight * (1 - probability))[downwards]) / kept_so_far
    rows = []
    for level in LEVELS:
        kept = q_value <= level
        n_kept = float(weight[kept].sum())
        n_wrong = float(weight[kept & ~right].sum())
        rows.append({"level": level, "kept": n_kept, "wrong": n_wrong, "right": float(weight[right].sum())})
    return rows


def _pooled(studies: list[dict[str, Any]], share: float, level: float) -> dict[str, Any]:
    of_kind = [row for row in studies if row["share"] == share and row["level"] == level]
    kept, wrong, right = (sum(row[name] for row in of_kind) for name in ("kept", "wrong", "right"))
    by_study = [row["wrong"] / row["kept"] for row in of_kind if row["kept"] >= LEAST_KEPT]
    return {
        "share": share,
        "level": level,
        "kept": kept,
        "observed": wrong / kept if kept else None,
        "found": (kept - wrong) / right if right else None,
        "n_studies": len(by_study),
        "mean_of_studies": float(np.mean(by_study)) if by_study else None,
        "highest": max(by_study) if by_study else None,
        "holds": float(np.mean(np.array(by_study) <= level)) if by_study else None,
    }


def _bins(probability: Doubles, right: np.ndarray, weight: Doubles) -> list[dict[str, float]]:
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    return [
        {
            "bin": number + 1,
            "n": float(weight[here].sum()),
            "mean_probability": float(np.average(probability[here], weights=weight[here])),
            "share_right": float(np.average(right[here], weights=weight[here])),
        }
        for number in range(BINS)
        for here in [place == number]
        if here.any()
    ]


def lines(checked: dict[str, Any]) -> list[str]:
    """Describe a check to a person.

    Parameters
    ----------
    checked : dict
        As :func:`check` gives it.

    Returns
    -------
    list of str
        Lines of text.
    """
    told = ["in library  asked  observed  found   kept  by laboratory: mean  highest  holds in  laboratories"]
    for row in checked["rates"]:
        of_row = [_percent(row[name]) for name in ("share", "level", "observed", "found")]
        of_study = [_percent(row[name]) for name in ("mean_of_studies", "highest", "holds")]
        by_study = f"{of_study[0]:>19}  {of_study[1]:>7}  {of_study[2]:>8}  {row['n_studies']:>12}"
        told.append(f"{of_row[0]:>10}  {of_row[1]:>5}  {of_row[2]:>8}  {of_row[3]:>5}  {row['kept']:>5.0f}  {by_study}")
    told.extend(_of_laboratories(checked["studies"]))
    told.append("right of those called so and so probable, by share in the library")
    told.append("probability " + "".join(f"{_percent(share):>14}" for share in SHARES))
    for number in range(1, BINS + 1):
        cells = []
        for share in SHARES:
            here = [row for row in checked["bins"] if row["bin"] == number and row["share"] == share]
            cells.append(f"{_percent(here[0]['share_right'])} of {here[0]['n']:.0f}" if here else "-")
        told.append(f"{(number - 1) / BINS:.1f} to {number / BINS:.1f}  " + "".join(f"{cell:>14}" for cell in cells))
    return told


def _of_laboratories(studies: list[dict[str, Any]]) -> list[str]:
    """Say of each laboratory what was wrong of what it kept at each share and level; in brackets how many."""
    cells = {(row["contributor"], row["share"], row["level"]): row for row in studies}
    head = "".join(f"{f'{share:.0%} {level:.0%}':>12}" for share in SHARES for level in LEVELS)
    told = ["wrong of those kept (how many), by laboratory, share in the library and rate asked", f"{'':<26}{head}"]
    for contributor in sorted({row["contributor"] for row in studies}):
        of_laboratory = [cells.get((contributor, share, level)) for share in SHARES for level in LEVELS]
        if any(row and row["kept"] >= LEAST_KEPT for row in of_laboratory):
            told.append(f"{contributor:<26}" + "".join(f"{_wrong(row):>12}" for row in of_laboratory))
    return told


def _wrong(row: dict[str, Any] | None) -> str:
    return f"{row['wrong'] / row['kept']:.0%} ({row['kept']:.0f})" if row and row["kept"] >= LEAST_KEPT else "-"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


if __name__ == "__main__":
    main()
