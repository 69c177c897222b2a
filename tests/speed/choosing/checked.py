"""What a check of ``spectradb.benchmarks`` writes with ``--json``, for the scripts that keep its table."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def checked_by(check: Callable[[Sequence[str]], None], words: Sequence[str], *, written: Path | None = None) -> Any:
    """Run a check, or read what it wrote when it was run before.

    Parameters
    ----------
    check : callable
        Its main function.
    words : sequence of str
        Its command line.
    written : pathlib.Path, optional
        What it wrote.

    Returns
    -------
    list or dict
        Its figures.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = written or Path(folder, "checked.json")
        if written is None:
            check([*words, "--json", str(file)])
        return json.loads(file.read_text())
