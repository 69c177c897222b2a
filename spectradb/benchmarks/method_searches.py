"""The searches of a benchmark: one for each method, all on the same queries, candidates and pipeline."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectradb import schemas
from spectradb.errors import BadParameter
from spectradb.search.checks import (
    check_collections,
    check_contributors,
    check_embedded,
    check_fragment_tolerance,
    check_left_of_itself,
    check_window,
)
from spectradb.search.methods.embedding import EMBEDDING
from spectradb.search.methods.fused import FUSED
from spectradb.search.methods.merged import MERGED
from spectradb.search.methods.refined import REFINED
from spectradb.search.methods.registry import method_kind, method_names
from spectradb.search.recorded_searches import published_version, search_columns
from spectradb.search.run import run_search
from spectradb.search.search_names import Naming
from spectradb.search.spec import SearchSpec, resolve_method
from spectradb.spelling import known_names
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from spectradb.workspace.lab_files import LabFiles

#: Scores of peaks that are compared unless others are asked for.
BASELINES = ("cosine_greedy", "cosine_hungarian", "modified_cosine", "weighted_cosine", "entropy_similarity")

#: Analytes kept per query: no metric looks further.
K = 10


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What is searched against what, and how.

    Parameters
    ----------
    study, library : str
        Names of collections; the same where a library is tested on itself.
    left_out : str
        ``contributor`` where a library is tested on itself, else ``copies``.
    contributors : tuple of str
        Search only the spectra of these; all when empty.
    methods : tuple of str
        Models, and the other methods of searches, those that compare vectors by the default model.
    ppm, fragment_tolerance_da : float
        As for :meth:`spectradb.facade.lab.Lab.identify`.
    """

    study: str
    library: str
    left_out: str
    contributors: tuple[str, ...]
    methods: tuple[str, ...]
    ppm: float
    fragment_tolerance_da: float


@dataclass(frozen=True)
class Candidates:
    """What all methods choose from.

    Parameters
    ----------
    n_pairs : int
        Pairs of a query and a library spectrum that are compared.
    n_copies, n_copied : int
        Library spectra that have the peaks of a query, which that query never meets, and queries that have such a copy.
    """

    n_pairs: int
    n_copies: int
    n_copied: int


def known_methods(con: duckdb.DuckDBPyConnection, study: str, library: str, default_model: str) -> tuple[str, ...]:
    """List the methods that a lab can compare.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    study, library : str
        Names of collections.
    default_model : str
        The lab's default model.

    Returns
    -------
    tuple of str
        Models with vectors of both collections, the baselines, ``merged`` and ``refined`` where the default model is among the
        models, and ``fused`` where it was calibrated for the library and is more than the model alone.
    """
    models = [
        model
        for (model,) in con.execute(schemas.read("queries/lab/model_names")).fetchall()
        if _n_vectors(con, model, study) and _n_vectors(con, model, library)
    ]
    values = {"library": library, "method": FUSED, "model": default_model}
    calibrated = con.execute(schemas.read("queries/calibration/calibrated_settings"), values).fetchall()
    mixes = bool(calibrated) and json.loads(calibrated[0][0])["weight"] > 0
    merges = default_model in models
    return (*models, *BASELINES, *((MERGED, REFINED) if merges else ()), *((FUSED,) if mixes else ()))


def check(con: duckdb.DuckDBPyConnection, comparison: Comparison, default_model: str) -> None:
    """Check that every method can be run, before the first one is.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    comparison : Comparison
        What is to be compared.
    default_model : str
        The lab's default model.

    Raises
    ------
    NoCollection, NoEmbedding
        If a collection or its vectors are missing.
    BadParameter
        If a method or contributor is unknown, or a method is named twice.
    """
    check_collections(con, comparison.study, comparison.library)
    check_contributors(con, comparison.study, comparison.contributors)
    check_window(comparison.ppm, can_be_open=False)
    check_fragment_tolerance(comparison.fragment_tolerance_da)
    check_left_of_itself(con, comparison.library, comparison.left_out)
    if len(set(comparison.methods)) < len(comparison.methods):
        raise BadParameter(f"a method is named twice: {', '.join(comparison.methods)}")
    models = [name for (name,) in con.execute(schemas.read("queries/lab/model_names")).fetchall()]
    others = comparable_methods()
    for method in comparison.methods:
        if method not in models and method not in others:
            known = known_names(method, [*models, *others])
            raise BadParameter(f"there is no method {method!r} to compare; there are: {known}")
        if method in models or method_kind(method).needs_vectors:
            check_embedded(con, method if method in models else default_model, comparison.study, comparison.library)


def run_searches(files: LabFiles, comparison: Comparison) -> dict[str, str]:
    """Search by every method; a search that the lab has already is taken as it is.

    Parameters
    ----------
    files : LabFiles
        The lab, to which searches are added.
    comparison : Comparison
        What to search.

    Returns
    -------
    dict of str to str
        For each method, the search_id.
    """
    searches = {}
    for method in comparison.methods:
        spec = _spec(comparison, method, files.default_model)
        with open_published(files.published) as con:
            known = _known_search(con, spec)
        naming = Naming(purpose="benchmark", default_model=files.default_model)
        searches[method] = known or run_search(files, spec, naming).search_id
    return searches


def candidates(con: duckdb.DuckDBPyConnection, comparison: Comparison) -> Candidates:
    """Count what the methods choose from.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    comparison : Comparison
        What is compared.

    Returns
    -------
    Candidates
        The counts.
    """
    values = {
        "study": comparison.study,
        "library": comparison.library,
        "ppm": comparison.ppm,
        "left_out": comparison.left_out,
        "contributors": list(comparison.contributors) or None,
    }
    return Candidates(*con.execute(schemas.read("queries/retrieval/benchmark_candidates"), values).fetchall()[0])


def seconds_of(con: duckdb.DuckDBPyConnection, searches: Sequence[str]) -> dict[str, float]:
    """Return how long searches took.

    Parameters
    ----------
    con : duckdb.DuckDBPyConnection
        The published lab.
    searches : sequence of str
        Their search_id.

    Returns
    -------
    dict of str to float
        Seconds by search_id.
    """
    return dict(con.execute(schemas.read("queries/retrieval/search_seconds"), {"searches": list(searches)}).fetchall())


def _known_search(con: duckdb.DuckDBPyConnection, spec: SearchSpec) -> str | None:
    columns = search_columns(spec, resolve_method(con, spec))
    values = {**columns, "record_version": published_version(con)}
    rows = con.execute(schemas.read("queries/retrieval/benchmark_search"), values).fetchall()
    return str(rows[0][0]) if rows else None


def _spec(comparison: Comparison, method: str, default_model: str) -> SearchSpec:
    """Return the search by a method of benchmarks, which names models beside the methods of searches."""
    is_model = method not in comparable_methods()
    return SearchSpec(
        study=comparison.study,
        library=comparison.library,
        method=EMBEDDING if is_model else method,
        model=method if is_model else default_model,
        left_out=comparison.left_out,
        contributors=comparison.contributors or None,
        ppm=comparison.ppm,
        k=K,
        fragment_tolerance_da=comparison.fragment_tolerance_da,
    )


def comparable_methods() -> list[str]:
    """List what benchmarks compare beside models.

    Returns
    -------
    list of str
        The methods of searches, but for ``embedding``: that is a model.
    """
    return [name for name in method_names() if name != EMBEDDING]


def _n_vectors(con: duckdb.DuckDBPyConnection, model: str, collection: str) -> int:
    rows = con.execute(schemas.read("queries/lab/embedded_counts"), {"model": model}).fetchall()
    return {name: int(n) for name, _, n in rows}.get(collection, 0)
