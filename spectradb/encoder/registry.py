"""The embedders that exist, by name.

A factory imports what its embedder needs when it is called, so that listing the names costs nothing.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from spectradb.errors import NoModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from spectradb.encoder.embedder import Embedder


def _binned() -> Embedder:
    from spectradb.encoder.binned import BinnedEmbedder  # noqa: PLC0415 - factories import late by design

    return BinnedEmbedder()


#: The embedder that is used where none is named.
DEFAULT_EMBEDDER = "binned"

#: Name of each embedder and the function that makes it.
FACTORIES: dict[str, Callable[[], Embedder]] = {"binned": _binned}


def embedder_names() -> list[str]:
    """List the embedders that can be asked for.

    Returns
    -------
    list of str
        Names in alphabetical order.
    """
    return sorted(FACTORIES)


@cache
def embedder(name: str) -> Embedder:
    """Return the embedder of that name, made on first use.

    Parameters
    ----------
    name : str
        One of :func:`embedder_names`.

    Returns
    -------
    Embedder
        Ready to embed.

    Raises
    ------
    NoModel
        No embedder has that name.
    """
    factory = FACTORIES.get(name)
    if factory is None:
        known = ", ".join(embedder_names())
        raise NoModel(f"no embedder is named {name!r}; known are: {known}. Pass one of these, or add its factory to FACTORIES")
    return factory()
