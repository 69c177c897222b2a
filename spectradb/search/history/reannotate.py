"""The verb reannotate: search again what may be answered otherwise since the last search, and record a new search of all."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from spectradb.errors import NoSearch
from spectradb.search.calibration.apply import matching_calibration
from spectradb.search.history.carried import CarriedSearch
from spectradb.search.recorded_searches import current_method_name, recorded_settings, search_columns
from spectradb.search.run import in_this_process, run_search
from spectradb.search.search_names import Naming
from spectradb.search.search_report import SearchReport
from spectradb.search.spec import SearchSpec, resolve_method
from spectradb.search.vectors.approximate import MEASURED
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from spectradb.store.record import Record
    from spectradb.workspace.lab_files import LabFiles


def reannotate(
    files: LabFiles, study: str, library: str, *, search: str | None = None, name: str | None = None
) -> SearchReport:
    """Search a study again, as it was searched last: only queries that are new, changed, or have other candidates now.

    The hits of all others are carried over, and all are recorded as a new search, row for row what ``identify`` would find.
    Where nothing has changed, no search is made.

    Parameters
    ----------
    files : LabFiles
        The lab.
    study, library : str
        What was searched against what.
    search : str, optional
        The earlier search; the newest of this study against this library when None.
    name : str, optional
        Name of the new search; when None, that of the earlier one with the version of the record.

    Returns
    -------
    SearchReport
        What was done. Where it cannot be told what changed, all queries are searched, and the report says why.

    Raises
    ------
    NoSearch
        If there is no such search.
    SearchExists
        If another search has the name.
    """
    earlier = _earlier(files, study, library, search)
    spec = _spec(earlier, files.default_model)
    carried = CarriedSearch(files.record, earlier)
    with open_published(files.published) as con:
        method = resolve_method(con, spec)
        whole = _needs_whole_library(spec, method.name, in_one_process=method.in_one_process)
        holds = name is None and not whole and carried.changes(con).nothing
        if holds and _calibration(con, spec) == earlier["calibration_id"]:
            return _holds(files.record, earlier)
    naming = Naming(name=name, base=re.sub(r"-v\d+\Z", "", earlier["search_id"]), default_model=files.default_model)
    report = run_search(files, spec, naming, executor=in_this_process if whole else carried.executor)
    return replace(report, searched_all=whole) if whole else report


def _earlier(files: LabFiles, study: str, library: str, search: str | None) -> dict[str, Any]:
    rows: list[dict[str, Any]] = files.record.read("searches", where="finished IS NOT NULL").to_pylist()
    of_both = [row for row in rows if (row["study"], row["library"]) == (study, library)]
    if search is not None:
        named = [row for row in of_both if row["search_id"] == search]
        if not named:
            known = ", ".join(sorted(row["search_id"] for row in of_both)) or "none"
            raise NoSearch(f"{files.place} has no search {search!r} of {study} against {library}; there are: {known}.")
        return named[0]
    if not of_both:
        remedy = f"Run `spectradb identify {files.place} --study {study} --library {library}` first."
        raise NoSearch(f"{files.place} has no search of {study} against {library}. {remedy}")
    return max(of_both, key=lambda row: (row["finished"], row["search_id"]))


def _spec(row: Mapping[str, Any], default_model: str) -> SearchSpec:
    """Return what a recorded search searched, and how."""
    settings = json.loads(row["settings"]) if row["settings"] else {}
    contributors, clusters = settings.pop("contributors", None), settings.pop("clusters", None)
    return SearchSpec(
        study=row["study"],
        library=row["library"],
        model=row["model"] or default_model,
        method=current_method_name(row["method"]),
        settings={key: value for key, value in settings.items() if key not in {*MEASURED, "engine", "clustering"}},
        left_out=row["left_out"],
        contributors=contributors,
        clusters=clusters,
        ppm=row["ppm"],
        k=row["k"],
        fragment_tolerance_da=row["fragment_tolerance_da"],
    )


def _needs_whole_library(spec: SearchSpec, method: str, *, in_one_process: bool) -> str | None:
    if spec.ppm is None:
        return "an open search compares every spectrum with the whole library"
    if spec.clusters is not None:
        return "what stands for clusters is searched as a whole"
    return f"the method {method} depends on the whole library" if in_one_process else None


def _calibration(con: duckdb.DuckDBPyConnection, spec: SearchSpec) -> str | None:
    method = resolve_method(con, spec)
    found = matching_calibration(con, search_columns(spec, method), recorded_settings(method))
    return found.calibration_id if found and found.usable else None


def _holds(record: Record, row: Mapping[str, Any]) -> SearchReport:
    """Report a search that holds as it is."""
    return SearchReport(
        search_id=row["search_id"],
        study=row["study"],
        library=row["library"],
        method=current_method_name(row["method"]),
        model=row["model"],
        n_queries=row["n_queries"],
        n_answered=row["n_answered"],
        n_hits=record.dataset("hits").count_rows(f"search_id = '{row['search_id']}'"),
        n_without_vector=0,
        seconds=(row["finished"] - row["started"]).total_seconds(),
        left_out=row["left_out"],
        found_again=row["finished"],
        carried_from=row["carried_from"],
        n_carried=row["n_carried"] or 0,
        still_holds=True,
    )
