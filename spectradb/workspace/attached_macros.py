"""The macros of a lab for a connection that attaches its file under a name and uses other tables by itself.

A macro looks up the tables and macros that it names where its caller is, so ``FROM lab.identify(...)`` finds neither, or a
table of the caller's of the same name. These have the lab's tables by their full names, and are the connection's own.
"""

from __future__ import annotations

import re
from functools import cache

from spectradb import schemas

_CREATE = "CREATE OR REPLACE MACRO"
_SOURCE = re.compile(r"\b(FROM|JOIN)(\s+)([a-z_]+)\b(?!\s*[(.])")
_COMMON_TABLE = re.compile(r"\b([a-z_]+)\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s+)?\(")
_DEFAULT = re.compile(r"(:=\s*)'([a-z_]+)'")


def attached_macros(catalog: str) -> str:
    """Write the statements that make a lab's macros in a connection to which it is attached.

    Parameters
    ----------
    catalog : str
        The name that the file is attached by: ``ATTACH 'lab.duckdb' AS catalog (READ_ONLY)``.

    Returns
    -------
    str
        ``CREATE OR REPLACE TEMP MACRO`` statements, each after those whose macros it uses.

    Raises
    ------
    BadParameter
        If the name is no identifier.
    """
    schemas.identifier(catalog, "catalog")
    return "\n".join(_for_catalog(name, catalog) for name in schemas.creation_order("macros"))


@cache
def _shown() -> frozenset[str]:
    views = {name.rpartition("/")[2] for name in schemas.names("views")}
    return frozenset(views | set(schemas.tables()))


def _for_catalog(name: str, catalog: str) -> str:
    statement = schemas.statements_only(name).partition("COMMENT ON")[0].rstrip()
    of_lab = _shown() - set(_COMMON_TABLE.findall(statement))

    def source(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{catalog}.{found[3]}" if found[3] in of_lab else found[0]

    def default(found: re.Match[str]) -> str:
        return f"{found[1]}'{catalog}.{found[2]}'" if found[2] in _shown() else found[0]

    statement = _SOURCE.sub(source, statement).replace("'vectors.'", f"'{catalog}.vectors.'")
    return _DEFAULT.sub(default, statement).replace(_CREATE, "CREATE OR REPLACE TEMP MACRO", 1) + "\n"
