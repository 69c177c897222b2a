#!/usr/bin/env bash
# mzspeclib 1.0.7 gives a collision energy that an MSP file states in percent the unit electronvolt, and a ramp its lower end.
#
# Expected: "35 % (nominal)" as a normalised energy in percent, as "35 NCE" is, or as a text without a unit; a ramp as a ramp.
# Seen: "HCD 35% (nominal)" stays a text and gets the unit electronvolt. "20-40 eV" becomes 20 eV. "35 NCE" is percent.
# Why it matters: both notations are common in public libraries; 35 % of an ion of m/z 300 is some 21 eV.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'mzspeclib==1.0.7'
"$work/venv/bin/python" -W ignore - "$work" <<'PYTHON'
import pathlib
import sys

from mzspeclib import SpectrumLibrary


def energy(number, stated):
    path = pathlib.Path(sys.argv[1]) / f"{number}.msp"
    path.write_text(f"Name: Caffeine\nPrecursorMZ: 195.0877\nCollision_energy: {stated}\nNum Peaks: 1\n138.0662 100\n\n")
    (spectrum,) = SpectrumLibrary(filename=str(path))
    return [str(attribute.value).rpartition("|")[2] for attribute in spectrum.attributes if "energy" in attribute.key or "unit" in attribute.key]


stated = ("HCD 35% (nominal)", "20-40 eV", "35 NCE")
seen = {text: energy(number, text) for number, text in enumerate(stated)}
print(seen)
if seen != {
    "HCD 35% (nominal)": ["HCD 35% (nominal)", "electronvolt"],
    "20-40 eV": ["20", "electronvolt"],
    "35 NCE": ["35", "percent"],
}:
    raise SystemExit("the behaviour has changed")
PYTHON
