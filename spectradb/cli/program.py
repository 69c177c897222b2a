"""The program ``spectradb``: the command line in a process of its own, which nobody else's code shares."""

from __future__ import annotations

import sys
import warnings
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING

from spectradb.cli.main import main
from spectradb.cli.stopping import asked, end, listen

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_READING = ("pyteomics", "mzspeclib", "psims")
_WOULD_IMPORT_IT = ("pyarrow", "lance", "spectradb")


class ArrowAlone(MetaPathFinder):
    """Keeps Arrow from importing pandas, which takes longer than most commands, to see whether what it is given is of pandas.

    Nothing here is. Who imports pandas itself gets it.
    """

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the signature is Python's
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Refuse pandas to Arrow, and leave everything else to the other finders.

        Parameters
        ----------
        fullname : str
            Name of the module that is asked for.
        path, target
            As Python gives them.

        Returns
        -------
        None
            Always.

        Raises
        ------
        ModuleNotFoundError
            If it is pandas that compiled code asks for, called by one of the packages that only ask in this way.
        """
        if fullname == "pandas" and _importing().partition(".")[0] in _WOULD_IMPORT_IT:
            msg = "pandas is not imported by Arrow here"
            raise ModuleNotFoundError(msg, name="pandas")
        return None


def _importing() -> str:
    """Name the module whose code imports something; nothing where it only asks whether that is installed."""
    frame = sys._getframe(2)  # noqa: SLF001 - as the standard library does
    while frame and (name := str(frame.f_globals.get("__name__", ""))).startswith("importlib"):
        if name == "importlib.util" or frame.f_back is None:
            return ""
        frame = frame.f_back
    # Of Arrow that module alone makes something for pandas.
    return "" if name == "pyarrow.pandas_compat" else name


def leave_out_what_readers_warn_of() -> None:
    """Keep off the terminal what libraries that read files warn of: the report of an import counts what it cannot take.

    Who asks Python for warnings, by ``PYTHONWARNINGS`` or ``-W``, gets them.
    """
    if not sys.warnoptions:
        for library in _READING:
            warnings.filterwarnings("ignore", module=rf"{library}(\.|$)")


def program() -> None:
    """Run the command line of this process to its end."""
    sys.meta_path.insert(0, ArrowAlone())
    leave_out_what_readers_warn_of()
    listen()
    try:
        main()
    except BaseException:  # libraries make errors of their own of what a signal raises
        if number := asked():
            end(number)
        raise
