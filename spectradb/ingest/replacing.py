"""Replacing: other versions of stored records, put in their places when everything else of an import is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from spectradb.store.record import Record


class Replacements:
    """Collects the versions that replace stored ones, file by file.

    They are written in one commit after the import counts as done: a killed import leaves the versions that were there, and
    the same import again finds what is still to be replaced.
    """

    def __init__(self) -> None:
        self._file: list[pa.Table] = []
        self._all: list[pa.Table] = []

    def add(self, spectra: pa.Table) -> None:
        """Take spectra of the current file.

        Parameters
        ----------
        spectra : pyarrow.Table
            Rows with the columns of the record's ``spectra``.
        """
        if spectra.num_rows:
            self._file.append(spectra)

    def finish_file(self) -> None:
        """Declare the current file complete."""
        self._all += self._file
        self._file = []

    def abandon_file(self) -> None:
        """Forget the current file."""
        self._file = []

    def commit(self, record: Record) -> None:
        """Replace the stored versions; their vectors, which are of other peaks or another precursor, go with them.

        Parameters
        ----------
        record : Record
            The lab's record.
        """
        if self._all:
            record.replace("spectra", "spectrum_id", _with_first_imports(record, pa.concat_tables(self._all)))
            self._all = []


def _with_first_imports(record: Record, rows: pa.Table) -> pa.Table:
    """Keep which import first brought each record."""
    columns = ["spectrum_id", "import_id", "first_import_id"]
    stored = record.read("spectra", columns=columns, where=f"collection = '{rows['collection'][0].as_py()}'")
    places = pc.index_in(rows["spectrum_id"], value_set=stored["spectrum_id"].combine_chunks())
    first = pc.coalesce(stored["first_import_id"], stored["import_id"]).take(places)
    return rows.set_column(rows.schema.get_field_index("first_import_id"), "first_import_id", first)


def imports_before(record: Record, collection: str, *, replace: bool) -> dict[str, int]:
    """Tell what an import's result depends on beside its files and settings: which versions of records are stored.

    Parameters
    ----------
    record : Record
        The lab's record.
    collection : str
        The library or study.
    replace : bool
        Whether the import replaces records: then it is never the same as one before, as that may have been killed before it
        replaced anything.

    Returns
    -------
    dict of str to int
        Numbers of imports, for the import's identity; empty where no record was ever replaced.
    """
    log = record.read("import_log", columns=["import_id"], where=f"collection = '{collection}' AND reason = 'record_replaced'")
    n_replacing = len(log["import_id"].unique())
    found = {"replacing_imports_before": n_replacing} if n_replacing else {}
    if replace:
        found["imports_before"] = len(record.read("imports", columns=["import_id"], where=f"collection = '{collection}'"))
    return found
