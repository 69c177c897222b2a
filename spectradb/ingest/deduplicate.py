"""Which of the harmonised spectra of an import are new, and under which identity they are stored."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from spectradb.ingest.spectra.identity import hash63
from spectradb.ingest.spectra.record_names import clean_name

if TYPE_CHECKING:
    from spectradb.ingest.fields.drop_reasons import Tally

#: Columns of stored spectra that decide about those to come.
PRESENT_COLUMNS = ("spectrum_id", "record_hash", "peaks_hash", "precursor_mz", "ion_mode", "adduct", "analyte_id")

_DuplicateKey = tuple[int, float, str | None]


class Admitted(NamedTuple):
    """What is left of a batch, with spectrum_id and final native_id.

    Parameters
    ----------
    new : pyarrow.Table
        Spectra to add.
    replacing : pyarrow.Table
        Other versions of records that are stored, to be put in their places.
    """

    new: pa.Table
    replacing: pa.Table


@dataclass
class _Versions:
    """What is stored under one identifier and its numbers ``#2``, ``#3``."""

    # Stored by earlier imports: name by spectrum_id of those that no record of this import has been matched with, and
    # spectrum_id by record hash of all.
    waiting: dict[int, str] = field(default_factory=dict)
    by_peaks: dict[int, int] = field(default_factory=dict)  # spectrum_id by peaks_hash
    earlier: dict[int, int] = field(default_factory=dict)
    stored: set[int] = field(default_factory=set)  # record hashes that this import stored
    n: int = 0  # names that are taken


class Deduplicator:
    """Gives spectra their ids and turns away those that are stored already.

    What a record is decides: the record hash covers its peaks and all that it states. A record of a stored identifier is known
    where the hashes agree; else it is another version of the stored one, which is turned away or, if so wished, put in its
    place. Records of one import that share an identifier but not their content are told apart by a suffix ``#2``, ``#3`` in the
    order of the files. Where the identifier is but the name of the compound, other peaks make another spectrum and not another
    version.

    Parameters
    ----------
    collection : str
        The library or study.
    present : pyarrow.Table
        The collection's stored spectra: :data:`PRESENT_COLUMNS`. A record hash may be NULL, of spectra imported before there
        were any: these are known by peaks, precursor, ion mode, adduct and 2D structure.
    drop_duplicates : bool
        Turn away spectra whose peaks, precursor and analyte are stored under another id.
    replace : bool
        Put other versions of stored records in their places.
    """

    def __init__(self, collection: str, present: pa.Table, *, drop_duplicates: bool, replace: bool = False) -> None:
        self.collection = collection
        self.replace = replace
        ids, hashes = present["spectrum_id"].to_pylist(), present["record_hash"].to_pylist()
        self._has_unhashed = present["record_hash"].null_count > 0
        self._unhashed: set[int] = set()
        if self._has_unhashed:
            self._unhashed = {spectrum_id for spectrum_id, known in zip(ids, hashes, strict=True) if known is None}
            hashes = [known or old for known, old in zip(hashes, _unhashed_keys(present), strict=True)]
        self._earlier: dict[int, int] = dict(zip(ids, hashes, strict=True))
        self._earlier_peaks: dict[int, int] = dict(zip(ids, present["peaks_hash"].to_pylist(), strict=True))
        self._seen: dict[int, int] = {}
        self._file_seen: dict[int, int] = {}
        self._duplicates: set[_DuplicateKey] | None = None
        self._file_duplicates: set[_DuplicateKey] = set()
        self._versions: dict[int, _Versions] = {}
        self._before_file: dict[int, _Versions | None] = {}
        if drop_duplicates:
            self._duplicates = set(_duplicate_keys(present))

    def admit(self, spectra: pa.Table, tally: Tally) -> Admitted:
        """Decide about the spectra of one batch.

        Parameters
        ----------
        spectra : pyarrow.Table
            Harmonised spectra, with their record_hash.
        tally : Tally
            Counts them as kept; what is turned away here is recounted as dropped, with its reason.

        Returns
        -------
        Admitted
            The spectra to write.
        """
        taken: dict[str, list[tuple[int, int, str]]] = {"new": [], "record_replaced": []}
        columns = (spectra[name].to_pylist() for name in ("native_id", "run", "record_hash", "peaks_hash", "name"))
        nothing = [None] * spectra.num_rows
        old_keys = _unhashed_keys(spectra) if self._has_unhashed else nothing
        duplicates = nothing if self._duplicates is None else _duplicate_keys(spectra)
        rows = zip(*columns, old_keys, duplicates, strict=True)
        for row, (native_id, run, record_hash, peaks_hash, compound, old_key, duplicate) in enumerate(rows):
            base = hash63(self.collection, run, native_id)
            if not self._is_taken(base):
                spectrum_id, name, outcome = base, native_id, "new"
            else:
                of_peaks = peaks_hash if compound is not None and clean_name(native_id) == compound else None
                spectrum_id, name, outcome = self._version(base, native_id, run, record_hash, old_key, of_peaks)
            if outcome == "new" and duplicate is not None and self._is_duplicate(duplicate):
                outcome = "duplicate_spectrum"
            if outcome not in taken:
                tally.counts["kept", ""] -= 1
                tally.add("dropped", outcome, place=native_id)
                continue
            if name != native_id and outcome == "new":
                tally.add("changed", "id_repeated", place=native_id)
            if outcome == "record_replaced":
                tally.add("changed", outcome, place=native_id)
            self._note(spectrum_id, base, record_hash)
            taken[outcome].append((row, spectrum_id, name))
        return Admitted(*(_picked(spectra, picked) for picked in taken.values()))

    def finish_file(self) -> None:
        """Remember the spectra of the file that ended."""
        self._seen.update(self._file_seen)
        if self._duplicates is not None:
            self._duplicates |= self._file_duplicates
        self._before_file = {}
        self.abandon_file()

    def abandon_file(self) -> None:
        """Forget the spectra of a file that failed."""
        for spectrum_id, before in self._before_file.items():
            if before is None:
                del self._versions[spectrum_id]
            else:
                self._versions[spectrum_id] = before
        self._before_file = {}
        self._file_seen = {}
        self._file_duplicates = set()

    def _version(
        self, base: int, native_id: str, run: str | None, record_hash: int, old_key: int | None, of_peaks: int | None
    ) -> tuple[int, str, str]:
        """Return id and name of a record whose identifier is taken, and "new", "record_replaced" or why it is turned away."""
        versions = self._versions_of(base, native_id, run)
        if record_hash in versions.stored:
            return base, native_id, "repeated_record"
        known = versions.earlier.get(record_hash)
        if known is None and old_key is not None:
            known = versions.earlier.get(old_key)
        if known is not None:
            name = versions.waiting.pop(known, native_id)
            return known, name, "record_replaced" if self.replace and known in self._unhashed else "already_imported"
        other = next(iter(versions.waiting), None) if of_peaks is None else versions.by_peaks.get(of_peaks)
        if other in versions.waiting:
            return other, versions.waiting[other], "record_replaced" if self.replace else "record_changed"
        while True:
            name = f"{native_id}#{versions.n + 1}" if versions.n else native_id
            spectrum_id = hash63(self.collection, run, name)
            if not self._is_taken(spectrum_id):
                return spectrum_id, name, "repeated_record" if record_hash in versions.stored else "new"
            versions.n += 1
            versions.stored.add(self._file_seen.get(spectrum_id, self._seen.get(spectrum_id, 0)))

    def _versions_of(self, base: int, native_id: str, run: str | None) -> _Versions:
        """Return what is stored under an identifier, found when it is asked for first; remember how it was before this file."""
        found = self._versions.get(base)
        if base not in self._before_file:
            self._before_file[base] = copy.deepcopy(found)
        if found is None:
            found = self._versions[base] = _Versions()
            spectrum_id, name = base, native_id
            while spectrum_id in self._earlier:
                found.waiting[spectrum_id] = name
                found.by_peaks.setdefault(self._earlier_peaks[spectrum_id], spectrum_id)
                found.earlier[self._earlier[spectrum_id]] = spectrum_id
                found.n += 1
                name = f"{native_id}#{found.n + 1}"
                spectrum_id = hash63(self.collection, run, name)
        return found

    def _note(self, spectrum_id: int, base: int, record_hash: int) -> None:
        """Remember what is stored where; a replaced version is known no more."""
        versions = self._versions.get(base)
        if versions is not None:
            versions.stored.add(record_hash)
            versions.waiting.pop(spectrum_id, None)
            versions.earlier.pop(self._earlier.get(spectrum_id, -1), None)
        if spectrum_id not in self._earlier:
            self._file_seen[spectrum_id] = record_hash

    def _is_taken(self, spectrum_id: int) -> bool:
        return spectrum_id in self._earlier or spectrum_id in self._file_seen or spectrum_id in self._seen

    def _is_duplicate(self, key: _DuplicateKey) -> bool:
        if self._duplicates is None:
            return False
        if key in self._duplicates or key in self._file_duplicates:
            return True
        self._file_duplicates.add(key)
        return False


def _duplicate_keys(spectra: pa.Table) -> list[_DuplicateKey]:
    columns = (spectra[name].to_pylist() for name in ("peaks_hash", "precursor_mz", "analyte_id"))
    return [(peaks_hash, round(mz, 4), analyte) for peaks_hash, mz, analyte in zip(*columns, strict=True)]


def _unhashed_keys(spectra: pa.Table) -> list[int]:
    """Hash what spectra imported before there were record hashes are known by."""
    columns = (spectra[name].to_pylist() for name in ("peaks_hash", "precursor_mz", "ion_mode", "adduct", "analyte_id"))
    return [
        hash63("unhashed", peaks_hash, round(mz, 4), ion_mode, adduct, analyte and analyte[:14])
        for peaks_hash, mz, ion_mode, adduct, analyte in zip(*columns, strict=True)
    ]


def _picked(spectra: pa.Table, picked: list[tuple[int, int, str]]) -> pa.Table:
    """Take rows, with the ids and names that they were given."""
    rows = spectra.take(np.asarray([row for row, _, _ in picked], dtype=np.int64))
    names = pa.array([name for _, _, name in picked], pa.string())
    rows = rows.set_column(rows.schema.get_field_index("native_id"), "native_id", names)
    return rows.append_column("spectrum_id", pa.array([spectrum_id for _, spectrum_id, _ in picked], pa.int64()))
