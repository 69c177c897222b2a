"""A batch of spectra as flat arrays: what every embedder takes.

The peaks of all spectra lie end to end; ``offsets`` says where each spectrum begins. Numerics then run over whole batches, and
an Arrow list column becomes a batch without a Python object per spectrum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from spectradb.errors import BadParameter

if TYPE_CHECKING:
    from collections.abc import Iterator

FloatArray = npt.NDArray[np.float64]
Number = TypeVar("Number", bound=np.generic)
FIELD_TYPES = {"mz": np.float64, "intensity": np.float32, "precursor_mz": np.float64, "ion_mode": np.int8, "charge": np.int8}


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PeakBatch:
    """Peaks and precursors of n spectra with ``total`` peaks among them.

    Parameters
    ----------
    offsets : numpy.ndarray of shape (n + 1,), int64
        Spectrum i owns the peaks ``offsets[i]:offsets[i + 1]``; starts at 0, ends at ``total``, never falls.
    mz : numpy.ndarray of shape (total,), float64
        m/z of each peak, finite and positive.
    intensity : numpy.ndarray of shape (total,), float32
        Intensity of each peak, finite and positive, in any scale.
    precursor_mz : numpy.ndarray of shape (n,), float64
        Precursor m/z; NaN where unknown.
    ion_mode : numpy.ndarray of shape (n,), int8
        +1 positive, -1 negative, 0 unknown.
    charge : numpy.ndarray of shape (n,), int8, optional
        Precursor charge; 0 where unknown. None: not given.

    Raises
    ------
    BadParameter
        The arrays do not fit together, or a peak has no usable m/z or intensity.
    """

    offsets: npt.NDArray[np.int64]
    mz: FloatArray
    intensity: npt.NDArray[np.float32]
    precursor_mz: FloatArray
    ion_mode: npt.NDArray[np.int8]
    charge: npt.NDArray[np.int8] | None = None

    def __post_init__(self) -> None:
        """Check that the arrays fit together and that every peak is usable."""
        for name, dtype in {"offsets": np.int64, **FIELD_TYPES}.items():
            array = getattr(self, name)
            if array is not None and (array.dtype != dtype or array.ndim != 1):
                found = f"{array.dtype} with {array.ndim} dimensions"
                raise BadParameter(f"PeakBatch.{name} is {found}; pass a one-dimensional {np.dtype(dtype)} array")
        n, total = len(self.offsets) - 1, len(self.mz)
        if n < 0 or self.offsets[0] != 0 or self.offsets[-1] != total or np.any(self.lengths < 0):
            raise BadParameter(f"PeakBatch.offsets must rise from 0 to the number of peaks, {total}; build them from lengths")
        if len(self.intensity) != total:
            raise BadParameter(f"PeakBatch has {total} m/z but {len(self.intensity)} intensities; pass one for each peak")
        if any(len(column) != n for column in (self.precursor_mz, self.ion_mode, self.charge) if column is not None):
            raise BadParameter(f"PeakBatch has {n} spectra; pass {n} values each of precursor_mz, ion_mode and charge")
        usable = usable_peaks(self.mz, self.intensity)
        if not usable.all():
            peak = int(np.argmin(usable))
            row = int(np.searchsorted(self.offsets, peak, side="right")) - 1
            place = f"spectrum {row}, peak {peak - self.offsets[row]}"
            found = f"m/z {self.mz[peak]}, intensity {self.intensity[peak]}"
            raise BadParameter(f"PeakBatch, {place}: {found}; drop peaks that are not positive and finite")

    def __len__(self) -> int:
        """Return the number of spectra."""
        return len(self.offsets) - 1

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Peaks per spectrum, of shape (n,)."""
        return np.diff(self.offsets)

    def slice(self, start: int, stop: int) -> PeakBatch:
        """Take the spectra ``start:stop`` without copying their peaks.

        Parameters
        ----------
        start, stop : int
            As in Python's slices, but neither negative.

        Returns
        -------
        PeakBatch
            Views into this batch, with offsets that start at 0 again.
        """
        if start < 0 or stop < 0:
            raise BadParameter(f"PeakBatch.slice({start}, {stop}): count from the first spectrum, without negative positions")
        stop = min(stop, len(self))
        start = min(start, stop)
        offsets = self.offsets[start : stop + 1]
        peaks = slice(offsets[0], offsets[-1])
        return PeakBatch(
            offsets=offsets - offsets[0],
            mz=self.mz[peaks],
            intensity=self.intensity[peaks],
            precursor_mz=self.precursor_mz[start:stop],
            ion_mode=self.ion_mode[start:stop],
            charge=None if self.charge is None else self.charge[start:stop],
        )

    def chunks(self, *, max_spectra: int, max_peaks: int) -> Iterator[tuple[int, PeakBatch]]:
        """Cut the batch into runs of neighbouring spectra, so that work on each needs bounded memory.

        Parameters
        ----------
        max_spectra : int
            Spectra per chunk, at most.
        max_peaks : int
            Peaks per chunk, at most; a spectrum with more is a chunk of its own.

        Yields
        ------
        start : int
            Position of the chunk's first spectrum.
        chunk : PeakBatch
            At least one spectrum.
        """
        if len(self) <= max_spectra and len(self.mz) <= max_peaks:
            if len(self):
                yield 0, self
            return
        start = 0
        while start < len(self):
            within = int(np.searchsorted(self.offsets, self.offsets[start] + max_peaks, side="right")) - 1
            stop = min(max(within, start + 1), start + max_spectra, len(self))
            yield start, self.slice(start, stop)
            start = stop

    @classmethod
    def from_arrow(
        cls,
        *,
        mz: pa.Array | pa.ChunkedArray,
        intensity: pa.Array | pa.ChunkedArray,
        precursor_mz: pa.Array | pa.ChunkedArray,
        ion_mode: pa.Array | pa.ChunkedArray,
        charge: pa.Array | pa.ChunkedArray | None = None,
    ) -> PeakBatch:
        """Build a batch from Arrow columns of the ``spectra`` table.

        Parameters
        ----------
        mz, intensity : pyarrow.Array or pyarrow.ChunkedArray of n lists of numbers
            Peaks; lists of any kind (list, large list, list view, fixed size), sliced or not. A NULL list is a spectrum without
            peaks. Peaks whose m/z or intensity is NULL, not finite or not positive are dropped.
        precursor_mz : pyarrow.Array or pyarrow.ChunkedArray of n numbers
            NULL: unknown.
        ion_mode : pyarrow.Array or pyarrow.ChunkedArray of n strings, plain or dictionary-encoded
            ``positive`` or ``negative``; anything else, NULL too, is unknown.
        charge : pyarrow.Array or pyarrow.ChunkedArray of n integers, optional
            NULL: unknown.

        Returns
        -------
        PeakBatch
            The n spectra in the order given.

        Raises
        ------
        BadParameter
            The columns differ in length, or a spectrum has unequal numbers of m/z and intensities.
        """
        lengths, intensity_lengths = _list_lengths(mz), _list_lengths(intensity)
        columns = [intensity, precursor_mz, ion_mode, *([] if charge is None else [charge])]
        if any(len(column) != len(mz) for column in columns):
            raise BadParameter(f"the columns have {[len(mz), *map(len, columns)]} rows; pass the same spectra in each")
        unequal = np.flatnonzero(lengths != intensity_lengths)
        if len(unequal):
            row = int(unequal[0])
            found = f"{lengths[row]} m/z and {intensity_lengths[row]} intensities"
            raise BadParameter(f"spectrum {row} of the batch has {found}; each peak needs both, so import it again")
        flat_mz = _numbers(pc.list_flatten(mz), np.float64)
        flat_intensity = _numbers(pc.list_flatten(intensity), np.float32)
        usable = usable_peaks(flat_mz, flat_intensity)
        if not usable.all():
            row_of_peak = np.repeat(np.arange(len(lengths)), lengths)
            lengths = np.bincount(row_of_peak[usable], minlength=len(lengths))
            flat_mz, flat_intensity = flat_mz[usable], flat_intensity[usable]
        return cls(
            offsets=np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)]),
            mz=flat_mz,
            intensity=flat_intensity,
            precursor_mz=_numbers(precursor_mz, np.float64),
            ion_mode=_ion_modes(ion_mode),
            charge=None if charge is None else _numbers(pc.fill_null(charge, 0), np.int8),
        )


def usable_peaks(mz: FloatArray, intensity: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Tell which peaks carry a signal at a place.

    Parameters
    ----------
    mz, intensity : numpy.ndarray of shape (total,)
        Peaks.

    Returns
    -------
    numpy.ndarray of shape (total,), bool
        Whether both are finite and positive.
    """
    return (mz > 0) & (mz < np.inf) & (intensity > 0) & (intensity < np.inf)


def _list_lengths(lists: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return _numbers(pc.fill_null(pc.list_value_length(lists), 0), np.int64)


def _numbers(values: pa.Array | pa.ChunkedArray, dtype: type[Number]) -> npt.NDArray[Number]:
    array = values.to_numpy() if isinstance(values, pa.ChunkedArray) else values.to_numpy(zero_copy_only=False)
    # An intensity beyond float32 becomes infinite, and is dropped as such.
    with np.errstate(over="ignore"):
        return np.asarray(array).astype(dtype, copy=False)


def _ion_modes(names: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int8]:
    names = pc.cast(names, pa.string())
    positive = _numbers(pc.fill_null(pc.equal(names, "positive"), fill_value=False), np.int8)
    negative = _numbers(pc.fill_null(pc.equal(names, "negative"), fill_value=False), np.int8)
    return positive - negative
