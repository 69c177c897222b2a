"""Say of searches of a library against itself what of their errors no score could avoid; keep it for the page of benchmarks.

``python tests/speed/choosing/record_rivals.py LAB massbank SEARCH ... --figure rivals``
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from figures import record

from spectradb import schemas
from spectradb.facade.lab import connect

MODEL = "binned"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("library")
    parser.add_argument("search", nargs="+", help="a search of the library, such as those of which_method.py")
    parser.add_argument("--about", help="the data in a few words, for the headings; default: the name of the library")
    parser.add_argument("--figure", required=True, help="name of the entry")
    options = parser.parse_args()
    rows = []
    with connect(options.lab) as lab:
        for search in options.search:
            values = {"search": search, "library": options.library, "model": MODEL}
            found = lab.sql(schemas.read("queries/evaluation/rival_summary"), values).to_arrow_table().to_pylist()
            rows += [
                [
                    f"`{search}`",
                    "right" if row["correct"] else "wrong",
                    row["n"],
                    None if row["correct"] else _percent(row["n_same_name"], row["n"]),
                    _percent(row["n_alike"], row["n"]),
                    _percent(row["n_same"], row["n"]),
                ]
                for row in found
            ]
    for row in rows:
        print(" | ".join(map(str, row)))
    record(
        options.figure,
        topic="methods",
        title=f"{options.about or options.library}: what of the errors no score could avoid, of queries in reach with a rival",
        columns=["search", "first answer", "n", "same compound by name or tautomer, %", "rival alike, %", "rival the same, %"],
        rows=rows,
        notes=[
            (
                "Alike, the same: a spectrum of the truth in the library and one of the best ranked other analyte, of one ion "
                f"mode, whose inner product by `{MODEL}` is at least 0.95, or 0.99; the query itself left out."
            )
        ],
    )


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1)


if __name__ == "__main__":
    main()
