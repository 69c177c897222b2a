"""Verbs about the lab itself: init, info, publish, upgrade, clean."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from spectradb.cli.lab_argument import LAB, open_files
from spectradb.cli.output import speaking
from spectradb.facade.queries import Queries
from spectradb.models.seen_in_training import IN_HOUSE
from spectradb.workspace.lab_files import LabFiles

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@LAB
@speaking
def init(lab: Path, *, as_json: bool, quiet: bool) -> None:
    """Make a lab in a new or empty directory, or at s3://bucket/path; an existing lab stays as it is."""
    made = LabFiles(lab)
    made.create_if_missing()
    made.check()
    ready = f"lab ready: {made.place}; working copy: {made.published}" if made.address else f"lab ready: {made.published}"
    _say({"lab": made.place, "published": str(made.published)}, ready, as_json=as_json, quiet=quiet)


@click.command()
@LAB
@speaking
def info(lab: Path, *, as_json: bool, quiet: bool) -> None:
    """Say what a lab holds: libraries, studies, models and searches."""
    tables = Queries(open_files(lab)).info()
    lines = [f"{row['name']}: {row['value']}" for row in tables["properties"]]
    for kind in ("libraries", "studies"):
        counts = ("n_spectra", "n_analytes", "n_duplicates")
        lines += [
            f"{kind}: {row['name']}: " + ", ".join(f"{row[count]:,} {count.removeprefix('n_')}" for count in counts)
            for row in tables[kind]
        ]
    for row in tables["models"]:
        in_house = f"; {IN_HOUSE}" if (row["licence"] or "").startswith(IN_HOUSE) else ""
        lines.append(f"models: {row['name']}: {row['kind']}, {row['dimension']} dimensions{in_house}")
    for row in tables["searches"]:
        answered = f"{row['n_answered']:,} of {row['n_queries']:,} answered"
        within = "open" if row["ppm"] is None else f"{row['ppm']} ppm"
        lines.append(f"searches: {row['search_id']}: {answered} by {row['model'] or row['method']}, {within}")
    _say(tables, "\n".join(lines), as_json=as_json, quiet=quiet)


@click.command()
@LAB
@click.option("--rebuild", is_flag=True, help="Fill every table from the record, in its order, also the unchanged ones.")
@speaking
def publish(lab: Path, *, rebuild: bool, as_json: bool, quiet: bool) -> None:
    """Build lab.duckdb from the record again; other verbs do so by themselves."""
    done = open_files(lab).publish(rebuild=rebuild)
    tables = {"filled": list(done.filled), "changed": list(done.changed), "copied": list(done.copied)}
    result = {"published": str(done.path), **tables}
    changed = f"{len(done.changed)} changed, " if done.changed else ""
    line = f"published: {done.path} ({len(done.filled)} tables filled from the record, {changed}{len(done.copied)} copied)"
    _say(result, line, as_json=as_json, quiet=quiet)


@click.command()
@LAB
@speaking
def upgrade(lab: Path, *, as_json: bool, quiet: bool) -> None:
    """Bring a lab made by an older spectradb to the current schema version."""
    before, after = LabFiles(lab).upgrade()
    _say({"before": before, "after": after}, f"schema version {before} -> {after}", as_json=as_json, quiet=quiet)


@click.command()
@LAB
@click.option("--older-than-days", default=1.0, show_default=True, help="Keep versions younger than this.")
@speaking
def clean(lab: Path, *, older_than_days: float, as_json: bool, quiet: bool) -> None:
    """Remove old versions of the record and what killed writers left behind."""
    freed = open_files(lab).clean(older_than_days=older_than_days)
    _say({"bytes_freed": freed}, f"{freed / 1e6:,.1f} MB freed", as_json=as_json, quiet=quiet)


def _say(result: object, line: str, *, as_json: bool, quiet: bool) -> None:
    if not quiet:
        click.echo(json.dumps(result, default=str) if as_json else line)


COMMANDS = (init, info, publish, upgrade, clean)
