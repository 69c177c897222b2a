"""The molecular network of a whole study: its size, what it takes, and its largest families with any answer of a search.

``python tests/speed/cohort/families.py LAB --study STUDY`` prints them; ``--record`` keeps the tables in ``figures.json``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from figures import record

from spectradb.facade.lab import connect

N_FAMILIES = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("--study", required=True)
    parser.add_argument("--record", action="store_true", help="write the tables to figures.json")
    arguments = parser.parse_args()
    with connect(arguments.lab) as lab:
        begin, cpu = time.perf_counter(), time.process_time()
        made = lab.network(arguments.study, only_confident=False)
        took, of_cores = time.perf_counter() - begin, time.process_time() - cpu
        ((n_spectra,),) = lab.sql("SELECT count(*) FROM spectra WHERE collection = $s", {"s": arguments.study}).fetchall()
    families = made.families.to_pylist()
    sizes = [("spectra", n_spectra), ("edges", len(made.edges)), ("families of two and more", len(families))]
    sizes += [("of these with a name", sum(f["name"] is not None for f in families))]
    sizes += [("seconds", round(took, 1)), ("seconds of all cores", round(of_cores, 1))]
    largest = sorted((f for f in families if f["name"] is not None), key=lambda f: (-f["n_spectra"], f["family_id"]))[
        :N_FAMILIES
    ]
    rows = [
        (f["name"], f["n_spectra"], f["n_known"], f["n_analytes"], f"{f['lowest_mz']:.2f} to {f['highest_mz']:.2f}")
        for f in largest
    ]
    for row in (*sizes, *rows):
        print(*row, sep=" | ")
    if arguments.record:
        command = f"python tests/speed/cohort/families.py LAB --study {arguments.study} --record"
        record(
            "families",
            topic="networks",
            title="The molecular network of a study, by vectors and the defaults of the verb",
            columns=("what", "number"),
            rows=sizes,
            command=command,
        )
        record(
            "families-2",
            topic="networks",
            title=f"Its {len(rows)} largest families with an answer, confident or not, in them",
            columns=("commonest name", "spectra", "with an answer", "analytes", "m/z of precursors"),
            rows=rows,
            command=command,
        )


if __name__ == "__main__":
    main()
