"""Tables about importing: reading beside matchms on the same files, and a whole library; they need spectra in ``../shared``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from measure import measure
from page_table import Table
from scale import MASSBANK
from test_import import COHORT, by_import, by_matchms, by_reader, import_massbank, write_cohort

from spectradb.facade.lab import connect

if TYPE_CHECKING:
    from pathlib import Path


def reading_table(folder: Path, scale: float) -> Table:
    """Read the cohort's spectra from one MGF and one MSP file."""
    sources = sorted(COHORT.glob("*.mgf"))
    table = Table(
        "Reading spectra from files, by one process",
        (
            "file",
            "spectra",
            "matchms, spectra/s",
            "spectradb, spectra/s",
            "times matchms",
            "whole import, spectra/s",
            "its peak GB",
        ),
    )
    if not sources:
        table.notes.append("The cohort's files are not at hand: nothing was measured.")
        return table
    for path in write_cohort(sources[: max(1, int(len(sources) * scale))], folder):
        theirs, ours, whole = (
            measure(by_matchms, path),
            measure(by_reader, path),
            measure(by_import, path, folder / path.suffix[1:]),
        )
        assert theirs.result == ours.result == whole.result
        rates = (ours.result / theirs.seconds, ours.result / ours.seconds, theirs.seconds / ours.seconds)
        table.rows.append((path.suffix[1:].upper(), ours.result, *rates, whole.result / whole.seconds, whole.peak_gb))
    table.notes.append("matchms reads and harmonises; a whole import computes structures, writes, logs and publishes as well.")
    return table


def massbank_table(folder: Path, scale: float) -> Table:
    """Import and publish MassBank, whatever the scale."""
    table = Table("MassBank 2025.05.1 imported and published", ("records", "kept", "dropped", "seconds", "peak GB"))
    if not MASSBANK.exists():
        table.notes.append("MassBank is not at hand: nothing was measured.")
        return table
    done = measure(import_massbank, MASSBANK, folder / "lab")
    with connect(folder / "lab") as lab:
        (kept,) = lab.sql("SELECT count(*) FROM spectra").fetchone() or (0,)
    table.rows.append((done.result, kept, done.result - kept, done.seconds, done.peak_gb))
    return table
