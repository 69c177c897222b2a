#!/usr/bin/env bash
# DuckDB 1.5.6 drops AS MATERIALIZED from macros and views that it stores in a file of STORAGE_VERSION 'v1.0.0'.
#
# Expected: a macro is kept as it was written; of what an older version has no word for, CREATE says so. MATERIALIZED is no such
#   word: all versions since 1.0 know it.
# Seen: the stored text has no MATERIALIZED, without a word; in a file of 'v1.5.0' it is there. 1.5.6 itself evaluates such a part
#   once all the same. 1.2.2, for which such files are written, evaluates it wherever it is named: two looks at one random number
#   differ, where the statement typed into 1.2.2 gives one number.
# Why it matters: a macro that lists all pairs of similar spectra once, and counts and filters them, lists them several times over
#   in older clients: a minute instead of seconds, and another answer where chance is in it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for version in 1.5.6 1.2.2; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version"
done
"$work/1.5.6/bin/python" - "$work" <<'PYTHON'
import sys

import duckdb

stored = {}
for storage in ("v1.0.0", "v1.5.0"):
    con = duckdb.connect()
    con.execute(f"ATTACH '{sys.argv[1]}/{storage}.db' AS lab (STORAGE_VERSION '{storage}')")
    number = "WITH x AS MATERIALIZED (SELECT random() AS r) SELECT (SELECT r FROM x) = (SELECT r FROM x) AS same"
    con.execute(f"CREATE MACRO lab.number() AS TABLE {number}")
    con.execute("DETACH lab")
    con.execute(f"ATTACH '{sys.argv[1]}/{storage}.db' AS lab (READ_ONLY)")
    (text,) = con.execute("SELECT macro_definition FROM duckdb_functions() WHERE function_name = 'number'").fetchone()
    stored[storage] = "MATERIALIZED" in text
    print(f"DuckDB {duckdb.__version__}, storage {storage}: {text}; same: {con.execute('FROM lab.number()').fetchone()[0]}")
if stored != {"v1.0.0": False, "v1.5.0": True}:
    raise SystemExit("the behaviour has changed")
PYTHON
"$work/1.2.2/bin/python" - "$work" <<'PYTHON'
import sys

import duckdb

con = duckdb.connect()
con.execute(f"ATTACH '{sys.argv[1]}/v1.0.0.db' AS lab (READ_ONLY)")
(stored,) = con.execute("FROM lab.number()").fetchone()
typed = "WITH x AS MATERIALIZED (SELECT random() AS r) SELECT (SELECT r FROM x) = (SELECT r FROM x) AS same"
(typed,) = con.execute(typed).fetchone()
print(f"DuckDB {duckdb.__version__}: same by the stored macro: {stored}, by the statement itself: {typed}")
if (stored, typed) != (False, True):
    raise SystemExit("the behaviour has changed")
PYTHON
