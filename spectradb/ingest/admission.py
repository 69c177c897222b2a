"""Admission: which of the harmonised spectra of an import are new, and under which identity they are stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from spectradb.ingest.identity import hash63

if TYPE_CHECKING:
    from spectradb.ingest.reasons import Tally

_DuplicateKey = tuple[int, float, str | None]


@dataclass
class _Names:
    """Names that spectra of one identifier have taken: how many, and why more are refused, by their peaks or at all."""

    n: int = 0
    refusals: dict[int, str] = field(default_factory=dict)
    conflict: str | None = None


class Admission:
    """Gives spectra their ids and turns away those that are stored already.

    Spectra of one import that share an identifier but not their peaks are told apart by a suffix ``#2``, ``#3`` in the order of
    the files; one that no earlier import has stored under any of these names is a conflict and is dropped.

    Parameters
    ----------
    collection : str
        The library or study.
    present : pyarrow.Table
        The collection's stored spectra: spectrum_id, peaks_hash, precursor_mz, analyte_id.
    drop_duplicates : bool
        Turn away spectra whose peaks, precursor and analyte are stored under another id.
    """

    def __init__(self, collection: str, present: pa.Table, *, drop_duplicates: bool) -> None:
        self.collection = collection
        hashes = present["peaks_hash"].to_pylist()
        self._earlier = dict(zip(present["spectrum_id"].to_pylist(), hashes, strict=True))
        self._seen: dict[int, int] = {}
        self._file_seen: dict[int, int] = {}
        self._duplicates: set[_DuplicateKey] | None = None
        self._file_duplicates: set[_DuplicateKey] = set()
        self._repeated: dict[int, _Names] = {}
        self._file_repeated: set[int] = set()
        if drop_duplicates:
            keys = zip(hashes, present["precursor_mz"].to_pylist(), present["analyte_id"].to_pylist(), strict=True)
            self._duplicates = {(h, round(mz, 4), analyte) for h, mz, analyte in keys}

    def admit(self, spectra: pa.Table, tally: Tally) -> pa.Table:
        """Decide about the spectra of one batch.

        Parameters
        ----------
        spectra : pyarrow.Table
            Harmonised spectra.
        tally : Tally
            Counts them as kept; what is turned away here is recounted as dropped, with its reason.

        Returns
        -------
        pyarrow.Table
            The spectra to write, with spectrum_id and final native_id.
        """
        rows: list[int] = []
        ids: list[int] = []
        native_ids: list[str] = []
        columns = (spectra[name].to_pylist() for name in ("native_id", "run", "peaks_hash", "precursor_mz", "analyte_id"))
        for row, (native_id, run, peaks_hash, precursor_mz, analyte_id) in enumerate(zip(*columns, strict=True)):
            spectrum_id, name, refusal = self._identify(native_id, run, peaks_hash)
            if refusal is None and self._is_duplicate((peaks_hash, round(precursor_mz, 4), analyte_id)):
                refusal = "duplicate_spectrum"
            if refusal:
                tally.counts["kept", ""] -= 1
                tally.add("dropped", refusal, place=native_id)
                continue
            if name != native_id:
                tally.add("changed", "id_repeated", place=native_id)
            self._file_seen[spectrum_id] = peaks_hash
            rows.append(row)
            ids.append(spectrum_id)
            native_ids.append(name)
        admitted = spectra.take(np.asarray(rows, dtype=np.int64))
        admitted = admitted.set_column(
            admitted.schema.get_field_index("native_id"), "native_id", pa.array(native_ids, pa.string())
        )
        return admitted.append_column("spectrum_id", pa.array(ids, pa.int64()))

    def finish_file(self) -> None:
        """Remember the spectra of the file that ended."""
        self._seen.update(self._file_seen)
        if self._duplicates is not None:
            self._duplicates |= self._file_duplicates
        self._file_repeated = set()
        self.abandon_file()

    def abandon_file(self) -> None:
        """Forget the spectra of a file that failed."""
        for spectrum_id in self._file_repeated:
            del self._repeated[spectrum_id]
        self._file_repeated = set()
        self._file_seen = {}
        self._file_duplicates = set()

    def _identify(self, native_id: str, run: str | None, peaks_hash: int) -> tuple[int, str, str | None]:
        spectrum_id = hash63(self.collection, run, native_id)
        if self._earlier.get(spectrum_id) == peaks_hash:
            return spectrum_id, native_id, "already_imported"
        if not self._is_taken(spectrum_id):
            return spectrum_id, native_id, None
        names = self._repeated.setdefault(spectrum_id, _Names())
        self._file_repeated.add(spectrum_id)
        name = native_id
        while True:
            name = f"{native_id}#{names.n + 1}" if names.n else native_id
            spectrum_id = hash63(self.collection, run, name)
            if not self._is_taken(spectrum_id):
                break
            names.n += 1
            if spectrum_id in self._earlier:
                names.conflict = "id_conflict"
                names.refusals[self._earlier[spectrum_id]] = "already_imported"
            else:
                names.refusals[self._file_seen.get(spectrum_id, self._seen.get(spectrum_id, 0))] = "repeated_record"
        return spectrum_id, name, names.refusals.get(peaks_hash, names.conflict)

    def _is_taken(self, spectrum_id: int) -> bool:
        return spectrum_id in self._earlier or spectrum_id in self._file_seen or spectrum_id in self._seen

    def _is_duplicate(self, key: _DuplicateKey) -> bool:
        if self._duplicates is None:
            return False
        if key in self._duplicates or key in self._file_duplicates:
            return True
        self._file_duplicates.add(key)
        return False
