"""Similarity search over your own Parquet files, without importing them into a lab.

``spectradb.extend`` teaches a DuckDB connection that you have the function ``embed`` and the macros ``similarity_join``,
``rank_analytes`` and ``nearest``. For the example, a library and two unknown spectra are written to Parquet first.
"""

from __future__ import annotations

import contextlib
import tempfile

import duckdb

import spectradb

WRITE_LIBRARY = """
    COPY (
        FROM (VALUES
            (1, 'caffeine', 195.0877, [69.045, 83.060, 110.071, 138.066], [4.0, 6.0, 20.0, 100.0]),
            (2, 'theophylline', 181.0720, [69.045, 96.056, 124.050], [10.0, 25.0, 100.0]),
            (3, 'theobromine', 181.0720, [83.060, 110.071, 138.066, 163.061], [8.0, 30.0, 100.0, 40.0])
        ) AS known (id, name, precursor_mz, mz, intensity)
    ) TO 'library.parquet'
"""
WRITE_UNKNOWN = """
    COPY (
        FROM (VALUES
            (101, 181.0722, [83.061, 110.072, 138.067], [10.0, 28.0, 100.0]),
            (102, 195.0875, [69.044, 110.071, 138.065], [5.0, 18.0, 100.0])
        ) AS unknown (id, precursor_mz, mz, intensity)
    ) TO 'unknown.parquet'
"""

with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), spectradb.extend(duckdb.connect()) as con:
    con.execute(WRITE_LIBRARY)
    con.execute(WRITE_UNKNOWN)

    # What the joins need of a relation: id, precursor_mz, ion_mode and embedding.
    con.execute("""
        CREATE MACRO embedded(file) AS TABLE
        SELECT *, 'positive' AS ion_mode, embed(mz::DOUBLE[], intensity::FLOAT[], precursor_mz, 'positive') AS embedding
        FROM read_parquet(file)
    """)
    con.execute("CREATE TABLE library AS FROM embedded('library.parquet')")
    con.execute("CREATE TABLE unknown AS FROM embedded('unknown.parquet')")

    found = con.sql("""
        SELECT query_id, rank, name, round(score, 2) AS score, round(ppm_error, 1) AS ppm_error
        FROM similarity_join('unknown', 'library', ppm := 10, k := 2)
        JOIN library ON library.id = library_id
        ORDER BY query_id, rank
    """)
    for query_id, rank, name, score, ppm_error in found.fetchall():
        print(f"spectrum {query_id}, rank {rank}: {name}, score {score:.2f}, {ppm_error:+.1f} ppm")
