"""What one more run costs a lab: import, embed, a second model, a search, each as one command of its own.

``python tests/speed/lab_growth.py --spectra 500000`` makes a lab of so many library spectra (MassBank's, repeated; see
``page_embed_verb.py``), or takes a copy of the one named by ``--lab``, and runs the commands; ``--spectradb`` names the program
to measure, so that two versions can be measured one after the other. ``--runs 200`` adds so many runs in a row and measures the
growth of the file, and the join on it beside the join on the same lab built in one go. Writes JSON: figure, command, commit,
versions, machine, date; ``--record`` keeps what the commands took in ``figures.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import duckdb
import numpy as np
from figures import record_table
from page_embed_verb import make_lab
from page_table import Table

PACKAGES = ("spectradb", "duckdb", "pylance", "numpy")
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
    """Add runs, embed them, search them; then let a second model embed all."""
    found: dict[str, list[Cost]] = {"import-study": [], "embed": [], "identify": []}
    for number in range(repeats):
        file = write_run(folder / f"run{number}.mgf", n, seed=number + 1)
        found["import-study"].append(run(program, "import-study", str(lab), "runs", str(file)))
        found["embed"].append(run(program, "embed", str(lab), "--model", "binned"))
        search = ("identify", str(lab), "--study", "runs", "--library", library, "--name", f"search{number}")
        found["identify"].append(run(program, *search))
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
    """Join a study with a library in the published file by plain SQL; the median."""
    found = []
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute(f"ATTACH '{published}' AS lab (READ_ONLY)")
        con.execute("USE lab")
        for _ in range(repeats):
            begin = time.perf_counter()
            con.execute(JOIN.format(study=study, library=library)).fetchall()
            found.append(time.perf_counter() - begin)
    return statistics.median(found)


def circumstances() -> dict[str, Any]:
    """Say what was measured where."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return {
        "command": " ".join(sys.argv),
        "commit": commit,
        "versions": {name: version(name) for name in PACKAGES},
        "machine": f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}",
        "date": datetime.now(UTC).date().isoformat(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--spectra", type=int, default=500_000, help="size of the lab")
    parser.add_argument("--lab", type=Path, help="take a copy of this lab instead")
    parser.add_argument("--library", default="library", help="its library")
    parser.add_argument("--spectradb", default=shutil.which("spectradb") or "spectradb", help="the program to measure")
    parser.add_argument("--run", type=int, default=1_000, help="spectra of a run")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--second-model", action="store_true", help="let a second model embed all spectra, too")
    parser.add_argument("--runs", type=int, default=0, help="add so many runs in a row")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder when left out")
    parser.add_argument("--output", type=Path, help="JSON file")
    parser.add_argument("--record", action="store_true", help="write what the commands took to figures.json")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        lab = folder / "lab"
        if arguments.lab:
            shutil.copytree(arguments.lab, lab)
        else:
            make_lab(lab, arguments.spectra)
            run(arguments.spectradb, "embed", str(lab), "--model", "binned")
        told = circumstances()
        found = costs(arguments.spectradb, lab, arguments.library, folder, n=arguments.run, repeats=arguments.repeats)
        told["figures"] = {
            verb: dict(zip(Cost._fields, map(statistics.median, zip(*of, strict=True)), strict=True))
            for verb, of in found.items()
        }
        if arguments.runs:
            told["growth"] = grown(arguments.spectradb, lab, folder, n=arguments.run, runs=arguments.runs)
            on_grown = join_seconds(lab / "lab.duckdb", "growth", arguments.library)
            run(arguments.spectradb, "publish", str(lab), "--rebuild")
            told["join"] = {"grown_s": on_grown, "rebuilt_s": join_seconds(lab / "lab.duckdb", "growth", arguments.library)}
            told["rebuilt_mb"] = (lab / "lab.duckdb").stat().st_size / 1e6
    text = json.dumps(told, indent=2)
    if arguments.output:
        arguments.output.write_text(text + "\n", encoding="utf-8")
    print(text)
    if arguments.record:
        size = "a copy of a lab" if arguments.lab else f"a lab of {arguments.spectra:,} spectra"
        title = f"One more run of {arguments.run:,} spectra into {size}, each step a command (median of {arguments.repeats})"
        rows = [(verb, *took.values()) for verb, took in told["figures"].items()]
        record_table("lab-growth", Table(title, ("command", "wall s", "CPU s", "peak GB"), rows))


if __name__ == "__main__":
    main()
