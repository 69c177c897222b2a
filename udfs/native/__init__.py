"""The compiled extension for DuckDB: similarity joins over a search index, and peak similarities, inside the engine.

It is optional: everything that it does has a form in plain SQL or Python. It is compiled on the machine that uses it, into the
user's cache directory, or comes with a wheel that was built where there is a compiler, and loads into Python and into the
DuckDB shell.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path

import duckdb

from spectradb.errors import MissingDependency
from spectradb.udfs.native.build import (
    CannotCompile,
    cached_extension,
    compile_extension,
    compiler,
    is_intact,
    packaged_extension,
)

__all__ = [
    "ExtensionStatus",
    "build_extension",
    "built_extension",
    "extension_status",
    "load_extension",
    "macro_file",
    "shell_statements",
]


@dataclass(frozen=True)
class ExtensionStatus:
    """Whether this machine has the extension.

    Parameters
    ----------
    path : str
        Where it is, or would be.
    state : {"built", "not built", "damaged"}
        Damaged: another file than was compiled lies there; it is never loaded.
    compiler : str or None
        The C compiler that would build it; None where there is none.
    """

    path: str
    state: str
    compiler: str | None

    def lines(self) -> list[str]:
        """Describe it to a person.

        Returns
        -------
        list of str
            Lines of text.
        """
        lines = [f"native extension: {self.state}: {self.path}"]
        if self.state != "built" and self.compiler:
            lines.append(f"  build it with `spectradb native build` (compiler: {self.compiler})")
        elif self.state != "built":
            lines.append("  no C compiler was found: searches run in plain SQL")
        return lines

    def as_dict(self) -> dict[str, object]:
        """Describe it to a program.

        Returns
        -------
        dict
            Values that JSON can hold.
        """
        return asdict(self)


def extension_status() -> ExtensionStatus:
    """Say whether this machine has the extension.

    Returns
    -------
    ExtensionStatus
        What lies in the user's cache directory, else in the package.
    """
    path, program = built_extension() or cached_extension(), compiler()
    state = "built" if is_intact(path) else "damaged" if path.exists() else "not built"
    return ExtensionStatus(str(path), state, " ".join(program) if program else None)


def build_extension(*, again: bool = False) -> Path:
    """Compile the extension where that was not done yet.

    Parameters
    ----------
    again : bool
        Compile it although it is there.

    Returns
    -------
    pathlib.Path
        The extension; ``LOAD`` takes it.

    Raises
    ------
    MissingDependency
        If it cannot be compiled on this machine.
    """
    path = cached_extension()
    if is_intact(path) and not again:
        return path
    try:
        return compile_extension(path)
    except CannotCompile as error:
        raise MissingDependency(f"the native extension cannot be built: {error}") from error


def built_extension() -> Path | None:
    """Find the extension that was built for this version of spectradb.

    Returns
    -------
    pathlib.Path or None
        None where :func:`build_extension` was not called yet, or what it made was changed since, and the package was not built
        with a compiler either.
    """
    return next(filter(is_intact, (cached_extension(), packaged_extension())), None)


def load_extension(con: duckdb.DuckDBPyConnection) -> None:
    """Load the extension into a connection, with the macro ``rank_analytes_indexed``.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        Opened with ``config={"allow_unsigned_extensions": "true"}``: what a machine compiles for itself is not signed.

    Raises
    ------
    MissingDependency
        If the extension was not built, or the connection does not take it.
    """
    path = built_extension()
    if path is None:
        raise MissingDependency("the native extension is not built on this machine. Run `spectradb native build`")
    try:
        con.load_extension(str(path))
    except duckdb.Error as error:
        raise MissingDependency(
            f"DuckDB does not load {path}: {error}. Open the connection with config={{'allow_unsigned_extensions': 'true'}}"
        ) from error
    con.execute(macro_file().read_text(encoding="utf-8"))


def shell_statements() -> list[str]:
    """Say what gives a DuckDB shell, started with ``-unsigned``, the functions of the extension.

    Returns
    -------
    list of str
        SQL: the extension is loaded; its macros, and the scores of two spectra by the names that they have in Python, become
        temporary ones, which go before macros of the same names in the file. None where it was not built.
    """
    path = built_extension()
    if path is None:
        return []
    quoted = str(path).replace("'", "''")
    scores = Path(str(resources.files(__name__).joinpath("macros", "peak_macros.sql")))
    return [f"LOAD '{quoted}';", *(file.read_text(encoding="utf-8") for file in (macro_file(), scores))]


def macro_file() -> Path:
    """Return the SQL file that declares ``rank_analytes_indexed``; the DuckDB shell reads it with ``.read``.

    Returns
    -------
    pathlib.Path
        The file.
    """
    return Path(str(resources.files(__name__).joinpath("rank_analytes_indexed.sql")))
