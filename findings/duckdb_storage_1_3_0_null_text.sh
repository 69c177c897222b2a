#!/usr/bin/env bash
# DuckDB 1.3.2 reads the text of a file that DuckDB 1.5.6 wrote for it (STORAGE_VERSION 'v1.3.0') as NULL.
#
# Expected: the same rows, or a refusal such as older versions give: 'v1.3.0' promises that 1.3 can read the file.
# Seen: no error; numbers, lists and a column of two words are as written, but in a column of a hundred names, some NULL, every name
#   is NULL, so that filters by name find nothing. The same table as 'v1.2.0' is read right by 1.3.2.
# Why it matters: tools keep their own DuckDB for years. Names of compounds would be gone without a word; 'v1.0.0' is safe for all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for version in 1.3.2 1.5.6; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version"
done
for storage in v1.2.0 v1.3.0; do
    "$work/1.5.6/bin/python" - "$work/$storage.duckdb" "$storage" <<'PYTHON'
import sys

import duckdb

path, storage = sys.argv[1:]
con = duckdb.connect()
con.execute(f"ATTACH '{path}' AS lab (STORAGE_VERSION '{storage}')")
con.execute("""
    CREATE TABLE lab.spectra AS
    SELECT i AS spectrum_id, CASE WHEN i % 2 = 0 THEN 'positive' ELSE 'negative' END AS ion_mode,
        CASE WHEN i % 7 > 0 THEN 'compound ' || (i % 100) END AS name
    FROM range(200_000) AS spectra (i)
""")
PYTHON
    for version in 1.5.6 1.3.2; do
        "$work/$version/bin/python" - "$work/$storage.duckdb" "$storage" <<'PYTHON'
import sys

import duckdb

path, storage = sys.argv[1:]
con = duckdb.connect(path, read_only=True)
seen = con.execute("SELECT sum(spectrum_id), count(*) FILTER (ion_mode = 'positive'), count(name), max(name) FROM spectra").fetchone()
print(f"written as {storage}, read by {duckdb.__version__}:", seen)
is_lost = storage == "v1.3.0" and duckdb.__version__ == "1.3.2"
if seen != (19999900000, 100000, *((0, None) if is_lost else (171428, "compound 99"))):
    raise SystemExit("the behaviour has changed")
PYTHON
    done
done
