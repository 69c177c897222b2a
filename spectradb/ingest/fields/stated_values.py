"""Values that a file states and that cannot be taken as they stand: put right where that is certain, else left out and flagged.

Readers flag what they could not read. Here the flags of a batch are completed by what all formats share: retention times
without a unit, MS levels that are none, ion modes in words that name neither, charges of the other sign, and collision
energies whose comma is unclear, and ion mobilities that may be drift times or anything else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectradb.errors import BadParameter
from spectradb.ingest.fields.collision_energy import parse_collision_energy
from spectradb.ingest.fields.ion_mobility import mobility_type
from spectradb.ingest.fields.vocabulary import ion_mode, stated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_ENERGY_COMMA = re.compile(r"\d,\d")
RT_UNITS = {"seconds": 1.0, "minutes": 60.0}


def check_rt_unit(collection: str, rt_unit: str | None) -> None:
    """Refuse a unit of retention times that is none.

    Parameters
    ----------
    collection : str
        Library or study, for the message.
    rt_unit : str or None
        The unit.

    Raises
    ------
    BadParameter
        If it is neither "seconds" nor "minutes" nor None.
    """
    if rt_unit is not None and rt_unit not in RT_UNITS:
        raise BadParameter(f"{collection}: rt_unit is {rt_unit!r}: use 'seconds' or 'minutes'")


def settle(batch: pa.RecordBatch, rt_unit: str | None) -> pa.RecordBatch:
    """Settle the values of a batch that need no structure or adduct to be judged.

    Parameters
    ----------
    batch : pyarrow.RecordBatch
        Spectra with :data:`~spectradb.ingest.readers.raw.RAW_SCHEMA`.
    rt_unit : {"seconds", "minutes"} or None
        Unit of retention times that state none; None: the format's usual one, if it has one.

    Returns
    -------
    pyarrow.RecordBatch
        The batch with settled ``ms_level`` and ``retention_time_s``, and completed ``flags``.
    """
    flags: dict[str, NDArray[np.bool_]] = {}
    level = batch.column("ms_level")
    no_level = pc.fill_null(pc.less(level, 1), fill_value=False)
    flags["ms_level_unreadable"] = _mask(no_level)
    seconds, flags["retention_time_unit_assumed"], flags["retention_time_unit_unknown"] = _times(batch, rt_unit)
    texts = batch.column("ion_mode").to_pylist()
    modes = [ion_mode(text) for text in texts]
    flags["ion_mode_unreadable"] = _of(
        mode is None and stated(text) is not None for mode, text in zip(modes, texts, strict=True)
    )
    charges = batch.column("charge").to_pylist()
    flags["charge_contradicts_ion_mode"] = _of(
        mode == "positive" and charge is not None and charge < 0 for mode, charge in zip(modes, charges, strict=True)
    )
    energies = batch.column("collision_energy").to_pylist()
    flags["collision_energy_unreadable"] = _of(
        bool(text and _ENERGY_COMMA.search(text)) and parse_collision_energy(text) == (None, None) for text in energies
    )
    numbers, kinds = batch.column("ion_mobility"), batch.column("ion_mobility_type")
    if numbers.null_count < len(numbers):
        flags["ion_mobility_type_unknown"] = _of(
            bool(number and number > 0) and mobility_type(kind) is None
            for number, kind in zip(numbers.to_pylist(), kinds.to_pylist(), strict=True)
        )
    settled = {
        "ms_level": pc.if_else(no_level, None, level),
        "retention_time_s": seconds,
        "flags": _with_flags(batch.column("flags"), flags),
    }
    columns = [settled.get(name, batch.column(name)) for name in batch.schema.names]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def has_flag(flags: pa.Array, flag: str) -> NDArray[np.bool_]:
    """Tell which rows carry a flag.

    Parameters
    ----------
    flags : pyarrow.ListArray of string
        Flags of each row.
    flag : str
        The flag.

    Returns
    -------
    numpy.ndarray of bool, shape (n_rows,)
        Whether the row carries it.
    """
    if flags.null_count == len(flags):
        return np.zeros(len(flags), dtype=bool)
    return _of(flag in (row or ()) for row in flags.to_pylist())


def _times(batch: pa.RecordBatch, rt_unit: str | None) -> tuple[pa.Array, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return retention times in seconds, where their unit was assumed, and where it is unknown."""
    seconds, unitless = batch.column("retention_time_s"), batch.column("retention_time_unitless")
    bare = pc.fill_null(pc.greater(unitless, 0), fill_value=False)
    if rt_unit is not None:
        none = np.zeros(batch.num_rows, dtype=bool)
        return pc.if_else(bare, pc.multiply(unitless, RT_UNITS[rt_unit]), seconds), none, none
    is_assumed = _mask(bare) & _mask(pc.is_valid(seconds))
    return seconds, is_assumed, _mask(bare) & ~is_assumed


def _with_flags(known: pa.Array, found: dict[str, NDArray[np.bool_]]) -> pa.Array:
    if not any(mask.any() for mask in found.values()):
        return known
    rows = [list(row or ()) for row in known.to_pylist()]
    for flag, mask in found.items():
        for row in np.flatnonzero(mask):
            if flag not in rows[row]:
                rows[row].append(flag)
    return pa.array([row or None for row in rows], known.type)


def _mask(column: pa.Array) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = column.to_numpy(zero_copy_only=False).astype(bool)
    return mask


def _of(values: Iterable[bool]) -> NDArray[np.bool_]:
    return np.fromiter(values, dtype=bool)
