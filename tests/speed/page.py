"""One page of tables about speed and size: ``python tests/speed/page.py`` prints it, in Markdown, table by table.

``--scale 0.1`` runs smaller sizes, ``--only join paper ...`` some of the tables; ``--output FILE`` writes the page to a file as
well, ``--record`` each table to ``figures.json``, of which the tables of README.md beside it are made. A table that fails is
left out, with the reason in its place, and the exit code is 1. What uses much memory is measured in a process of its own. On a
machine that others use at the same time all takes longer, and ratios of short times scatter. Each table says how long it took.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
import tempfile
import time
import traceback
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))

from figures import PACKAGES, record_table
from page_table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

# Module and function of each table, the quick ones first. A module is imported when its turn comes: a process that measures
# imports this file, and everything imported here would count as its memory.
TABLES = {
    "join": ("pages.join", "join_table"),
    "small": ("pages.join", "small_table"),
    "peaks": ("pages.peaks", "peaks_table"),
    "reading": ("pages.reading", "reading_table"),
    "massbank": ("pages.reading", "massbank_table"),
    "embed": ("pages.embed", "throughput_table"),
    "growth": ("pages.join", "growth_table"),
    "open": ("pages.open", "open_table"),
    "sizes": ("pages.open", "sizes_table"),
    "paper": ("pages.paper", "paper_tables"),
    "lab": ("pages.embed", "lab_table"),
    "verb": ("pages.embed_verb", "embed_verb_table"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="size of everything, 1 as printed in the tables' titles")
    parser.add_argument("--only", nargs="*", choices=TABLES, default=list(TABLES))
    parser.add_argument("--output", type=Path, help="a file that gets the page too")
    parser.add_argument("--record", action="store_true", help="write the tables to figures.json")
    arguments = parser.parse_args()
    if arguments.output:
        arguments.output.write_text("", encoding="utf-8")

    def say(text: str) -> None:
        print(text, flush=True)
        if arguments.output:
            with arguments.output.open("a", encoding="utf-8") as file:
                print(text, file=file)

    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    say("# Speed and size\n")
    say(f"{platform.machine()}, {cores} cores, load {load:.1f} at the start (above 1 a core, others were at work)")
    say(", ".join(f"{name} {version(name)}" for name in PACKAGES))
    failed = [name for name in arguments.only if not _measured(name, arguments.scale, say, keep=arguments.record)]
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


def _measured(name: str, scale: float, say: Callable[[str], None], *, keep: bool) -> bool:
    begin = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory() as folder:
            module, function = TABLES[name]
            found = getattr(importlib.import_module(module), function)(Path(folder), scale)
            for i, table in enumerate([found] if isinstance(found, Table) else found):
                say(f"\n{table}\n\nMeasured in {time.perf_counter() - begin:.0f} s.")
                begin = time.perf_counter()
                if keep:
                    size = "" if scale == 1 else f" --scale {scale:g}"
                    command = f"python tests/speed/page.py --only {name}{size}"
                    record_table(f"{name}-{i + 1}" if i else name, table, command=command)
    except Exception as error:  # noqa: BLE001 - whatever it was, the other tables are still wanted
        traceback.print_exc()
        say(f"\n## {name}\n\nNot measured: {type(error).__name__}: {error}")
        return False
    return True


if __name__ == "__main__":
    main()
