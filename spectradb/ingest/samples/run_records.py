"""The runs and samples that an import describes: rows of the tables ``runs`` and ``samples``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from spectradb.ingest.samples.sample_matching import SampleTable
    from spectradb.ingest.samples.sample_table import SampleRow

_Value = TypeVar("_Value", str, float)


class RunRecords:
    """Collects the runs of one import.

    Parameters
    ----------
    collection : str
        The library or study.
    import_id : str
        The import.
    samples : SampleTable or None
        The sample table, if there is one.
    """

    def __init__(self, collection: str, import_id: str, samples: SampleTable | None) -> None:
        self._collection = collection
        self._import_id = import_id
        self._samples = samples
        self._runs: dict[str, dict[str, object]] = {}
        self._described: dict[str, list[SampleRow]] = {}

    @property
    def names(self) -> list[str]:
        """Names of the runs."""
        return list(self._runs)

    def note(self, file: Path, sha256: str, started: dict[str, datetime | None]) -> None:
        """Note runs of a file; what is known of a run already stays.

        Parameters
        ----------
        file : pathlib.Path
            The file.
        sha256 : str
            Its content.
        started : dict of str to datetime or None
            By name of the run, when its acquisition started.

        Raises
        ------
        BadSampleTable
            If the sample table does not tell which of its rows a run is.
        """
        for name in sorted(started):
            if name in self._runs:
                continue
            row = self._samples.row(name) if self._samples else None
            self._runs[name] = {
                "run_id": f"{self._collection}/{name}",
                "collection": self._collection,
                "name": name,
                "sample_id": f"{self._collection}/{row.sample}" if row else None,
                "file_name": file.name,
                "sha256": sha256,
                "ion_mode": row.ion_mode if row else None,
                "chromatography": row.chromatography if row else None,
                "dilution": row.dilution if row else None,
                "metadata": list(row.metadata.items()) if row else None,
                "started": started[name],
                "import_id": self._import_id,
            }
            if row:
                self._described.setdefault(row.sample, []).append(row)

    def rows(self) -> list[dict[str, object]]:
        """Return the rows of ``runs``.

        Returns
        -------
        list of dict
            One per run.
        """
        return list(self._runs.values())

    def sample_rows(self) -> list[dict[str, object]]:
        """Return the rows of ``samples``: what the runs of a sample agree in; what differs stays with the runs.

        Returns
        -------
        list of dict
            One per sample.
        """
        return [
            {
                "sample_id": f"{self._collection}/{name}",
                "study": self._collection,
                "name": name,
                "sample_type": _common(row.sample_type for row in rows),
                "sample_group": _common(row.sample_group for row in rows),
                "dilution": _common(row.dilution for row in rows),
                "metadata": [
                    (column, value)
                    for column in dict.fromkeys(column for row in rows for column in row.metadata)
                    if (value := _common(row.metadata.get(column) for row in rows)) is not None
                ],
                "import_id": self._import_id,
            }
            for name, rows in self._described.items()
        ]


def _common(values: Iterable[_Value | None]) -> _Value | None:
    """Return the value that all agree in who state one."""
    distinct = {value for value in values if value is not None}
    return distinct.pop() if len(distinct) == 1 else None
