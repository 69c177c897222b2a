#!/usr/bin/env bash
# massql 2026.3.14 takes every ion of an MGF file for a positive one.
#
# Expected: a spectrum with CHARGE=1- is found by POLARITY=Negative, one with CHARGE=2+ by POLARITY=Positive.
# Seen: the loader keeps the size of the charge and drops its sign: POLARITY=Negative finds nothing and POLARITY=Positive both.
# Why it matters: libraries and exports of feature tables are MGF files; a query by polarity answers with the wrong half, without a word.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'massql==2026.3.14'
"$work/venv/bin/python" -W ignore - "$work/two.mgf" 2>"$work/log" <<'PYTHON' || { cat "$work/log" >&2; exit 1; }
import pathlib
import sys

from massql import msql_engine

path = pathlib.Path(sys.argv[1])
path.write_text(
    "BEGIN IONS\nTITLE=glucose\nSCANS=1\nPEPMASS=179.0561\nCHARGE=1-\n59.01 1\n89.02 2\nEND IONS\n"
    "BEGIN IONS\nTITLE=peptide\nSCANS=2\nPEPMASS=250.5\nCHARGE=2+\n59.01 1\n89.02 2\nEND IONS\n"
)


def scans(condition):
    found = msql_engine.process_query(f"QUERY scaninfo(MS2DATA) WHERE MS2PREC=100:TOLERANCEMZ=900{condition}", str(path))
    return [(int(scan), int(charge)) for scan, charge in zip(found["scan"], found["charge"], strict=True)] if len(found) else []


seen = {condition: scans(condition) for condition in ("", " AND POLARITY=Negative", " AND POLARITY=Positive")}
print("(scan, charge):", seen)
both = [(1, 1), (2, 2)]
if seen != {"": both, " AND POLARITY=Negative": [], " AND POLARITY=Positive": both}:
    raise SystemExit("the behaviour has changed")
PYTHON
