"""Tensors out of a PyTorch checkpoint without executing what it pickles.

A pickle is a program: it names classes and functions, and calls them. PyTorch's restricted loader admits tensors and plain
containers; every other name that the checkpoint uses is given to it as a class that does nothing, so that settings and
callbacks that a trainer saved beside the weights are no trouble, and no module is imported on a checkpoint's word.
"""

from __future__ import annotations

import threading
import zipfile
from typing import TYPE_CHECKING, Self

import torch
from torch.serialization import get_unsafe_globals_in_checkpoint, safe_globals

from spectradb.errors import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_REMEDY = "Download or copy the checkpoint again; it must have been written by torch.save of PyTorch 1.6 or later."
_LARGEST_PICKLE = 2**24  # bytes; that of a model of this kind has a few hundred kilobytes
_NUMBERS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
# What the loader admits beside its own names holds for the whole process.
_LOADING = threading.Lock()


def read_tensors(file: Path, names: Collection[str]) -> tuple[dict[str, torch.Tensor], set[str]]:
    """Read tensors of the ``state_dict`` of a checkpoint.

    Parameters
    ----------
    file : pathlib.Path
        A ``.ckpt`` or ``.pt`` that ``torch.save`` wrote: a dict with a ``state_dict``, or the state dict itself.
    names : collection of str
        The tensors to read.

    Returns
    -------
    tensors : dict of str to torch.Tensor
        Those of ``names`` that are there, float32.
    others : set of str
        The names of all other tensors of floating-point numbers.

    Raises
    ------
    UnreadableFile
        The file is no such checkpoint, or is damaged.
    """
    _check_archive(file)
    content = _load(file)
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    items = state.items() if isinstance(state, dict) else ()
    found = {
        name: value.detach()
        for name, value in items
        if isinstance(name, str)
        and isinstance(value, torch.Tensor)
        and value.layout == torch.strided
        and value.dtype in _NUMBERS
    }
    if not found:
        raise _unreadable(file, "data.pkl", "it holds no state_dict with tensors")
    tensors = {name: _numbers(file, name, found[name]) for name in names if name in found}
    return tensors, set(found) - set(tensors)


class _Inert:
    """Stands for every class and function that is not admitted, and for what these make: does nothing."""

    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> Self:
        return object.__new__(cls)

    def __init__(self, *_: object, **__: object) -> None:
        """Take anything."""

    def __setstate__(self, state: object = None) -> None:
        """Stay as it is."""


def _load(file: Path) -> object:
    try:
        with _LOADING, safe_globals([(_Inert, name) for name in get_unsafe_globals_in_checkpoint(str(file))]):
            # Mapped, the numbers of an optimizer beside the weights are never read.
            return torch.load(file, map_location="cpu", weights_only=True, mmap=False)
    except Exception as error:  # whatever a damaged or hostile program raises
        raise _unreadable(file, "data.pkl", f"it cannot be unpickled ({type(error).__name__}: {error})") from error


def _check_archive(file: Path) -> None:
    """Refuse what the loader would take for numbers though it is none, and what could fill the memory."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            programs = [name for name in entries if name.endswith("data.pkl") and name.count("/") == 1]
            if len(programs) != 1:
                raise _unreadable(file, "archive", "it holds no data.pkl, as PyTorch's checkpoints do")
            root = programs[0].removesuffix("data.pkl")
            packed = [name for name, entry in entries.items() if entry.compress_type != zipfile.ZIP_STORED]
            if packed:
                raise _unreadable(file, packed[0].removeprefix(root), "the entry is compressed")
            order = entries.get(f"{root}byteorder")
            if order is not None and (order.file_size > len(b"little") or archive.read(order) != b"little"):
                raise _unreadable(file, "byteorder", "its numbers are big-endian")
            if entries[programs[0]].file_size > _LARGEST_PICKLE:
                raise _unreadable(file, "data.pkl", f"it is larger than {_LARGEST_PICKLE} bytes")
    except (OSError, zipfile.BadZipFile, RuntimeError, ValueError) as error:
        raise _unreadable(file, "archive", f"not a readable ZIP archive ({error})") from error


def _numbers(file: Path, name: str, tensor: torch.Tensor) -> torch.Tensor:
    # A step of nothing would make any number of copies of one number.
    if not 0 < tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes():
        raise _unreadable(file, name, "the tensor reaches beyond its numbers")
    # A copy, so that nothing depends on the file any longer.
    return tensor.to(torch.float32, copy=True).contiguous()


def _unreadable(file: Path, place: str, reason: str) -> UnreadableFile:
    return UnreadableFile(str(file), place, reason, _REMEDY)
