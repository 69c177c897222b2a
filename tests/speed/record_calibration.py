"""Check the calibration of a library of yours and keep the tables in ``figures.json``, for the page of searches.

``python tests/speed/record_calibration.py LAB massbank --part test --figure calibration-test``
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from choosing.checked import checked_by
from figures import record

from spectradb.benchmarks import calibration_check


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("library")
    parser.add_argument("--part", choices=calibration_check.PARTS, required=True)
    parser.add_argument("--method", default="embedding")
    parser.add_argument("--about", help="the data in a few words, for the headings; default: the name of the library")
    parser.add_argument("--figure", required=True, help="name of the entries")
    options = parser.parse_args()
    words = [options.library, "--part", options.part, "--method", options.method]
    checked = checked_by(calibration_check.main, [str(options.lab), *words])
    command = shlex.join(["python", "-m", "spectradb.benchmarks.calibration_check", "LAB", *words])
    about = f"{options.about or options.library}, by {options.method}"
    record(
        options.figure,
        topic="confidence",
        title=f"{about}: wrong answers asked for and observed, % (part {options.part} of laboratories and analytes)",
        columns=[
            "in library",
            "asked",
            "observed",
            "right answers found",
            "answers kept",
            "laboratories holding",
            "of laboratories",
        ],
        rows=[
            [*(_percent(row[name]) for name in ("share", "level", "observed", "found")), round(row["kept"]), *_holding(row)]
            for row in checked["rates"]
        ],
        notes=[f"Laboratories with at least {calibration_check.LEAST_KEPT} answers kept count."],
        command=command,
    )
    shares = [row["share"] for row in checked["rates"] if row["level"] == calibration_check.LEVELS[0]]
    record(
        f"{options.figure}-bins",
        topic="confidence",
        title="right answers of those called so probable, % (how many)",
        columns=["probability", *(f"{_percent(share)} in library" for share in shares)],
        rows=[
            [_name(number), *(_right(checked, share, number) for share in shares)]
            for number in range(1, calibration_check.BINS + 1)
        ],
        command=command,
    )


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


def _holding(row: dict[str, float]) -> list[int | None]:
    n = row["n_studies"]
    return [round(row["holds"] * n) if n else None, n]


def _name(number: int) -> str:
    bins = calibration_check.BINS
    return f"{(number - 1) / bins:.1f} to {number / bins:.1f}"


def _right(checked: dict[str, list[dict[str, float]]], share: float, number: int) -> str | None:
    here = [row for row in checked["bins"] if row["bin"] == number and row["share"] == share]
    return f"{_percent(here[0]['share_right'])} ({here[0]['n']:.0f})" if here else None


if __name__ == "__main__":
    main()
