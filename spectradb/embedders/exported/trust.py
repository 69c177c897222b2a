"""Which TorchScript archives the user of this account lets run, and which ONNX models were tried.

Trust belongs to a person, not to a lab: it is kept by the SHA-256 of the archive in ``spectradb/trusted_models`` of the user's
configuration directory (``$XDG_CONFIG_HOME``, else ``~/.config``). So a lab that comes from somebody else, or an archive that
was replaced, runs nothing before its user has agreed. Beside it ``tried_models`` lists what need not be tried again.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def trusted_models_file() -> Path:
    """Find the user's list.

    Returns
    -------
    pathlib.Path
        A text file with one SHA-256 a line; it need not exist.
    """
    return _list("trusted_models")


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
    return _is_listed(trusted_models_file(), digest)


def trust(digest: str) -> None:
    """Let an archive run from now on, for this user.

    Parameters
    ----------
    digest : str
        Its SHA-256.
    """
    _add(trusted_models_file(), digest)


def was_tried(digest: str) -> bool:
    """Tell whether a model was tried, and found good.

    Parameters
    ----------
    digest : str
        SHA-256 of its weights and its card.

    Returns
    -------
    bool
        Whether the user's list has it.
    """
    return _is_listed(_list("tried_models"), digest)


def note_tried(digest: str) -> None:
    """Note that a model was tried and found good; where that cannot be written down, it is tried again next time.

    Parameters
    ----------
    digest : str
        SHA-256 of its weights and its card.
    """
    with suppress(OSError):
        _add(_list("tried_models"), digest)


def _list(name: str) -> Path:
    configured = os.environ.get("XDG_CONFIG_HOME")
    return (Path(configured) if configured else Path.home() / ".config") / "spectradb" / name


def _is_listed(file: Path, digest: str) -> bool:
    return file.is_file() and digest in file.read_text(encoding="utf-8").split()


def _add(file: Path, digest: str) -> None:
    if not _is_listed(file, digest):
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            lines.write(f"{digest}\n")
