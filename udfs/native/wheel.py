"""Building a wheel: where there is a C compiler, it carries the compiled extension, and is one of this platform.

Only setuptools imports this, from the sources, where the package is not installed yet.
"""

from __future__ import annotations

import runpy
from pathlib import Path

from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

_BUILD = runpy.run_path(str(Path(__file__).with_name("build.py")))


def _is_compiled() -> bool:
    return _BUILD["compiler"]() is not None


class BuildWithExtension(build_py):  # type: ignore[misc]  # setuptools has no type information
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


class PlatformWheel(bdist_wheel):  # type: ignore[misc]  # setuptools has no type information
    """Name the platform that the compiled extension is for; no version of Python, which it does not touch."""

    def initialize_options(self) -> None:
        """Say, where there is a compiler, that what is built is not for every platform."""
        super().initialize_options()
        self.distribution.has_ext_modules = _is_compiled

    def get_tag(self) -> tuple[str, str, str]:
        """Return the tags of Python, of its ABI and of the platform."""
        tag = super().get_tag()
        return tag if self.root_is_pure else ("py3", "none", tag[2])
