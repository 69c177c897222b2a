"""Which SQL fills a published table, and what stands around the tables: hashes of it tell whether something is to be done anew.

A comment or another layout in a file changes no hash, a COMMENT ON only the one of what stands around the tables.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache

from spectradb import schemas

_LAYOUT = re.compile(r"('(?:[^']|'')*')|\s+")

#: Statements that fill a table beside the one that is named for it.
_ALSO = {"spectra": ("publish/spectrum_keys", "publish/add_embedding_column")}


@cache
def filling_hash(table: str) -> str:
    """Hash the SQL that decides what a published table holds.

    Parameters
    ----------
    table : str
        Name of the table.

    Returns
    -------
    str
        Hash of its declaration, of the statements that fill it, of the macros that these use, and of what fills the tables that
        they read.
    """
    return _hash("\n".join(_parts(table)))


@cache
def surroundings_hash() -> str:
    """Hash the SQL of what is created around the tables: macros, views and comments.

    Returns
    -------
    str
        Its hash.
    """
    made = [schemas.statements_only(name) for name in schemas.creation_order("macros", "views")]
    return _hash("\n".join([*made, *(comments(table) for table in schemas.tables())]))


@cache
def comments(table: str) -> str:
    """Return the statements that comment on a table and its columns.

    Parameters
    ----------
    table : str
        Name of the table.

    Returns
    -------
    str
        The statements.
    """
    text = schemas.statements_only(schemas.tables()[table])
    return text.removeprefix(_declaration(text))


def _parts(table: str) -> list[str]:
    """Gather the statements, in an order that does not depend on anything else."""
    macros, tables = _macros(), schemas.tables()
    declarations = set(tables.values())
    found: dict[str, str] = {}
    waiting = _of_table(table)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        text = schemas.statements_only(name)
        found[name] = _declaration(text) if name in declarations else text
        words = set(re.findall(r"\w+", found[name]))
        waiting += [macros[word] for word in words & macros.keys()]
        if name not in declarations and name not in macros.values():
            waiting += [part for word in (words & tables.keys()) - {table} for part in _of_table(word)]
    return [found[name] for name in sorted(found, key=lambda name: name.rpartition("/")[2])]


def _of_table(table: str) -> list[str]:
    """Name the files that declare and fill a table."""
    declared = schemas.tables()[table]
    filled = [name for name in (f"{declared}.fill",) if name in schemas.names("tables")]
    return [declared, *filled, *_ALSO.get(table, ())]


def _declaration(text: str) -> str:
    return text.partition("COMMENT ON")[0]


@cache
def _macros() -> dict[str, str]:
    return {name.rpartition("/")[2]: name for name in schemas.names("macros")}


def _hash(text: str) -> str:
    """Hash SQL, whatever its lines and indentation; what is quoted counts as it is."""
    return hashlib.sha256(_LAYOUT.sub(lambda found: found[1] or " ", text).encode()).hexdigest()
