"""What changes when a part of a library comes: ``annotation_diff``, and ``reannotate`` beside a whole ``identify``.

``python tests/speed/history.py --lab LAB --study STUDY --library LIBRARY --left-out 1000 9000`` takes a copy of an embedded
lab, for each number takes so many spectra out of the library, searches the study, puts them back as an import of its own with
their vectors, searches what changed and, for comparison, everything, and tells what became of the answers and why. Both
searches must have the same rows. ``--record`` keeps the table in ``figures.json``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

import pyarrow as pa
from figures import record
from lab_growth import run

from spectradb.facade.lab import Lab, connect
from spectradb.search.recorded_searches import now

if TYPE_CHECKING:
    from collections.abc import Iterator

# Sums over all queries have another last bit with each search, and so have probabilities.
SAME = """
SELECT count(*)
FROM (FROM hits WHERE search_id = $a) AS a
FULL JOIN (FROM hits WHERE search_id = $b) AS b USING (query_id, rank)
WHERE (a.analyte_id, a.library_spectrum_id, a.score, a.matched_peaks, a.ppm_error, a.n_candidate_analytes, a.score_gap)
    IS DISTINCT FROM
    (b.analyte_id, b.library_spectrum_id, b.score, b.matched_peaks, b.ppm_error, b.n_candidate_analytes, b.score_gap)
    OR a.neighbour_score IS DISTINCT FROM b.neighbour_score
    OR (a.probability IS NULL) <> (b.probability IS NULL)
    OR abs(a.probability - b.probability) > 1e-9
"""
WHY = "SELECT change, why, count(*) FROM annotation_diff($a, $b) GROUP BY ALL ORDER BY ALL"


def taken_out(lab: Lab, library: str, n: int) -> pa.Table:
    """Take n spectra out of a library, spread over all of it."""
    ids = lab.sql(f"SELECT spectrum_id FROM spectra WHERE collection = '{library}' ORDER BY spectrum_id LIMIT {n}").fetchall()
    where = f"spectrum_id IN ({', '.join(str(number) for (number,) in ids)})"
    rows = lab.record.dataset("spectra").to_table(filter=where)
    lab.record.delete("spectra", where)
    lab.publish()
    return rows


def put_back(lab: Lab, library: str, rows: pa.Table) -> None:
    """Put spectra back, as another import would bring them, with their vectors."""
    name = f"put-back-{len(rows)}"
    brought = pa.array([name] * len(rows))
    for column in ("import_id", "first_import_id"):
        rows = rows.set_column(rows.schema.get_field_index(column), column, brought)
    (of_library,) = lab.record.read("imports", where=f"collection = '{library}'").slice(0, 1).to_pylist()
    done = of_library | {"import_id": name, "started": now(), "finished": now()}
    lab.record.write("spectra", rows, mode="append")
    lab.record.append("imports", pa.Table.from_pylist([done], schema=lab.record.dataset("imports").schema))
    lab.publish()


def measured(lab: Lab, arguments: argparse.Namespace, n: int) -> Iterator[tuple[object, ...]]:
    """Measure with n spectra left out; rows of the table."""
    of = ("--study", arguments.study, "--library", arguments.library)
    before, again, whole = (f"{name}-{n}" for name in ("before", "again", "whole"))
    rows = taken_out(lab, arguments.library, n)
    run(arguments.spectradb, "identify", str(lab.path), *of, "--name", before)
    put_back(lab, arguments.library, rows)
    sides = (arguments.study, arguments.library)
    part = run(arguments.spectradb, "reannotate", str(lab.path), *sides, "--search", before, "--name", again)
    full = run(arguments.spectradb, "identify", str(lab.path), *of, "--name", whole)
    lab.close()
    (differing,) = lab.connection().execute(SAME, {"a": again, "b": whole}).fetchone() or (None,)
    if differing != 0:
        sys.exit(f"{again} and {whole} differ in {differing} rows")
    counts = f"SELECT n_queries, n_carried FROM searches WHERE search_id = '{again}'"
    ((n_queries, n_carried),) = lab.sql(counts).fetchall()
    searched = n_queries - (n_carried or 0)
    yield n, "reannotate", searched, round(part.wall_s, 1), round(part.cpu_s, 1)
    yield n, "identify", n_queries, round(full.wall_s, 1), round(full.cpu_s, 1)
    for change, why, count in lab.connection().execute(WHY, {"a": before, "b": again}).fetchall():
        yield n, f"{change}: {why}", count, None, None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lab", type=Path, required=True, help="the lab; a copy is worked on")
    parser.add_argument("--study", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--left-out", type=int, nargs="+", default=[1_000], help="spectra of the library to leave out first")
    parser.add_argument("--spectradb", default=shutil.which("spectradb") or "spectradb", help="the program")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder when left out")
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        shutil.copytree(arguments.lab, Path(name) / "lab")
        rows = []
        with connect(Path(name) / "lab") as lab:
            n_library, n_study = (
                lab.sql(f"SELECT n_spectra FROM {table} WHERE name = '{of}'").fetchall()[0][0]
                for table, of in (("libraries", arguments.library), ("studies", arguments.study))
            )
            for n in arguments.left_out:
                for row in measured(lab, arguments, n):
                    rows.append(row)
                    print(*row, sep=" | ", flush=True)
    if arguments.record:
        record(
            "history",
            topic="speed",
            title=f"A library of {n_library:,} spectra without some of them, and then with all: {n_study:,} spectra searched",
            columns=("left out", "command, or what changed and why", "spectra", "wall, s", "CPU, s"),
            rows=rows,
            notes=[
                (
                    "Each command a process of its own, with its start; reannotate and identify end with the same rows. What "
                    "changed is what annotation_diff tells of the search without the spectra and the one with them."
                )
            ],
            command=f"python tests/speed/history.py --lab LAB --study {arguments.study} --library {arguments.library} "
            f"--left-out {' '.join(map(str, arguments.left_out))} --record",
        )


if __name__ == "__main__":
    main()
