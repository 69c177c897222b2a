#!/usr/bin/env bash
# mzspeclib 1.0.7: the command `mzspeclib validate` ends in a TypeError when a spectrum states its key as text.
#
# Expected: a message that the library spectrum key must be an integer.
# Seen: "TypeError: unhashable type: 'list'" while messages are gathered; the attribute, which then has two values, is hashed.
# Why it matters: identifiers of other libraries (accessions) are what one would write as the key, and the validator does not say so.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'mzspeclib==1.0.7'
printf '%s\n' '<mzSpecLib>' 'MS:1003186|library format version=1.0' 'MS:1003188|library name=x' '' '<Spectrum=1>' \
    'MS:1003061|library spectrum name=Caffeine' 'MS:1003237|library spectrum key=R1' 'MS:1003059|number of peaks=1' '<Analyte=1>' \
    'MS:1000866|molecular formula=C8H10N4O2' '<Peaks>' "$(printf '138.0662\t100')" > "$work/x.mzlib.txt"
if "$work/venv/bin/mzspeclib" validate "$work/x.mzlib.txt" > "$work/out" 2>&1; then
    echo "the behaviour has changed" >&2
    exit 1
fi
grep -F "TypeError: unhashable type: 'list'" "$work/out"
