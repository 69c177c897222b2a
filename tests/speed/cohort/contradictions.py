"""How many spectra of a library with the same peaks are said to be different analytes.

``python tests/speed/cohort/contradictions.py LAB --library LIBRARY`` counts what ``contradicting_annotations`` has of it;
``--record`` keeps the table in ``figures.json``.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from figures import record

from spectradb.facade.lab import connect

COUNTS = """
SELECT
    same,
    count(DISTINCT (ion_mode, if(same = 'splash', splash, peaks_hash::VARCHAR))) AS n_groups,
    count(*) AS n_spectra,
    count(*) FILTER (WHERE n_peaks > 2) AS n_of_more_peaks,
    count(*) FILTER (WHERE precursor_mz_range < 0.01) AS n_of_isomers
FROM contradicting_annotations
WHERE collection = $library
GROUP BY same
ORDER BY same
"""
NAMES = {"peaks_hash": "peaks, as the record keeps them", "splash": "SPLASH only"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("--library", required=True)
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    with connect(arguments.lab) as lab:
        begin, cpu = time.perf_counter(), time.process_time()
        found = lab.sql(COUNTS, {"library": arguments.library}).fetchall()
        took = f"{time.perf_counter() - begin:.2f} s ({time.process_time() - cpu:.2f} s of all cores)"
        ((n_spectra,),) = lab.sql("SELECT count(*) FROM spectra WHERE collection = $l", {"l": arguments.library}).fetchall()
    rows = [(NAMES[same], *counts) for same, *counts in found]
    for row in rows:
        print(*row, sep=" | ")
    print(took)
    if arguments.record:
        record(
            "contradictions",
            topic="contradictions",
            title=f"Equal spectra under different analytes among {n_spectra:,} of {arguments.library}",
            columns=("equal by", "groups", "spectra", "of three peaks and more", "of isomers, precursors within 0.01"),
            rows=rows,
            notes=[f"One statement, in {took}."],
            command=f"python tests/speed/cohort/contradictions.py LAB --library {arguments.library} --record",
        )


if __name__ == "__main__":
    main()
