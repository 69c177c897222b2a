"""The verb identify: search a study against a library and record the search with its hits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from spectradb import __version__
from spectradb.errors import NoSpectra
from spectradb.search.by_cluster import clustering_of, given_to_members
from spectradb.search.calibration.apply import chance_of_search, matching_calibration, with_confidence, without_confidence
from spectradb.search.checks import check_annotated, check_collections, check_contributors, check_embedded
from spectradb.search.find_hits import count_answered, count_left_out, resolve_search_engine, search_hits
from spectradb.search.methods.protocol import Carried
from spectradb.search.neighbours import search_neighbours
from spectradb.search.nothing_found import asked_spectra, opposite_modes, search_reach, why_nothing
from spectradb.search.recorded_searches import (
    compared_states,
    now,
    put_in_place,
    record_hits,
    recorded_settings,
    search_columns,
    take_name,
)
from spectradb.search.resolution import low_resolution
from spectradb.search.search_names import Naming, automatic_name
from spectradb.search.search_report import SearchReport
from spectradb.search.spec import compares_vectors, resolve_method
from spectradb.search.vectors.approximate import recorded_recall

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from spectradb.search.calibration.apply import MatchingCalibration
    from spectradb.search.find_hits import HitFinder
    from spectradb.search.methods.protocol import Hits, Method, SearchJob
    from spectradb.search.recorded_searches import TakenName
    from spectradb.search.spec import SearchSpec
    from spectradb.store.record import Record


class _Told(NamedTuple):
    """What a report tells that does not depend on what was found."""

    n_without_vector: int
    n_own: int
    n_copies: int
    notes: tuple[str, ...]


def identify(
    record: Record,
    con: duckdb.DuckDBPyConnection,
    spec: SearchSpec,
    *,
    naming: Naming | None = None,
    indexes: Path | None = None,
    hit_finder: HitFinder | None = None,
    embedders: Collection[str] | None = None,
) -> SearchReport:
    """Identify the spectra of a study against a library, and record the hits.

    Parameters
    ----------
    record : Record
        The lab's record, to which the search is added.
    con : duckdb.DuckDBPyConnection
        The published lab.
    spec : SearchSpec
        What to search and how.
    naming : Naming, optional
        How to name the search; for what is searched and how when None.
    indexes : pathlib.Path, optional
        Where the lab's search indexes are kept; without it all is done in SQL.
    hit_finder : callable, optional
        Finds the hits in several processes, as :func:`spectradb.search.find_hits.search_hits` does in one, which is called when
        None.
    embedders : collection of str, optional
        Names of the embedders that the lab can use, to tell a model without vectors from one that does not exist.

    Returns
    -------
    SearchReport
        What was done; where the same search was done before under the name, what was found then.

    Raises
    ------
    SearchExists
        If another search has the name that was asked for.
    NoCollection, NoEmbedding, NoModel
        If a collection is missing or has no vectors of the model where they are compared, or there is no such model.
    NoSpectra
        If the library carries no annotation, or no query has any candidate; the message says why.
    BadParameter
        If a setting or a contributor is unknown, or the search cannot be done in this way.
    """
    naming = naming or Naming()
    check_collections(con, spec.study, spec.library)
    check_annotated(con, spec.library)
    clustering = clustering_of(con, spec)
    # What is searched: the study, or what stands for its clusters.
    asked = replace(spec, study=clustering.name) if clustering else spec
    method = resolve_method(con, spec)
    by_vectors = compares_vectors(spec, method)
    compared = (spec.model, asked.study, spec.library)
    n_without_vector = check_embedded(con, *compared, embedders=embedders) if by_vectors else 0
    check_contributors(con, spec.study, spec.contributors)
    engine = resolve_search_engine(con, asked, method, indexes, spread=hit_finder is not None)
    of_clusters = clustering.settings if clustering else {}
    search_row = {
        **search_columns(spec, method, {**engine.settings, **of_clusters}),
        **compared_states(con, spec.study, spec.library),
        "spectradb_version": __version__,
    }
    calibration = matching_calibration(con, search_row, recorded_settings(method))
    search_row["calibration_id"] = calibration.calibration_id if calibration and calibration.usable else None
    started = now()
    name = naming.name or naming.base or automatic_name(spec, naming, by_vectors=by_vectors)
    taken = take_name(record, name, search_row, is_automatic=naming.name is None, replace=naming.replace)
    job = asked.job(taken.search_id, indexes=indexes)
    notes = (*_notes(con, job, calibration), *(clustering.notes(spec.study) if clustering else ()))
    told = _Told(n_without_vector, *count_left_out(con, job), notes)
    if taken.done:
        return _found_again(record, spec, method, taken, told)
    hits = (hit_finder or search_hits)(con, method, engine, job)
    n_queries, n_answered, n_hits = count_answered(con, hits.table, job, by_vectors=by_vectors)
    if n_hits == 0:
        if not taken.replaces:
            record.delete("searches", f"search_id = '{job.search_id}'")
        raise NoSpectra(_why_nothing(con, job))
    search_row["settings"] = recorded_settings(method, spec.contributors, {**hits.used, **of_clusters})
    ended: dict[str, Any] = {"settings": search_row["settings"], "n_queries": n_queries, "n_answered": n_answered}
    table, ended["chance"] = _told_confidence(con, hits, method, job, {**search_row, **ended})
    if clustering:
        table = given_to_members(con, table)
        n_hits, n_queries, n_answered = table.num_rows, clustering.n_members, len(table["query_id"].unique())
        ended |= {"n_queries": n_queries, "n_answered": n_answered}
    carried = hits.carried or Carried(None)
    ended |= {"carried_from": carried.search_id, "n_carried": carried.n_queries if carried.search_id else None}
    if taken.replaces:
        put_in_place(record, job.search_id, search_row)
    finished = record_hits(record, job.search_id, table, ended)
    return SearchReport(
        search_id=job.search_id,
        study=spec.study,
        library=spec.library,
        method=method.name,
        model=search_row["model"],
        n_queries=n_queries,
        n_answered=n_answered,
        n_hits=n_hits,
        n_without_vector=n_without_vector,
        seconds=(finished - started).total_seconds(),
        left_out=spec.left_out,
        n_own=told.n_own,
        n_copies=told.n_copies,
        recall=hits.recall,
        carried_from=carried.search_id,
        n_carried=carried.n_queries,
        searched_all=carried.reason,
        notes=told.notes,
    )


def _found_again(record: Record, spec: SearchSpec, method: Method, taken: TakenName, told: _Told) -> SearchReport:
    """Report a search that was done before."""
    done: Mapping[str, Any] = taken.done or {}
    return SearchReport(
        search_id=taken.search_id,
        study=spec.study,
        library=spec.library,
        method=method.name,
        model=done["model"],
        n_queries=done["n_queries"],
        n_answered=done["n_answered"],
        n_hits=record.dataset("hits").count_rows(f"search_id = '{taken.search_id}'"),
        n_without_vector=told.n_without_vector,
        seconds=(done["finished"] - done["started"]).total_seconds(),
        left_out=spec.left_out,
        n_own=told.n_own,
        n_copies=told.n_copies,
        recall=recorded_recall(done["settings"], done["n_queries"]),
        found_again=done["finished"],
        carried_from=done["carried_from"],
        n_carried=done["n_carried"] or 0,
        notes=told.notes,
    )


def _told_confidence(
    con: duckdb.DuckDBPyConnection, hits: Hits, method: Method, job: SearchJob, search_row: Mapping[str, Any]
) -> tuple[pa.Table, float | None]:
    """Complete the hits by the calibration of the search, if it has one, and say how often it finds candidates by chance."""
    if search_row["calibration_id"] is None:
        return without_confidence(con, hits.table), None
    found_by = hits.carried.neighbours if hits.carried else None
    neighbours = (found_by or search_neighbours)(con, method, job)
    chance = chance_of_search(con, neighbours, str(search_row["calibration_id"]))
    return with_confidence(con, hits.table, neighbours, {**search_row, "chance": chance}), chance


def _limits(calibration: MatchingCalibration, library: str) -> str | None:
    """Say why probabilities are missing or not to be relied on."""
    name = f"calibration {calibration.calibration_id}"
    again = f"`spectradb calibrate` with --library {library}"
    if not calibration.usable:
        return f"{name} was made by another version, of other terms, and is not used: run {again} again"
    if calibration.by_copies:
        told = "was fitted on spectra of the same laboratories: probabilities are too high for those of others"
        return f"{name} {told}. Run {again} where the library has several"
    return None


def _why_nothing(con: duckdb.DuckDBPyConnection, job: SearchJob) -> str:
    """Say why no query has any candidate."""
    coarse = low_resolution(con, job.study, ppm=job.ppm, fragment_tolerance_da=job.fragment_tolerance_da)
    with asked_spectra(con, job.study, job.contributors) as asked:
        return why_nothing(con, asked, job.study, job.library, ppm=job.ppm, left_out=job.left_out, coarse=coarse)


def _notes(con: duckdb.DuckDBPyConnection, job: SearchJob, calibration: MatchingCalibration | None) -> tuple[str, ...]:
    """Say what makes the answers of a search doubtful."""
    with asked_spectra(con, job.study, job.contributors) as asked:
        modes = opposite_modes(search_reach(con, asked, job.library), job.study, job.library)
    coarse = [
        low_resolution(con, collection, ppm=job.ppm, fragment_tolerance_da=job.fragment_tolerance_da)
        for collection in dict.fromkeys((job.study, job.library))
    ]
    limits = _limits(calibration, job.library) if calibration else None
    return tuple(note for note in (modes, *coarse, limits) if note)
