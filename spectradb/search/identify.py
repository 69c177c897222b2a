"""The verb identify: search a study against a library and record the search with its hits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from spectradb import __version__
from spectradb.errors import BadParameter, NoSpectra
from spectradb.search.calibration.apply import judged, matching_calibration, unjudged
from spectradb.search.checks import (
    check_annotated,
    check_collections,
    check_contributors,
    check_embedded,
    check_fragment_tolerance,
    check_left_out,
    check_number_of_answers,
    check_window,
)
from spectradb.search.engines import AUTO, IndexedSearch, chosen_engine
from spectradb.search.find_hits import chosen_method, compares_vectors, count_answered, count_left_out, search_hits
from spectradb.search.methods.merged import Merging
from spectradb.search.methods.peaks import EMBEDDING
from spectradb.search.methods.refined import REFINED, Refining
from spectradb.search.methods.refined_search import RefinedSearch
from spectradb.search.neighbours import search_neighbours
from spectradb.search.nothing_found import asked_spectra, opposite_modes, search_reach, why_nothing
from spectradb.search.open_search import OpenSearch, open_search
from spectradb.search.recorded_searches import now, put_in_place, record_hits, recorded_settings, take_name
from spectradb.search.resolution import low_resolution
from spectradb.search.search_names import automatic_name, check_name
from spectradb.search.search_report import SearchReport
from spectradb.search.vectors.approximate import AUTO as INDEX_AUTO
from spectradb.search.vectors.approximate import TARGET_RECALL, check_no_index, recorded_recall

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    import duckdb
    import pyarrow as pa

    from spectradb.search.calibration.apply import MatchingCalibration
    from spectradb.search.find_hits import HitsOf
    from spectradb.search.methods.peaks import SearchScore
    from spectradb.similarity.methods import Setting
    from spectradb.store.record import Record

#: What searches by embeddings are recorded as.
METHOD = "similarity_join"


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
    hits_of: HitsOf | None = None,
    replace: bool = False,
    default_model: str | None = None,
    purpose: str | None = None,
    embedders: Collection[str] | None = None,
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
        One of :data:`spectradb.search.methods.peaks.METHODS`.
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
        Name of the search; made of what is searched and how when None.
    engine : str
        One of :data:`spectradb.search.engines.ENGINES`.
    device : str
        Where an open search multiplies vectors: ``"cpu"``, ``"cuda"`` or ``"cuda:<number>"``.
    index : str
        How an open search finds vectors, one of :data:`spectradb.search.vectors.approximate.INDEXES`.
    target_recall : float
        Recall that an approximate search should reach.
    indexes : pathlib.Path, optional
        Where the lab's search indexes are kept; without it all is done in SQL.
    hits_of : callable, optional
        Finds the hits, with the arguments of :func:`spectradb.search.find_hits.search_hits`, which does so when None.
    replace : bool
        Search anew, and then take the place of the search that has the name.
    default_model : str, optional
        The lab's default model, which the name need not tell.
    purpose : str, optional
        What the search is made for, as its name tells.
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
        If a collection is missing or, by the method ``embedding``, has no vectors of the model, or there is no such model.
    NoSpectra
        If the library carries no annotation, or no query has any candidate; the message says why.
    BadParameter
        If a parameter is out of range, or the method, a setting or a contributor is unknown.
    """
    check_name(name)
    _check_parameters(ppm, k, fragment_tolerance_da, left_out)
    check_collections(con, study, library)
    check_annotated(con, library)
    score = chosen_method(con, method, settings, library=library, model=model, fragment_tolerance_da=fragment_tolerance_da)
    by_vectors = compares_vectors(score) or ppm is None
    n_without_vector = check_embedded(con, model, study, library, embedders=embedders) if by_vectors else 0
    check_contributors(con, study, contributors)
    if ppm is None:
        way: IndexedSearch | OpenSearch | RefinedSearch | None = open_search(
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
            spread=hits_of is not None,
        )
    else:
        check_no_index(index)
        merged = score.spectra if isinstance(score, Merging) else 1
        way = chosen_engine(con, engine, folder=indexes, method=method, left_out=left_out, spectra=merged)
        if isinstance(score, Refining):
            way = _refined_search(score, indexes, spread=hits_of is not None)
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
    calibration = matching_calibration(con, wanted, recorded_settings(score, None))
    wanted["calibration_id"] = calibration.calibration_id if calibration and calibration.usable else None
    started = now()
    given_name = automatic_name(
        study=study,
        library=library,
        method=method,
        model=model,
        default_model=default_model,
        by_vectors=by_vectors,
        settings=settings,
        left_out=left_out,
        contributors=contributors,
        ppm=ppm,
        k=k,
        fragment_tolerance_da=fragment_tolerance_da,
        index=index,
        target_recall=target_recall,
        purpose=purpose,
    )
    taken = take_name(record, name or given_name, wanted, is_automatic=name is None, replace=replace)
    search_id, done = taken.search_id, taken.done
    window = {"ppm": ppm, "contributors": list(contributors) if contributors else None}
    n_own, n_copies = count_left_out(con, study, library, {**window, "left_out": left_out}) if left_out else (0, 0)
    of_search = (search_id, study, library, str(wanted["method"]), model if by_vectors else None)
    about_left_out = (left_out, n_own, n_copies)
    notes = _notes(con, study, library, window, fragment_tolerance_da, calibration)
    if done:
        n_hits = record.dataset("hits").count_rows(f"search_id = '{search_id}'")
        counts = (done["n_queries"], done["n_answered"], n_hits, n_without_vector)
        took, recalled = (
            (done["finished"] - done["started"]).total_seconds(),
            recorded_recall(done["settings"], done["n_queries"]),
        )
        return SearchReport(*of_search, *counts, took, *about_left_out, recalled, done["finished"], notes=notes)
    values = {**window, "search_id": search_id, "k": k, "fragment_tolerance_da": fragment_tolerance_da, "left_out": left_out}
    found, used = (hits_of or search_hits)(con, score, way, values, study=study, library=library, model=model)
    wanted["settings"] = recorded_settings(score, contributors, used)
    n_queries, n_answered, n_hits = count_answered(
        con, None if by_vectors else score, found, window["contributors"], study=study, model=model
    )
    if n_hits == 0:
        if not taken.replaces:
            record.delete("searches", f"search_id = '{search_id}'")
        coarse = low_resolution(con, study, ppm=ppm, fragment_tolerance_da=fragment_tolerance_da)
        with asked_spectra(con, study, contributors) as asked:
            raise NoSpectra(why_nothing(con, asked, study, library, ppm=ppm, left_out=left_out, coarse=coarse))
    ended: dict[str, Any] = {"settings": wanted["settings"], "n_queries": n_queries, "n_answered": n_answered}
    found, ended["chance"] = _judged(con, found, score, {**wanted, **values, **ended}, model)
    if taken.replaces:
        put_in_place(record, search_id, wanted)
    finished = record_hits(record, search_id, found, ended)
    seconds = (finished - started).total_seconds()
    recall = way.recall if isinstance(way, OpenSearch) else None
    return SearchReport(
        *of_search, n_queries, n_answered, n_hits, n_without_vector, seconds, *about_left_out, recall, notes=notes
    )


def _judged(
    con: duckdb.DuckDBPyConnection, found: pa.Table, score: SearchScore | None, of_search: Mapping[str, Any], model: str
) -> tuple[pa.Table, float | None]:
    """Complete the hits by the calibration of the search, if it has one, and say how often it finds candidates by chance."""
    if of_search["calibration_id"] is None:
        return unjudged(con, found), None
    study, library = of_search["study"], of_search["library"]
    neighbours = search_neighbours(con, score, of_search, study=study, library=library, model=model)
    chance: float = pc.mean(neighbours["neighbour_share"]).as_py()
    return judged(con, found, neighbours, {**of_search, "chance": chance}), chance


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


def _refined_search(refining: Refining, indexes: Path | None, *, spread: bool) -> RefinedSearch:
    if indexes is None:
        raise BadParameter(f"the method {REFINED} needs a folder for the library's index")
    if spread:
        raise BadParameter(f"the method {REFINED} runs in one process: leave out --ray, or search by another method")
    return RefinedSearch(indexes, refining)


def _check_parameters(ppm: float | None, k: int, fragment_tolerance_da: float, left_out: str | None) -> None:
    check_window(ppm)
    check_number_of_answers(k)
    check_fragment_tolerance(fragment_tolerance_da)
    check_left_out(left_out)


def _notes(
    con: duckdb.DuckDBPyConnection,
    study: str,
    library: str,
    window: Mapping[str, Any],
    fragment_tolerance_da: float,
    calibration: MatchingCalibration | None,
) -> tuple[str, ...]:
    """Say what makes the answers of a search doubtful."""
    with asked_spectra(con, study, window["contributors"]) as asked:
        modes = opposite_modes(search_reach(con, asked, library), study, library)
    tolerances = {"ppm": window["ppm"], "fragment_tolerance_da": fragment_tolerance_da}
    coarse = [low_resolution(con, collection, **tolerances) for collection in dict.fromkeys((study, library))]
    limits = _limits(calibration, library) if calibration else None
    return tuple(note for note in (modes, *coarse, limits) if note)
