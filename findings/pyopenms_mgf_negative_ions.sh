#!/usr/bin/env bash
# pyopenms 3.6.0 writes a negative ion to MGF as "CHARGE=-1-" and can read neither that nor the usual "CHARGE=1-".
#
# Expected: "CHARGE=1-", as the format's definition has it, read back as charge -1.
# Seen: it writes "-1-". Loading its own file raises, and so does loading one with "1-": no spectrum of the file is read. "1+" is read.
# Why it matters: one negative ion keeps a whole MGF file out; and what it wrote needs a reader that knows this spelling.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'pyopenms==3.6.0' 'numpy==2.4.6'
"$work/venv/bin/python" - "$work" <<'PYTHON'
import pathlib
import sys

import pyopenms

work = pathlib.Path(sys.argv[1])


def read(path):
    run = pyopenms.MSExperiment()
    try:
        pyopenms.MascotGenericFile().load(str(path), run)
    except RuntimeError:
        return "refused"
    return [spectrum.getPrecursors()[0].getCharge() for spectrum in run]


spectrum = pyopenms.MSSpectrum()
spectrum.setMSLevel(2)
spectrum.set_peaks(([59.01, 89.02], [1.0, 2.0]))
ion = pyopenms.Precursor()
ion.setMZ(179.0561)
ion.setCharge(-1)
spectrum.setPrecursors([ion])
run = pyopenms.MSExperiment()
run.addSpectrum(spectrum)
own = work / "own.mgf"
pyopenms.MascotGenericFile().store(str(own), run)
written = [line for line in own.read_text().splitlines() if line.startswith("CHARGE=-")]
seen = {"written": written, "own file": read(own)}
for charge in ("1-", "1+"):
    path = work / "other.mgf"
    path.write_text(f"BEGIN IONS\nPEPMASS=179.0561\nCHARGE={charge}\n59.01 1\n89.02 2\nEND IONS\n")
    seen[charge] = read(path)
print(seen)
if seen != {"written": ["CHARGE=-1-"], "own file": "refused", "1-": "refused", "1+": [1]}:
    raise SystemExit("the behaviour has changed")
PYTHON
