"""Which tables the record has, and their columns.

Columns come from the DDL in ``schemas/tables``, so that record and published file cannot drift apart; columns that publishing
computes are left out.
"""

from __future__ import annotations

from functools import cache

import duckdb
import pyarrow as pa

from spectradb import schemas

TABLES = (
    "properties",
    "spectra",
    "structures",
    "libraries",
    "studies",
    "samples",
    "runs",
    "imports",
    "import_log",
    "models",
    "kept_states",
    "searches",
    "hits",
    "codebooks",
    "spectrum_codewords",
    "clusterings",
    "cluster_members",
    "feature_areas",
    "sample_embeddings",
    "sample_predictions",
    "sample_projection",
    "group_markers",
    "mces",
    "tautomers",
    "calibrations",
    "benchmarks",
    "benchmark_results",
)

#: A column that the record's structures have where a model placed them, and the length of its vectors.
STRUCTURE_PLACES, STRUCTURE_PLACES_DIMENSION = "structure_embedding_analogue", 256


@cache
def table_schema(table: str) -> pa.Schema:
    """Return the Arrow schema of a table of the record, read off its DDL.

    Parameters
    ----------
    table : str
        Name of the table.

    Returns
    -------
    pyarrow.Schema
        The columns that the record holds: those of the DDL except the ones computed when published.
    """
    with duckdb.connect() as con:
        con.execute(schemas.read(schemas.tables()[table]))
        names = [name for (name,) in con.execute(schemas.read("record/stored_columns"), {"table_name": table}).fetchall()]
        schema = con.table(table).limit(0).to_arrow_table().schema
    return pa.schema([schema.field(name) for name in names])
