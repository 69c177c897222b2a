#!/usr/bin/env bash
# matchms 0.33.1 gives spectra from mzML an empty list as retention time, though the file states it.
#
# Expected: retention_time 90 (seconds), or 1.5 as the file has it in minutes.
# Seen: load_from_mzml gives retention_time [] and beside it scan_start_time [1.5], a list and without its unit.
# Why it matters: code that filters by retention time or writes it compares with a list; the time is in the spectrum under another name.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'matchms==0.33.1' 'psims==1.4.0' 'pyteomics==5.0.1' 'numpy==2.4.6'
"$work/venv/bin/python" -W ignore - "$work/one.mzML" <<'PYTHON'
import sys

import numpy as np
from matchms.importing import load_from_mzml
from psims.mzml import MzMLWriter
from pyteomics import mzml

path = sys.argv[1]
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
            scan_start_time=1.5, precursor_information={"mz": 195.0877, "charge": 1, "activation": ["HCD", {"collision energy": 30}]},
        )
(spectrum,) = load_from_mzml(path)
with mzml.read(path) as spectra:
    stated = next(spectra)["scanList"]["scan"][0]["scan start time"]
print("stated:", float(stated), stated.unit_info, "| matchms:", spectrum.get("retention_time"), spectrum.get("scan_start_time"))
if (float(stated), stated.unit_info, spectrum.get("retention_time"), spectrum.get("scan_start_time")) != (1.5, "minute", [], [1.5]):
    raise SystemExit("the behaviour has changed")
PYTHON
