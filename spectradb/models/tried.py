"""Trying a model of others in a process of its own, within limits of time and memory, before this one loads it.

What is in such a file decides what its runtime does: one that is damaged or hostile can compute without end, ask for any
amount of memory, or bring the process down. The process that is brought down is not the one that asked.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from spectradb import errors
from spectradb.embedders.exported import trust
from spectradb.models.folder import ModelFiles, file_digest, load
from spectradb.models.probe import probe
from spectradb.python_process import how_it_ended, python_command, python_environment

if TYPE_CHECKING:
    from typing import Any

#: Seconds that loading a model and embedding a few spectra several times may take.
SECONDS = 120.0
#: Bytes of memory that it may take, besides sixteen times its file.
BYTES = 8 << 30


def try_once(files: ModelFiles) -> None:
    """Try a model of a lab's folder, unless this user's account has tried it with this card.

    Parameters
    ----------
    files : ModelFiles
        The model, where it lies.

    Raises
    ------
    BadModel, MissingDependency
        As for :func:`try_apart`.
    """
    digest = tried_digest(files)
    if not trust.was_tried(digest):
        try_apart(files)
        if tried_digest(files) != digest:
            raise errors.BadModel(f"{files.weights}: the file changed while it was read. Start again.")
        trust.note_tried(digest)


def tried_digest(files: ModelFiles) -> str:
    """Hash what is tried: the weights, and the card by which spectra are given to them.

    Parameters
    ----------
    files : ModelFiles
        The model.

    Returns
    -------
    str
        SHA-256 as 64 hexadecimal digits.
    """
    card = json.dumps(files.card, sort_keys=True)
    return hashlib.sha256(f"{file_digest(files.weights)} {card}".encode()).hexdigest()


def try_apart(files: ModelFiles, *, seconds: float | None = None) -> None:
    """Load a model and embed made-up spectra with it in another process.

    Parameters
    ----------
    files : ModelFiles
        The model, where it lies.
    seconds : float, optional
        As :data:`SECONDS`, which it is when None.

    Raises
    ------
    BadModel
        It cannot be loaded, does not do what its card says, takes too long or too much memory, or brings the process down.
    MissingDependency
        It needs a package that is not installed.
    """
    limit = SECONDS if seconds is None else seconds
    asked = {"name": files.name, "kind": files.kind, "dimension": files.dimension, "card": files.card}
    asked |= {"weights": str(files.weights), "card_file": str(files.card_file)}
    process = subprocess.Popen(  # noqa: S603 - our own module
        python_command(__name__),
        env=python_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said, complaint = process.communicate(json.dumps(asked), timeout=limit)
    except subprocess.TimeoutExpired as error:
        msg = f"{files.weights}: the model did not embed five spectra within {limit:g} s. Export it again, or a smaller one."
        raise errors.BadModel(msg) from error
    finally:
        process.kill()
        process.wait()
    told: dict[str, str] = json.loads(said) if process.returncode == 0 and said else {}
    if not told:
        reason = how_it_ended(process, complaint)
        raise errors.BadModel(f"{files.weights}: the model ended the process that tried it ({reason}). Export it again.")
    if "error" in told:
        kind = errors.MissingDependency if told["kind"] == "MissingDependency" else errors.BadModel
        raise kind(told["error"])


def main() -> None:
    """Try the model that standard input names; tell on standard output how that ended."""
    asked: dict[str, Any] = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # runtimes print, too
    files = ModelFiles(**{**asked, "weights": Path(asked["weights"]), "card_file": Path(asked["card_file"])})
    memory = BYTES + 16 * files.weights.stat().st_size
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (memory if most == resource.RLIM_INFINITY else min(memory, most), most))
    told = {"result": "taken"}
    try:
        probe(load(files, trusted=True), place=files.weights)
    except errors.SpectraDBError as error:
        told = {"kind": type(error).__name__, "error": str(error)}
    except MemoryError:
        told = {"kind": "BadModel", "error": f"{files.weights}: the model takes more memory than it may. Export it again."}
    except Exception as error:  # noqa: BLE001 - runtimes raise what they like on what is in a file
        reason = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:300]}"
        told = {"kind": "BadModel", "error": f"{files.weights}: the model cannot be tried ({reason}). Export it again."}
    with answer:
        answer.write(json.dumps(told))
