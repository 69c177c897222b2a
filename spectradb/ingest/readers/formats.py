"""Which reader takes which file, told by the suffix and, where several formats share one, by the first lines.

Readers are named here and imported when a file needs them, so that a lab of MGF files never loads an mzML parser.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from spectradb.errors import NoSpectra, UnknownFormat, UnreadableFile
from spectradb.ingest.readers.open_text import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from spectradb.ingest.readers.raw import Problems

HEAD_CHARACTERS = 1 << 16

#: Endings of vendors' raw files and folders: Agilent's and Bruker's, Thermo's and Waters', Sciex's, Shimadzu's.
VENDOR_SUFFIXES = (".d", ".tdf", ".tdf_bin", ".tsf", ".baf", ".yep", ".raw", ".wiff", ".wiff2", ".lcd")

TABLE_SUFFIXES = (".parquet", ".csv", ".tsv", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class Reader:
    """One format: the files it is known by, and the module that reads them.

    Parameters
    ----------
    name : str
        The format's name, for messages.
    suffixes : tuple of str
        Lower-case endings of file names, without ``.gz``.
    module : str
        Module under :mod:`spectradb.ingest.readers` with a function ``read(path, problems)``.
    signature : re.Pattern
        Found in the first lines of such a file; decides where formats share a suffix.
    """

    name: str
    suffixes: tuple[str, ...]
    module: str
    signature: re.Pattern[str]

    def read(self, path: Path, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Read the spectra of a file.

        Parameters
        ----------
        path : pathlib.Path
            A file of this format.
        problems : Problems
            Takes the records that cannot be read.

        Returns
        -------
        iterator of pyarrow.RecordBatch
            Batches of the raw schema.

        Raises
        ------
        UnreadableFile
            The file cannot be read to its end, or holds no spectrum.
        """
        module = importlib.import_module(f"spectradb.ingest.readers.{self.module}")
        read = cast("Callable[[Path, Problems], Iterator[pa.RecordBatch]]", module.read)
        return read(path, problems)


def _signature(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


# Where several signatures match, the first listed wins: any JSON library may quote another format's words further down.
READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader("mzML", (".mzml",), "mzml", _signature(r"<(indexed)?mzML\b")),
        Reader("mzMLb", (".mzmlb",), "mzmlb", _signature(r"\A\x89HDF")),
        Reader("mzXML", (".mzxml",), "mzxml", _signature(r"<mzXML\b")),
        Reader(
            "mzSpecLib",
            (".mzspeclib.txt", ".mzspeclib.json", ".mzlib.txt", ".mzlib.json", ".txt", ".json"),
            "mzspeclib",
            _signature(r"\A\s*<mzSpecLib|\"(analyte_attribute_sets|spectrum_attribute_sets)\"\s*:"),
        ),
        Reader("MassBank record", (".txt",), "massbank", _signature(r"^ACCESSION: ")),
        Reader("MGF", (".mgf", ".txt"), "mgf", _signature(r"^\s*BEGIN IONS\s*$")),
        Reader("MSP", (".msp", ".txt"), "msp", _signature(r"^Num ?Peaks ?:")),
        Reader("SIRIUS", (".ms",), "sirius", _signature(r"^>compound\b")),
        Reader("GNPS JSON", (".json",), "gnps_json", _signature(r"\"(peaks_json|spectrum_?id|spectruminfo)\"\s*:")),
        Reader("MoNA JSON", (".json",), "mona_json", _signature(r"\"(compound|metaData|submitter)\"\s*:")),
    )
}


def detect(path: Path) -> Reader:
    """Choose the reader of a file.

    Parameters
    ----------
    path : pathlib.Path
        The file, plain or gzipped.

    Returns
    -------
    Reader
        The reader, whose module has not been imported yet.

    Raises
    ------
    UnknownFormat
        No format is known by that suffix, or none of those known by it fits the first lines.
    UnreadableFile
        The first lines decide, and cannot be read.
    """
    candidates = _candidates(path)
    if not candidates:
        if _bare_name(path).endswith(TABLE_SUFFIXES):
            raise UnknownFormat(
                f"{path}: a table does not say which of its columns are the spectra. "
                "Pass --select with a SELECT that names them; DuckDB reads the file."
            )
        raise UnknownFormat(f"{path}: no format is known by this suffix. {_remedy(path)}")
    if len(candidates) == 1:
        return candidates[0]
    reader = _by_first_lines(path, candidates)
    if reader is None:
        names = ", ".join(candidate.name for candidate in candidates)
        raise UnknownFormat(f"{path}: its first lines fit none of the formats with this suffix ({names}). {_formats_known()}")
    return reader


def expand(paths: Iterable[Path]) -> Iterator[Path]:
    """Turn directories into the files of known formats beneath them.

    Parameters
    ----------
    paths : iterable of pathlib.Path
        Files, passed on as they are, and directories. Hidden files and what no reader takes are left out of directories.

    Yields
    ------
    pathlib.Path
        Files, those of one directory sorted by path.

    Raises
    ------
    UnreadableFile
        A path does not exist.
    NoSpectra
        A directory holds no file that a reader takes.
    """
    for path in map(Path, paths):
        if not path.exists():
            raise UnreadableFile(str(path), "byte 0", "there is no such file or directory", "Check the path.")
        if not path.is_dir():
            yield path
            continue
        n = 0
        for file in sorted(path.rglob("*")):
            if file.is_file() and not _is_hidden(file.relative_to(path)) and _is_readable(file):
                n += 1
                yield file
        if n == 0:
            raise NoSpectra(f"{path}: no file in this directory is of a known format. {_remedy(path)}")


def unconverted(paths: Iterable[Path]) -> list[Path]:
    """Find vendors' raw data in directories that :func:`expand` leaves out and that no file there was converted from.

    Parameters
    ----------
    paths : iterable of pathlib.Path
        As for :func:`expand`.

    Returns
    -------
    list of pathlib.Path
        Files and folders of raw data; without those beside which a file of a known format has their name.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        if not path.is_dir():
            continue
        inside = sorted(entry for entry in path.rglob("*") if not _is_hidden(entry.relative_to(path)))
        converted = {_stem(entry) for entry in inside if entry.is_file() and _candidates(entry)}
        raw = [entry for entry in inside if entry.name.lower().endswith(VENDOR_SUFFIXES) and _stem(entry) not in converted]
        found += [entry for entry in raw if not any(other in entry.parents for other in raw)]
    return found


def _stem(path: Path) -> str:
    return _bare_name(path).partition(".")[0]


def _bare_name(path: Path) -> str:
    return path.name.lower().removesuffix(".gz")


def _candidates(path: Path) -> list[Reader]:
    """Return the readers known by the longest suffix that fits: ``x.mzSpecLib.json`` is no GNPS library."""
    name = _bare_name(path)
    fitting = [(len(suffix), reader) for reader in READERS.values() for suffix in reader.suffixes if name.endswith(suffix)]
    longest = max((length for length, _ in fitting), default=0)
    return [reader for length, reader in fitting if length == longest]


def _by_first_lines(path: Path, candidates: list[Reader]) -> Reader | None:
    with reading(path, has_lines=False) as stream:
        head = stream.read(HEAD_CHARACTERS)
    if not head.strip():
        raise UnreadableFile(str(path), "byte 0", "holds no spectrum", "Check that the file was written completely.")
    return next((reader for reader in candidates if reader.signature.search(head)), None)


def _is_readable(file: Path) -> bool:
    candidates = _candidates(file)
    if len(candidates) < 2:
        return bool(candidates)
    try:
        return _by_first_lines(file, candidates) is not None
    except UnreadableFile:
        # Named like a spectrum file and broken: the import must say so rather than pass over it.
        return _bare_name(file).endswith(".json")


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _remedy(path: Path) -> str:
    inside = path.rglob("*") if path.is_dir() else ()
    if any(name.name.lower().endswith(VENDOR_SUFFIXES) for name in (path, *inside)):
        to_do = "A vendor's raw data are converted to centroided mzML first, for example with ProteoWizard's msconvert."
        return f"{to_do} {_formats_known()}"
    return _formats_known()


def _formats_known() -> str:
    listed = "; ".join(f"{reader.name} ({', '.join(reader.suffixes)})" for reader in READERS.values())
    return f"Formats known, each also with .gz: {listed}; any table that DuckDB reads, with --select."
