"""Tensors out of a PyTorch checkpoint without executing what it pickles.

A ``.ckpt`` of PyTorch Lightning is a ZIP archive: ``<root>/data.pkl`` pickles the nested dicts, ``<root>/data/<key>`` holds the
raw numbers of each tensor. A pickle is a program: it names classes and functions, and calls them. Here every name but those of
tensors, their storages and ordered dicts stands for an inert object that does nothing, whatever is done to it; no module is
imported on a checkpoint's word, and the raw numbers are read only of tensors that are asked for.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Self, TypeGuard

import torch

from spectradb.errors import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_REMEDY = "Download or copy the checkpoint again; it must have been written by torch.save of PyTorch 1.6 or later."
_LARGEST_PICKLE = 2**26  # bytes; that of a model of this kind has a few hundred kilobytes
_STORAGES = {
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "DoubleStorage": torch.float64,
}
# What Python's unpickler raises on a damaged or hostile pickle.
_PICKLE_ERRORS = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


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
    try:
        with zipfile.ZipFile(file) as archive:
            root = _root(archive, file)
            found = _state_dict(archive, root, file)
            tensors = {name: _numbers(archive, root, found[name], name) for name in names if name in found}
    except (OSError, zipfile.BadZipFile, RuntimeError, zlib.error) as error:
        raise _unreadable(file, "archive", f"not a readable ZIP archive ({error})") from error
    return tensors, set(found) - set(tensors)


@dataclass(frozen=True, slots=True)
class _Storage:
    """The numbers of one entry of the archive, unread."""

    dtype: torch.dtype
    key: str
    length: int

    def __setstate__(self, state: object) -> None:
        """Stay as it is."""


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view of a storage, unread."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    def __setstate__(self, state: object) -> None:
        """Stay as it is."""


class _Inert:
    """Stands for every class and function that is not admitted, and for what these make: does nothing."""

    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> Self:
        return object.__new__(cls)

    def __init__(self, *_: object, **__: object) -> None:
        """Take anything."""

    def __call__(self, *_: object, **__: object) -> _Inert:
        return self

    def __setstate__(self, state: object = None) -> None:
        """Stay as it is."""

    def __setitem__(self, key: object, value: object) -> None:
        """Stay as it is."""

    def append(self, item: object) -> None:
        """Stay as it is."""

    def extend(self, items: object) -> None:
        """Stay as it is."""

    def add(self, item: object) -> None:
        """Stay as it is."""


class _Mapping(dict[Any, Any]):
    """Stands for ordered dicts; keeps its items and forgets attributes such as a state dict's metadata."""

    __slots__ = ()

    def __setstate__(self, state: object = None) -> None:
        """Stay as it is."""


class _StorageKind:
    """Stands for a class of storage."""

    __slots__ = ("dtype",)

    def __init__(self, dtype: torch.dtype) -> None:
        self.dtype = dtype

    def __setstate__(self, state: object) -> None:
        """Stay as it is."""


class _Rebuild:
    """Stands for the function that makes a tensor of a storage."""

    __slots__ = ()

    def __call__(self, storage: object, offset: object, shape: object, stride: object, *_: object) -> object:
        if not isinstance(storage, _Storage):
            return _Inert()  # of integers, which no weights are
        if not (_is_size(offset) and _are_sizes(shape) and _are_sizes(stride) and len(shape) == len(stride)):
            raise pickle.UnpicklingError("a tensor has an impossible shape")
        return _Tensor(storage, offset, shape, stride)

    def __setstate__(self, state: object) -> None:
        """Stay as it is."""


class _RebuildParameter:
    """Stands for the function that makes a parameter of a tensor."""

    __slots__ = ()

    def __call__(self, data: object, *_: object) -> object:
        return data

    def __setstate__(self, state: object) -> None:
        """Stay as it is."""


class _TensorUnpickler(pickle.Unpickler):
    """Admits tensors, storages and ordered dicts; every other name becomes inert."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._admitted: dict[tuple[str, str], object] = {
            ("collections", "OrderedDict"): _Mapping,
            ("torch._utils", "_rebuild_tensor_v2"): _Rebuild(),
            ("torch._utils", "_rebuild_parameter"): _RebuildParameter(),
        } | {("torch", name): _StorageKind(dtype) for name, dtype in _STORAGES.items()}

    def find_class(self, module: str, name: str, /) -> Any:  # noqa: ANN401 - a class, a function, or what stands for it
        return self._admitted.get((module, name), _Inert)

    def persistent_load(self, pid: Any, /) -> Any:  # noqa: ANN401 - whatever was pickled
        match pid:
            case ("storage", _StorageKind() as kind, str() as key, str(), int() as length) if length >= 0:
                return _Storage(kind.dtype, key, length)
        return _Inert()


def _is_size(value: object) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def _are_sizes(values: object) -> TypeGuard[tuple[int, ...]]:
    return isinstance(values, tuple) and all(map(_is_size, values))


def _root(archive: zipfile.ZipFile, file: Path) -> str:
    roots = [name.removesuffix("data.pkl") for name in archive.namelist() if name.endswith("data.pkl") and name.count("/") == 1]
    if len(roots) != 1:
        raise _unreadable(file, "archive", "it holds no data.pkl, as PyTorch's checkpoints do")
    order = f"{roots[0]}byteorder"
    if order in archive.namelist() and _read(archive, order, 16, "byteorder") != b"little":
        raise _unreadable(file, "byteorder", "its numbers are big-endian")
    return roots[0]


def _state_dict(archive: zipfile.ZipFile, root: str, file: Path) -> dict[str, _Tensor]:
    if archive.getinfo(f"{root}data.pkl").file_size > _LARGEST_PICKLE:
        raise _unreadable(file, "data.pkl", f"it is larger than {_LARGEST_PICKLE} bytes")
    try:
        program = archive.read(f"{root}data.pkl")
        # The unpickler makes room for the memo places that a pickle names, and so would for billions.
        if any(
            op.name in {"PUT", "LONG_BINPUT"} and int(place or 0) > len(program) for op, place, _ in pickletools.genops(program)
        ):
            raise pickle.UnpicklingError("it numbers more objects than it can hold")
        content = _TensorUnpickler(io.BytesIO(program)).load()
    except _PICKLE_ERRORS as error:
        raise _unreadable(file, "data.pkl", f"it cannot be unpickled ({type(error).__name__}: {error})") from error
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    items = state.items() if isinstance(state, dict) else ()
    tensors = {name: value for name, value in items if isinstance(name, str) and isinstance(value, _Tensor)}
    if not tensors:
        raise _unreadable(file, "data.pkl", "it holds no state_dict with tensors")
    return tensors


def _numbers(archive: zipfile.ZipFile, root: str, tensor: _Tensor, place: str) -> torch.Tensor:
    storage = tensor.storage
    last = tensor.offset + sum((n - 1) * step for n, step in zip(tensor.shape, tensor.stride, strict=True))
    if not all(tensor.shape) or math.prod(tensor.shape) > storage.length or last >= storage.length:
        raise _unreadable(archive.filename, place, "the tensor reaches beyond its numbers")
    n_bytes = storage.length * torch.empty(0, dtype=storage.dtype).element_size()
    content = _read(archive, f"{root}data/{storage.key}", n_bytes, place)
    if len(content) != n_bytes:
        raise _unreadable(archive.filename, place, f"{len(content)} bytes instead of {n_bytes}")
    flat = torch.frombuffer(bytearray(content), dtype=storage.dtype)
    return flat.as_strided(tensor.shape, tensor.stride, tensor.offset).to(torch.float32).contiguous()


def _read(archive: zipfile.ZipFile, name: str, n_bytes: int, place: str) -> bytes:
    """Read an entry that is stored as it is and no longer than it should be, so that no small file can fill the memory."""
    try:
        entry = archive.getinfo(name)
    except KeyError as error:
        raise _unreadable(archive.filename, place, f"the archive has no entry {name}") from error
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > n_bytes:
        raise _unreadable(archive.filename, place, f"the entry {name} is compressed, or longer than {n_bytes} bytes")
    return archive.read(entry)


def _unreadable(file: Path | str | None, place: str, reason: str) -> UnreadableFile:
    return UnreadableFile(str(file), place, reason, _REMEDY)
