"""Which TorchScript archives the user of this account lets run.

Trust belongs to a person, not to a lab: it is kept by the SHA-256 of the archive in ``spectradb/trusted_models`` of the user's
configuration directory (``$XDG_CONFIG_HOME``, else ``~/.config``). So a lab that comes from somebody else, or an archive that
was replaced, runs nothing before its user has agreed.
"""

from __future__ import annotations

import os
from pathlib import Path


def trusted_models_file() -> Path:
    """Find the user's list.

    Returns
    -------
    pathlib.Path
        A text file with one SHA-256 a line; it need not exist.
    """
    configured = os.environ.get("XDG_CONFIG_HOME")
    return (Path(configured) if configured else Path.home() / ".config") / "spectradb" / "trusted_models"


def is_trusted(digest: str) -> bool:
    """Tell whether an archive may run.

    Parameters
    ----------
    digest : str
        Its SHA-256.

    Returns
    -------
    bool
        Whether the user's list has it.
    """
    file = trusted_models_file()
    return file.is_file() and digest in file.read_text(encoding="utf-8").split()


def trust(digest: str) -> None:
    """Let an archive run from now on, for this user.

    Parameters
    ----------
    digest : str
        Its SHA-256.
    """
    if not is_trusted(digest):
        file = trusted_models_file()
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            lines.write(f"{digest}\n")
