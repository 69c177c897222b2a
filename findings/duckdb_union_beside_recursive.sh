#!/usr/bin/env bash
# DuckDB 1.4.5 keeps duplicates of a UNION that stands in a WITH RECURSIVE and is not recursive itself.
#
# Expected: UNION gives each row once. RECURSIVE only allows the parts of the WITH to name themselves; one that does not is as usual.
# Seen: every row of both sides, as by UNION ALL, without a word; the same part of a plain WITH gives each row once. 1.1.3, 1.2.2 and
#   1.3.2 do as 1.4.5, the release with long support; 1.5.6 and 2.0.1 give each row once.
# Why it matters: connected components of a molecular network are a recursive query, and the list of its spectra, each edge having
#   two ends, is a UNION beside it. Families came out many times too large in clients with an older engine.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for version in 1.4.5 1.5.6; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version"
    "$work/$version/bin/python" - <<'PYTHON'
import duckdb

con = duckdb.connect()
con.execute("CREATE TABLE edges AS SELECT * FROM (VALUES (1, 2), (1, 3), (2, 3)) AS pairs (a, b)")
spectra = "spectra AS (SELECT a AS id FROM edges UNION SELECT b FROM edges) SELECT id FROM spectra ORDER BY id"
plain, beside = ([row[0] for row in con.execute(f"{words} {spectra}").fetchall()] for words in ("WITH", "WITH RECURSIVE"))
print(f"DuckDB {duckdb.__version__}: in a plain WITH {plain}, in a WITH RECURSIVE {beside}")
expected = [1, 1, 2, 2, 3, 3] if duckdb.__version__ == "1.4.5" else [1, 2, 3]
if (plain, beside) != ([1, 2, 3], expected):
    raise SystemExit("the behaviour has changed")
PYTHON
done
