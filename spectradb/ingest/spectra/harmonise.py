"""Harmonise: from spectra as files state them to spectra as the tables hold them.

One batch in, one table out. Peaks are handled as flat arrays, metadata by distinct value. What cannot be used is dropped, what
is put right is flagged, and both are counted by reason (:mod:`spectradb.ingest.fields.drop_reasons`).

Where statements contradict each other these rules hold:

- Ion mode: as stated, else the adduct's, else negative for a negative charge, else the import's default, else positive for a
  positive charge (which comes last because files write ``1+`` in both modes).
- An adduct of the other ion mode than the one stated is left out. The acquisition mode comes from the instrument, the adduct
  from an annotator, and searches join on the ion mode.
- Charge: the adduct's, else as stated with the sign of the ion mode.
- InChIKey: that of the SMILES or InChI. A structure that cannot be read leaves the key as stated to name the analyte. Library
  spectra with neither are analytes by their name, since many libraries state names and masses only.
- Precursor m/z: see :mod:`spectradb.ingest.spectra.precursor`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectradb.errors import BadAdduct, BadParameter
from spectradb.ingest.fields.collision_energy import parse_collision_energy
from spectradb.ingest.fields.drop_reasons import Tally
from spectradb.ingest.fields.isolation import DROPPING_DOUBTS
from spectradb.ingest.fields.stated_values import check_rt_unit, has_flag, settle
from spectradb.ingest.fields.vocabulary import charge, ion_mode, stated
from spectradb.ingest.readers.raw import RAW_SCHEMA
from spectradb.ingest.spectra.measured import MEASURED_FIELDS, measured
from spectradb.ingest.spectra.peaks import PeakRecipe, clean_peaks, hash_peaks, total_ion_current
from spectradb.ingest.spectra.precursor import MAX_ISOLATION_WIDTH, Precursor, PrecursorTolerance, decide_precursor
from spectradb.ingest.spectra.record_names import clean_name
from spectradb.ingest.spectra.record_structures import labelled_by_name, structure_of
from spectradb.ingest.spectra.splash import splashes
from spectradb.udfs.adducts import canonical_adduct, ion_mode_of, parse_adduct

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from spectradb.udfs.structures import Structure

HARMONISED_SCHEMA = pa.schema(
    [
        pa.field("native_id", pa.string()),
        pa.field("run", pa.string()),
        pa.field("ms_level", pa.int8()),
        pa.field("precursor_mz", pa.float64()),
        pa.field("precursor_mz_stated", pa.float64()),
        pa.field("precursor_mz_computed", pa.float64()),
        pa.field("precursor_source", pa.string()),  # stated, computed: which of them precursor_mz is
        pa.field("precursor_check", pa.string()),  # agrees, disagrees, computed, unchecked
        pa.field("isolation_window_lower", pa.float64()),
        pa.field("isolation_window_upper", pa.float64()),
        pa.field("run_started", pa.timestamp("us")),
        pa.field("charge", pa.int8()),  # signed
        pa.field("ion_mode", pa.string()),  # positive, negative
        pa.field("adduct", pa.string()),  # canonical
        pa.field("collision_energy", pa.string()),  # as stated
        pa.field("collision_energy_ev", pa.float64()),
        pa.field("collision_energy_nce", pa.float64()),  # percent
        pa.field("instrument", pa.string()),
        pa.field("instrument_type", pa.string()),
        pa.field("contributor", pa.string()),
        pa.field("source_license", pa.string()),
        pa.field("retention_time_s", pa.float64()),
        pa.field("feature_id", pa.string()),
        *MEASURED_FIELDS,
        pa.field("mz", pa.list_(pa.float64())),  # rising
        pa.field("intensity", pa.list_(pa.float32())),
        pa.field("n_peaks", pa.int32()),
        pa.field("tic", pa.float64()),  # before cleaning
        pa.field("peaks_hash", pa.int64()),
        pa.field("splash", pa.string()),  # before cleaning
        pa.field("analyte_id", pa.string()),
        pa.field("name", pa.string()),
        pa.field("smiles", pa.string()),
        pa.field("inchikey", pa.string()),
        pa.field("formula", pa.string()),
        pa.field("monoisotopic_mass", pa.float64()),
        pa.field("pubchem_cid", pa.int64()),
    ]
)

_TEXT_COLUMNS = (
    *("adduct", "collision_energy", "contributor", "feature_id", "formula", "inchi", "inchikey", "instrument"),
    *("instrument_type", "ion_mode", "name", "run", "smiles", "source_license"),
)


#: Decisions kept for records that state the same: libraries have a compound's spectra one behind the other.
_REMEMBERED_RECORDS = 4096


class _Stated(NamedTuple):
    """What a record states that has to be decided together; fields are columns of the raw schema, ``ion_mode`` read already."""

    precursor_mz: float | None
    charge: int | None
    ion_mode: str | None
    adduct: str | None
    smiles: str | None
    inchi: str | None
    inchikey: str | None
    name: str | None


class _Record(NamedTuple):
    """What is decided row by row; or, with ``dropped`` set, why there is no row."""

    dropped: str | None = None
    changes: tuple[str, ...] = ()
    precursor: Precursor | None = None
    charge: int | None = None
    ion_mode: str | None = None
    adduct: str | None = None
    structure: Structure | None = None


class Harmoniser:
    """Harmonises the batches of one import and counts what became of their spectra.

    Parameters
    ----------
    collection : str
        Library or study that the spectra go to; named in errors.
    kind : {"library", "study"}
        Spectra of a library must have a structure, an InChIKey or a name.
    recipe : PeakRecipe
        How peaks are cleaned.
    ion_mode_default : {"positive", "negative"}, optional
        Ion mode of spectra that state none and whose adduct and charge do not tell.
    precursor_tolerance : PrecursorTolerance
        How far a stated precursor m/z may be from that of structure and adduct.
    rt_unit : {"seconds", "minutes"}, optional
        Unit of retention times that state none.
    max_isolation_width : float
        Widest isolation window, in m/z, whose spectra have a precursor.

    Attributes
    ----------
    tally : Tally
        Counts by outcome and reason over all batches so far, each with the place of one example.

    Raises
    ------
    BadParameter
        If ``kind``, ``ion_mode_default`` or ``rt_unit`` is none of the values above, or the width is not positive.
    """

    def __init__(
        self,
        collection: str,
        kind: Literal["library", "study"],
        recipe: PeakRecipe,
        *,
        ion_mode_default: str | None = None,
        precursor_tolerance: PrecursorTolerance = PrecursorTolerance(),  # noqa: B008 - it cannot be changed
        rt_unit: str | None = None,
        max_isolation_width: float = MAX_ISOLATION_WIDTH,
    ) -> None:
        if kind not in {"library", "study"}:
            raise BadParameter(f"{collection}: kind is {kind!r}: use 'library' or 'study'")
        if ion_mode_default not in {None, "positive", "negative"}:
            raise BadParameter(f"{collection}: ion_mode_default is {ion_mode_default!r}: use 'positive' or 'negative'")
        check_rt_unit(collection, rt_unit)
        if not max_isolation_width > 0:
            raise BadParameter(
                f"{collection}: max_isolation_width is {max_isolation_width}: give m/z above 0, or inf for no limit"
            )
        self.collection = collection
        self.kind = kind
        self.rt_unit = rt_unit
        self.recipe = recipe
        self.ion_mode_default = ion_mode_default
        self.precursor_tolerance = precursor_tolerance
        self.max_isolation_width = max_isolation_width
        self.tally = Tally()
        self._adducts: dict[tuple[str, str | None], tuple[str | None, str | None]] = {}
        self._decided = lru_cache(maxsize=_REMEMBERED_RECORDS)(self._read_record)

    def apply(self, batch: pa.RecordBatch, run: str | None = None) -> pa.Table:
        """Harmonise one batch.

        Parameters
        ----------
        batch : pyarrow.RecordBatch
            Spectra with :data:`~spectradb.ingest.readers.raw.RAW_SCHEMA`.
        run : str, optional
            Run of the spectra that state none.

        Returns
        -------
        pyarrow.Table
            The spectra kept, in their order, with :data:`HARMONISED_SCHEMA`.

        Raises
        ------
        BadParameter
            If the batch has another schema.
        """
        if not batch.schema.equals(RAW_SCHEMA):
            raise BadParameter(f"{self.collection}: the batch has columns {batch.schema.names}, not those of RAW_SCHEMA")
        self.tally.add("read", count=batch.num_rows)
        batch = self._drop_unusable(settle(batch, self.rt_unit))
        offsets, mz, intensity = _flat_peaks(batch)
        tic = total_ion_current(offsets, intensity)
        named_by_splash = splashes(offsets, mz, intensity)
        clean_offsets, mz, heights = clean_peaks(offsets, mz, intensity, self.recipe)
        heights = heights.astype(np.float32)
        n_peaks = np.diff(clean_offsets)
        reduced = n_peaks < np.diff(offsets)
        text = {name: _each(batch.column(name), stated) for name in _TEXT_COLUMNS}
        text["name"] = _each(text["name"], clean_name)
        kept, records = self._decide(batch, text, n_peaks, reduced)
        peaks = {
            "mz": pa.ListArray.from_arrays(pa.array(clean_offsets, pa.int32()), pa.array(mz)),
            "intensity": pa.ListArray.from_arrays(pa.array(clean_offsets, pa.int32()), pa.array(heights)),
            "n_peaks": pa.array(n_peaks, pa.int32()),
            "tic": pa.array(tic),
            "peaks_hash": pa.array(hash_peaks(clean_offsets, mz, heights)),
            "splash": named_by_splash,
        }
        columns = {
            **{name: column.take(kept) for name, column in peaks.items()},
            **_passed_through(batch.take(kept), {name: column.take(kept) for name, column in text.items()}, run),
            **_decided(records),
        }
        columns["formula"] = pc.coalesce(columns["formula"], text["formula"].take(kept))
        self.tally.add("kept", count=len(records))
        return pa.table([columns[name] for name in HARMONISED_SCHEMA.names], schema=HARMONISED_SCHEMA)

    def _drop_unusable(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Drop what the columns alone condemn."""
        level = batch.column("ms_level").fill_null(2).to_numpy(zero_copy_only=False)
        width = pc.subtract(batch.column("isolation_window_upper"), batch.column("isolation_window_lower"))
        masks = {
            "deprecated_record": has_flag(batch.column("flags"), "deprecated_record"),
            "ms1": level < 2,
            "wide_isolation_window": width.fill_null(0.0).to_numpy(zero_copy_only=False) > self.max_isolation_width,
            **{reason: has_flag(batch.column("flags"), reason) for reason in DROPPING_DOUBTS},
            "profile_peaks": batch.column("is_profile").fill_null(fill_value=False).to_numpy(zero_copy_only=False),
            "mismatched_peaks": _lengths(batch.column("mz")) != _lengths(batch.column("intensity")),
        }
        alive = np.ones(batch.num_rows, dtype=bool)
        for reason, mask in masks.items():
            hit = np.flatnonzero(alive & mask)
            if len(hit):
                self.tally.add("dropped", reason, count=len(hit), place=batch.column("place")[int(hit[0])].as_py())
            alive &= ~mask
        return batch if alive.all() else batch.filter(pa.array(alive))

    def _decide(
        self, batch: pa.RecordBatch, text: dict[str, pa.Array], n_peaks: NDArray[np.int64], reduced: NDArray[np.bool_]
    ) -> tuple[pa.Array, list[_Record]]:
        """Decide each spectrum's metadata; return the rows kept and what was decided for them."""
        stated_columns = {
            "precursor_mz": batch.column("precursor_mz"),
            "charge": batch.column("charge"),
            **text,
            "ion_mode": _each(batch.column("ion_mode"), ion_mode),  # "-" says something here
        }
        rows = zip(*(stated_columns[name].to_pylist() for name in _Stated._fields), strict=True)
        places, flags = batch.column("place").to_pylist(), batch.column("flags").to_pylist()
        kept: list[int] = []
        records: list[_Record] = []
        for row, values in enumerate(rows):
            record = self._decided(_Stated(*values)) if n_peaks[row] else _Record(dropped="no_peaks")
            unread = flags[row] or ()
            if record.dropped:
                unreadable = record.dropped == "no_precursor_mz" and "precursor_unreadable" in unread
                self.tally.add("dropped", "precursor_unreadable" if unreadable else record.dropped, place=places[row])
                continue
            for change in (*unread, *record.changes):
                self.tally.add("changed", change, place=places[row])
            if reduced[row]:
                self.tally.add("changed", "peaks_removed", place=places[row])
            kept.append(row)
            records.append(record)
        return pa.array(kept, pa.int64()), records

    def _read_record(self, record: _Stated) -> _Record:
        adduct, adduct_change = self._read_adduct(record.adduct, record.ion_mode) if record.adduct else (None, None)
        mode = record.ion_mode or self._unstated_mode(adduct, record.charge)
        if mode is None:
            return _Record(dropped="no_ion_mode")
        is_reference = self.kind == "library"
        stated_structure = (record.smiles, record.inchi, record.inchikey)
        structure, structure_changes = structure_of(*stated_structure, name=record.name if is_reference else None)
        precursor = decide_precursor(
            record.precursor_mz, structure, adduct, is_reference=is_reference, tolerance=self.precursor_tolerance
        )
        if precursor.precursor_mz is None:
            return _Record(dropped="no_precursor_mz")
        if structure is None and is_reference:
            return _Record(dropped="no_structure")
        labelled = labelled_by_name(structure, record.name, precursor, adduct)
        label_change = "labelled_by_name" if labelled else None
        return _Record(
            changes=tuple(filter(None, (adduct_change, *structure_changes, label_change, precursor.change))),
            precursor=precursor,
            charge=parse_adduct(adduct).charge if adduct else charge(record.charge, mode),
            ion_mode=mode,
            adduct=adduct,
            structure=labelled or structure,
        )

    def _read_adduct(self, spelled: str, stated_mode: str | None) -> tuple[str | None, str | None]:
        """Return the canonical adduct or None, and what was changed."""
        found = self._adducts.get((spelled, stated_mode))
        if found is None:
            try:
                adduct = canonical_adduct(spelled, stated_mode or self.ion_mode_default)
                contradicts = stated_mode is not None and ion_mode_of(adduct) != stated_mode
                found = (None, "adduct_contradicts_ion_mode") if contradicts else (adduct, None)
            except BadAdduct:
                found = (None, "adduct_unreadable")
            self._adducts[spelled, stated_mode] = found
        return found

    def _unstated_mode(self, adduct: str | None, stated_charge: int | None) -> str | None:
        if adduct:
            return ion_mode_of(adduct)
        if stated_charge is not None and stated_charge < 0:
            return "negative"
        return self.ion_mode_default or ("positive" if stated_charge else None)


def _lengths(lists: pa.Array) -> NDArray[np.int64]:
    lengths: NDArray[np.int64] = pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return lengths


def _flat_peaks(batch: pa.RecordBatch) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return offsets, m/z and intensity of a batch whose lists agree in length; NULL values become NaN."""
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(_lengths(batch.column("mz")))))
    # list_flatten heeds slices and leaves out what lies behind NULL lists, which .values does not
    mz, intensity = (pc.list_flatten(batch.column(name)).to_numpy(zero_copy_only=False) for name in ("mz", "intensity"))
    return offsets, mz, intensity


def _each(column: pa.Array, read: Callable[[str], str | None]) -> pa.Array:
    """Apply a function to each distinct text of a column."""
    encoded = column.dictionary_encode()
    return pa.array([read(text) for text in encoded.dictionary.to_pylist()], pa.string()).take(encoded.indices)


def _passed_through(batch: pa.RecordBatch, text: dict[str, pa.Array], run: str | None) -> dict[str, pa.Array]:
    """Return the columns that need no decision: as stated, without placeholders and impossible values."""
    # pyarrow's binary_join_element_wise drops the rows in which every input is NULL.
    named = zip(text["instrument"].to_pylist(), text["instrument_type"].to_pylist(), strict=True)
    instruments = [" ".join(filter(None, names)) for names in named]
    energies = [
        parse_collision_energy(energy, instrument=instrument)
        for energy, instrument in zip(text["collision_energy"].to_pylist(), instruments, strict=True)
    ]
    level = batch.column("ms_level").fill_null(2)
    cid = batch.column("pubchem_cid")
    names = ("collision_energy", "instrument", "instrument_type", "contributor", "source_license", "name")
    return {
        **{name: text[name] for name in names},
        "native_id": pc.coalesce(batch.column("native_id"), batch.column("place")),
        **{name: batch.column(name) for name in ("isolation_window_lower", "isolation_window_upper", "run_started")},
        "run": pc.coalesce(text["run"], pa.scalar(run, pa.string())),
        "ms_level": pc.min_element_wise(level, pa.scalar(np.iinfo(np.int8).max, pa.int32())).cast(pa.int8()),
        "collision_energy_ev": pa.array([ev for ev, _ in energies], pa.float64()),
        "collision_energy_nce": pa.array([nce for _, nce in energies], pa.float64()),
        **measured(batch),
        "pubchem_cid": pc.if_else(pc.greater(cid, 0), cid, None),
        "feature_id": text["feature_id"],
    }


def _decided(records: list[_Record]) -> dict[str, pa.Array]:
    """Return the columns that were decided row by row."""

    def column(rows: list[Any], name: str) -> pa.Array:
        return pa.array([getattr(row, name, None) for row in rows], HARMONISED_SCHEMA.field(name).type)

    structures = [record.structure for record in records]
    precursors = [record.precursor for record in records]
    of_record = ("charge", "ion_mode", "adduct")
    of_precursor = ("precursor_mz", "precursor_mz_stated", "precursor_mz_computed", "precursor_source", "precursor_check")
    of_structure = ("analyte_id", "smiles", "inchikey", "formula", "monoisotopic_mass")
    return {
        **{name: column(records, name) for name in of_record},
        **{name: column(precursors, name) for name in of_precursor},
        **{name: column(structures, name) for name in of_structure},
    }
