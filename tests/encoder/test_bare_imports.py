"""Training must run where PyTorch, NumPy, PyArrow and safetensors are all there is."""

import subprocess
import sys

BARE = """
import importlib, pkgutil, sys
import spectradb.encoder
for module in pkgutil.iter_modules(spectradb.encoder.__path__):
    importlib.import_module("spectradb.encoder." + module.name)
foreign = {"duckdb", "lance", "lancedb", "rdkit", "matchms", "pandas", "scipy", "click", "lxml", "pyteomics"}
print(sorted(foreign & set(sys.modules)))
"""


def test_no_module_of_the_encoder_needs_a_database_or_chemistry():
    done = subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
