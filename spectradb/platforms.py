"""Where spectradb runs: on POSIX systems, whose file locks keep its processes apart."""

from __future__ import annotations

import os
import sys

from spectradb.errors import UnsupportedPlatform

IS_POSIX = os.name == "posix"


def check_platform() -> None:
    """Check that this is a system on which spectradb runs.

    Raises
    ------
    UnsupportedPlatform
        If it is not.
    """
    if not IS_POSIX:
        raise UnsupportedPlatform(
            f"spectradb runs on Linux and macOS, and this system is {sys.platform}. On Windows use the Linux subsystem (WSL)"
        )
