"""Writing what is left of a table's parts anew where much of them was deleted, so that their space can be freed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from spectradb.late_modules import late

if TYPE_CHECKING:
    import lance

commit = late("lance.commit")

_DELETED_SHARE = 0.1


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


def _data_files(dataset: lance.LanceDataset) -> dict[str, int]:
    files = (file for fragment in dataset.get_fragments() for file in fragment.metadata.files)
    return {file.path: file.file_size_bytes or 0 for file in files}
