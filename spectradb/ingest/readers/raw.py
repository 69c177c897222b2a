"""What every reader yields: Arrow batches of spectra as their file states them, before any harmonising.

A reader is a function ``read(path, problems) -> Iterator[pyarrow.RecordBatch]`` whose batches have :data:`RAW_SCHEMA`. It
translates the names of its format and nothing else: spelling, units of meaning, checks and drops belong to the harmoniser, so
that all formats are treated alike. It never holds more than one batch of spectra.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RAW_SCHEMA = pa.schema(
    [
        pa.field("native_id", pa.string()),  # the file's own identifier; unique within the file where the format promises it
        pa.field("place", pa.string()),  # where in the file, for messages: "spectrum 17", "line 2034"
        pa.field("ms_level", pa.int32()),  # NULL: the format does not say, taken as 2
        pa.field("is_profile", pa.bool_()),  # True when the peaks are a profile, not centroids; NULL: unknown
        pa.field("precursor_mz", pa.float64()),
        pa.field("isolation_window_lower", pa.float64()),  # m/z bounds of the window that it was isolated in; NULL: unknown
        pa.field("isolation_window_upper", pa.float64()),
        pa.field("charge", pa.int32()),  # as stated; 0 or NULL: unknown; the sign may be missing
        pa.field("ion_mode", pa.string()),  # as spelled in the file
        pa.field("adduct", pa.string()),  # as spelled in the file
        pa.field("collision_energy", pa.string()),  # as spelled in the file, with its unit where one is given
        pa.field("instrument", pa.string()),
        pa.field("instrument_type", pa.string()),
        pa.field("retention_time_s", pa.float64()),  # seconds
        pa.field("retention_time_unitless", pa.float64()),  # where no unit is stated: the number; _s is then a guess
        pa.field("feature_id", pa.string()),  # number of the feature that it was measured of
        pa.field("precursor_intensity", pa.float64()),  # in the spectrum that it was selected from
        pa.field("ion_mobility", pa.float64()),  # in the unit of its type
        pa.field("ion_mobility_type", pa.string()),  # its term in PSI-MS, as spelled in the file; NULL: not told
        pa.field("ccs", pa.float64()),  # square angstroms
        pa.field("name", pa.string()),
        pa.field("smiles", pa.string()),
        pa.field("inchi", pa.string()),
        pa.field("inchikey", pa.string()),
        pa.field("formula", pa.string()),
        pa.field("pubchem_cid", pa.int64()),
        pa.field("contributor", pa.string()),  # the laboratory or person that measured it
        pa.field("source_license", pa.string()),
        pa.field("run_started", pa.timestamp("us")),  # start of the run's acquisition, UTC where the file states a time zone
        pa.field("run", pa.string()),  # name of the run when one file holds several; NULL: the file is the run
        pa.field("mz", pa.list_(pa.float64())),
        pa.field("intensity", pa.list_(pa.float64())),
        pa.field("flags", pa.list_(pa.string())),  # what could not be taken as stated: names of reasons
    ]
)

BATCH_SPECTRA = 2048
# Profile scans hold tens of thousands of points each; a batch of them ends earlier.
BATCH_PEAKS = 1 << 20


@dataclass
class Problem:
    """One record that could not be read.

    Parameters
    ----------
    place : str
        Where in the file ("spectrum 17", "line 2034").
    reason : str
        What was wrong, in words.
    """

    place: str
    reason: str


@dataclass
class Problems:
    """Collects the records of one file that could not be read, while reading goes on."""

    found: list[Problem] = field(default_factory=list)

    def add(self, place: str, reason: str) -> None:
        """Note one unreadable record.

        Parameters
        ----------
        place : str
            Where in the file.
        reason : str
            What was wrong.
        """
        self.found.append(Problem(place, reason))


def batches(records: Iterable[dict[str, Any]], size: int = BATCH_SPECTRA) -> Iterator[pa.RecordBatch]:
    """Gather records into Arrow batches.

    Parameters
    ----------
    records : iterable of dict
        One mapping per spectrum, keyed by names of :data:`RAW_SCHEMA`; absent keys become NULL.
    size : int
        Spectra per batch, at most.

    Yields
    ------
    pyarrow.RecordBatch
        Batches with :data:`RAW_SCHEMA`.
    """
    names = RAW_SCHEMA.names
    columns: dict[str, list[Any]] = {name: [] for name in names}
    n = n_peaks = 0
    for record in records:
        for name in names:
            columns[name].append(record.get(name))
        n += 1
        n_peaks += 0 if columns["mz"][-1] is None else len(columns["mz"][-1])
        if n == size or n_peaks >= BATCH_PEAKS:
            yield _flush(columns)
            n = n_peaks = 0
    if n:
        yield _flush(columns)


def _flush(columns: dict[str, list[Any]]) -> pa.RecordBatch:
    arrays = [pa.array(values, type=RAW_SCHEMA.field(name).type) for name, values in columns.items()]
    for values in columns.values():
        values.clear()
    return pa.RecordBatch.from_arrays(arrays, schema=RAW_SCHEMA)
