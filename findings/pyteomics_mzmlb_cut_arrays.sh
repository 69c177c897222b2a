#!/usr/bin/env bash
# pyteomics 5.0.1 reads an mzMLb file whose arrays were cut, and returns what is left of them without a word.
#
# Expected: an error for a spectrum whose array ends before the length that the file states.
# Seen: of 4 m/z values that are stated and 1 that is there, 1 is returned, beside 4 intensities.
# Why it matters: a download that broke off yields spectra with fewer peaks, or with m/z and intensities of different spectra.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'pyteomics==5.0.1' 'psims==1.4.0' 'h5py==3.16.0' 'hdf5plugin==7.1.0' numpy lxml
"$work/venv/bin/python" -W ignore - "$work/cut.mzMLb" <<'PYTHON'
import sys

import h5py
import numpy as np
from psims.mzmlb import MzMLbWriter
from pyteomics import mzmlb

path = sys.argv[1]
with MzMLbWriter(path) as out:
    out.controlled_vocabularies()
    out.file_description(["MSn spectrum"])
    out.software_list([{"id": "psims", "version": "1", "params": ["python-psims"]}])
    source = out.Source(1, ["electrospray ionization"])
    out.instrument_configuration_list([out.InstrumentConfiguration("IC1", [source])])
    out.data_processing_list([out.DataProcessing([out.ProcessingMethod(1, "psims", ["Conversion to mzML"])], id="DP")])
    with out.run(id="run", instrument_configuration="IC1"), out.spectrum_list(count=1):
        out.write_spectrum(
            np.array([50.0, 60.0, 70.0, 80.0]), np.array([1.0, 2.0, 3.0, 4.0]), id="scan=1", params=[{"ms level": 2}]
        )
with h5py.File(path, "r+") as file:
    del file["spectrum_MS_1000514_float64"]
    file["spectrum_MS_1000514_float64"] = np.array([50.0])
(spectrum,) = mzmlb.MzMLb(path)
seen = (spectrum["m/z array"].tolist(), spectrum["intensity array"].tolist())
print(seen)
if seen != ([50.0], [1.0, 2.0, 3.0, 4.0]):
    raise SystemExit("the behaviour has changed")
PYTHON
