"""Many small imports into one study: what each costs in time, files, disk and memory, the last ones beside the first.

One process imports run after run. After each of the first and the last imports of a few spectra it embeds and identifies what
came, under the same name. In the end the lab is cleaned of old versions, as ``spectradb clean`` does each day. Time is of the
processor; memory is what the process holds; files and bytes are those of the lab.

    python tests/kills/soak.py --imports 500
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "made"))

from made_files import numbered

from spectradb.facade.lab import connect

if TYPE_CHECKING:
    from spectradb.facade.lab import Lab

SPECTRA = 20
#: What the last imports may cost, as a multiple of what the first cost.
MOST = 1.5


class Cost(NamedTuple):
    """What one import cost, and what the lab and the process took after it.

    Parameters
    ----------
    import_s, identify_s : float
        Seconds of the processor; 0 where nothing was identified.
    files : int
        Files of the lab.
    megabytes : float
        Their size.
    memory : float
        Resident memory of the process, MB.
    """

    import_s: float
    identify_s: float
    files: int
    megabytes: float
    memory: float


def _memory() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _cost(lab: Lab, folder: Path, i: int, *, identify: bool) -> Cost:
    file = numbered(folder / f"run{i}.mgf", SPECTRA, prefix=f"R{i}-", first=SPECTRA * i)
    begin = time.process_time()
    lab.import_study("soak", file)
    imported = time.process_time()
    if identify:
        lab.embed("binned")
        lab.identify("soak", "reference", ppm=10, k=3, name="soaked", replace=True)
    identified = time.process_time()
    gc.collect()
    files = [entry.stat().st_size for entry in lab.path.rglob("*") if entry.is_file()]
    return Cost(imported - begin, identified - imported, len(files), sum(files) / 1e6, _memory())


def soak(folder: Path, n: int, ends: int) -> list[Cost]:
    """Import n runs of a few spectra, one after the other.

    Parameters
    ----------
    folder : pathlib.Path
        Where to make the lab.
    n : int
        How many.
    ends : int
        How many at the beginning and at the end are identified.

    Returns
    -------
    list of Cost
        What each cost.
    """
    costs = []
    with connect(folder / "lab", create=True) as lab:
        lab.import_library("reference", numbered(folder / "reference.mgf", 200, prefix="L"))
        lab.embed("binned")
        for i in range(n):
            costs.append(_cost(lab, folder, i, identify=i < ends or i >= n - ends))
            if i % 50 == 49:
                print(f"{i + 1}: {costs[-1]}", flush=True)
        lab.clean(older_than_days=0)
        files = [entry.stat().st_size for entry in lab.path.rglob("*") if entry.is_file()]
        print(f"cleaned: {len(files)} files, {sum(files) / 1e6:.1f} MB", flush=True)
    return costs


def main() -> int:
    """Measure, print a table; the exit status tells whether an import came to cost more."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--imports", type=int, default=500)
    parser.add_argument("--ends", type=int, default=50, help="so many at either end are compared")
    parser.add_argument("--folder", type=Path, help="where to work; a temporary folder when left out")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        costs = soak(Path(name), asked.imports, asked.ends)
    # The first imports load what all others find there.
    first, last = costs[3 : asked.ends], costs[-asked.ends :]
    print(f"| of {asked.imports} imports of {SPECTRA} spectra | first {asked.ends} | last {asked.ends} | ratio |")
    grown = False
    for field in Cost._fields:
        before, after = (statistics.median(getattr(cost, field) for cost in part) for part in (first, last))
        grown |= field.endswith("_s") and after > MOST * before
        print(f"| {field} | {before:.3f} | {after:.3f} | {after / before:.2f} |")
    return int(grown)


if __name__ == "__main__":
    sys.exit(main())
