#!/usr/bin/env bash
# pyteomics 5.0.1 reads one spectrum from an MGF file of three whose TITLE lines are equal.
#
# Expected: three spectra, as the file has three blocks.
# Seen: mgf.read(path) opens a path with an index from titles to places. Equal titles share one entry, so that iterating gives the last
#   of the three alone, without a warning. The same file read from an open handle, which has no index, gives all three.
# Why it matters: titles need not be unique in the format, and exports of feature tables and of libraries repeat them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'pyteomics==5.0.1' 'numpy==2.3.5'
for mz in 101 202 303; do
    printf 'BEGIN IONS\nTITLE=caffeine\nPEPMASS=%s.5\n50.0 1\nEND IONS\n' "$mz"
done > "$work/three.mgf"
"$work/venv/bin/python" -W error - "$work/three.mgf" <<'PYTHON'
import sys

from pyteomics import mgf

path = sys.argv[1]
with mgf.read(path) as by_path:
    indexed = [spectrum["params"]["pepmass"][0] for spectrum in by_path]
with open(path, encoding="utf-8") as handle:
    streamed = [spectrum["params"]["pepmass"][0] for spectrum in mgf.read(handle)]
print("by path:", indexed, "by handle:", streamed)
if indexed != [303.5] or streamed != [101.5, 202.5, 303.5]:
    raise SystemExit("the behaviour has changed")
PYTHON
