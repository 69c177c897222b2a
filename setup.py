"""Building a wheel: where there is a C compiler, it carries the compiled extension for DuckDB, and is one of this platform.

Everything else about the package is in pyproject.toml.
"""

from __future__ import annotations

import runpy
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

# The module needs nothing but Python, since nothing else is installed where wheels are built.
_BUILD = runpy.run_path(str(Path(__file__).parent / "udfs" / "native" / "build.py"))


class BuildWithExtension(build_py):
    """Compile the extension beside its sources in the folder that becomes the wheel."""

    def run(self) -> None:
        """Copy the package, and compile."""
        super().run()
        if self.editable_mode:
            return  # an editable installation compiles when its user asks for it
        path = Path(self.build_lib, "spectradb", "udfs", "native", _BUILD["COMPILED"], _BUILD["EXTENSION"])
        try:
            _BUILD["compile_extension"](path)
        except _BUILD["CannotCompile"] as error:
            self.warn(f"this wheel has no compiled extension: {error}")
            return
        for file in path.parent.iterdir():
            file.chmod(0o644)


class PlatformWheel(bdist_wheel):
    """Name the platform that the compiled extension is for; no version of Python, which it does not touch."""

    def get_tag(self) -> tuple[str, str, str]:
        """Return the tags of Python, of its ABI and of the platform."""
        tag = super().get_tag()
        return tag if self.root_is_pure else ("py3", "none", tag[2])


class Compiled(Distribution):
    """What is built here."""

    def has_ext_modules(self) -> bool:
        """Tell whether there is a compiler."""
        return _BUILD["compiler"]() is not None


setup(distclass=Compiled, cmdclass={"build_py": BuildWithExtension, "bdist_wheel": PlatformWheel})
