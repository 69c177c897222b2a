"""Packages that are imported when they are first used, and what is said where one is missing."""

import subprocess
import sys

import pytest

from spectradb.errors import MissingDependency
from spectradb.late_modules import late, load


def test_a_module_is_imported_with_its_first_use():
    code = """
import sys
from spectradb.late_modules import late
colours = late("colorsys")
print("colorsys" in sys.modules, colours.rgb_to_hsv(1, 1, 1), "colorsys" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False (0.0, 0.0, 1) True\n"


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingDependency) as told:
        late("umap", extra="umap").UMAP()
    assert str(told.value) == "umap is not installed. Install it with `pip install 'spectradb[umap]'`"


def test_a_missing_package_that_is_in_no_extra_is_installed_by_its_name():
    with pytest.raises(MissingDependency, match=r"^nothing_of_this_name is not installed"):
        load("nothing_of_this_name.part")


def test_a_package_that_lacks_another_one_says_which(tmp_path, monkeypatch):
    (tmp_path / "needs_another.py").write_text("import nothing_of_this_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nothing_of_this_name"):
        load("needs_another")
