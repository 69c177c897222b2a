"""Reader of mzMLb runs: mzML whose XML and arrays are data sets of an HDF5 file.

Format: R. S. Bhamber et al., J. Proteome Res. 2021, 20, 172-183. The XML is read as that of any mzML; an array is named there
by its data set, offset and length. They are fetched here rather than by pyteomics, which returns what is left of a data set
that was cut without a word. Needs ``pip install 'spectradb[mzmlb]'``.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BufferedReader, BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from spectradb.errors import UnreadableFile
from spectradb.ingest.readers import mzml
from spectradb.ingest.readers.mzml_spectra import SpectrumReader
from spectradb.ingest.readers.raw import batches
from spectradb.ingest.readers.xml_source import CHECK_DOWNLOAD, DECOMPRESSORS, NO_COMPRESSION
from spectradb.late_modules import late, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa
    from numpy.typing import NDArray

    from spectradb.ingest.readers.raw import Problems

h5py = late("h5py", extra="mzmlb")

XML = "mzML"
_DATA_SETS = ("external HDF5 dataset", "external dataset")
# Items that are read at once: spectra follow one another, and a slice of a few hundred items costs as much as one of many.
_BLOCK = 1 << 18


def read(path: Path, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Read the spectra of an mzMLb file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    problems : Problems
        As for :func:`spectradb.ingest.readers.mzml.read`.

    Yields
    ------
    pyarrow.RecordBatch
        As for :func:`spectradb.ingest.readers.mzml.read`.

    Raises
    ------
    UnreadableFile
        The file is no HDF5 with an mzML in it, or cannot be read to its end.
    MissingDependency
        If h5py is not installed.
    """
    with _opened(path) as file:
        xml = partial(_xml, file)
        yield from batches(mzml.records(path, problems, opened=xml, reader=partial(_ExternalReader, _Arrays(file))))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    # With its filters, which Blosc and others among the compressions need, known to HDF5.
    load("hdf5plugin", extra="mzmlb")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise UnreadableFile(str(path), "byte 0", f"it is no HDF5 file, or a damaged one ({error})", CHECK_DOWNLOAD) from error
    with file:
        if XML not in file:
            raise UnreadableFile(str(path), "byte 0", f"it is an HDF5 file without the data set {XML}", CHECK_DOWNLOAD)
        yield file


def _xml(file: Any, _path: Path) -> BinaryIO:  # noqa: ANN401 - of h5py, which has no type information
    # Without its arrays it is small.
    return cast("BinaryIO", BufferedReader(BytesIO(file[XML][:].tobytes())))


class _Arrays:
    """The data sets of a file, a block of each in memory."""

    def __init__(self, file: Any) -> None:  # noqa: ANN401
        self._file = file
        self._blocks: dict[str, tuple[int, NDArray[Any]]] = {}

    def get(self, name: str, offset: int, length: int) -> NDArray[Any]:
        if name not in self._file:
            raise ValueError(f"the file has no data set {name!r}")
        begin, block = self._blocks.get(name, (0, np.empty(0)))
        if not begin <= offset <= offset + length <= begin + len(block):
            begin, block = offset, self._file[name][offset : offset + max(length, _BLOCK)]
            self._blocks[name] = (begin, block)
        found = block[offset - begin : offset - begin + length]
        if len(found) != length:
            raise ValueError(f"the data set {name!r} ends before item {offset + length}: the file may have been cut")
        return found


@dataclass(frozen=True)
class _External(mzml.ArrayElsewhere):
    """An array by its place in the file."""

    arrays: _Arrays
    name: str
    offset: int
    length: int
    compression: str
    prediction: str | None

    def values(self) -> NDArray[Any]:
        try:
            stored = self.arrays.get(self.name, self.offset, self.length)
        except OSError as error:  # a damaged block, or a filter that HDF5 does not know
            raise ValueError(str(error)) from error
        if self.compression.startswith("MS-Numpress"):
            return np.asarray(DECOMPRESSORS[self.compression](stored.tobytes()))
        values = stored.astype(np.float64)
        if self.prediction is not None and len(values) > 2:
            # As stored: each item less what the ones before it predict.
            first, second = values[0], values[1]
            steps = values[2:] - (first if self.prediction == "delta" else second)
            if self.prediction == "delta":
                values[2:] = second + np.cumsum(steps)
            else:
                values[2:] = second + np.cumsum((second - first) + np.cumsum(steps))
        return values


class _ExternalReader(SpectrumReader):
    """Reads spectra whose arrays are outside of the XML."""

    def __init__(self, arrays: _Arrays, source: BinaryIO) -> None:
        self._arrays = arrays
        super().__init__(source)

    def _handle_binary(self, info: dict[str, Any], **kwargs: Any) -> Any:  # noqa: ANN401 - as pyteomics has it
        name = next((info[term] for term in _DATA_SETS if term in info), None)
        if name is None:
            return super()._handle_binary(info, **kwargs)
        stated = " ".join(map(str, info))
        prediction = next(
            (kind for kind in ("linear", "delta") if f"{kind} prediction" in stated.replace("Numpress", "")), None
        )
        compression = self._determine_compression(info)
        numpress = compression if compression.startswith("MS-Numpress") else NO_COMPRESSION
        offset, length = int(info["external offset"]), int(info["external array length"])
        array = _External(self._arrays, name, offset, length, numpress, None if numpress != NO_COMPRESSION else prediction)
        return {self._detect_array_name(info): array}
