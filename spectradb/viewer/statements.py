"""The page's SQL: files below ``schemas``, with numbered parameters, as DuckDB binds values that come in a list."""

from __future__ import annotations

import re

from spectradb import schemas

#: Files of the page, by what it calls them.
STATEMENTS = {
    "answers": "queries/viewer/answers",
    "as_text": "queries/viewer/as_text",
    "attach": "queries/viewer/attach",
    "candidates": "queries/viewer/candidates",
    "collections": "queries/report/collections",
    "first_question": "queries/viewer/first_question",
    "mirror": "queries/figures/mirror",
    "points": "queries/viewer/points",
    "relations": "queries/viewer/relations",
    "run_names": "queries/viewer/run_names",
    "runs": "queries/viewer/runs",
    "searches": "queries/report/searches",
    "status": "queries/viewer/status",
}
_PARAMETER = re.compile(r"\$([a-z_]+)")


def numbered(name: str) -> dict[str, object]:
    """Read a statement whose parameters are numbers.

    Parameters
    ----------
    name : str
        A file, as :func:`spectradb.schemas.read` takes it. None has a dollar in a literal.

    Returns
    -------
    dict
        ``statements``: the file's statements; ``parameters``: names of their values, that of ``$1`` first.
    """
    text = schemas.statements_only(name)
    parameters = list(dict.fromkeys(_PARAMETER.findall(text)))
    with_numbers = _PARAMETER.sub(lambda found: f"${parameters.index(found[1]) + 1}", text)
    return {
        "statements": [statement.strip() for statement in with_numbers.split(";") if statement.strip()],
        "parameters": parameters,
    }
