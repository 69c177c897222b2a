"""How long molecular networks take: ``spectradb network`` on the first spectra of a library, by vectors and by modified cosine.

``python tests/speed/network_speed.py --lab LAB --library LIBRARY --spectra 50000`` takes a copy of an embedded lab, leaves so
many spectra of the library, and runs the verb once by each method, as a process of its own. ``--record`` keeps the table in
``figures.json``.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from figures import record
from lab_growth import run

from spectradb.facade.lab import connect

METHODS = ("embedding", "modified_cosine")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lab", type=Path, required=True, help="the lab; a copy is worked on")
    parser.add_argument("--library", required=True)
    parser.add_argument("--spectra", type=int, default=50_000, help="spectra of the library to link")
    parser.add_argument("--method", nargs="+", default=METHODS)
    parser.add_argument("--spectradb", default=shutil.which("spectradb") or "spectradb", help="the program")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder when left out")
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        shutil.copytree(arguments.lab, folder / "lab")
        with connect(folder / "lab") as lab:
            ids = lab.sql(
                f"SELECT spectrum_id FROM spectra WHERE collection = '{arguments.library}' ORDER BY spectrum_id"
            ).fetchall()
            if len(ids) > arguments.spectra:
                where = f"collection = '{arguments.library}' AND spectrum_id > {ids[arguments.spectra - 1][0]}"
                lab.record.delete("spectra", where)
                lab.publish()
        for method in arguments.method:
            out = folder / f"{method}.csv"
            cost = run(
                arguments.spectradb, "network", str(folder / "lab"), arguments.library, "--method", method, "--out", str(out)
            )
            with out.open() as file:
                n_edges = sum(1 for _ in csv.reader(file)) - 1
            rows.append((method, n_edges, round(cost.wall_s, 1), round(cost.cpu_s, 1), round(cost.peak_gb, 2)))
            print(*rows[-1], sep=" | ", flush=True)
    if arguments.record:
        record(
            "network",
            topic="speed",
            title=f"A molecular network of {min(arguments.spectra, len(ids)):,} spectra of MassBank, from the lab to a file",
            columns=("pairs scored by", "edges", "wall, s", "CPU, s", "peak GB"),
            rows=rows,
            notes=["Each a process of its own, with its start, by the defaults of `spectradb network`; one run."],
            command=f"python tests/speed/network_speed.py --lab LAB --library {arguments.library} "
            f"--spectra {arguments.spectra} --record",
        )


if __name__ == "__main__":
    main()
