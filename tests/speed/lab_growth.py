"""What one more run costs a lab: import, embed, a search, each as one command of its own.

``python tests/speed/lab_growth.py --spectra 500000`` makes a lab of so many library spectra (MassBank's, repeated; see
``pages/embed_verb.py``), or takes a copy of the one named by ``--lab``, and runs the commands; ``--spectradb`` names the
program to measure, so that two versions can be measured one after the other. ``--runs 200`` adds so many runs in a row and
measures the growth of the file, and the join on it beside the join on the same lab built in one go. Writes JSON: figure,
command, commit, versions, machine, date; ``--record`` keeps what the commands took in ``figures.json``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
import numpy as np
from figures import record
from pages.embed_verb import make_lab

JOIN = """
SELECT count(*), sum(score)
FROM similarity_join('vectors.{study}__binned', 'vectors.{library}__binned', ppm := 10, k := 10)
"""


class Cost(NamedTuple):
    """What a command took.

    Parameters
    ----------
    wall_s, cpu_s : float
        Seconds.
    peak_gb : float
        Peak memory of the process, with pages of files that it had mapped.
    """

    wall_s: float
    cpu_s: float
    peak_gb: float


def run(*command: str) -> Cost:
    """Run a command to its end."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    told = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{told.decode()}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6)


def write_run(path: Path, n: int, seed: int) -> Path:
    """Write one run of n made-up spectra as MGF."""
    rng = np.random.default_rng(seed)
    entries = []
    for i in range(n):
        mz = np.sort(rng.uniform(50, 900, 40))
        heights = rng.lognormal(5, 2, 40)
        peaks = "\n".join(f"{m:.4f} {h:.1f}" for m, h in zip(mz, heights, strict=True))
        head = f"BEGIN IONS\nTITLE=scan {i}\nSCANS={i + 1}\nPEPMASS={rng.uniform(100, 900):.4f}\nCHARGE=1+\nIONMODE=positive"
        entries.append(f"{head}\nRTINSECONDS={i}\n{peaks}\nEND IONS\n")
    path.write_text("\n".join(entries))
    return path


def costs(program: str, lab: Path, library: str, folder: Path, *, n: int, repeats: int) -> dict[str, list[Cost]]:
    """Add runs, embed them, search them."""
    found: dict[str, list[Cost]] = {"import-study": [], "embed": [], "identify": []}
    for number in range(repeats):
        file = write_run(folder / f"run{number}.mgf", n, seed=number + 1)
        commands = (
            ("import-study", str(lab), "runs", str(file)),
            ("embed", str(lab), "--model", "binned"),
            ("identify", str(lab), "--study", "runs", "--library", library, "--name", f"search{number}"),
        )
        for command in commands:
            cost = run(program, *command)
            found[command[0]].append(cost)
            print(command[0], cost, flush=True)
    return found


def grown(program: str, lab: Path, folder: Path, *, n: int, runs: int) -> list[dict[str, float]]:
    """Add many runs in a row; after each, what it took and how large the file is."""
    rows = []
    for number in range(runs):
        file = write_run(folder / f"growth{number}.mgf", n, seed=1000 + number)
        imported = run(program, "import-study", str(lab), "growth", str(file))
        embedded = run(program, "embed", str(lab), "--model", "binned")
        size = (lab / "lab.duckdb").stat().st_size / 1e6
        rows.append({"wall_s": imported.wall_s + embedded.wall_s, "cpu_s": imported.cpu_s + embedded.cpu_s, "mb": size})
    return rows


def join_seconds(published: Path, study: str, library: str, repeats: int = 5) -> float:
    """Join a study with a library in the published file by plain SQL: CPU time, the median."""
    found = []
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute(f"ATTACH '{published}' AS lab (READ_ONLY)")
        con.execute("USE lab")
        for _ in range(repeats):
            begin = time.process_time()
            con.execute(JOIN.format(study=study, library=library)).fetchall()
            found.append(time.process_time() - begin)
    return statistics.median(found)


def measured(label: str, program: str, lab: Path, arguments: argparse.Namespace, *, runs: int) -> list[tuple[object, ...]]:
    """Measure one program on a copy of a lab; rows of the table, printed as they are found."""
    rows: list[tuple[object, ...]] = []

    def say(*row: object) -> None:
        rows.append((label, *row))
        print(*rows[-1], sep=" | ", flush=True)

    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        copy = folder / "lab"
        shutil.copytree(lab, copy)
        found = costs(program, copy, arguments.library, folder, n=arguments.run, repeats=arguments.repeats)
        for verb, of in found.items():
            wall, cpu, peak = map(statistics.median, zip(*of, strict=True))
            say(verb, round(wall, 1), round(cpu, 1), round(peak, 2))
        if runs:
            grown_by = grown(program, copy, folder, n=arguments.run, runs=runs)
            first, last = grown_by[0], grown_by[-1]
            say("first run added, embedded", round(first["wall_s"], 1), round(first["cpu_s"], 1), None)
            say(f"run {runs} added, embedded", round(last["wall_s"], 1), round(last["cpu_s"], 1), None)
            published = copy / "lab.duckdb"
            say(f"join after {runs} runs", None, round(join_seconds(published, "growth", arguments.library), 2), None)
            run(program, "publish", str(copy), "--rebuild")
            say("join, rebuilt", None, round(join_seconds(published, "growth", arguments.library), 2), None)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spectra", type=int, default=500_000, help="size of the lab")
    parser.add_argument("--lab", type=Path, help="take copies of this lab instead")
    parser.add_argument("--library", default="library", help="its library")
    parser.add_argument("--spectradb", default=shutil.which("spectradb") or "spectradb", help="the program to measure")
    parser.add_argument("--beside", nargs=2, metavar=("PROGRAM", "LAB"), help="another version and its lab, measured first")
    parser.add_argument("--run", type=int, default=1_000, help="spectra of a run")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--runs", type=int, default=0, help="add so many runs in a row, by the program measured last")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder when left out")
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        lab = arguments.lab
        if lab is None:
            lab = Path(name) / "lab"
            make_lab(lab, arguments.spectra)
            run(arguments.spectradb, "embed", str(lab), "--model", "binned")
        rows = measured("before", arguments.beside[0], Path(arguments.beside[1]), arguments, runs=0) if arguments.beside else []
        rows += measured("now", arguments.spectradb, lab, arguments, runs=arguments.runs)
    if arguments.record:
        record(
            "lab growth",
            topic="speed",
            title=f"One run of {arguments.run:,} spectra more in a lab of {arguments.spectra:,}, command by command",
            columns=("program", "command", "wall, s", "CPU, s", "peak GB"),
            rows=rows,
            notes=[
                (
                    f"Medians of {arguments.repeats}; each command a process of its own, with its start. "
                    "The join is by plain SQL in one thread."
                )
            ],
            command=f"python tests/speed/lab_growth.py --lab LAB --library {arguments.library} --spectra {arguments.spectra} "
            f"--beside OLD_PROGRAM OLD_LAB --repeats {arguments.repeats} --runs {arguments.runs} --record",
        )


if __name__ == "__main__":
    main()
