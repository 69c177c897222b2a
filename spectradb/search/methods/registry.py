"""The methods by name: a new one is a module of this folder and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spectradb.errors import BadParameter
from spectradb.search.methods import analogue, embedding, fused, merged, peaks, refined
from spectradb.spelling import known_names

if TYPE_CHECKING:
    from spectradb.search.methods.protocol import MethodKind

_KINDS: dict[str, MethodKind] = {}


def register(kind: MethodKind) -> None:
    """Make a method known by its name; one that has the name is replaced.

    Parameters
    ----------
    kind : MethodKind
        The method.
    """
    _KINDS[kind.name] = kind


def unregister(name: str) -> None:
    """Forget a method.

    Parameters
    ----------
    name : str
        Its name.
    """
    del _KINDS[name]


def method_names() -> tuple[str, ...]:
    """List the methods.

    Returns
    -------
    tuple of str
        Their names, in the order in which they are registered.
    """
    return tuple(_KINDS)


def method_kind(name: str) -> MethodKind:
    """Find a method.

    Parameters
    ----------
    name : str
        Its name.

    Returns
    -------
    MethodKind
        The method.

    Raises
    ------
    BadParameter
        If there is none of that name.
    """
    if name not in _KINDS:
        raise BadParameter(f"there is no method {name!r}; there are: {known_names(name, _KINDS)}")
    return _KINDS[name]


register(embedding.KIND)
for _kind in peaks.KINDS:
    register(_kind)
register(fused.KIND)
register(analogue.KIND)
register(merged.KIND)
register(refined.KIND)
