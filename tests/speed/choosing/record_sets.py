"""Check the sets of candidates of a library of yours and keep the table in ``figures.json``, for the page of searches.

``python tests/speed/choosing/record_sets.py LAB massbank --part test --figure sets-test``
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from checked import checked_by
from figures import record

from spectradb.benchmarks import set_check
from spectradb.benchmarks.calibration_check import PARTS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("library")
    parser.add_argument("--part", choices=PARTS, required=True)
    parser.add_argument("--method", default="embedding")
    parser.add_argument("--about", help="the data in a few words, for the headings; default: the name of the library")
    parser.add_argument("--figure", required=True, help="name of the entry")
    options = parser.parse_args()
    words = [options.library, "--part", options.part, "--method", options.method]
    checked = checked_by(set_check.main, [str(options.lab), *words])
    record(
        options.figure,
        topic="confidence",
        title=(
            f"{options.about or options.library}, by {options.method}: right answers that sets of candidates hold, % "
            f"(part {options.part} of laboratories and analytes)"
        ),
        columns=[
            *(
                "promised",
                "candidates",
                "queries",
                "in the set",
                "mean size",
                "single sets",
                "lowest laboratory",
                "of laboratories",
            )
        ],
        rows=[
            [
                _percent(row["coverage"]),
                row["candidates"],
                row["n"],
                f"{_percent(row['covered'])} [{_percent(row['low'])}, {_percent(row['high'])}]",
                round(row["size"], 2),
                _percent(row["single"]),
                None if row["lowest"] is None else _percent(row["lowest"]),
                row["laboratories"],
            ]
            for row in checked
        ],
        notes=[
            (
                "Queries whose analyte is in reach; a single candidate cannot but be in its set. In brackets 95 % of 1,000 "
                f"samples of analytes. Laboratories with at least {set_check.LEAST_QUERIES} such queries count."
            )
        ],
        command=shlex.join(["python", "-m", "spectradb.benchmarks.set_check", "LAB", *words]),
    )


def _percent(share: float) -> float:
    return round(100 * share, 1)


if __name__ == "__main__":
    main()
