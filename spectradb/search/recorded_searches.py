"""Searches in the record: their names, their settings, and what killed ones left."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb.search.approximate import MEASURED
from spectradb.store.record_schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import duckdb

    from spectradb.search.methods import SearchScore
    from spectradb.store.record import Record


def recorded_settings(
    score: SearchScore | None,
    contributors: Sequence[str] | None,
    way: Mapping[str, object] | None = None,
) -> str | None:
    """Write settings as searches record them.

    Parameters
    ----------
    score : PeakScore, Fusion, Merging, Refining or None
        What scores pairs.
    contributors : sequence of str, optional
        Whose spectra are the queries.
    way : mapping, optional
        What to know of the way in which it was searched, where that was not plain SQL.

    Returns
    -------
    str or None
        JSON; None for no settings.
    """
    used: dict[str, object] = {**(score.settings() if score else {}), **(way or {})}
    used |= {"contributors": sorted(contributors)} if contributors else {}
    return json.dumps(used, sort_keys=True) if used else None


def forget_killed_searches(record: Record) -> None:
    """Delete what searches that were never finished left behind; to be called while no search runs.

    Parameters
    ----------
    record : Record
        The lab's record.
    """
    killed = record.read("searches", columns=["search_id"], where="finished IS NULL")["search_id"].to_pylist()
    for search_id in sorted(killed):
        record.delete("hits", f"search_id = '{search_id}'")
        record.delete("searches", f"search_id = '{search_id}'")


def unpublished_searches(record: Record, con: duckdb.DuckDBPyConnection) -> set[str]:
    """Name the finished searches that are not published; while no search runs, a kill has left them so.

    Parameters
    ----------
    record : Record
        The lab's record.
    con : duckdb.DuckDBPyConnection
        The published lab.

    Returns
    -------
    set of str
        Their search_id.
    """
    finished = record.read("searches", columns=["search_id"], where="finished IS NOT NULL")["search_id"].to_pylist()
    return set(finished) - set(con.table("searches").to_arrow_table()["search_id"].to_pylist())


def reserve(
    record: Record, name: str, wanted: dict[str, object], left_unpublished: Collection[str]
) -> tuple[str, dict[str, Any] | None]:
    """Take a name for the search that no other has, also when several processes search at once.

    Parameters
    ----------
    record : Record
        The lab's record.
    name : str
        The name asked for; a name that is taken gets a number.
    wanted : dict
        Columns of ``searches`` that say what is searched and how.
    left_unpublished : collection of str
        Searches that a kill left unpublished.

    Returns
    -------
    search_id : str
        The name taken.
    done : dict or None
        The row of the same search under this name, if a kill left it unpublished; None: it is to be done.
    """
    number = 1
    while True:
        search_id = name if number == 1 else f"{name}-{number}"
        row = {"search_id": search_id, "started": now(), **wanted}
        if record.insert_new("searches", "search_id", pa.Table.from_pylist([row], schema=table_schema("searches"))):
            return search_id, None
        for taken in record.read("searches", where=f"search_id = '{search_id}'").to_pylist():
            asked_for = {**taken, "settings": _as_asked_for(taken["settings"])}
            if search_id in left_unpublished and all(asked_for[column] == wanted[column] for column in wanted):
                return search_id, taken
        number += 1


def _as_asked_for(settings: str | None) -> str | None:
    """Leave out of recorded settings what only the search itself found out."""
    if settings is None:
        return None
    return json.dumps({name: value for name, value in json.loads(settings).items() if name not in MEASURED}, sort_keys=True)


def now() -> datetime:
    """Return the time as the record states it.

    Returns
    -------
    datetime.datetime
        UTC, without a time zone.
    """
    return datetime.now(UTC).replace(tzinfo=None)
