"""What the XML run formats (mzML, mzXML) share: opening, lean iteration, decoding of peaks, and failures put into words."""

from __future__ import annotations

import binascii
import contextlib
import gzip
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from lxml import etree
from pyteomics.auxiliary import PyteomicsError

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers.limits import inflate
from spectradb.ingest.readers.numpress import decode_linear, decode_pic, decode_slof

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

    from spectradb.ingest.readers.raw import Problems

Element: TypeAlias = Any  # an lxml element; lxml has no type information

CHECK_DOWNLOAD = "Check that the download or copy is complete, or convert the raw data again (for example with msconvert)"
NO_COMPRESSION = "no compression"
UNREADABLE = "unreadable"  # key under which a reader says why a spectrum cannot be read
INDEX_TAIL = 1000  # bytes; the offset of the index is among the last lines of a file


def _after_zlib(decode: Callable[[bytes], NDArray[np.float64]]) -> Callable[[bytes], NDArray[np.float64]]:
    return lambda packed: decode(inflate(packed))


# By name of the compression in the PSI-MS vocabulary. The truncation is one of precision, made before the compression.
DECOMPRESSORS: dict[str, Callable[[bytes], bytes | NDArray[np.float64]]] = {
    NO_COMPRESSION: bytes,
    "zlib compression": inflate,
    "truncation and zlib compression": inflate,
}
for _name, _decode in (
    ("linear prediction", decode_linear),
    ("positive integer", decode_pic),
    ("short logged float", decode_slof),
):
    DECOMPRESSORS[f"MS-Numpress {_name} compression"] = _decode
    DECOMPRESSORS[f"MS-Numpress {_name} compression followed by zlib compression"] = _after_zlib(_decode)

# What a single damaged spectrum raises while its attributes are read; the file itself may still be sound.
DAMAGED_SPECTRUM = (PyteomicsError, AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)

# What a single damaged peak array raises.
DAMAGED_PEAKS = (ValueError, zlib.error)


@dataclass
class Progress:
    """How far a run file has been read.

    Parameters
    ----------
    n : int
        Spectra read so far.
    native_id : str or None
        Identifier of the last of them.
    """

    n: int = 0
    native_id: str | None = None

    @property
    def place(self) -> str:
        """The last place reached, for messages."""
        if not self.n:
            return "before the first spectrum"
        return f"after spectrum {self.n} ({self.native_id})"


@contextlib.contextmanager
def failures_named(path: Path, progress: Progress) -> Iterator[None]:
    """Turn what XML and gzip readers raise into :class:`~spectradb.errors.UnreadableFile`.

    Parameters
    ----------
    path : pathlib.Path
        The file being read.
    progress : Progress
        How far it has been read; asked when something fails.

    Raises
    ------
    UnreadableFile
        The file cannot be read to its end.
    """
    try:
        yield
    except etree.XMLSyntaxError as error:
        empty = not path.stat().st_size
        reason = "the file is empty" if empty else f"the XML breaks off or is malformed ({error.msg})"
        raise UnreadableFile(str(path), progress.place, reason, CHECK_DOWNLOAD) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = f"the gzip stream breaks off or is damaged ({error})"
        raise UnreadableFile(str(path), progress.place, reason, CHECK_DOWNLOAD) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableFile(str(path), progress.place, reason, "Check the path and its permissions") from error
    except PyteomicsError as error:
        raise UnreadableFile(str(path), progress.place, str(error), CHECK_DOWNLOAD) from error


def elements(file: BinaryIO) -> Iterator[tuple[str, Element]]:
    """Walk through an XML document without keeping to any limit of text length, since one spectrum may exceed 10 MB.

    Parameters
    ----------
    file : binary file
        The document.

    Yields
    ------
    event : str
        ``"start"`` or ``"end"``.
    element : lxml element
        The element that starts (its attributes are known) or ends (its content is known).
    """
    yield from etree.iterparse(file, events=("start", "end"), remove_comments=True, huge_tree=True)


def local_name(element: Element) -> str:
    """Give the name of an element without its namespace.

    Parameters
    ----------
    element : lxml element
        An element of any namespace.

    Returns
    -------
    str
        Its local name.
    """
    return str(element.tag).rpartition("}")[2]


def drop_previous(element: Element) -> None:
    """Remove the sibling before an element if it has the same name, so that finished spectra do not pile up in memory.

    Parameters
    ----------
    element : lxml element
        A spectrum that has just been read to its end.
    """
    previous = element.getprevious()
    parent = element.getparent()
    if previous is not None and parent is not None and previous.tag == element.tag:
        parent.remove(previous)


def decode_array(text: str, *, compression: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Decode one base64 array.

    Parameters
    ----------
    text : str
        Base64, possibly with white space inside.
    compression : str
        Name of the compression in the PSI-MS vocabulary, a key of :data:`DECOMPRESSORS`.
    dtype : numpy.dtype
        Type and byte order of the items once decompressed.

    Returns
    -------
    numpy.ndarray of shape (n_items,)
        The items.

    Raises
    ------
    ValueError, zlib.error
        The array is damaged or its compression is not known (:data:`DAMAGED_PEAKS`).
    """
    if compression not in DECOMPRESSORS:
        raise ValueError(f"its compression ('{compression}') is not supported")
    # Without validation stray characters are skipped, which shifts all bytes after them and yields wrong peaks silently.
    packed = binascii.a2b_base64("".join(text.split()), strict_mode=True)
    unpacked = DECOMPRESSORS[compression](packed)
    if isinstance(unpacked, np.ndarray):
        return unpacked
    return np.frombuffer(unpacked, dtype=dtype)


def check_complete(path: Path, *, announced: int | None, found: int, problems: Problems) -> None:
    """Note signs that a file was cut and closed again: it is well-formed, and spectra are missing.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    announced : int or None
        Number of spectra that its header states.
    found : int
        Number of spectra read.
    problems : Problems
        Receives the note.
    """
    if announced is not None and found < announced:
        problems.add("end of file", f"the file announces {announced} spectra and holds {found}: it may have been cut")
        return
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - INDEX_TAIL))
        index = re.search(rb"<(?:indexListOffset|indexOffset)>\s*(\d+)\s*<", file.read())
    if index is not None and int(index[1]) >= size:
        reason = f"the index is said to lie at byte {int(index[1])} of a file of {size} bytes: spectra may have been cut out"
        problems.add("end of file", reason)


def unit(value: object) -> str:
    """Name the unit of a value, as pyteomics attaches it.

    Parameters
    ----------
    value : object
        A value read by pyteomics.

    Returns
    -------
    str
        The unit; empty where none is stated.
    """
    return str(getattr(value, "unit_info", None) or "")
