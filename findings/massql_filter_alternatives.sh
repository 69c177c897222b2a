#!/usr/bin/env bash
# massql 2026.3.14 takes the first of several alternatives behind FILTER and passes over the others, and over EXCLUDED.
#
# Expected: FILTER MS2PROD=(85.03 OR 97.03) shows both peaks, and scansum adds them; with EXCLUDED it shows the rest.
# Seen: scansum gives the first peak alone, in all three cases.
# Why it matters: sums of diagnostic fragments are compared between samples; they come out too small, without a word.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'massql==2026.3.14'
"$work/venv/bin/python" -W ignore - "$work/one.mgf" 2>"$work/log" <<'PYTHON' || { cat "$work/log" >&2; exit 1; }
import pathlib
import sys

from massql import msql_engine

path = pathlib.Path(sys.argv[1])
path.write_text(
    "BEGIN IONS\nTITLE=hexose\nSCANS=1\nPEPMASS=300.1\nCHARGE=1+\n85.0284 10\n97.0284 20\n150.1 100\nEND IONS\n"
)


def total(peaks):
    found = msql_engine.process_query(f"QUERY scansum(MS2DATA) WHERE MS2PREC=300.1 FILTER MS2PROD={peaks}", str(path))
    return float(found["i"].iloc[0])


seen = {peaks: total(peaks) for peaks in ("85.03", "(85.03 OR 97.03)", "85.03:EXCLUDED")}
print("sums:", seen, "expected: 10, 30 and 120")
if set(seen.values()) != {10.0}:
    raise SystemExit("the behaviour has changed")
PYTHON
