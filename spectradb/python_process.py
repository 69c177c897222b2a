"""Python processes that spectradb starts: they import what this process imports, and what ended them can be told.

A process started by ``python -c`` or ``python -m`` would look for every module in the current folder first, where anything may
lie: a checkout of spectradb that is no installed package, or a file named like a module of the standard library.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from spectradb import like_parent

if TYPE_CHECKING:
    import subprocess

#: Packages that installations put in different folders.
_PACKAGES = ("spectradb", "spectradb.schemas", "spectradb.udfs")
#: What every process of spectradb needs besides; where this process found it, the others must look, too.
_DEPENDENCIES = ("numpy", "pyarrow")
_PLACE = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)


def python_command(module: str) -> list[str]:
    """Make the command that runs a module's ``main`` in a new process.

    Parameters
    ----------
    module : str
        Its name.

    Returns
    -------
    list of str
        The command; it is to run in :func:`python_environment`.
    """
    places = {}
    for package in _PACKAGES:
        found = find_spec(package)
        if found is not None and found.origin is not None:
            places[package] = (
                str(Path(found.origin).absolute()),
                [str(Path(f).absolute()) for f in found.submodule_search_locations or ()],
            )
    # -P: nothing is put before the import path.
    return [sys.executable, "-P", like_parent.__file__, module, json.dumps({"path": import_path(), "places": places})]


def python_environment() -> dict[str, str]:
    """Give the environment of :func:`python_command`.

    Returns
    -------
    dict of str to str
        This process's, except that what Python reads before the command's import path is in force is this process's, too.
    """
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in import_path() if os.pathsep not in path)}


def import_path() -> list[str]:
    """Give the folders where other processes look for modules.

    Returns
    -------
    list of str
        This process's import path without the current folder. Where the packages that spectradb stands on lie in the current
        folder, it comes last.
    """
    here = _current_folder()
    folders = [str(Path(entry).absolute()) for entry in sys.path if entry]
    path = [folder for folder in folders if here is None or not _is_folder(folder, here)]
    if here is not None and any(_is_folder(folder, here) for folder in _folders_of_dependencies()):
        path.append(str(here))
    return path


def _folders_of_dependencies() -> list[str]:
    modules = (sys.modules.get(name) for name in _DEPENDENCIES)
    return [str(Path(module.__file__).parent.parent) for module in modules if module is not None and module.__file__]


def _current_folder() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:  # somebody has removed it
        return None


def _is_folder(path: str, folder: Path) -> bool:
    try:
        return Path(path).samefile(folder)
    except OSError:
        return False


def how_it_ended(process: subprocess.Popen[bytes] | subprocess.Popen[str], errors: str) -> str:
    """Say why a process ended that should not have.

    Parameters
    ----------
    process : subprocess.Popen
        The process; it has ended or is about to.
    errors : str
        What it wrote to its standard error.

    Returns
    -------
    str
        Its last error with file and line, where it told one; else its signal or status. Without a full stop.
    """
    status = process.wait()
    if words := last_error(errors):
        return words
    if status == -signal.SIGKILL:
        return "it was killed (signal 9), as systems do when memory runs out"
    return f"it ended with signal {-status}" if status < 0 else f"it ended with status {status} and said nothing"


def last_error(text: str) -> str | None:
    """Find the error that a Python process ended with.

    Parameters
    ----------
    text : str
        What it wrote to its standard error: a traceback, or what :mod:`faulthandler` writes when the interpreter crashes.

    Returns
    -------
    str or None
        The error and, in brackets, the file and line where it was raised; None where there is none.
    """
    crash = text.rfind("Fatal Python error: ")
    if crash >= 0:
        error, _, rest = text[crash:].partition("\n")
        places = list(_PLACE.finditer(rest, max(rest.find("Current thread"), 0)))
        return _placed(error, places[0] if places else None)
    start = text.rfind("Traceback (most recent call last):")
    if start < 0:
        return None
    _, _, trace = text[start:].partition("\n")
    # The error's own line is the first that is not indented.
    error = next((line.strip() for line in trace.splitlines() if line[:1].strip()), "")
    places = list(_PLACE.finditer(trace.partition(error)[0])) if error else []
    return _placed(error, places[-1] if places else None) if error else None


def _placed(error: str, place: re.Match[str] | None) -> str:
    return f"{error.rstrip('.')} ({place['file']}, line {place['line']})" if place else error.rstrip(".")
