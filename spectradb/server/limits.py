"""What one server lets its clients take."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from spectradb.errors import BadParameter


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of a server.

    Parameters
    ----------
    rows : int
        Rows of an answer; what is beyond is left out, and said to be.
    seconds : float
        Time of a statement.
    megabytes : int
        Memory that all statements together may take.
    threads : int
        Cores that they may take.
    statements : int
        Statements that run at a time; others wait.
    body_bytes : int
        Length of what a client sends.
    spectra : int
        Spectra of one search.
    candidates : int
        Candidates of a spectrum.

    Raises
    ------
    BadParameter
        If one of them is not above 0.
    """

    rows: int = 100_000
    seconds: float = 30.0
    megabytes: int = 2048
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    statements: int = 4
    body_bytes: int = 16 * 2**20
    spectra: int = 1000
    candidates: int = 1000

    def __post_init__(self) -> None:
        """Refuse what would let nothing through."""
        for name, value in vars(self).items():
            if not value > 0:
                raise BadParameter(f"the limit {name} is {value}: give a number above 0")
