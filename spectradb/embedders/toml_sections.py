"""Settings read from TOML or JSON, checked against a dataclass."""

from __future__ import annotations

from typing import Any, TypeVar, get_type_hints

from spectradb.errors import BadParameter

Section = TypeVar("Section")


def section_from_dict(kind: type[Section], settings: dict[str, Any], *, place: str) -> Section:
    """Make one part of the settings.

    Parameters
    ----------
    kind : type
        Dataclass of the part.
    settings : dict
        Its settings; missing ones have their defaults.
    place : str
        Where they come from, for messages.

    Returns
    -------
    kind
        The part.

    Raises
    ------
    BadParameter
        A setting is unknown or has the wrong type.
    """
    types = get_type_hints(kind)
    converted: dict[str, Any] = {}
    for name, value in settings.items():
        wanted = types.get(name)
        if wanted is None:
            raise BadParameter(f"{place}: no setting is called {name!r}; known are {', '.join(types)}. Correct or remove it.")
        if wanted is float and type(value) is int:
            converted[name] = float(value)
        elif wanted == tuple[str, ...] and isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
            converted[name] = tuple(value)
        elif type(value) is wanted:
            converted[name] = value
        else:
            kind_name = getattr(wanted, "__name__", wanted)
            raise BadParameter(f"{place}: {name} = {value!r} must be of type {kind_name}. Correct it.")
    return kind(**converted)
