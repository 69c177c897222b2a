"""Compiling the extension: one C compiler call, and the footer by which DuckDB recognises its extensions.

Only the standard library is used, so that this also runs where nothing else is installed yet.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

EXTENSION = "spectradb.duckdb_extension"
EXTENSION_VERSION = "v1"
COMPILED = "compiled"
"""The folder beside the sources in which a wheel carries the extension."""
API_VERSION = "v1.2.0"
"""The version of DuckDB's stable C extension API that the sources are written against."""

_SOURCES = Path(__file__).parent
_FIELD = 32
# A WebAssembly custom section: its number, its length (531), its name, and the length of its content (512); lengths in LEB128.
_SECTION = bytes((0, 0x93, 0x04, 16)) + b"duckdb_signature" + bytes((0x80, 0x04))
_NO_SIGNATURE = bytes(256)
_FLAGS = ("-std=gnu11", "-O3", "-fPIC", "-shared", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-psabi")
_LIBRARIES = ("-lm", "-pthread")
_SYSTEMS = {"linux": "linux", "darwin": "osx"}
_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class CannotCompile(Exception):
    """The extension cannot be compiled here; the message says why."""


def footer(duckdb_platform: str) -> bytes:
    """Return what DuckDB looks for at the end of an extension.

    Parameters
    ----------
    duckdb_platform : str
        As ``PRAGMA platform`` names it, such as ``"linux_amd64"``.

    Returns
    -------
    bytes
        534 bytes: the head of a custom section, eight fields of 32 bytes (from the last to the first: format, platform, API
        version, extension version, kind of API, three empty) and the place of a signature.
    """
    fields = ("", "", "", "C_STRUCT", EXTENSION_VERSION, API_VERSION, duckdb_platform, "4")
    return _SECTION + b"".join(field.encode().ljust(_FIELD, b"\0") for field in fields) + _NO_SIGNATURE


def duckdb_platform() -> str:
    """Name this platform as DuckDB does.

    Returns
    -------
    str
        Such as ``"linux_amd64"``.

    Raises
    ------
    CannotCompile
        If there is no way to build for it.
    """
    system, machine = _SYSTEMS.get(sys.platform), _MACHINES.get(platform.machine().lower())
    if system is None or machine is None:
        raise CannotCompile(f"no extension is built for {sys.platform} on {platform.machine()}: SQL works without it")
    return f"{system}_{machine}"


def compiler() -> list[str] | None:
    """Find the C compiler.

    Returns
    -------
    list of str or None
        Program and arguments: the environment variable ``CC``, else ``cc``, ``gcc`` or ``clang`` on the PATH; None without any.
    """
    chosen = shlex.split(os.environ.get("CC", ""))
    for program in (chosen, ["cc"], ["gcc"], ["clang"]):
        if program and shutil.which(program[0]):
            return program
    return None


def cached_extension() -> Path:
    """Return where this machine's extension is kept, whether it was built yet or not.

    Returns
    -------
    pathlib.Path
        A file in the user's cache directory (``XDG_CACHE_HOME``, else ``~/.cache``), in a folder named for the content of the
        sources: another version of them is another file.
    """
    digest = hashlib.sha256("".join(path.read_text() for path in _files()).encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "spectradb" / f"{EXTENSION_VERSION}-{platform.machine()}-{digest}" / EXTENSION


def packaged_extension() -> Path:
    """Return where an installed wheel has the extension, if it was built on a machine with a compiler.

    Returns
    -------
    pathlib.Path
        A file beside the sources.
    """
    return _SOURCES / COMPILED / EXTENSION


def compile_extension(path: Path) -> Path:
    """Compile the extension for any processor of this kind; the instruction set is chosen when it runs.

    Parameters
    ----------
    path : pathlib.Path
        The file to write; its folder is created. DuckDB takes the extension's name from it, so it must end as
        :data:`EXTENSION`.

    Returns
    -------
    pathlib.Path
        The file, complete and renamed into place.

    Raises
    ------
    CannotCompile
        If there is no compiler, it fails, or the platform is not known.
    """
    foot = footer(duckdb_platform())
    program = compiler()
    if program is None:
        raise CannotCompile("no C compiler was found. Install one (gcc or clang), or set CC; SQL works without the extension")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        library = Path(folder) / "library"
        sources = [str(source) for source in _files() if source.suffix == ".c"]
        command = [*program, *_FLAGS, "-I", str(_SOURCES), "-o", str(library), *sources, *_LIBRARIES]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the user's own compiler
        if done.returncode != 0:
            raise CannotCompile(f"{program[0]} failed with code {done.returncode}: {done.stderr.strip()[-2000:]}")
        with library.open("ab") as file:
            file.write(foot)
        library.chmod(0o700)
        note = Path(folder) / "note"
        note.write_text(_sha256(library))
        # The note first: an extension without its own note is none.
        note.replace(_note(path))
        library.replace(path)
    return path


def is_intact(path: Path) -> bool:
    """Tell whether an extension is there as this user, or who installed the package, compiled it.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    bool
        False where it or the note of its hash is missing, it was changed or cut since, or somebody may write to it who is not
        the user; in a package, the one whose Python code runs anyway.
    """
    try:
        status = path.stat()
        owner = os.getuid() if hasattr(os, "getuid") else status.st_uid
        if path == packaged_extension():
            owner = _SOURCES.stat().st_uid
        is_own = os.name == "nt" or (status.st_uid == owner and not status.st_mode & 0o022)
        return is_own and _note(path).read_text() == _sha256(path)
    except OSError:
        return False


def _note(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files() -> list[Path]:
    return sorted(path for path in _SOURCES.rglob("*.[ch]"))
