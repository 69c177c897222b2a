"""Searches in the record: their names, their settings, and what killed ones left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb import schemas
from spectradb.errors import SearchExists
from spectradb.removal.pending import remove_search
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.search_names import distinguished, with_digest
from spectradb.search.spec import compares_vectors
from spectradb.search.vectors.approximate import MEASURED
from spectradb.store.record_schema import table_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import duckdb

    from spectradb.search.methods.protocol import Method
    from spectradb.search.spec import SearchSpec
    from spectradb.store.record import Record

# Methods that earlier versions recorded under other names.
_EARLIER_NAMES = {"similarity_join": EMBEDDING}


def current_method_name(method: str) -> str:
    """Return the name of a method that was recorded.

    Parameters
    ----------
    method : str
        As recorded, by this version or an earlier one.

    Returns
    -------
    str
        As this version records it.
    """
    return _EARLIER_NAMES.get(method, method)


def recorded_settings(
    method: Method, contributors: Sequence[str] | None = None, used: Mapping[str, object] | None = None
) -> str | None:
    """Write settings as searches record them.

    Parameters
    ----------
    method : Method
        How pairs are scored.
    contributors : sequence of str, optional
        Whose spectra are the queries.
    used : mapping, optional
        What to know of the engine, where that was not plain SQL.

    Returns
    -------
    str or None
        JSON; None for no settings.
    """
    settings: dict[str, object] = {**method.settings(), **(used or {})}
    settings |= {"contributors": sorted(contributors)} if contributors else {}
    return json.dumps(settings, sort_keys=True) if settings else None


def search_columns(spec: SearchSpec, method: Method, used: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Return what searches record of what is searched and how.

    Parameters
    ----------
    spec : SearchSpec
        The search.
    method : Method
        Its method.
    used : mapping, optional
        As for :func:`recorded_settings`.

    Returns
    -------
    dict
        Columns of ``searches``.
    """
    return {
        "study": spec.study,
        "library": spec.library,
        "method": method.name,
        "model": spec.model if compares_vectors(spec, method) else None,
        "settings": recorded_settings(method, spec.contributors, used),
        "left_out": spec.left_out,
        "ppm": spec.ppm,
        "k": spec.k,
        "fragment_tolerance_da": spec.fragment_tolerance_da,
    }


def published_version(con: duckdb.DuckDBPyConnection) -> int:
    """Tell which version of the record's spectra is published, which is what searches see.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.

    Returns
    -------
    int
        The version.
    """
    ((version,),) = con.execute(schemas.read("queries/history/published_version")).fetchall()
    return int(version)


def compared_states(con: duckdb.DuckDBPyConnection, study: str, library: str) -> dict[str, Any]:
    """Tell the states of what is searched.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    study, library : str
        Names of collections.

    Returns
    -------
    dict
        Columns of ``searches``: record_version, study_state and library_state.
    """
    values = {"study": study, "library": library}
    ((study_state, library_state),) = con.execute(schemas.read("queries/history/states_of"), values).fetchall()
    return {"record_version": published_version(con), "study_state": study_state, "library_state": library_state}


def remove_killed_searches(record: Record) -> None:
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


@dataclass(frozen=True)
class TakenName:
    """The name of a search, and what it means for it.

    Parameters
    ----------
    search_id : str
        The name.
    done : dict or None
        The row of the same search, which was done before and is found again; None: it is to be done.
    replaces : bool
        Another search has the name until this one is done.
    """

    search_id: str
    done: dict[str, Any] | None = None
    replaces: bool = False


def take_name(record: Record, name: str, search_row: Mapping[str, Any], *, is_automatic: bool, replace: bool) -> TakenName:
    """Take a name for a search, also when several processes search at once; or find the search that was done under it.

    Parameters
    ----------
    record : Record
        The lab's record.
    name : str
        The name asked for.
    search_row : mapping
        Columns of ``searches`` that say what is searched and how.
    is_automatic : bool
        Nobody has asked for this very name: one that another search has is made longer by what distinguishes them.
    replace : bool
        Take the name from the search that has it.

    Returns
    -------
    TakenName
        The name, and what was found under it.

    Raises
    ------
    SearchExists
        If another search has the name, or one of that name is being made.
    """
    while True:
        if _insert(record, name, search_row):
            return TakenName(name)
        rows = record.read("searches", where=f"search_id = '{name}'").to_pylist()
        if not rows:
            continue  # removed just now
        differing = _differing(rows[0], search_row)
        if rows[0]["finished"] is None:
            msg = (
                f"a search {name} is being made by another process, or was left by one that was killed while others search. "
                "Wait until no search runs, or give another --name."
            )
            raise SearchExists(msg)
        if replace:
            return TakenName(name, replaces=True)
        if not differing:
            return TakenName(name, done=rows[0])
        if not is_automatic:
            others = ", ".join(f"{column} {_told(before)}, now {_told(after)}" for column, (before, after) in differing.items())
            msg = f"there is a search {name} already, and it is another one: {others}. Give another --name, or --replace it."
            raise SearchExists(msg)
        longer = distinguished(name, differing)
        # Names that already say all that distinguishes them end in a digest of it.
        name = (
            longer if longer != name and not name.endswith(longer[-9:]) else with_digest(name, [*map(str, search_row.values())])
        )


def put_in_place(record: Record, name: str, search_row: Mapping[str, Any]) -> None:
    """Remove the search that has a name, with what hangs on it, and take the name.

    Parameters
    ----------
    record : Record
        The lab's record.
    name : str
        The name.
    search_row : mapping
        As for :func:`take_name`.

    Raises
    ------
    SearchExists
        If another process has taken the name meanwhile.
    """
    remove_search(record, name)
    if not _insert(record, name, search_row):
        raise SearchExists(f"another process has just made a search {name}. Give another --name, or --replace it again.")


def record_hits(record: Record, search_id: str, hits: pa.Table, found: Mapping[str, object]) -> datetime:
    """Record what a search found; it counts once the search is marked as finished, which comes last.

    Parameters
    ----------
    record : Record
        The lab's record.
    search_id : str
        The search, whose name is taken.
    hits : pyarrow.Table
        Columns of ``hits``.
    found : mapping
        Columns of ``searches`` that are known in the end: settings, n_queries, n_answered, chance, and what was carried over.

    Returns
    -------
    datetime.datetime
        When it was finished.
    """
    record.append("hits", hits)
    finished = now()
    ended = {"search_id": search_id, **found, "finished": finished}
    end = pa.Table.from_pylist([ended], schema=pa.schema([table_schema("searches").field(column) for column in ended]))
    record.update("searches", "search_id", end)
    return finished


def _insert(record: Record, name: str, search_row: Mapping[str, Any]) -> int:
    row = {"search_id": name, "started": now(), **search_row}
    return record.insert_new("searches", "search_id", pa.Table.from_pylist([row], schema=table_schema("searches")))


def _differing(row: Mapping[str, Any], search_row: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """List the columns in which a recorded search is not the one that is wanted, with both values."""
    # The version tells them apart as well, also where an earlier version of spectradb recorded no states.
    pairs = {column: (row[column], value) for column, value in search_row.items() if not column.endswith("_state")}
    pairs["method"] = (current_method_name(row["method"]), search_row["method"])
    pairs["settings"] = (_as_asked_for(row["settings"]), _as_asked_for(search_row["settings"]))
    return {column: pair for column, pair in pairs.items() if pair[0] != pair[1]}


def _as_asked_for(settings: str | None) -> str | None:
    """Leave out of recorded settings what only the search itself found out, and by which engine, as the hits are the same."""
    used = json.loads(settings) if settings else {}
    asked_for = {name: value for name, value in used.items() if name not in {*MEASURED, "engine"}}
    return json.dumps(asked_for, sort_keys=True) if asked_for else None


def _told(value: object) -> str:
    return "none" if value is None else str(value)


def now() -> datetime:
    """Return the time as the record states it.

    Returns
    -------
    datetime.datetime
        UTC, without a time zone.
    """
    return datetime.now(UTC).replace(tzinfo=None)
