"""The queries behind a dashboard, through SQLAlchemy, as BI tools ask them.

The published file is opened read-only, so any number of dashboards can look at it while spectradb publishes the next one. Only
views are read: they hold no lists, which few BI tools take. Run it where the directory ``spectradb-demo`` is, or give the path
of a ``lab.duckdb``. Needed: ``pip install duckdb-sqlalchemy``.
"""

from __future__ import annotations

import sys

import sqlalchemy

TILES = {
    "samples": """
        SELECT
            sample_group, count(*) AS runs, sum(n_spectra) AS spectra,
            sum(n_answered) AS answered, sum(n_confident) AS confident
        FROM sample_summary WHERE search_id = :search GROUP BY sample_group ORDER BY sample_group
    """,
    "share of ambiguous answers": """
        SELECT sample_group, round(avg(ambiguous::INTEGER), 3) AS ambiguous
        FROM identifications JOIN samples USING (sample_id)
        WHERE search_id = :search GROUP BY sample_group ORDER BY sample_group
    """,
    "libraries": """
        SELECT collection, ion_mode, n_spectra, n_analytes FROM library_coverage ORDER BY collection, ion_mode
    """,
    "imports that dropped or changed spectra": """
        SELECT collection, outcome, reason, n FROM import_summary
        WHERE outcome IN ('dropped', 'changed', 'failed') ORDER BY n DESC, collection, reason
    """,
}

path = sys.argv[1] if len(sys.argv) > 1 else "spectradb-demo/lab/lab.duckdb"
engine = sqlalchemy.create_engine(f"duckdb:///{path}", connect_args={"read_only": True})

with engine.connect() as connection:
    for title, query in TILES.items():
        print(f"\n{title}")
        parameters = {"search": "demo"} if ":search" in query else {}
        for row in connection.execute(sqlalchemy.text(query), parameters).mappings():
            print("  " + ", ".join(f"{name} {value}" for name, value in row.items()))
engine.dispose()
