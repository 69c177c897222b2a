"""Writing parts of a table anew: what is left of those of which much was deleted, and many small ones together.

Every import and every search adds a part to some tables, and reading a table costs time for each of its parts.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from spectradb.late_modules import late

if TYPE_CHECKING:
    import lance

commit = late("lance.commit")

_DELETED_SHARE = 0.1
# Parts of fewer rows are written together once there are many: so each row is written a few times, not with every import.
_SMALL_ROWS = 4_096
MANY = 32


def written_without_deleted(dataset: lance.LanceDataset) -> int:
    """Write fragments of which more than a tenth was deleted anew, and no others; rows keep their order.

    Parameters
    ----------
    dataset : lance.LanceDataset
        The latest version of a table; it is brought to the one that was written.

    Returns
    -------
    int
        Bytes that this took; the old files are freed with the old version.
    """
    fragments = dataset.get_fragments()
    as_it_is = [f.fragment_id for f in fragments if f.num_deletions <= _DELETED_SHARE * f.physical_rows]
    if len(as_it_is) == len(fragments):
        return 0
    before = _data_files(dataset)
    # Whoever writes at the same time goes first; the next cleaning does it.
    with suppress(commit.CommitConflictError):
        dataset.optimize.compact_files(excluded_fragment_ids=as_it_is, materialize_deletions_threshold=_DELETED_SHARE)
        dataset.checkout_latest()
    return sum(size for path, size in _data_files(dataset).items() if path not in before)


def small_parts_together(dataset: lance.LanceDataset, *, least: int) -> bool:
    """Write the small parts of a table together where there are many; rows keep their order.

    Parameters
    ----------
    dataset : lance.LanceDataset
        The latest version of a table; it is brought to the one that was written.
    least : int
        How many are many.

    Returns
    -------
    bool
        Whether there were many.
    """
    fragments = dataset.get_fragments()
    large = [fragment.fragment_id for fragment in fragments if fragment.physical_rows >= _SMALL_ROWS]
    if len(fragments) - len(large) < least:
        return False
    # Whoever writes at the same time goes first; the next import does it.
    with suppress(commit.CommitConflictError):
        dataset.optimize.compact_files(
            target_rows_per_fragment=_SMALL_ROWS, excluded_fragment_ids=large, materialize_deletions=False
        )
        dataset.checkout_latest()
    return True


def _data_files(dataset: lance.LanceDataset) -> dict[str, int]:
    files = (file for fragment in dataset.get_fragments() for file in fragment.metadata.files)
    return {file.path: file.file_size_bytes or 0 for file in files}
