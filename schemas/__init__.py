"""SQL as source: every statement that spectradb runs is a file in this folder.

``tables`` declare the published tables (and with them the record's columns), each beside the statement that fills it from the
record, ``views`` and ``macros`` are created in the published file and answer questions by name, ``publish`` makes that file,
``queries`` are the statements behind single verbs, ``selects`` adapt well-known table files to the import's columns.
"""

from __future__ import annotations

import re
from functools import cache
from graphlib import TopologicalSorter
from hashlib import sha256
from importlib import resources
from pathlib import Path

from spectradb.errors import BadParameter

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*\Z")


@cache
def read(name: str) -> str:
    """Return the text of one SQL file.

    Parameters
    ----------
    name : str
        Path below ``schemas`` without the suffix, such as ``"macros/identification/identify"``.

    Returns
    -------
    str
        The file's text.
    """
    return resources.files(__name__).joinpath(f"{name}.sql").read_text(encoding="utf-8")


@cache
def names(folder: str) -> tuple[str, ...]:
    """List the SQL files of a folder and of the folders below it.

    Parameters
    ----------
    folder : str
        Folder below ``schemas``.

    Returns
    -------
    tuple of str
        Names that :func:`read` takes, sorted.
    """
    found: list[str] = []
    for entry in resources.files(__name__).joinpath(folder).iterdir():
        if entry.is_dir():
            found += names(f"{folder}/{entry.name}")
        elif entry.name.endswith(".sql"):
            found.append(f"{folder}/{entry.name.removesuffix('.sql')}")
    return tuple(sorted(found))


@cache
def tables() -> dict[str, str]:
    """Find the published tables.

    Returns
    -------
    dict of str to str
        By the name of each table that of the file which declares it, as :func:`read` takes it. Beside it, with ``.fill`` after
        its name, stands the statement that fills the table; ``publications`` is filled by the publisher itself.
    """
    return {name.rpartition("/")[2]: name for name in names("tables") if not name.endswith(".fill")}


@cache
def creation_order(*folders: str) -> tuple[str, ...]:
    """Order the macros and views of some folders so that each comes after those it uses.

    Parameters
    ----------
    *folders : str
        Folders below ``schemas`` whose files each create the one object that they are named for.

    Returns
    -------
    tuple of str
        Names that :func:`read` takes.
    """
    files = {name.rpartition("/")[2]: name for folder in folders for name in names(folder)}
    words = {created: set(re.findall(r"\w+", statements_only(name))) for created, name in files.items()}
    # Sorted: the order is the same in every process, and so is a hash of what is made in it.
    uses = {created: sorted((files.keys() & used) - {created}) for created, used in words.items()}
    return tuple(files[created] for created in TopologicalSorter(uses).static_order())


@cache
def state() -> str:
    """Describe the SQL files as they lie there, which is quicker than to read them.

    Returns
    -------
    str
        Hash of their names, sizes and times: another one after another version was installed, or a file was edited.
    """
    files = sorted(Path(str(resources.files(__name__))).rglob("*.sql"))
    return sha256(repr([(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]).encode()).hexdigest()


def statements_only(name: str) -> str:
    """Return a SQL file without its comment lines.

    Parameters
    ----------
    name : str
        As for :func:`read`.

    Returns
    -------
    str
        The statements.
    """
    return "\n".join(line for line in read(name).splitlines() if not line.lstrip().startswith("--"))


def identifier(name: str, what: str = "name") -> str:
    """Check that a name may stand in SQL as an identifier.

    Parameters
    ----------
    name : str
        The name: letters, digits and single underscores, beginning with a letter.
    what : str
        What it names, for the message.

    Returns
    -------
    str
        The name itself.

    Raises
    ------
    BadParameter
        If the name is anything else. A double underscore is kept for joining two names.
    """
    if not _IDENTIFIER.match(name) or len(name) > 48:
        msg = (
            f"{what} {name!r} must be letters, digits and single underscores, begin with a letter, and have at most 48 of them"
        )
        raise BadParameter(msg)
    return name


def fill(name: str, **slots: str | int | Path) -> str:
    """Return a SQL file with its ``{slots}`` filled, which ATTACH, COPY, SET and declarations have; others take parameters.

    Parameters
    ----------
    name : str
        As for :func:`read`.
    **slots : str, int or pathlib.Path
        Identifiers (checked by :func:`identifier`), whole numbers, or paths, which become quoted literals.

    Returns
    -------
    str
        The statement.
    """
    text = read(name)
    for slot, value in slots.items():
        text = text.replace("{" + slot + "}", _slot_text(slot, value))
    return text


def _slot_text(slot: str, value: str | int | Path) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Path):
        return "'" + str(value).replace("'", "''") + "'"
    return identifier(value, slot)
