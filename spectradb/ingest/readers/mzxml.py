"""Reader of mzXML runs, gzipped or not, with scans side by side or nested, with or without an index.

MS1 scans are counted, not decoded. Format: mzXML 2 and 3 (Pedrioli et al., Nat Biotechnol 2004, 22, 1459).
"""

from __future__ import annotations

from collections import ChainMap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyteomics import mzxml

from spectradb.errors import UnreadableFile
from spectradb.ingest.fields.cv_params import collision_energy, finite, seconds, whole
from spectradb.ingest.fields.ion_mobility import FAIMS_VOLTAGE
from spectradb.ingest.fields.isolation import Isolation, SelectedIon, choose_precursor, window
from spectradb.ingest.readers.open_text import open_binary
from spectradb.ingest.readers.raw import batches
from spectradb.ingest.readers.xml_source import (
    CHECK_DOWNLOAD,
    DAMAGED_PEAKS,
    DAMAGED_SPECTRUM,
    NO_COMPRESSION,
    UNREADABLE,
    Progress,
    check_complete,
    decode_array,
    drop_previous,
    elements,
    failures_named,
    local_name,
    unit,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    import pyarrow as pa
    from numpy.typing import NDArray

    from spectradb.ingest.readers.raw import Problems
    from spectradb.ingest.readers.xml_source import Element

ION_MODES = {"+": "positive", "-": "negative"}
COMPRESSION_NAMES = {"": NO_COMPRESSION, "none": NO_COMPRESSION, "zlib": "zlib compression"}
PRECISIONS = {"32": "f4", "64": "f8"}
PEAK_TEXT = "peak text"
PEAK_FORMAT = "peak format"
AROUND = "scans around"


class _ScanReader(mzxml.MzXML):  # type: ignore[misc]  # pyteomics has no type information
    """pyteomics' mzXML reader, kept from holding, decoding or failing on more than one scan."""

    def __init__(self, source: BinaryIO) -> None:
        super().__init__(source, use_index=False, huge_tree=True)

    def iterfind(self, path: str, **kwargs: Any) -> Any:  # noqa: ANN401  # as pyteomics has it
        # Past pyteomics' own method, which sorts scans by number and for that holds all scans up to the next MS1: a file of
        # MS2 scans alone would be held whole.
        return super(mzxml.MzXML, self).iterfind(path, **kwargs)

    def _get_info_smart(self, element: Element, **kwargs: Any) -> Any:  # noqa: ANN401  # as pyteomics has it
        if local_name(element) != "scan":
            return super()._get_info_smart(element, **kwargs)
        drop_previous(element)
        for nested in element.findall("{*}scan"):  # they end before the scan around them, so they have been read
            element.remove(nested)
        text, attributes = None, {}
        for peaks in element.findall("{*}peaks"):
            text, attributes = peaks.text, dict(peaks.attrib)
            element.remove(peaks)
        try:
            info = super()._get_info_smart(element, **kwargs)
        except DAMAGED_SPECTRUM as error:
            return {"num": element.get("num"), UNREADABLE: f"its description cannot be read ({error})"}
        around = {scan.get("num"): whole(scan.get("msLevel")) for scan in element.iterancestors("{*}scan")}
        return info | {PEAK_TEXT: text, PEAK_FORMAT: attributes, AROUND: around}


@dataclass
class _Header:
    """What precedes the scans: the instrument, whether peaks are centroids, and the number of scans announced."""

    instrument: str | None = None
    is_centroided: bool | None = None
    announced: int | None = None


def read(path: Path, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Read the scans of an mzXML file.

    Parameters
    ----------
    path : pathlib.Path
        The file, plain or gzipped.
    problems : Problems
        Receives the scans that could not be read, and a note when the file shows signs of having been cut.

    Yields
    ------
    pyarrow.RecordBatch
        Batches with :data:`~spectradb.ingest.readers.raw.RAW_SCHEMA`, in the order in which scans end in the file: scans nested
        in an MS1 scan come before it. MS1 scans have empty peak lists. Of several precursors see
        :mod:`spectradb.ingest.fields.isolation`.

    Raises
    ------
    UnreadableFile
        The file cannot be read to its end.
    """
    yield from batches(_records(path, problems))


def _records(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    progress = Progress()
    with failures_named(path, progress):
        with open_binary(path) as file:
            header = _read_header(file, path)
        levels: dict[str, int | None] = {}
        with open_binary(path) as file:
            for info in _ScanReader(file):
                progress.n += 1
                progress.native_id = info.get("num")
                record = _record(info, progress.n, header, levels, problems)
                if record is not None:
                    yield record
    check_complete(path, announced=header.announced, found=progress.n, problems=problems)


def _read_header(file: BinaryIO, path: Path) -> _Header:
    header = _Header()
    root: str | None = None
    for event, element in elements(file):
        name = local_name(element)
        if root is None:
            root = name
            if root not in {"mzXML", "msRun"}:
                raise UnreadableFile(str(path), "root element", f"<{root}> is not mzXML", CHECK_DOWNLOAD)
        if event == "end":
            continue
        if name == "msRun":
            header.announced = whole(element.get("scanCount"))
        elif name == "msModel" and header.instrument is None:
            header.instrument = element.get("value") or None
        elif name == "dataProcessing" and element.get("centroided") is not None:
            header.is_centroided = element.get("centroided") in {"1", "true"}
        elif name == "scan":
            break
    return header


def _record(
    info: dict[str, Any], ordinal: int, header: _Header, levels: dict[str, int | None], problems: Problems
) -> dict[str, Any] | None:
    native_id = info.get("num") or f"index={ordinal - 1}"
    place = f"scan {native_id}"
    if UNREADABLE in info:
        problems.add(place, info[UNREADABLE])
        return None
    ms_level = whole(info.get("msLevel"))
    levels[native_id] = ms_level
    mz = intensity = np.empty(0)
    if ms_level != 1:
        try:
            mz, intensity = _peaks(info[PEAK_TEXT], info[PEAK_FORMAT])
        except DAMAGED_PEAKS as error:
            problems.add(place, f"its peaks cannot be read: {error}")
            return None
    energy = collision_energy(info.get("collisionEnergy"))
    known = ChainMap(info[AROUND], levels)
    precursor = choose_precursor([_isolation(stated, known, energy) for stated in info.get("precursorMz") or []], ms_level)
    time = info.get("retentionTime")
    voltage = finite(info.get("compensationVoltage"))
    is_centroided = info.get("centroided", header.is_centroided)
    return {
        "native_id": native_id,
        "place": place,
        "ms_level": ms_level,
        "is_profile": None if is_centroided is None else not is_centroided,
        **precursor._asdict(),
        "ion_mode": ION_MODES.get(info.get("polarity", "")),
        "instrument": header.instrument,
        "retention_time_s": seconds(time, unit=unit(time)),
        "ion_mobility": voltage,
        "ion_mobility_type": None if voltage is None else FAIMS_VOLTAGE,
        "mz": mz,
        "intensity": intensity,
    }


def _isolation(stated: Any, levels: Mapping[str, int | None], energy: str | None) -> Isolation:  # noqa: ANN401
    # Without attributes pyteomics has it as its text alone.
    precursor = stated if isinstance(stated, dict) else {"precursorMz": stated}
    mz, wide = finite(precursor.get("precursorMz")), finite(precursor.get("windowWideness"))
    half = None if wide is None else wide / 2
    lower, upper = window(mz, half, half)
    return Isolation(
        ions=[SelectedIon(mz, whole(precursor.get("precursorCharge")), finite(precursor.get("precursorIntensity")))],
        lower=lower,
        upper=upper,
        from_level=levels.get(str(precursor.get("precursorScanNum", ""))),
        energy=energy,
    )


def _peaks(text: str | None, stated: dict[str, str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if text is None or not text.strip():
        return np.empty(0), np.empty(0)
    content = stated.get("contentType") or stated.get("pairOrder") or "m/z-int"
    if content != "m/z-int":
        raise ValueError(f"they are stored as '{content}', not as pairs of m/z and intensity")
    precision = stated.get("precision", "32")
    if precision not in PRECISIONS:
        raise ValueError(f"a precision of {precision} bits is not known")
    compression = stated.get("compressionType", "")
    # Network byte order is the only one that the format allows.
    dtype = np.dtype(f">{PRECISIONS[precision]}")
    pairs = decode_array(text, compression=COMPRESSION_NAMES.get(compression, compression), dtype=dtype).astype(np.float64)
    if len(pairs) % 2:
        raise ValueError(f"{len(pairs)} numbers are no pairs of m/z and intensity")
    return pairs[0::2], pairs[1::2]
