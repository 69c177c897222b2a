#!/usr/bin/env bash
# pyteomics 5.0.1 returns numbers that are no m/z from mzML with numpress arrays where pynumpress is not installed.
#
# Expected: an error that names the missing package, for every such array.
# Seen: the compressed bytes are taken for plain doubles. Where their count divides by eight, an array of another length and of absurd
#   values comes back without a word; elsewhere numpy raises for its own reason. With pynumpress installed both are read right.
# Why it matters: numpress is an option of the usual converters, and the package is no dependency that pip would install.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in bare whole; do
    python3 -m venv "$work/$name"
    "$work/$name/bin/pip" install --quiet --disable-pip-version-check 'pyteomics==5.0.1' 'psims==1.4.0' 'numpy==2.4.6'
done
"$work/whole/bin/pip" install --quiet --disable-pip-version-check 'pynumpress==0.0.9' 'pyopenms==3.6.0'
"$work/whole/bin/python" - "$work/run.mzML" <<'PYTHON'
import sys

import pyopenms

run = pyopenms.MSExperiment()
for count in range(3, 19):
    spectrum = pyopenms.MSSpectrum()
    spectrum.setMSLevel(2)
    spectrum.setNativeID(f"scan={count}")
    spectrum.set_peaks(([100 + 7.0123 * peak + 0.01 * peak % 3 for peak in range(count)], [1.0] * count))
    run.addSpectrum(spectrum)
numpress = pyopenms.NumpressConfig()
numpress.np_compression = pyopenms.MSNumpressCoder.NumpressCompression.LINEAR
numpress.estimate_fixed_point = True
options = pyopenms.PeakFileOptions()
options.setCompression(False)
options.setNumpressConfigurationMassTime(numpress)
file = pyopenms.MzMLFile()
file.setOptions(options)
file.store(sys.argv[1], run)
PYTHON
for name in bare whole; do
    "$work/$name/bin/python" -W ignore - "$work/run.mzML" "$name" <<'PYTHON'
import sys

import numpy as np
from pyteomics import mzml

path, name = sys.argv[1:]
seen = {"right": 0, "wrong": 0, "raised": 0}
with mzml.MzML(path) as spectra:
    for count in range(3, 19):
        stated = np.array([100 + 7.0123 * peak + 0.01 * peak % 3 for peak in range(count)])
        try:
            read = spectra.get_by_id(f"scan={count}")["m/z array"]
        except ValueError:
            seen["raised"] += 1
            continue
        seen["right" if len(read) == count and np.allclose(read, stated, atol=1e-4) else "wrong"] += 1
print("with pynumpress:" if name == "whole" else "without pynumpress:", seen)
if seen != ({"right": 16, "wrong": 0, "raised": 0} if name == "whole" else {"right": 0, "wrong": 1, "raised": 15}):
    raise SystemExit("the behaviour has changed")
PYTHON
done
