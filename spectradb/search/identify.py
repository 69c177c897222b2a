"""The verb identify: search a study against a library and record the search with its hits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb import __version__, schemas
from spectradb.errors import BadParameter, NoSpectra
from spectradb.search.approximate import AUTO as INDEX_AUTO
from spectradb.search.approximate import MEASURED, TARGET_RECALL, check_no_index, recorded_recall
from spectradb.search.calibration_use import judged, matching_calibration
from spectradb.search.checks import check_collections, check_contributors, check_embedded
from spectradb.search.engines import AUTO, IndexedSearch, chosen_engine
from spectradb.search.fusion import FUSED, Fusion, chosen_fusion
from spectradb.search.methods import EMBEDDING, chosen_score, read_peaks, register_peak_score
from spectradb.search.open_search import OpenSearch, open_search
from spectradb.search.search_report import SearchReport
from spectradb.store.record import table_schema

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    import duckdb

    from spectradb.similarity.methods import Setting
    from spectradb.similarity.pairs import PeakScore
    from spectradb.store.record import Record

#: What searches by embeddings are recorded as.
METHOD = "similarity_join"

LEFT_OUT = ("contributor", "copies")
_SEARCH_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}")


def identify(
    record: Record,
    con: duckdb.DuckDBPyConnection,
    *,
    study: str,
    library: str,
    model: str,
    method: str = EMBEDDING,
    settings: Mapping[str, Setting] | None = None,
    left_out: str | None = None,
    contributors: Sequence[str] | None = None,
    ppm: float | None,
    k: int,
    fragment_tolerance_da: float,
    name: str | None,
    engine: str = AUTO,
    device: str = "cpu",
    index: str = INDEX_AUTO,
    target_recall: float = TARGET_RECALL,
    indexes: Path | None = None,
    left_unpublished: Collection[str] = (),
    hits_of: HitsOf | None = None,
) -> SearchReport:
    """Identify the spectra of a study against a library, and record the hits.

    Parameters
    ----------
    record : Record
        The lab's record, to which the search is added.
    con : duckdb.DuckDBPyConnection
        The published lab.
    study, library : str
        Names of collections; the same where a library is tested on itself.
    model : str
        Whose vectors to compare, by the method ``embedding``.
    method : str
        One of :data:`spectradb.search.methods.METHODS`.
    settings : mapping of str to value, optional
        Settings of the method that differ from its defaults.
    left_out : {"contributor", "copies"}, optional
        Keep each query from spectra of its own contributor and from copies of itself, or from those copies alone.
    contributors : sequence of str, optional
        Search only the spectra of these contributors.
    ppm : float or None
        Half-width of the precursor window, in ppm of the query's precursor m/z; None: an open search, without precursor filter,
        in which a score of peaks ranks the analytes nearest by embedding.
    k : int
        Analytes kept per query.
    fragment_tolerance_da : float
        Tolerance in Da for counting matched peaks, and that of scores of peaks unless their settings say otherwise.
    name : str, optional
        Name of the search; made of study, library and model or method when None. A name that is taken gets a number.
    engine : str
        One of :data:`spectradb.search.engines.ENGINES`.
    device : str
        Where an open search multiplies vectors: ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
    index : str
        How an open search finds vectors, one of :data:`spectradb.search.approximate.INDEXES`.
    target_recall : float
        Recall that an approximate search should reach.
    indexes : pathlib.Path, optional
        Where the lab's search indexes are kept; without it all is done in SQL.
    left_unpublished : collection of str
        Searches that were finished and killed before they were published: the same search asked for again is one of them.
    hits_of : callable, optional
        Finds the hits, with the arguments of :func:`search_hits`, which does so when None.

    Returns
    -------
    SearchReport
        What was done.

    Raises
    ------
    NoCollection, NoEmbedding
        If a collection is missing or, by the method ``embedding``, has no vectors of the model.
    NoSpectra
        If no query has any candidate.
    BadParameter
        If a parameter is out of range, or the method, a setting or a contributor is unknown.
    """
    _check_parameters(ppm, k, fragment_tolerance_da, name, left_out)
    if hits_of and ppm is None:
        raise BadParameter("a search without a precursor filter runs in one process: leave out --ray, or give --ppm")
    score = chosen_method(con, method, settings, library=library, model=model, fragment_tolerance_da=fragment_tolerance_da)
    by_vectors = score is None or isinstance(score, Fusion) or ppm is None
    if by_vectors:
        n_without_vector = check_embedded(con, model, study, library)
    else:
        check_collections(con, study, library)
        n_without_vector = 0
    check_contributors(con, study, contributors)
    if ppm is None:
        way: IndexedSearch | OpenSearch | None = open_search(
            con,
            indexes,
            score,
            study=study,
            library=library,
            model=model,
            contributors=contributors,
            k=k,
            device=device,
            index=index,
            target_recall=target_recall,
            left_out=left_out,
        )
    else:
        check_no_index(index)
        way = chosen_engine(con, engine, folder=indexes, method=method, left_out=left_out)
    wanted: dict[str, Any] = {
        "study": study,
        "library": library,
        "record_version": record.version("spectra"),
        "method": method if score else METHOD,
        "model": model if by_vectors else None,
        "settings": recorded_settings(score, contributors, way.settings if way else None),
        "left_out": left_out,
        "ppm": ppm,
        "k": k,
        "fragment_tolerance_da": fragment_tolerance_da,
        "spectradb_version": __version__,
    }
    wanted["calibration_id"] = matching_calibration(con, wanted, recorded_settings(score, None))
    started = _now()
    given_name = f"{study}-{library}-{method if score else model}{'-open' if ppm is None else ''}"
    search_id, done = _reserve(record, name or given_name, wanted, left_unpublished)
    window = {"ppm": ppm, "contributors": list(contributors) if contributors else None}
    n_own, n_copies = _count_left_out(con, study, library, {**window, "left_out": left_out}) if left_out else (0, 0)
    of_search = (search_id, study, library, str(wanted["method"]), model if by_vectors else None)
    about_left_out = (left_out, n_own, n_copies)
    if done:
        n_hits = record.dataset("hits").count_rows(f"search_id = '{search_id}'")
        seconds = (done["finished"] - done["started"]).total_seconds()
        counts = (done["n_queries"], done["n_answered"], n_hits, n_without_vector)
        return SearchReport(*of_search, *counts, seconds, *about_left_out, recorded_recall(done["settings"], done["n_queries"]))
    values = {**window, "search_id": search_id, "k": k, "fragment_tolerance_da": fragment_tolerance_da, "left_out": left_out}
    found, used = (hits_of or search_hits)(con, score, way, values, study=study, library=library, model=model)
    wanted["settings"] = recorded_settings(score, contributors, used)
    found = judged(con, found, wanted["calibration_id"])
    n_queries, n_answered, n_hits = _count_answered(
        con, None if by_vectors else score, found, window["contributors"], study=study, model=model
    )
    if n_hits == 0:
        record.delete("searches", f"search_id = '{search_id}'")
        elsewhere = {"contributor": " and by another contributor", "copies": " that is no copy of it"}.get(left_out or "", "")
        within = "at all" if ppm is None else f"within {ppm} ppm of its precursor"
        msg = (
            f"none of the {n_queries:,} spectra of {study} has a spectrum of {library} {within} "
            f"in the same ion mode{elsewhere}. Check the ion mode and the calibration, or search with a wider --ppm."
        )
        raise NoSpectra(msg)
    record.append("hits", found)
    finished = _now()
    ended = {"search_id": search_id, "settings": wanted["settings"], "n_queries": n_queries, "n_answered": n_answered}
    ended["finished"] = finished
    end = pa.Table.from_pylist([ended], schema=pa.schema([table_schema("searches").field(column) for column in ended]))
    record.update("searches", "search_id", end)
    seconds = (finished - started).total_seconds()
    recall = way.recall if isinstance(way, OpenSearch) else None
    return SearchReport(*of_search, n_queries, n_answered, n_hits, n_without_vector, seconds, *about_left_out, recall)


def chosen_method(
    con: duckdb.DuckDBPyConnection,
    method: str,
    settings: Mapping[str, Setting] | None,
    *,
    library: str,
    model: str,
    fragment_tolerance_da: float,
) -> PeakScore | Fusion | None:
    """Return what scores pairs by a method.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    method, settings, library, model, fragment_tolerance_da
        As for :func:`identify`.

    Returns
    -------
    PeakScore, Fusion or None
        The score with its settings; None for embeddings alone.

    Raises
    ------
    BadParameter
        If there is no such method or setting, or a value means nothing.
    """
    if method == FUSED:
        return chosen_fusion(con, settings, library=library, model=model, fragment_tolerance_da=fragment_tolerance_da)
    return chosen_score(method, settings, fragment_tolerance_da=fragment_tolerance_da)


def recorded_settings(
    score: PeakScore | Fusion | None, contributors: Sequence[str] | None, way: Mapping[str, object] | None = None
) -> str | None:
    """Write settings as searches record them.

    Parameters
    ----------
    score : PeakScore, Fusion or None
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


def search_hits(
    con: duckdb.DuckDBPyConnection,
    score: PeakScore | Fusion | None,
    way: IndexedSearch | OpenSearch | None,
    values: Mapping[str, object],
    *,
    study: str,
    library: str,
    model: str,
    query_range: tuple[int, int] | None = None,
) -> tuple[pa.Table, Mapping[str, object] | None]:
    """Find the hits of a search, for all its queries or for a range of their ids: the hits of ranges together are those of all.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    score : PeakScore, Fusion or None
        What scores pairs; None: embeddings alone.
    way : IndexedSearch, OpenSearch or None
        How to search; None: in plain SQL.
    values : mapping
        search_id, ppm, k, fragment_tolerance_da, left_out and contributors of the search.
    study, library, model : str
        What is searched, by whose vectors.
    query_range : (int, int), optional
        The first and the last id of the queries, after :func:`prepare_peaks`, which serves all ranges; all queries when None.

    Returns
    -------
    hits : pyarrow.Table
        Columns of ``hits``, ordered by query and rank.
    used : mapping or None
        What searches record of the way; None: plain SQL did it.
    """
    values = {**values, "query_range": None if query_range is None else list(query_range)}
    found = way.hits(con, values, study=study, library=library, model=model) if way else None
    if way and found is not None:
        return found, way.settings
    if query_range is None:
        prepare_peaks(con, score, study=study, library=library)
    return _hits(con, score, values, study=study, library=library, model=model), None


def prepare_peaks(con: duckdb.DuckDBPyConnection, score: PeakScore | Fusion | None, *, study: str, library: str) -> None:
    """Make the spectra of a search ready for its score of peaks, if it has one.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab, which is taught ``peak_score``.
    score : PeakScore, Fusion or None
        What scores pairs.
    study, library : str
        What is searched.
    """
    if score is not None:
        spectra = read_peaks(con, study, library)
        register_peak_score(con, score.of_peaks if isinstance(score, Fusion) else score, spectra, spectra)


#: What finds the hits of a search.
HitsOf = Callable[..., tuple[pa.Table, Mapping[str, object] | None]]


def _hits(
    con: duckdb.DuckDBPyConnection,
    score: PeakScore | Fusion | None,
    values: Mapping[str, object],
    *,
    study: str,
    library: str,
    model: str,
) -> pa.Table:
    if score is None:
        statement = schemas.fill("queries/identify", study=study, library=library, model=model)
    elif isinstance(score, Fusion):
        statement = schemas.fill("queries/identify_fused", study=study, library=library, model=model)
        values = {**values, "weight": score.weight}
    else:
        statement = schemas.fill("queries/identify_by_peaks", study=study, library=library)
    return con.sql(statement, params=values).to_arrow_table()


def _count_answered(
    con: duckdb.DuckDBPyConnection,
    score: PeakScore | Fusion | None,
    found: pa.Table,
    contributors: object,
    *,
    study: str,
    model: str,
) -> tuple[int, int, int]:
    if score is None or isinstance(score, Fusion):
        count = schemas.fill("queries/count_answered", study=study, model=model)
    else:
        count = schemas.fill("queries/count_answered_by_peaks", study=study)
    con.register("found", found)
    n_queries, n_answered, n_hits = con.execute(count, {"contributors": contributors}).fetchall()[0]
    con.unregister("found")
    return n_queries, n_answered, n_hits


def _count_left_out(con: duckdb.DuckDBPyConnection, study: str, library: str, window: Mapping[str, object]) -> tuple[int, int]:
    n_own, n_copies = con.execute(schemas.fill("queries/count_left_out", study=study, library=library), window).fetchall()[0]
    return n_own, n_copies


def _check_parameters(ppm: float | None, k: int, fragment_tolerance_da: float, name: str | None, left_out: str | None) -> None:
    if not ((ppm is None or 0 < ppm < 100_000) and k >= 1 and fragment_tolerance_da > 0):
        msg = f"ppm {ppm}, k {k} and fragment tolerance {fragment_tolerance_da} Da must be positive"
        raise BadParameter(msg)
    if name is not None and not _SEARCH_NAME.fullmatch(name):
        msg = f"search name {name!r} must be letters, digits, underscores, dots and hyphens"
        raise BadParameter(msg)
    if left_out is not None and left_out not in LEFT_OUT:
        msg = f"{left_out!r} cannot be left out; what can: {', '.join(LEFT_OUT)}"
        raise BadParameter(msg)


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


def _reserve(
    record: Record, name: str, wanted: dict[str, object], left_unpublished: Collection[str]
) -> tuple[str, dict[str, Any] | None]:
    """Take a name for the search that no other has, also when several processes search at once.

    The same search under this name that a kill left unpublished is given back instead.
    """
    number = 1
    while True:
        search_id = name if number == 1 else f"{name}-{number}"
        row = {"search_id": search_id, "started": _now(), **wanted}
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


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
