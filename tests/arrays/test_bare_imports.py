"""Training must run where PyTorch, NumPy, PyArrow and safetensors are all there is; metrics then take DuckDB."""

import subprocess
import sys

BARE = """
import importlib, pkgutil, sys
for room in ("arrays", "embedders", "embedders.exported", "embedders.transformer", "models", "evaluation", "training"):
    package = importlib.import_module("spectradb." + room)
    for module in pkgutil.iter_modules(package.__path__):
        if (room, module.name) not in {("arrays", "half_search"), ("training", "export"), ("training", "train_lab")}:
            importlib.import_module(package.__name__ + "." + module.name)
importlib.import_module("spectradb.similarity.refined_vectors")
foreign = {"duckdb", "lance", "lancedb", "rdkit", "matchms", "pandas", "scipy", "click", "lxml", "pyteomics"}
print(sorted(foreign & set(sys.modules)))
"""


def test_no_module_of_the_encoder_needs_a_database_or_chemistry():
    done = subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
