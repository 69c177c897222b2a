"""How a lab has its verbs: it holds its files, and a verb is a function of a part that works on them."""

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable

    from spectradb.workspace.lab_files import LabFiles

_Parameters = ParamSpec("_Parameters")
_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


class HoldsFiles(Protocol):
    """What holds a lab's files."""

    files: LabFiles


class Part:
    """The verbs of one room.

    Parameters
    ----------
    files : LabFiles
        The lab that they work on.
    """

    def __init__(self, files: LabFiles) -> None:
        self.files = files


def itself(files: LabFiles) -> LabFiles:
    """Return the files: the part of verbs that are functions of them.

    Parameters
    ----------
    files : LabFiles
        The lab.

    Returns
    -------
    LabFiles
        The same.
    """
    return files


class Verb(Generic[_Part, _Parameters, _Result]):
    """A verb of a part, as a method of the lab that holds the files; the class has the function with its signature and text.

    Parameters
    ----------
    part : callable
        Makes the part of the lab's files.
    function : callable
        The verb, which takes the part first.
    """

    def __init__(self, part: Callable[[LabFiles], _Part], function: Callable[Concatenate[_Part, _Parameters], _Result]) -> None:
        self._part = part
        self._function = function

    @overload
    def __get__(self, lab: None, owner: type) -> Callable[Concatenate[_Part, _Parameters], _Result]: ...

    @overload
    def __get__(self, lab: HoldsFiles, owner: type) -> Callable[_Parameters, _Result]: ...

    def __get__(
        self, lab: HoldsFiles | None, owner: type
    ) -> Callable[Concatenate[_Part, _Parameters], _Result] | Callable[_Parameters, _Result]:
        """Return the verb bound to a part of the lab, or the function where the class is asked."""
        return self._function if lab is None else MethodType(self._function, self._part(lab.files))
