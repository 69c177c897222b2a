"""Check how alike to expect what the method ``analogue`` finds in a library of yours; keep the table for the page of searches.

``python tests/speed/choosing/record_expected.py LAB massbank --figure expected-analogue``
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from checked import checked_by
from figures import record

from spectradb.benchmarks import expected_check


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("library")
    parser.add_argument("--about", help="the data in a few words, for the headings; default: the name of the library")
    parser.add_argument("--figure", required=True, help="name of the entry")
    parser.add_argument("--checked", type=Path, help="what the check wrote with --json, where it was run before")
    options = parser.parse_args()
    checked = checked_by(expected_check.main, [str(options.lab), options.library], written=options.checked)
    record(
        options.figure,
        topic="confidence",
        title=f"{options.about or options.library}, by the method analogue: Tanimoto similarity of first answers",
        columns=["ion mode", "expected", "observed", "first answers"],
        rows=[[row["ion_mode"], row["expected"], row["observed"], row["n"]] for row in checked["reliability"]],
        notes=[
            (
                "Means of five groups of equally many, by what was expected; Morgan fingerprints. Molecules that the model was "
                "not trained on, each taken out of the library: curves are of one half of them, the table of the other."
            )
        ],
        command=shlex.join(["python", "-m", "spectradb.benchmarks.expected_check", "LAB", options.library]),
    )


if __name__ == "__main__":
    main()
