"""One page of tables about speed and size: ``python tests/speed/page.py`` prints it, in Markdown.

``--scale 0.1`` runs smaller sizes, ``--only join growth open peaks embed lab`` some of the tables. What uses much memory is
measured in a process of its own. At scale 1 a row should take less than two minutes on two idle cores; on a machine that others
use at the same time it takes longer, and ratios of short times scatter. Each table says how long it took.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import page_embed
import page_join
import page_open
import page_peaks

TABLES = {
    "join": page_join.join_table,
    "growth": page_join.growth_table,
    "open": page_open.open_table,
    "peaks": page_peaks.peaks_table,
    "embed": page_embed.throughput_table,
    "lab": page_embed.lab_table,
}
PACKAGES = ("spectradb", "duckdb", "pylance", "lancedb", "numpy", "torch", "matchms", "ms_entropy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="size of everything, 1 as printed in the tables' titles")
    parser.add_argument("--only", nargs="*", choices=TABLES, default=list(TABLES))
    arguments = parser.parse_args()
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    print("# Speed and size\n")
    print(f"{platform.machine()}, {cores} cores, load {load:.1f} at the start (above 1 a core, others were at work)")
    print(", ".join(f"{name} {version(name)}" for name in PACKAGES))
    for name in arguments.only:
        begin = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            table = TABLES[name](Path(folder), arguments.scale)
        print(f"\n{table}\n\nMeasured in {time.perf_counter() - begin:.0f} s.", flush=True)


if __name__ == "__main__":
    main()
