"""Packages that are imported when something of them is first used: a command waits only for what it needs."""

from __future__ import annotations

import importlib
from typing import Any

from spectradb.errors import MissingDependency


def late(name: str, *, extra: str | None = None) -> Any:  # noqa: ANN401 - stands for any module
    """Stand for a module, which is imported when an attribute of it is first asked for.

    Parameters
    ----------
    name : str
        Its full name, such as ``rdkit.Chem``.
    extra : str, optional
        The extra of spectradb that installs it; None: it is installed with spectradb.

    Returns
    -------
    object
        Has the module's attributes. The first use raises :class:`MissingDependency` where the module is not installed.

    Examples
    --------
    >>> math = late("math")
    >>> math.floor(1.5)
    1
    """
    return _Late(name, extra)


def load(name: str, *, extra: str | None = None) -> Any:  # noqa: ANN401 - any module
    """Import a module now.

    Parameters
    ----------
    name, extra
        As for :func:`late`.

    Returns
    -------
    module
        The module.

    Raises
    ------
    MissingDependency
        If it is not installed; the message names what to install.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        package = name.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        wanted = f"'spectradb[{extra}]'" if extra else package
        raise MissingDependency(f"{package} is not installed. Install it with `pip install {wanted}`") from error


class _Late:
    """A module that is not imported yet."""

    def __init__(self, name: str, extra: str | None) -> None:
        self._name, self._extra = name, extra
        self._module: Any = None

    def __getattr__(self, attribute: str) -> Any:  # noqa: ANN401 - whatever the module has
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        if self._module is None:
            self._module = load(self._name, extra=self._extra)
        return getattr(self._module, attribute)
