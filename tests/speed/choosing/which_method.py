"""Run `identify` by every method over the spectra of laboratories held out; keep the table for the page of searches.

``python tests/speed/choosing/which_method.py LAB massbank --contributor LCSB --contributor Athens_Univ --record``

The lab is one of yours, which gets a search for each method. Seconds are those of the processor, of the command from end to end
(publishing included), by a process of its own, one method after the other, the least of two turns; vectors lie ready.
"""

from __future__ import annotations

import argparse
import resource
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from figures import record

from spectradb.evaluation.resampling import draw_weights, ratio_intervals
from spectradb.facade.lab import connect

RESAMPLES = 1000
#: What each way of searching asks of a library, in words.
NEEDS = {
    "embedding": "vectors",
    "merged": "vectors; several spectra of an analyte",
    "refined": "vectors; several spectra of an analyte, of several laboratories",
    "fused": "vectors and peaks; a weight, which `calibrate` chooses",
}
OF_PEAKS = "peaks alone: no vectors, and a reader sees what matched"


class Way(NamedTuple):
    """A way of searching: a method, and whose vectors it compares."""

    method: str
    model: str | None

    @classmethod
    def read(cls, text: str) -> Way:
        """Read ``METHOD`` or ``METHOD:MODEL``."""
        method, _, model = text.partition(":")
        return cls(method, model or ("binned" if method in NEEDS else None))

    @property
    def name(self) -> str:
        """Name it as the table does."""
        return f"`{self.method}`" + (f" by `{self.model}`" if self.model else "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("library")
    parser.add_argument("--contributor", action="append", required=True, help="a laboratory whose spectra are asked")
    parser.add_argument("--method", action="append", help="METHOD or METHOD:MODEL; the first is what others are compared with")
    parser.add_argument("--about", help="the data in a few words; default: the name of the library")
    parser.add_argument("--spectradb", default=shutil.which("spectradb") or "spectradb", help="the program")
    parser.add_argument("--repeats", type=int, default=2, help="turns of all methods; the least seconds count")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    ways = [
        Way.read(text) for text in options.method or ["embedding", "merged", "refined", "entropy_similarity", "cosine_greedy"]
    ]
    seconds = dict.fromkeys(ways, float("inf"))
    for _ in range(options.repeats):
        for way in ways:
            took = run(options.spectradb, options.lab, options.library, options.contributor, way)
            seconds[way] = min(seconds[way], took)
    rights, units, several = answers(options.lab, ways)
    columns = ["method", "of those in reach", "of 2+ candidates", "more than the first", "CPU, s", "times the first", "needs"]
    rows = [
        [
            way.name,
            round(float(rights[way].mean()), 4),
            round(float(rights[way][several].mean()), 4),
            "" if way == ways[0] else difference(rights[way], rights[ways[0]], units),
            round(seconds[way], 1),
            round(seconds[way] / seconds[ways[0]], 2),
            NEEDS.get(way.method, OF_PEAKS),
        ]
        for way in ways
    ]
    for row in [columns, *rows]:
        print(" | ".join(map(str, row)))
    if options.record:
        asked = (("contributor", options.contributor), ("method", options.method or []))
        words = [word for name, given in asked for each in given for word in (f"--{name}", each)]
        laboratories = " and ".join([", ".join(options.contributor[:-1]), options.contributor[-1]]).removeprefix(" and ")
        record(
            "which-method",
            topic="choosing",
            title=f"{options.about or options.library}: the spectra of {laboratories} among those of all others",
            columns=columns,
            rows=rows,
            command=shlex.join(["python", "tests/speed/choosing/which_method.py", "LAB", options.library, *words]),
            notes=[
                (
                    f"{len(units):,} spectra in reach, {int(several.sum()):,} of them with two or more candidates. More than "
                    f"the first: paired difference, 95 % of {RESAMPLES:,} samples of analytes in brackets. CPU: `identify` "
                    "from end to end, with publishing, a process each, the least of two; vectors lie ready."
                )
            ],
        )


def run(program: str, lab: Path, library: str, contributors: list[str], way: Way) -> float:
    """Search and return the seconds of the processor that it took."""
    words = ["--study", library, "--library", library, "--leave-out", "contributor", "--method", way.method, "--quiet"]
    words += [word for name in contributors for word in ("--contributor", name)]
    words += ["--model", way.model] if way.model else []
    words += ["--name", _search(way), "--replace"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, "identify", str(lab), *words], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _search(way: Way) -> str:
    return "-".join(["which", way.method, *([way.model] if way.model else [])])


def answers(lab: Path, ways: list[Way]) -> tuple[dict[Way, np.ndarray], np.ndarray, np.ndarray]:
    """Tell which queries in reach were answered rightly, by way; their analytes; and which have two or more candidates."""
    with connect(lab) as opened:
        tables = {
            way: opened.sql(
                "FROM search_truth($search) WHERE answerable ORDER BY query_id", {"search": _search(way)}
            ).to_arrow_table()
            for way in ways
        }
    first = tables[ways[0]]
    for way, table in tables.items():
        if table["query_id"] != first["query_id"]:
            msg = f"{way.name} was asked other queries than {ways[0].name}: embed all spectra first"
            raise ValueError(msg)
    right = {way: table["correct"].to_numpy(zero_copy_only=False).astype(bool) for way, table in tables.items()}
    units = np.unique(first["analyte_id"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)[1]
    return right, units, first["n_candidate_analytes"].to_numpy() > 1


def difference(right: np.ndarray, other: np.ndarray, units: np.ndarray) -> str:
    """Say a paired difference of shares, with its interval."""
    gained = right.astype(float) - other.astype(float)
    of_units = np.bincount(units, gained)[:, None]
    n = np.bincount(units).astype(float)[:, None]
    low, high = ratio_intervals(of_units, n, draw_weights(len(n), resamples=RESAMPLES, seed=0))
    return f"{gained.mean():+.4f} [{low[0]:+.4f}, {high[0]:+.4f}]"


if __name__ == "__main__":
    main()
