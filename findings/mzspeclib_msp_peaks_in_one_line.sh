#!/usr/bin/env bash
# mzspeclib 1.0.7 reads the first peak of a line of an MSP file and makes one at m/z 1.0 of the line's other peaks.
#
# Expected: three peaks of three, as NIST's exports write several "m/z intensity;" pairs a line; or an error.
# Seen: two peaks, the first as written and one of m/z 1.0 and intensity 1.0; nothing is said, though the file states three. The same
#   peaks on lines of their own are read right.
# Why it matters: a library converted from such an export to mzSpecLib has lost most peaks and gained some that were never measured.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'mzspeclib==1.0.7'
"$work/venv/bin/python" -W ignore - "$work" <<'PYTHON'
import pathlib
import sys

from mzspeclib import SpectrumLibrary


def peaks(name, text):
    path = pathlib.Path(sys.argv[1]) / f"{name}.msp"
    path.write_text(f"Name: Caffeine\nPrecursorMZ: 195.0877\nNum Peaks: 3\n{text}\n\n")
    (spectrum,) = SpectrumLibrary(filename=str(path))
    return [tuple(peak[:2]) for peak in spectrum.peak_list]


seen = [peaks("one_line", "83.0604 20; 110.0713 50; 138.0662 100;"), peaks("three_lines", "83.0604 20\n110.0713 50\n138.0662 100")]
print(seen)
if seen != [[(83.0604, 20.0), (1.0, 1.0)], [(83.0604, 20.0), (110.0713, 50.0), (138.0662, 100.0)]]:
    raise SystemExit("the behaviour has changed")
PYTHON
