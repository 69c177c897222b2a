"""The verb benchmark: compare methods by a fixed protocol, and record every number."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from spectradb import __version__
from spectradb.benchmarks.analogues import METHODS, AnalogueSettings, judge_analogues
from spectradb.benchmarks.dilution import DilutionSettings, judge_dilution
from spectradb.benchmarks.isomers import judge_isomers
from spectradb.benchmarks.mces import fill_mces
from spectradb.benchmarks.method_searches import Comparison, K, check, known_methods, run_searches
from spectradb.benchmarks.report import BenchmarkReport
from spectradb.benchmarks.retrieval import MCES_THRESHOLD, judge_retrieval
from spectradb.benchmarks.training_marks import marked
from spectradb.errors import BadParameter
from spectradb.search.checks import check_collections
from spectradb.search.spec import DEFAULT_FRAGMENT_TOLERANCE_DA, DEFAULT_PPM
from spectradb.spelling import known_names
from spectradb.store.locks import exclusive
from spectradb.store.record_schema import table_schema
from spectradb.store.statements import refusals_told
from spectradb.workspace.connection import open_published

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.benchmarks.report import Findings
    from spectradb.workspace.lab_files import LabFiles, PathLike

RETRIEVAL, ISOMERS, DILUTION, ANALOGUES = "retrieval", "isomers", "dilution", "analogues"

#: Names of the protocols.
PROTOCOLS = (RETRIEVAL, ISOMERS, DILUTION, ANALOGUES)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")


def benchmark(
    files: LabFiles,
    protocol: str,
    *,
    library: str,
    study: str | None = None,
    contributors: Sequence[str] = (),
    methods: Sequence[str] = (),
    name: str | None = None,
    ppm: float = DEFAULT_PPM,
    fragment_tolerance_da: float = DEFAULT_FRAGMENT_TOLERANCE_DA,
    resamples: int = 1000,
    seed: int = 0,
    mces: bool = False,
    min_analytes: int = 2,
    min_spectra: int = 3,
    column: str = "dilution",
    undiluted: str | None = None,
    truth: PathLike | None = None,
    reference_score: float = 0.7,
    reference_peaks: int = 3,
    reference_runs: int = 2,
    baseline: str = "weighted_cosine",
    molecules: int = 600,
    spectra_per_molecule: int = 3,
    half: str = "all",
    distances: int = 0,
) -> BenchmarkReport:
    """Compare methods by a protocol; the results are recorded, in place of those of an earlier benchmark of the same name.

    Parameters
    ----------
    files : LabFiles
        The lab.
    protocol : {"retrieval", "isomers", "dilution", "analogues"}
        ``retrieval``: top-k accuracy of spectra of known analytes. ``isomers``: accuracy over groups of one formula.
        ``dilution``: what is found of a set of analytes as samples are diluted. ``analogues``: how alike what is found is to
        molecules taken out of the library, by exact searches without precursor filter that are not recorded.
    library : str
        What is searched.
    study : str, optional
        Where the queries come from. None: the library itself, each query's contributor left out.
    contributors : sequence of str
        Ask only the spectra of these contributors; all when empty.
    methods : sequence of str
        Models, scores of peaks, ``fused``. When empty: all models with vectors, the usual scores of peaks, and ``fused``
        where it was calibrated for the library.
    name : str, optional
        Name of the benchmark; made of protocol, study and library when None.
    ppm, fragment_tolerance_da : float
        As for :meth:`spectradb.facade.lab.Lab.identify`.
    resamples, seed : int
        Samples for confidence intervals, and the seed by which they are drawn.
    mces : bool
        For ``retrieval``: compute the MCES distances of wrong answers, which can take long.
    min_analytes, min_spectra : int
        For ``isomers``: least number of isomers in a group, and of answerable queries of each.
    molecules, spectra_per_molecule, half, distances
        For ``analogues``: see :class:`spectradb.benchmarks.analogues.AnalogueSettings`.
    column, undiluted, truth, reference_score, reference_peaks, reference_runs, baseline
        For ``dilution``: see :class:`spectradb.benchmarks.dilution.DilutionSettings`.

    Returns
    -------
    BenchmarkReport
        What was found.

    Raises
    ------
    BadParameter
        If there is no such protocol or method, or a parameter is out of range.
    NoCollection, NoEmbedding, NoSpectra
        If what is to be compared is missing, or empty.
    """
    start, started = time.monotonic(), _now()
    if protocol not in PROTOCOLS:
        raise BadParameter(f"there is no protocol {protocol!r}; there are: {known_names(protocol, PROTOCOLS)}")
    if min(resamples, min_spectra, reference_runs) < 1 or min_analytes < 2:
        raise BadParameter(
            f"resamples {resamples}, least spectra {min_spectra} and least runs {reference_runs} must be 1 or more, "
            f"least analytes {min_analytes} must be 2 or more"
        )
    asked = study or library
    name = name or "-".join([protocol, *dict.fromkeys([asked, library])])
    if not _NAME.fullmatch(name):
        raise BadParameter(f"name {name!r} must be letters, digits, underscores, dots and hyphens")
    settings = DilutionSettings(
        column=column,
        undiluted=undiluted,
        truth=Path(truth) if truth is not None else None,
        score=reference_score,
        matched_peaks=reference_peaks,
        runs=reference_runs,
        baseline=baseline,
    )
    if protocol == ANALOGUES:
        if asked != library:
            raise BadParameter("the protocol analogues takes its queries out of the library: leave out the study")
        asking = AnalogueSettings(
            molecules=molecules, spectra_per_molecule=spectra_per_molecule, half=half, distances=distances
        )
        compared = tuple(methods) or METHODS
        with open_published(files.published) as con:
            findings = judge_analogues(
                files,
                con,
                asking,
                library=library,
                contributors=tuple(contributors),
                methods=compared,
                fragment_tolerance_da=fragment_tolerance_da,
                resamples=resamples,
                seed=seed,
            )
        told = {"library": library, "contributors": list(contributors), **findings.parameters, "notes": findings.notes}
        return _recorded(files, name, protocol, told, findings, dict.fromkeys(compared, ""), start, started)
    with open_published(files.published) as con:
        check_collections(con, asked, library)
        comparison = Comparison(
            study=asked,
            library=library,
            left_out="contributor" if asked == library else "copies",
            contributors=tuple(contributors),
            methods=tuple(methods) or known_methods(con, asked, library, files.default_model),
            ppm=ppm,
            fragment_tolerance_da=fragment_tolerance_da,
        )
        check(con, comparison, files.default_model)
    searches = run_searches(files, comparison)
    if mces and protocol == RETRIEVAL:
        for at_k in (1, K):
            with open_published(files.published) as con, refusals_told():
                fill_mces(files.record, con, tuple(searches.values()), at_k=at_k, threshold=MCES_THRESHOLD)
            files.publish()
    chosen: dict[str, object] = {}
    with open_published(files.published) as con, refusals_told():
        if protocol == RETRIEVAL:
            chosen = {"resamples": resamples, "seed": seed, "mces_threshold": MCES_THRESHOLD}
            findings = judge_retrieval(con, comparison, searches, resamples=resamples, seed=seed)
        elif protocol == ISOMERS:
            sizes = {"min_analytes": min_analytes, "min_spectra": min_spectra}
            chosen = {**sizes, "resamples": resamples, "seed": seed}
            findings = judge_isomers(con, searches, resamples=resamples, seed=seed, **sizes)
        else:
            chosen = dict(settings.__dict__)
            findings = judge_dilution(con, searches, settings)
        findings = marked(con, findings, searches)
    parameters = {**comparison.__dict__, **chosen, **findings.parameters, "searches": searches, "notes": findings.notes}
    return _recorded(files, name, protocol, parameters, findings, searches, start, started)


def _recorded(
    files: LabFiles,
    name: str,
    protocol: str,
    parameters: dict[str, Any],
    findings: Findings,
    searches: dict[str, str],
    start: float,
    started: datetime,
) -> BenchmarkReport:
    _record(files, name, protocol, parameters, started, findings)
    files.publish()
    return BenchmarkReport(name, protocol, findings, searches, time.monotonic() - start)


def _record(
    files: LabFiles, name: str, protocol: str, parameters: dict[str, Any], started: datetime, findings: Findings
) -> None:
    """Put the results in the place of earlier ones; they count once the row of the benchmark is there, which comes last."""
    rows = [{"benchmark": name, "protocol": protocol, **result.as_row()} for result in findings.results]
    of_benchmark = {
        "name": name,
        "protocol": protocol,
        "parameters": json.dumps(parameters, default=str, sort_keys=True),
        "started": started,
        "finished": _now(),
        "spectradb_version": __version__,
    }
    with exclusive(files.locks / "benchmark.lock"):
        files.record.delete("benchmarks", f"name = '{name}'")
        files.record.delete("benchmark_results", f"benchmark = '{name}'")
        files.record.append("benchmark_results", pa.Table.from_pylist(rows, schema=table_schema("benchmark_results")))
        files.record.append("benchmarks", pa.Table.from_pylist([of_benchmark], schema=table_schema("benchmarks")))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
