#!/usr/bin/env bash
# networkx 3.6.1 declares numpy's double-precision numbers as single-precision ones when it writes GraphML.
#
# Expected: attributes of numpy.float64 declared as "double" and of numpy.int64 as "long", as Python's float and int are.
# Seen: numpy.float64 is declared "float" and numpy.int64 "int". networkx itself reads all digits back. Readers that go by the
#   declaration have 24 bits for an m/z, 0.00006 near 1,000, and 32 for an identifier that may need 63.
# Why it matters: molecular networks come out of data frames, whose columns hold numpy's types; the remedy is float() and int().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'networkx==3.6.1' 'numpy==2.3.5'
"$work/venv/bin/python" - <<'PYTHON'
import io
import xml.etree.ElementTree as ET

import networkx
import numpy as np


def declared(**attributes):
    graph = networkx.Graph()
    graph.add_node(1, **attributes)
    written = io.BytesIO()
    networkx.write_graphml(graph, written)
    keys = ET.fromstring(written.getvalue()).findall("{http://graphml.graphdrawing.org/xmlns}key")
    return {key.get("attr.name"): key.get("attr.type") for key in keys}


of_numpy = declared(precursor_mz=np.float64(1234.567891), spectrum_id=np.int64(2**62))
of_python = declared(precursor_mz=1234.567891, spectrum_id=2**62)
print("numpy:", of_numpy, "python:", of_python, "as float32:", float(np.float32(1234.567891)))
if of_numpy != {"precursor_mz": "float", "spectrum_id": "int"} or of_python != {"precursor_mz": "double", "spectrum_id": "long"}:
    raise SystemExit("the behaviour has changed")
PYTHON
