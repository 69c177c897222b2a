"""The parts (Lance's fragments) that a table of the record consists of, told by their files: which of them are new or changed.

A part never changes its rows without a new file or a new list of deleted rows, so parts with the same files hold the same rows.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import lance

_FRAGMENT_BITS = 32  # of a row's address, below the fragment's number


@dataclass(frozen=True)
class Part:
    """One part.

    Parameters
    ----------
    rows : str
        Digest of the files with everything but vectors.
    deleted : str
        Which list of deleted rows it has; empty for none.
    vectors : dict of str to str
        By column of vectors, digest of the file that holds them; columns that it has not got are left out.
    """

    rows: str
    deleted: str = ""
    vectors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parts:
    """The parts of one version of a table.

    Parameters
    ----------
    parts : dict of str to Part
        By number.
    columns : dict of str to int
        Columns of vectors: their numbers in the table. A column that was dropped and added again has another one.
    """

    parts: dict[str, Part]
    columns: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, dataset: lance.LanceDataset, vectors: Collection[str] = ()) -> Self:
        """Look at the parts of a table.

        Parameters
        ----------
        dataset : lance.LanceDataset
            The table.
        vectors : collection of str
            Its columns of vectors.

        Returns
        -------
        Parts
            Its parts.
        """
        columns = {f.name(): int(f.id()) for f in dataset.lance_schema.fields() if f.name() in vectors}
        apart = set(columns.values())
        found: dict[str, Part] = {}
        for fragment in dataset.get_fragments():
            told = fragment.metadata
            files = [(file.path, sorted(f for f in file.fields if f >= 0)) for file in told.files]
            rows = sorted((path, of) for path, fields in files if (of := [f for f in fields if f not in apart]))
            held = {name: path for name, number in columns.items() for path, fields in files if number in fields}
            deleted = told.deletion_file
            found[str(fragment.fragment_id)] = Part(
                _digest(rows),
                "" if deleted is None else _digest((deleted.read_version, deleted.id, deleted.num_deleted_rows)),
                {name: _digest(path) for name, path in held.items()},
            )
        return cls(found, columns)

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Self:
        """Read what :meth:`as_dict` wrote.

        Parameters
        ----------
        told : dict
            Values that JSON can hold.

        Returns
        -------
        Parts
            The parts.
        """
        return cls({number: Part(**part) for number, part in told["parts"].items()}, told["columns"])

    def as_dict(self) -> dict[str, Any]:
        """Describe the parts by values that JSON can hold.

        Returns
        -------
        dict
            The values.
        """
        return asdict(self)

    def without(self, numbers: Iterable[int]) -> Parts:
        """Leave parts out.

        Parameters
        ----------
        numbers : iterable of int
            Their numbers.

        Returns
        -------
        Parts
            The others.
        """
        gone = {str(number) for number in numbers}
        return Parts({number: part for number, part in self.parts.items() if number not in gone}, self.columns)

    def changed_since(self, before: Parts) -> list[int]:
        """List the parts that are new, or have other rows or vectors than before.

        Parameters
        ----------
        before : Parts
            The parts of an earlier version.

        Returns
        -------
        list of int
            Their numbers. Columns of vectors that are new count for nothing: they concern every part.
        """
        kept = self.kept_columns(before)
        return [
            int(number)
            for number, part in self.parts.items()
            if (old := before.parts.get(number)) is None
            or old.rows != part.rows
            or any(old.vectors.get(name) != part.vectors.get(name) for name in kept)
        ]

    def kept_columns(self, before: Parts) -> set[str]:
        """Name the columns of vectors that are those of an earlier version.

        Parameters
        ----------
        before : Parts
            The parts of an earlier version.

        Returns
        -------
        set of str
            Their names.
        """
        return {name for name, number in self.columns.items() if before.columns.get(name) == number}

    def has_lost_since(self, before: Parts) -> bool:
        """Tell whether rows may be gone.

        Parameters
        ----------
        before : Parts
            The parts of an earlier version.

        Returns
        -------
        bool
            Whether a part is gone or has other deleted rows.
        """
        return any(
            (now := self.parts.get(number)) is None or now.deleted != old.deleted or now.rows != old.rows
            for number, old in before.parts.items()
        )


def parts_with_others(
    dataset: lance.LanceDataset, column: str, known: Collection[str], among: Iterable[int] | None = None
) -> dict[int, int]:
    """Find the parts with rows that do not count yet, since what brings them is not finished.

    Parameters
    ----------
    dataset : lance.LanceDataset
        The table.
    column : str
        The column that names what brought a row.
    known : collection of str
        What is finished.
    among : iterable of int, optional
        Numbers of the parts to look at; all when None.

    Returns
    -------
    dict of int to int
        By number of the part, how many such rows it has.
    """
    fragments = None if among is None else fragments_of(dataset, among)
    rows = dataset.scanner(columns=[column], fragments=fragments, with_row_address=True).to_table()
    others = rows.filter(pc.invert(pc.is_in(rows[column], value_set=pa.array(sorted(known), pa.string()))))
    counted = pc.value_counts(pc.shift_right(others["_rowaddr"].combine_chunks(), _FRAGMENT_BITS)).to_pylist()
    return {int(count["values"]): int(count["counts"]) for count in counted}


def fragments_of(dataset: lance.LanceDataset, numbers: Iterable[int]) -> list[lance.LanceFragment]:
    """Return parts by their numbers, in the order of the table.

    Parameters
    ----------
    dataset : lance.LanceDataset
        The table.
    numbers : iterable of int
        Their numbers.

    Returns
    -------
    list of lance.LanceFragment
        The parts.
    """
    wanted = set(numbers)
    return [fragment for fragment in dataset.get_fragments() if fragment.fragment_id in wanted]


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]
