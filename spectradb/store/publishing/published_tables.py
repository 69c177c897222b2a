"""The published tables: what of the record decides about each, and the notes that a published file keeps of what it shows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from spectradb.store.publishing.filling_sql import filling_hash
from spectradb.store.record_parts import Parts

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Published tables in the order of filling, each with the tables of the record that decide its content.
SOURCES: dict[str, tuple[str, ...]] = {
    "properties": ("properties",),
    "imports": ("imports",),
    "import_log": ("imports", "import_log"),
    "spectra": ("imports", "models", "spectra"),
    "peak_spectra": ("imports", "spectra"),
    "peak_index": ("imports", "spectra"),
    "loss_index": ("imports", "spectra"),
    "collection_states": ("imports", "spectra"),
    "models": ("models", "spectra"),
    "structures": ("imports", "spectra", "structures"),
    "analyte_names": ("imports", "spectra", "structures"),
    "analytes": ("imports", "spectra", "structures"),
    "libraries": ("imports", "spectra", "libraries"),
    "studies": ("imports", "spectra", "studies"),
    "runs": ("imports", "spectra", "studies", "runs"),
    "samples": ("imports", "spectra", "studies", "runs", "samples"),
    "kept_states": ("kept_states",),
    "searches": ("searches",),
    "hits": ("searches", "hits"),
    "codebooks": ("codebooks",),
    "spectrum_codewords": ("imports", "spectra", "codebooks", "spectrum_codewords"),
    "clusterings": ("imports", "clusterings"),
    "cluster_members": ("imports", "spectra", "cluster_members"),
    "feature_areas": ("feature_areas",),
    "sample_embeddings": ("sample_embeddings",),
    "sample_predictions": ("sample_predictions",),
    "sample_projection": ("sample_projection",),
    "group_markers": ("group_markers",),
    "mces": ("mces",),
    "tautomers": ("tautomers",),
    "calibrations": ("calibrations",),
    "benchmarks": ("benchmarks",),
    "benchmark_results": ("benchmarks", "benchmark_results"),
}

#: Tables whose rows make those of others count. Their versions are taken first, and what they name is complete in the others'.
MARKS = ("imports", "models", "searches", "benchmarks")

#: The other tables of the record.
OTHERS = tuple(sorted({source for sources in SOURCES.values() for source in sources} - set(MARKS)))


@dataclass(frozen=True)
class TableNote:
    """Which state of the record a published table shows, and how far it is from one that was filled in one go.

    Parameters
    ----------
    sql : str
        Hash of the SQL that fills it.
    versions : dict of str to int
        The versions of its sources.
    parts : Parts or None
        The parts of the record whose rows it has; None where it is only ever filled whole.
    n_rows : int
        Its rows, where it has parts.
    n_moved : int
        Rows that came, or went, since it was filled whole.
    """

    sql: str
    versions: dict[str, int]
    parts: Parts | None = None
    n_rows: int = 0
    n_moved: int = 0

    @classmethod
    def of(cls, table: str, versions: Mapping[str, int]) -> Self:
        """Describe what a table is to show.

        Parameters
        ----------
        table : str
            Its name.
        versions : mapping of str to int
            The versions of the record's tables.

        Returns
        -------
        TableNote
            The note, without parts.
        """
        return cls(filling_hash(table), {source: versions[source] for source in SOURCES[table]})

    @property
    def state(self) -> str:
        """Hash of what the table shows."""
        told = {"sql": self.sql, "versions": self.versions}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def others(self, before: TableNote) -> set[str]:
        """Name the sources that have changed.

        Parameters
        ----------
        before : TableNote
            An earlier note of the same table.

        Returns
        -------
        set of str
            Tables of the record.
        """
        return {source for source, version in self.versions.items() if before.versions.get(source) != version}

    def to_json(self) -> str:
        """Write the note down.

        Returns
        -------
        str
            JSON that :meth:`from_json` reads.
        """
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a note.

        Parameters
        ----------
        text : str
            JSON.

        Returns
        -------
        TableNote
            The note.
        """
        told: dict[str, Any] = json.loads(text)
        parts = told.pop("parts")
        return cls(**told, parts=parts and Parts.from_dict(parts))
