"""Which parts of the record have a vector for every spectrum: looked at once, since a part never changes without a new file.

What is known lies in a file among the locks. It can be deleted at any time: then all vectors are looked at once more.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from spectradb.store.record_parts import Part, Parts, fragments_of

if TYPE_CHECKING:
    from pathlib import Path

    import lance


class FilledParts:
    """The parts in which a column of vectors is known to be filled.

    Parameters
    ----------
    file : pathlib.Path
        Where they are noted.
    column : str
        The column.
    """

    def __init__(self, file: Path, column: str) -> None:
        self.file = file
        self.column = column

    def missing(self, dataset: lance.LanceDataset) -> dict[int, int]:
        """Count the spectra without a vector; only parts that are not known are read.

        Parameters
        ----------
        dataset : lance.LanceDataset
            The record's spectra, with the column.

        Returns
        -------
        dict of int to int
            By number of the part, its spectra without a vector; parts in which there are none are left out.
        """
        known = self._known()
        parts = Parts.of(dataset, [self.column]).parts
        unknown = [int(number) for number, part in parts.items() if self._name(part) not in known]
        found: dict[int, int] = {}
        for fragment in fragments_of(dataset, unknown):
            is_stored = self.column in parts[str(fragment.fragment_id)].vectors
            n = int(fragment.count_rows(f"{self.column} IS NULL") if is_stored else fragment.count_rows())
            if n:
                found[fragment.fragment_id] = n
        filled = {self._name(part) for number, part in parts.items() if int(number) not in found}
        if filled != known:
            beside = self.file.with_name(f"{self.file.name}.next")
            beside.write_text(json.dumps(sorted(filled)))
            beside.replace(self.file)
        return found

    def _known(self) -> set[str]:
        try:
            return set(json.loads(self.file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return set()

    def _name(self, part: Part) -> str:
        return f"{part.rows} {part.vectors.get(self.column, '')}"
