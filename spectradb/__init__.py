"""spectradb: the SQL database for tandem mass spectra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spectradb.facade.lab import connect
    from spectradb.workspace.connection import extend

__all__ = ["__version__", "connect", "extend"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever is asked for
    # Late imports: embedders and training must be importable where no database engine is installed.
    if name in __all__:
        from spectradb.platforms import check_platform  # noqa: PLC0415

        check_platform()
    if name == "connect":
        from spectradb.facade.lab import connect  # noqa: PLC0415

        return connect
    if name == "extend":
        from spectradb.workspace.connection import extend  # noqa: PLC0415

        return extend
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
