"""Run a benchmark on a lab of yours and keep its tables, but speed, in ``figures.json``, for the page of benchmarks.

``python tests/speed/record_benchmark.py LAB massbank --contributor LCSB --method binned --method cosine_greedy --figure three``
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from figures import record

from spectradb.benchmarks.analogues import HALVES
from spectradb.benchmarks.protocols import PROTOCOLS
from spectradb.facade.lab import connect


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lab", type=Path)
    parser.add_argument("library")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="retrieval")
    parser.add_argument("--contributor", action="append", help="ask only the spectra of this one; may be repeated")
    parser.add_argument("--method", action="append", help="may be repeated; default: all")
    parser.add_argument("--molecules", type=int, help="for the protocol analogues, as the two that follow")
    parser.add_argument("--spectra-per-molecule", type=int)
    parser.add_argument("--half", choices=HALVES)
    parser.add_argument("--about", help="the data in a few words, for the headings; default: the name of the library")
    parser.add_argument("--figure", help="name of the entries; default: that of the benchmark")
    options = parser.parse_args()
    chosen = {"contributors": options.contributor, "methods": options.method}
    asking = {name: getattr(options, name) for name in ("molecules", "spectra_per_molecule", "half")}
    chosen |= asking
    with connect(options.lab) as lab:
        done = lab.benchmark(options.protocol, library=options.library, **{k: v for k, v in chosen.items() if v})
    given = [(f"--{name.replace('_', '-')}", str(value)) for name, value in asking.items() if value]
    words = [word for pair in given for word in pair] + [
        word
        for name, found in (("contributor", options.contributor), ("method", options.method))
        for each in found or []
        for word in (f"--{name}", each)
    ]
    command = shlex.join(["spectradb", "benchmark", "LAB", options.protocol, "--library", options.library, *words])
    tables = [table for table in done.findings.tables if table.rows and not table.title.startswith("speed")]
    name, about = options.figure or done.name, options.about or options.library
    for i, table in enumerate(tables):
        record(
            f"{name}-{i + 1}" if i else name,
            topic="methods",
            title=table.title if i else f"{about}: {table.title}",
            columns=table.header,
            rows=table.rows,
            notes=[". ".join(done.findings.notes) + "."] if table is tables[-1] else (),
            command=command,
        )
    print("\n".join(done.lines()))


if __name__ == "__main__":
    main()
