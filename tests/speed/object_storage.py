"""The table about labs on object storage: the same verbs on a directory and on an S3 server of this machine.

``python tests/speed/object_storage.py --file massbank.parquet`` imports the file (a table with the columns of MassBank's,
or any spectrum file with ``--select ''``) as a library, embeds it, and opens the lab as another machine does, which fetches the
published file. The server keeps objects in memory and answers without the delay of a network; requests are counted, so that a
delay can be added: at 30 ms each, 100 requests one after another take 3 s.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1] / "made"))

import s3_server
from figures import record_table
from page_table import Table
from scale import MASSBANK

from spectradb.facade.lab import connect

if TYPE_CHECKING:
    from collections.abc import Callable


def measure(table: Table, place: str, file: Path, select: str | None, server: s3_server.S3Server | None, again: Path) -> None:
    """Run the verbs on one lab and add a row for each.

    Parameters
    ----------
    table : Table
        The table.
    place : str
        Directory or address.
    file : pathlib.Path
        What to import.
    select : str or None
        How to read it.
    server : S3Server or None
        The server, when it is an address.
    again : pathlib.Path
        Cache of another machine.
    """
    steps = {
        "init": lambda: connect(place, create=True),
        "import-library": lambda: connect(place).import_library("library", file, select=select),
        "embed": lambda: connect(place).embed("binned"),
        "sql": lambda: connect(place).sql("SELECT count(*) FROM spectra").fetchall(),
    }
    for verb, step in steps.items():
        _row(table, verb, step, server)
    if server:
        os.environ["XDG_CACHE_HOME"] = str(again)
        _row(table, "sql, elsewhere", steps["sql"], server)


def _row(table: Table, verb: str, step: Callable[[], object], server: s3_server.S3Server | None) -> None:
    before = len(server.requests()) if server else 0
    started = time.perf_counter()
    step()
    seconds = time.perf_counter() - started
    requests = len(server.requests()) - before if server else 0
    table.rows.append(("object storage" if server else "directory", verb, seconds, requests or None))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--file", type=Path, default=MASSBANK)
    parser.add_argument("--select", default="massbank")
    parser.add_argument("--scratch", type=Path, help="where the directories come to be; a temporary one when left out")
    parser.add_argument("--record", action="store_true", help="write the table to figures.json")
    arguments = parser.parse_args()
    table = Table(f"A lab of {arguments.file.stem} on object storage", ("lab in", "verb", "s", "requests"))
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as scratch:
        folder = Path(scratch)
        select = arguments.select or None
        measure(table, str(folder / "lab"), arguments.file, select, None, folder)
        (folder / "server").mkdir()
        with s3_server.running(folder / "server") as server:
            os.environ.update(server.environment, XDG_CACHE_HOME=str(folder / "here"))
            server.make_bucket("speed")
            measure(table, "s3://speed/lab", arguments.file, select, server, folder / "there")
            size = connect("s3://speed/lab").published.stat().st_size
    table.notes.append(f"lab.duckdb: {size / 1e6:,.0f} MB. The server is on the same machine and keeps objects in memory.")
    print(table)
    if arguments.record:
        record_table("object-storage", table)


if __name__ == "__main__":
    main()
