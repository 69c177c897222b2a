"""Reader of mzML runs, gzipped or not, with or without an index.

MS1 spectra are counted, not decoded: they are most of a run's bytes and no identification needs them. Format: PSI-MS mzML 1.1
(Martens et al., Mol Cell Proteomics 2011, 10, R110.000133).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from spectradb.errors import UnreadableFile
from spectradb.ingest.fields.cv_params import collision_energy, finite, seconds, timestamp, whole
from spectradb.ingest.fields.ion_mobility import Mobility, of_terms
from spectradb.ingest.fields.isolation import Isolation, SelectedIon, choose_precursor, window
from spectradb.ingest.readers.mzml_spectra import SpectrumReader
from spectradb.ingest.readers.open_text import open_binary
from spectradb.ingest.readers.raw import batches
from spectradb.ingest.readers.xml_source import (
    CHECK_DOWNLOAD,
    DAMAGED_PEAKS,
    UNREADABLE,
    Progress,
    check_complete,
    decode_array,
    elements,
    failures_named,
    local_name,
    unit,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

    import pyarrow as pa
    from numpy.typing import NDArray

    from spectradb.ingest.readers.raw import Problems
    from spectradb.ingest.readers.xml_source import Element

INSTRUMENT_MODEL = "MS:1000031"  # the parent term: says that something is an instrument, not which


class ArrayElsewhere(ABC):
    """An array that is not in the XML."""

    @abstractmethod
    def values(self) -> NDArray[Any]:
        """Fetch it; raises one of :data:`~spectradb.ingest.readers.xml_source.DAMAGED_PEAKS` where it is not whole."""


@dataclass
class _Header:
    """What precedes the spectra: instruments by configuration id, the default one, the number of spectra, when it started."""

    instruments: dict[str, str] = field(default_factory=dict)
    default_instrument: str | None = None
    announced: int | None = None
    started: datetime | None = None


def read(path: Path, problems: Problems) -> Iterator[pa.RecordBatch]:
    """Read the spectra of an mzML file.

    Parameters
    ----------
    path : pathlib.Path
        The file, plain or gzipped.
    problems : Problems
        Receives the spectra that could not be read, and a note when the file shows signs of having been cut.

    Yields
    ------
    pyarrow.RecordBatch
        Batches with :data:`~spectradb.ingest.readers.raw.RAW_SCHEMA`. MS1 spectra have empty peak lists. Of several
        precursors see :mod:`spectradb.ingest.fields.isolation`. Spectra of other detectors (UV) are left out.

    Raises
    ------
    UnreadableFile
        The file cannot be read to its end.
    """
    yield from batches(records(path, problems, opened=open_binary, reader=SpectrumReader))


def records(
    path: Path,
    problems: Problems,
    *,
    opened: Callable[[Path], BinaryIO],
    reader: Callable[[BinaryIO], Iterable[dict[str, Any]]],
) -> Iterator[dict[str, Any]]:
    """Read the spectra of a run, wherever its XML and its arrays are.

    Parameters
    ----------
    path : pathlib.Path
        The file, for messages.
    problems : Problems
        As for :func:`read`.
    opened : callable
        Opens the XML of the file; called twice, first for the header.
    reader : callable
        Makes a :class:`SpectrumReader` of the XML.

    Yields
    ------
    dict
        Values of the raw schema.

    Raises
    ------
    UnreadableFile
        The file cannot be read to its end.
    """
    progress = Progress()
    with failures_named(path, progress):
        with opened(path) as file:
            header = _read_header(file, path)
        levels: dict[str, int] = {}
        with opened(path) as file:
            for info in reader(file):
                progress.n += 1
                progress.native_id = info.get("id")
                record = _record(info, progress.n, header, levels, problems)
                if record is not None:
                    yield record
    check_complete(path, announced=header.announced, found=progress.n, problems=problems)


def _read_header(file: BinaryIO, path: Path) -> _Header:
    header = _Header()
    groups: dict[str | None, list[Element]] = {}
    root: str | None = None
    for event, element in elements(file):
        name = local_name(element)
        if root is None:
            root = name
            if root not in {"mzML", "indexedmzML"}:
                raise UnreadableFile(str(path), "root element", f"<{root}> is not mzML", CHECK_DOWNLOAD)
        if event == "start" and name == "run":
            header.default_instrument = element.get("defaultInstrumentConfigurationRef")
            header.started = timestamp(element.get("startTimeStamp"))
        elif event == "start" and name == "spectrumList":
            header.announced = whole(element.get("count"))
            break
        elif event == "end" and name == "referenceableParamGroup":
            groups[element.get("id")] = element.findall("{*}cvParam")
        elif event == "end" and name == "instrumentConfiguration":
            params = element.findall("{*}cvParam")
            for reference in element.findall("{*}referenceableParamGroupRef"):
                params += groups.get(reference.get("ref"), [])
            model = _instrument_model(params)
            if model:
                header.instruments[element.get("id", "")] = model
    return header


def _instrument_model(params: list[Element]) -> str | None:
    for param in params:
        value = param.get("value")
        if param.get("accession") == INSTRUMENT_MODEL:
            if value:
                return str(value)
        elif not value:  # a model is a term of its own, without a value; a serial number or a customisation has one
            return str(param.get("name"))
    return None


def _record(
    info: dict[str, Any], ordinal: int, header: _Header, levels: dict[str, int], problems: Problems
) -> dict[str, Any] | None:
    place = f"spectrum {ordinal}"
    native_id = info.get("id") or f"index={ordinal - 1}"
    if UNREADABLE in info:
        problems.add(place, f"{native_id}: {info[UNREADABLE]}")
        return None
    ms_level = 1 if "MS1 spectrum" in info else whole(info.get("ms level"))
    if ms_level is None and "m/z array" not in info:
        return None
    if ms_level is not None:
        levels[native_id] = ms_level
    mz = intensity = np.empty(0)
    if ms_level != 1:
        try:
            mz, intensity = _peaks(info)
        except DAMAGED_PEAKS as error:
            problems.add(place, f"{native_id}: its peaks cannot be read: {error}")
            return None
    scan = _dig(info, "scanList", "scan") or {}
    start = _dig(scan, "scan start time")
    precursors = (info.get("precursorList") or {}).get("precursor") or []
    precursor = choose_precursor([_isolation(stated, levels) for stated in precursors], ms_level)
    return {
        "native_id": native_id,
        "place": place,
        "ms_level": ms_level,
        "is_profile": _either(info, "profile spectrum", "centroid spectrum"),
        **precursor._asdict(),
        "ion_mode": {True: "positive", False: "negative", None: None}[_either(info, "positive scan", "negative scan")],
        "instrument": header.instruments.get(_dig(scan, "instrumentConfigurationRef") or header.default_instrument or ""),
        "retention_time_s": seconds(start, unit=unit(start)),
        **_mobility(scan, info, precursors)._asdict(),
        "run_started": header.started,
        "mz": mz,
        "intensity": intensity,
    }


def _unit_of(terms: Any, kind: str) -> str:  # noqa: ANN401
    return unit(terms.get(kind))


def _mobility(scan: Any, info: dict[str, Any], precursors: list[dict[str, Any]]) -> Mobility:  # noqa: ANN401
    """Find the ion mobility, which converters write of the scan, of the spectrum, or of its ion."""
    ions = (_dig(precursors[0], "selectedIonList") or {}).get("selectedIon") or [] if len(precursors) == 1 else []
    for terms in (scan, info, *(ions if len(ions) == 1 else [])):
        found = of_terms(terms, partial(_unit_of, terms))
        if found.ion_mobility is not None:
            return found
    return Mobility()


def _isolation(precursor: dict[str, Any], levels: dict[str, int]) -> Isolation:
    stated = _dig(precursor, "isolationWindow") or {}
    target = finite(stated.get("isolation window target m/z"))
    lower, upper = window(
        target, finite(stated.get("isolation window lower offset")), finite(stated.get("isolation window upper offset"))
    )
    ions = (_dig(precursor, "selectedIonList") or {}).get("selectedIon") or []
    return Isolation(
        ions=[
            SelectedIon(finite(ion.get("selected ion m/z")), whole(ion.get("charge state")), finite(ion.get("peak intensity")))
            for ion in ions
        ],
        target=target,
        # Terms of early files, which state bounds instead of offsets.
        lower=lower or finite(stated.get("isolation window lower limit")),
        upper=upper or finite(stated.get("isolation window upper limit")),
        from_level=levels.get(precursor.get("spectrumRef", "")),
        stage=whole(stated.get("ms level")),
        energy=_collision_energy(_dig(precursor, "activation")),
    )


def _peaks(info: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mz, intensity = (_array(info, name) for name in ("m/z array", "intensity array"))
    if len(mz) != len(intensity):
        raise ValueError(f"{len(mz)} m/z values but {len(intensity)} intensities")
    return mz, intensity


def _array(info: dict[str, Any], name: str) -> NDArray[np.float64]:
    stored: Any = info.get(name)
    if isinstance(stored, ArrayElsewhere):
        return stored.values().astype(np.float64)
    if not hasattr(stored, "compression"):
        if whole(info.get("defaultArrayLength")) == 0:
            return np.empty(0)
        raise ValueError(f"the {name} is missing")
    if not stored.data:
        return np.empty(0)
    if stored.dtype is None:
        raise ValueError(f"the {name} does not state its number type")
    dtype = np.dtype(stored.dtype).newbyteorder("<")
    return decode_array(stored.data, compression=stored.compression, dtype=dtype).astype(np.float64)


def _collision_energy(activation: Any) -> str | None:  # noqa: ANN401  # whatever pyteomics made of the element
    stated = _dig(activation, "collision energy")
    normalized = _dig(activation, "normalized collision energy")
    energy = collision_energy(stated, unit=unit(stated)) or collision_energy(normalized, normalized=True)
    for prefix, suffix in (("", "eV"), ("percent ", "%")):
        start, end = (collision_energy(_dig(activation, f"{prefix}collision energy ramp {edge}")) for edge in ("start", "end"))
        if start and end:
            energy = energy or f"{start}-{end} {suffix}"
    return energy


def _either(info: dict[str, Any], yes: str, no: str) -> bool | None:
    return None if (yes in info) == (no in info) else yes in info


def _dig(info: Any, *names: str) -> Any:  # noqa: ANN401  # whatever pyteomics made of the element
    """Follow names into nested mappings, taking the first of every list; None where something is absent."""
    for name in names:
        info = info.get(name) if isinstance(info, dict) else None
        if isinstance(info, list):
            info = info[0] if info else None
    return info
