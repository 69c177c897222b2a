"""Measured figures: ``figures.json`` holds them, and the tables of figures on the pages are made of it.

A command that measures calls ``record`` (the scripts here with ``--record``); an entry of the same name is replaced.
``python tests/speed/figures.py --write``, from the root of the repository, renews the tables of the pages.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from page_table import Table

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).with_name("figures.json")

#: The page that shows the figures of each topic; its generated part is named ``figures of TOPIC``.
PAGES = {
    "speed": "tests/speed/README.md",
    "methods": "spectradb/benchmarks/README.md",
    "confidence": "spectradb/search/README.md",
    "choosing": "spectradb/search/README.md",
    "training": "spectradb/training/README.md",
    "clients": "tests/peers/README.md",
    "massql": "spectradb/massql/README.md",
    "clusters": "spectradb/clusters/README.md",
    "networks": "spectradb/networks/README.md",
    "contradictions": "spectradb/search/README.md",
}
PACKAGES = ("spectradb", "duckdb", "pylance", "lancedb", "numpy", "torch", "matchms", "ms_entropy")
MEASURED = "measured"

#: What every entry says, in this order.
FIELDS = (
    "figure",
    "topic",
    "title",
    "columns",
    "rows",
    "notes",
    "command",
    "commit",
    "versions",
    "machine",
    "date",
    "source",
)


def record(
    figure: str,
    *,
    topic: str,
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    notes: Sequence[str] = (),
    command: str | None = None,
    packages: Sequence[str] = PACKAGES,
    file: Path = FILE,
) -> dict[str, Any]:
    """Write what was measured as one entry, in the place of an earlier one of that name.

    Parameters
    ----------
    figure : str
        Name of the entry.
    topic : str
        One of ``PAGES``: which page shows it.
    title : str
        Heading of its table: what was measured, on what, at which size.
    columns : sequence of str
        Columns of the table, with units.
    rows : iterable of sequence
        Numbers, texts and None, as many as columns.
    notes : sequence of str
        Lines below the table.
    command : str, optional
        What to run to measure it again; default: the command of this process.
    packages : sequence of str
        Packages whose versions matter.
    file : pathlib.Path
        The file of entries.

    Returns
    -------
    dict
        The entry.

    Raises
    ------
    ValueError
        If the topic has no page, or a row has another number of cells than there are columns.
    """
    entry = {
        "figure": figure,
        "topic": topic,
        "title": title,
        "columns": list(columns),
        "rows": [[_value(cell) for cell in row] for row in rows],
        "notes": list(notes),
        "command": command or _command(),
        "commit": _commit(),
        "versions": {name: found for name in packages if (found := _version(name))},
        "machine": machine(),
        "date": datetime.now(UTC).date().isoformat(),
        "source": MEASURED,
    }
    check(entry)
    entries = [entry if known["figure"] == figure else known for known in load(file)]
    if entry not in entries:
        beside = [i for i, known in enumerate(entries, 1) if run_of(known) == run_of(entry)]
        entries.insert(beside[-1] if beside else len(entries), entry)
    save(entries, file)
    return entry


def record_table(figure: str, table: Table, *, topic: str = "speed", command: str | None = None) -> None:
    """Keep a table of a script, with its notes as one paragraph."""
    notes = [" ".join(table.notes)] if table.notes else []
    record(figure, topic=topic, title=table.title, columns=table.columns, rows=table.rows, notes=notes, command=command)


def load(file: Path = FILE) -> list[dict[str, Any]]:
    """Read all entries."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else []


def save(entries: Sequence[dict[str, Any]], file: Path = FILE) -> None:
    """Write all entries: a line a field and a row, so that a change of one number shows as one line."""
    text = json.dumps(entries, indent=1, ensure_ascii=False)
    short = re.compile(r"\[\n\s+((?:[^\[\]\"]|\"(?:[^\"\\]|\\.)*\")*?)\n\s+\]")
    text = short.sub(lambda found: "[" + re.sub(r",\n\s+", ", ", found[1]) + "]", text)
    file.write_text(f"{text}\n", encoding="utf-8")


def check(entry: dict[str, Any]) -> None:
    """Refuse an entry that no page could show."""
    if tuple(entry) != FIELDS:
        msg = f"figure {entry.get('figure')!r} has the fields {', '.join(entry)}; they are {', '.join(FIELDS)}"
        raise ValueError(msg)
    if entry["topic"] not in PAGES:
        msg = f"figure {entry['figure']!r}: no page shows the topic {entry['topic']!r}; topics are {', '.join(PAGES)}"
        raise ValueError(msg)
    if odd := [row for row in entry["rows"] if len(row) != len(entry["columns"])]:
        msg = f"figure {entry['figure']!r}: {len(entry['columns'])} columns, but a row is {odd[0]}"
        raise ValueError(msg)


def run_of(entry: dict[str, Any]) -> str:
    """Name what measured an entry: tables of one run are named ``speed``, ``speed-2``, ``speed-3``."""
    return re.sub(r"-\d+$", "", entry["figure"])


def parts(entries: Sequence[dict[str, Any]] | None = None) -> dict[str, str]:
    """Make the generated part of each page: the tables of a run one after the other, where they come from below the last."""
    known = load() if entries is None else entries
    made = {}
    for topic in PAGES:
        own = [entry for entry in known if entry["topic"] == topic]
        runs = [list(run) for _, run in itertools.groupby(own, lambda entry: (run_of(entry), _origin(entry)))]
        made[f"figures of {topic}"] = "\n\n".join(
            "\n\n".join([*(_table(entry, first=entry is run[0]) for entry in run), _origin(run[0])]) for run in runs
        )
    return made


def _table(entry: dict[str, Any], *, first: bool) -> str:
    rows = [entry["columns"], ["---"] * len(entry["columns"]), *([as_text(cell) for cell in row] for row in entry["rows"])]
    lines = [f"{'###' if first else '####'} {entry['title']}", "", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join([*lines, *(line for note in entry["notes"] for line in ("", note))])


def _origin(entry: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {found}" for name, found in entry["versions"].items())
    told = [f"{entry['date']}, commit {entry['commit']}", entry["machine"], *([versions] if versions else [])]
    if entry["source"] != MEASURED:
        told.insert(0, entry["source"][0].upper() + entry["source"][1:])
    command = f"`{entry['command']}`. " if entry["command"] else ""
    return f"<sub>{command}{'; '.join(told)}.</sub>"


def as_text(value: object) -> str:
    """Write a cell: three digits of a measured number, whole numbers with commas, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def machine() -> str:
    """Say what this machine is, and how busy it is with other things."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{platform.machine()}, {cores} cores, {memory:.0f} GB, load {os.getloadavg()[0]:.1f}"


def _value(cell: object) -> object:
    """Round a number to four digits; numbers of NumPy become Python's."""
    cell = cell.item() if hasattr(cell, "item") else cell
    return float(f"{cell:.4g}") if isinstance(cell, float) else cell


def _command() -> str:
    script = Path(sys.argv[0]).resolve()
    name = str(script.relative_to(ROOT)) if script.is_relative_to(ROOT) else script.name
    return shlex.join(["python", name, *(_as_others_have_it(word) for word in sys.argv[1:])])


def _as_others_have_it(word: str) -> str:
    """Name a place of this machine by what lies there."""
    place = Path(word)
    if not place.is_absolute():
        return word
    return "LAB" if (place / "lab.duckdb").is_file() else place.name


def _commit() -> str:
    """Name the last commit that changed the package, which is what was measured; other commits may come and go."""
    package = ("--", "spectradb", "schemas", "udfs", ":!*.md")

    def git(*words: str) -> str:
        return subprocess.run(["git", *words, *package], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("log", "-1", "--format=%h") + (" with changes" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def write() -> None:
    """Renew the tables of all pages."""
    sys.path.insert(0, str(ROOT / "tests"))
    from page_parts import with_parts  # noqa: PLC0415 - tests of pages are found only now

    for page in PAGES.values():
        path = ROOT / page
        path.write_text(with_parts(path.read_text(encoding="utf-8"), parts(), page), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", required=True, help="renew the tables of the pages")
    parser.parse_args()
    write()
