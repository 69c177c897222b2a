"""Functions that numba compiles when they are first called, and keeps compiled for the processes that follow.

A module of kernels can be imported without the compiler, which takes longer to load than most commands to run.
"""

from __future__ import annotations

import functools
import threading
import types
from typing import TYPE_CHECKING, Any

from spectradb.late_modules import load

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPILING = threading.RLock()


def compiled(*, fastmath: bool | set[str] = False) -> Callable[[Callable[..., Any]], Compiled]:
    """Compile a function when it is first called, together with the compiled functions that it calls.

    Parameters
    ----------
    fastmath : bool or set of str
        What numba's option of that name takes.

    Returns
    -------
    callable
        The decorator. What is compiled releases the interpreter's lock, and is kept beside the module or, where that
        cannot be written to, in numba's cache folder of the user (or ``NUMBA_CACHE_DIR``).
    """

    def decorate(function: Callable[..., Any]) -> Compiled:
        return Compiled(function, {"nogil": True, "fastmath": fastmath})

    return decorate


class Compiled:
    """A function that is compiled when it is first called.

    Parameters
    ----------
    function : callable
        In the Python that numba compiles.
    options : dict
        Options of ``numba.njit``.
    """

    def __init__(self, function: Callable[..., Any], options: dict[str, Any]) -> None:
        self._function, self._options = function, options
        functools.update_wrapper(self, function)

    def __call__(self, *arguments: Any) -> Any:  # noqa: ANN401 - what the function takes and returns
        """Call what was compiled."""
        return self.dispatcher(*arguments)

    @functools.cached_property
    def dispatcher(self) -> Callable[..., Any]:
        """What numba makes of the function."""
        with _COMPILING:  # the property keeps what was made only afterwards
            made: Callable[..., Any] | None = self.__dict__.get("dispatcher")
            return made or self._make()

    def _make(self) -> Callable[..., Any]:
        numba = load("numba")
        # Compiled, a function calls what numba made of others, so it gets names of its own.
        names = self._function.__globals__
        called = {name: names[name] for name in self._function.__code__.co_names if name in names}
        made = {name: value.dispatcher for name, value in called.items() if isinstance(value, Compiled)}
        function = types.FunctionType(
            self._function.__code__, {**names, **made}, self._function.__name__, self._function.__defaults__
        )
        function.__module__, function.__qualname__ = self._function.__module__, self._function.__qualname__
        try:
            dispatcher: Callable[..., Any] = numba.njit(function, cache=True, **self._options)
        except RuntimeError:  # no folder can be written to: compiled anew in each process
            dispatcher = numba.njit(function, **self._options)
        return dispatcher
