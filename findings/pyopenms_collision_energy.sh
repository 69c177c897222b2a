#!/usr/bin/env bash
# pyopenms 3.6.0 says that a precursor's activation energy is 0 where mzML states a collision energy.
#
# Expected: Precursor.getActivationEnergy() gives the 30 eV of the file's "collision energy" (MS:1000045), which nearly all files have.
# Seen: it gives 0.0. The 30 lies among the free meta values, under the key "collision energy"; the field is filled from the rarer term
#   "activation energy" (MS:1000509) alone, and 0.0 also stands for "not stated".
# Why it matters: fragment spectra are comparable by energy; a table filled from the field says 0 eV of every spectrum.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'pyopenms==3.6.0' 'psims==1.4.0' 'numpy==2.4.6'
"$work/venv/bin/python" -W ignore - "$work" <<'PYTHON'
import sys

import numpy as np
import pyopenms
from psims.mzml import MzMLWriter


def precursor(term):
    path = f"{sys.argv[1]}/{term.replace(' ', '_')}.mzML"
    with MzMLWriter(path, close=True) as out:
        out.controlled_vocabularies()
        out.file_description(["MSn spectrum"])
        out.software_list([{"id": "writer", "version": "1", "params": ["custom unreleased software tool"]}])
        parts = [out.Source(1, ["electrospray ionization"]), out.Analyzer(2, ["orbitrap"]), out.Detector(3, ["inductive detector"])]
        out.instrument_configuration_list([out.InstrumentConfiguration(id="orbitrap", component_list=parts)])
        steps = [out.ProcessingMethod(order=1, software_reference="writer", params=["Conversion to mzML"])]
        out.data_processing_list([out.DataProcessing(steps, id="conversion")])
        with out.run(id="run", instrument_configuration="orbitrap"), out.spectrum_list(count=1):
            out.write_spectrum(
                np.array([110.07, 138.07]), np.array([1.0, 2.0]), id="scan=1", params=[{"ms level": 2}], polarity="positive scan",
                scan_start_time=1.5, precursor_information={"mz": 195.0877, "charge": 1, "activation": ["HCD", {term: 30}]},
            )
    run = pyopenms.MSExperiment()
    pyopenms.MzMLFile().load(path, run)
    (found,) = run[0].getPrecursors()
    key = "collision energy"
    return found.getActivationEnergy(), found.getMetaValue(key) if found.metaValueExists(key) else None


seen = {term: precursor(term) for term in ("collision energy", "activation energy")}
print("(field, meta value):", seen)
if seen != {"collision energy": (0.0, 30.0), "activation energy": (30.0, None)}:
    raise SystemExit("the behaviour has changed")
PYTHON
