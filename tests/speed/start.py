"""What commands take that a user waits for: a question, the list of models, a search by vectors and one by scores of peaks.

``python tests/speed/start.py LAB --study cohort --library massbank`` runs each on a copy of the lab, a process of its own each
time; ``--beside PROGRAM`` runs an older program in turn with it, on a copy of its own. CPU time is what counts: it depends
less on what else the machine does.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from figures import record
from lab_growth import Cost, run

COLUMNS = ("command", "program", "CPU, s", "wall, s", "peak GB")


def commands(lab: Path, study: str, library: str, number: int) -> dict[str, tuple[str, ...]]:
    """Spell the commands; searches are new ones each time."""
    identify = ("identify", str(lab), "--study", study, "--library", library)
    return {
        "sql": ("sql", str(lab), "SELECT 1"),
        "model list": ("model", "list", str(lab)),
        "identify by vectors": (*identify, "--name", f"vectors{number}"),
        "identify by peaks": (*identify, "--method", "cosine_greedy", "--name", f"peaks{number}"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("--study", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--spectradb", default=shutil.which("spectradb") or "spectradb", help="the program to measure")
    parser.add_argument("--beside", help="another version of it")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder when left out")
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    programs = {"before": arguments.beside} if arguments.beside else {}
    programs["now"] = arguments.spectradb
    found: dict[tuple[str, str], list[Cost]] = {}
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        for label, program in programs.items():
            shutil.copytree(arguments.lab, Path(folder) / label)
            run(program, "publish", str(Path(folder) / label))
        # The first round compiles and checks what later ones find; it does not count.
        for number in range(arguments.repeats + 1):
            for label, program in programs.items():
                for name, words in commands(Path(folder) / label, arguments.study, arguments.library, number).items():
                    cost = run(program, *words)
                    if number:
                        found.setdefault((name, label), []).append(cost)
    rows = []
    for (name, label), of in sorted(found.items(), key=lambda item: [*commands(Path(), "", "", 0)].index(item[0][0])):
        wall, cpu, peak = map(statistics.median, zip(*of, strict=True))
        rows.append((name, label, round(cpu, 2), round(wall, 1), round(peak, 2)))
        print(*rows[-1], sep=" | ", flush=True)
    if arguments.record:
        record(
            "start",
            topic="speed",
            title="What commands take from their start to their end, on a lab of 91,298 real spectra; searches of 810 queries",
            columns=COLUMNS,
            rows=rows,
            notes=[f"Medians of {arguments.repeats}; each command a process of its own, with its start."],
            command=f"python tests/speed/start.py LAB --study {arguments.study} --library {arguments.library} --record",
        )


if __name__ == "__main__":
    main()
