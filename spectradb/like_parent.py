"""Started by its path in a new process: runs a module there, importing what the process imports that started it.

Its arguments are a module with a function ``main``, and, as JSON, the import path and the places of spectradb's packages (see
:func:`spectradb.python_process.python_command`). It imports nothing of spectradb before these are in force.
"""

from __future__ import annotations

import faulthandler
import importlib
import json
import sys
from importlib.abc import MetaPathFinder
from importlib.util import spec_from_file_location
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType


class PlacedPackages(MetaPathFinder):
    """Finds packages where the parent found them, whatever lies on the import path.

    Parameters
    ----------
    places : mapping of str to (str, list of str)
        For each package its ``__init__.py`` and the folders of its modules.
    """

    def __init__(self, places: Mapping[str, tuple[str, list[str]]]) -> None:
        self._places = places

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the signature is that of finders
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Find a package; see :class:`importlib.abc.MetaPathFinder`."""
        if fullname not in self._places:
            return None
        file, folders = self._places[fullname]
        return spec_from_file_location(fullname, file, submodule_search_locations=folders)


def run(module: str, imports: str) -> None:
    """Run a module's ``main`` with the imports of the parent.

    Parameters
    ----------
    module : str
        Its name.
    imports : str
        JSON of ``path`` and ``places``.
    """
    told = json.loads(imports)
    sys.path[:] = told["path"]
    sys.meta_path.insert(0, PlacedPackages(told["places"]))
    importlib.import_module(module).main()


if __name__ == "__main__":
    faulthandler.enable()  # a crash in a compiled module names its place, too
    run(*sys.argv[1:])
