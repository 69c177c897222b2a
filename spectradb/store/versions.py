"""The schema version of a lab: checked on opening, raised by an upgrade."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from spectradb.errors import SchemaVersionMismatch
from spectradb.store.schema_sync import sync_schema
from spectradb.store.schema_version import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from spectradb.store.record import Record

#: For each schema version, what turns a record of it into one of the next.
UPGRADES: dict[int, Callable[[Record], None]] = {1: sync_schema, 2: sync_schema}


def write_new(record: Record, spectradb_version: str) -> None:
    """Note the properties of a new lab.

    Parameters
    ----------
    record : Record
        Its record, with empty tables.
    spectradb_version : str
        The version that makes it.
    """
    properties = {
        "schema_version": str(SCHEMA_VERSION),
        "created": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "spectradb_version": spectradb_version,
    }
    record.insert_new("properties", "name", pa.table({"name": list(properties), "value": list(properties.values())}))


def schema_version(record: Record) -> int:
    """Read the schema version of a record.

    Parameters
    ----------
    record : Record
        The record.

    Returns
    -------
    int
        Its version.

    Raises
    ------
    SchemaVersionMismatch
        If the record does not say.
    """
    rows = record.read("properties", where="name = 'schema_version'").to_pylist()
    if not rows:
        msg = (
            f"{record.lab} does not tell its schema version: making the lab was interrupted. Run `spectradb init` on it again."
        )
        raise SchemaVersionMismatch(msg)
    return int(rows[0]["value"])


def check(record: Record) -> None:
    """Check that this version of spectradb can work with a record.

    Parameters
    ----------
    record : Record
        The record.

    Raises
    ------
    SchemaVersionMismatch
        If it is older or newer, with what to do.
    """
    found, lab = schema_version(record), record.lab
    if found > SCHEMA_VERSION:
        msg = f"{lab} has schema version {found}, this spectradb knows {SCHEMA_VERSION}. Install a newer spectradb."
        raise SchemaVersionMismatch(msg)
    if found < SCHEMA_VERSION:
        remedy = f"Copy the lab, then run `spectradb upgrade {lab}`."
        msg = f"{lab} has schema version {found}, this spectradb needs {SCHEMA_VERSION}. {remedy}"
        raise SchemaVersionMismatch(msg)


def upgrade(record: Record) -> tuple[int, int]:
    """Bring a record to the current schema version, one version at a time; each step is noted when it is done.

    Parameters
    ----------
    record : Record
        The record.

    Returns
    -------
    (int, int)
        Schema version before and after.

    Raises
    ------
    SchemaVersionMismatch
        If the record is newer, or of a version from which no step is known.
    """
    before = version = schema_version(record)
    while version < SCHEMA_VERSION:
        step = UPGRADES.get(version)
        if step is None:
            msg = f"no upgrade from schema version {version} is known. Import the files into a new lab."
            raise SchemaVersionMismatch(msg)
        step(record)
        version += 1
        record.update("properties", "name", pa.table({"name": ["schema_version"], "value": [str(version)]}))
    check(record)
    return before, version
