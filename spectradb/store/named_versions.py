"""Versions of the record's spectra that searches and kept states name, which cleaning leaves where they are."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spectradb.store.record import Record

_TAG = "named-"
_VECTORS = "embedding_"


def keep_named_versions(record: Record) -> None:
    """Tag the versions of spectra that are to stay, and take the tag from others.

    These are the versions of kept states, and those that finished searches compared. What was removed is not kept for the sake
    of a search: a version with spectra of a collection, or vectors of a model, that is gone stays only for a kept state.

    Parameters
    ----------
    record : Record
        The lab's record.
    """
    kept = set(record.read("kept_states", columns=["record_version"])["record_version"].to_pylist())
    searched = record.read("searches", columns=["record_version"], where="finished IS NOT NULL")["record_version"].to_pylist()
    dataset = record.dataset("spectra")
    with record.telling():
        there = {int(version["version"]) for version in dataset.versions()}
        tagged = {name for name in dataset.tags.list() if name.startswith(_TAG)}
        latest = int(dataset.version)
        wanted = {
            version
            for version in ({*kept, *searched} & there) - {latest}
            if version in kept or _holds_nothing_removed(record, version)
        }
        wanted |= {latest} & {*kept, *searched}
        names = {f"{_TAG}{version}": version for version in wanted}
        for name in tagged - set(names):
            dataset.tags.delete(name)
        for name in sorted(set(names) - tagged):
            with suppress(ValueError):  # another process was first
                dataset.tags.create(name, names[name])


def _holds_nothing_removed(record: Record, version: int) -> bool:
    dataset = record.dataset("spectra", version)
    vectors = {name for name in dataset.schema.names if name.startswith(_VECTORS)}
    if not vectors <= set(record.dataset("spectra").schema.names):
        return False
    there = {name for table in ("libraries", "studies") for name in record.read(table, columns=["name"])["name"].to_pylist()}
    return set(record.read("spectra", columns=["collection"], version=version)["collection"].unique().to_pylist()) <= there
