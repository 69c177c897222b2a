"""Bringing a record's tables to the columns that their DDL declares, where that needs no knowledge of what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from spectradb.store.record_schema import TABLES, table_schema

if TYPE_CHECKING:
    from spectradb.store.record import Record


def sync_schema(record: Record) -> None:
    """Create tables that the record lacks, and add columns that its tables lack, NULL in the rows that are there.

    Whether a column may be NULL is no part of the record: the published file declares it, and is built anew after an upgrade.
    Done again after an interruption, this goes on with what is missing.

    Parameters
    ----------
    record : Record
        The record.
    """
    record.create()
    for table in TABLES:
        dataset = record.dataset(table)
        missing = [field for field in table_schema(table) if field.name not in dataset.schema.names]
        if missing:
            dataset.add_columns(pa.schema(missing))
