"""The first sections of the report: what the lab holds, and what its imports did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.report.page import Section
from spectradb.report.queries import ask
from spectradb.report.tables import Column, as_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

_COLLECTIONS = (
    Column("kind", "kind"),
    Column("name", "name"),
    Column("n_spectra", "spectra", as_count),
    Column("n_analytes", "annotated analytes", as_count),
    Column("n_duplicates", "duplicates", as_count),
    Column("n_runs", "runs", as_count),
    Column("n_samples", "samples", as_count),
    Column("origin", "origin", is_long=True),
    Column("licence", "licence"),
)
_MODELS = (
    Column("name", "model"),
    Column("kind", "kind"),
    Column("dimension", "dimensions", as_count),
    Column("fingerprint", "fingerprint"),
    Column("licence", "passing it on", is_long=True),
    Column("created", "first used (UTC)"),
)
_IMPORTS = (
    Column("collection", "collection"),
    Column("n", "number", as_count),
    Column("what", "outcome and reason"),
    Column("n_files", "files", as_count),
)


def lab_section(con: duckdb.DuckDBPyConnection, *, collections: Sequence[str] | None) -> Section | None:
    """Describe collections and models.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    collections : sequence of str or None
        Only these; None: all.

    Returns
    -------
    Section or None
        None when the lab holds no collection.
    """
    there = ask(con, "report/collections")
    shown = [row for row in there if collections is None or row["name"] in collections]
    if not shown:
        return None
    section = Section("lab", "The lab")
    section.facts(
        [
            ("spectra in libraries", as_count(sum(row["n_spectra"] for row in shown if row["kind"] == "library"))),
            ("spectra in studies", as_count(sum(row["n_spectra"] for row in shown if row["kind"] == "study"))),
            ("runs of studies", as_count(sum(row["n_runs"] for row in shown if row["kind"] == "study"))),
            ("samples", as_count(sum(row["n_samples"] or 0 for row in shown))),
        ]
    )
    section.table(_COLLECTIONS, shown, caption="Libraries and studies")
    models = ask(con, "report/models")
    if models:
        section.table(_MODELS, models, caption="Models whose vectors the spectra have")
    return section


def import_section(con: duckdb.DuckDBPyConnection, *, collections: Sequence[str] | None) -> Section | None:
    """Count what the imports read, kept, dropped and changed.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    collections : sequence of str or None
        Only these; None: all.

    Returns
    -------
    Section or None
        None when nothing was imported.
    """
    rows = ask(con, "report/imports", collections=None if collections is None else list(collections))
    if not rows:
        return None
    section = Section("imports", "Imports")
    section.say(
        "Every spectrum that was read is counted: as kept or dropped, and as changed where it was stored with a correction or "
        "a flag. For failed files the number is of files."
    )
    section.table(_IMPORTS, [row | {"what": _outcome(row)} for row in rows])
    meanings = {row["reason"]: row["explanation"] for row in rows if row["explanation"]}
    section.words(sorted(meanings.items()))
    return section


def _outcome(row: dict[str, Any]) -> str:
    return str(row["outcome"]) if row["reason"] == row["outcome"] else f"{row['outcome']}: {row['reason']}"
