"""The protocol ``analogues``: how alike what is found is to molecules that the library lacks, whatever the precursors."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from spectradb import schemas
from spectradb.arrays.annotated_spectra import is_for_choosing, training_data
from spectradb.benchmarks.analogue_distances import with_distances
from spectradb.benchmarks.report import Findings, PrintedTable, Result, pivot
from spectradb.benchmarks.retrieval import ratios
from spectradb.errors import BadParameter
from spectradb.evaluation.analogue_shortlist import by_shortlist
from spectradb.evaluation.analogues import K, analogue_task, answers, by_peaks, by_vectors, possible
from spectradb.evaluation.resampling import draw_weights
from spectradb.models.registry import OPEN_EMBEDDER
from spectradb.models.seen_in_training import analyte_mark, marks_on_card
from spectradb.search.methods.analogue import ANALOGUE, analogue_method
from spectradb.search.open_search import SHORTLIST
from spectradb.similarity.methods import PEAK_SCORES, peak_score
from spectradb.spelling import known_names
from spectradb.store.statements import to_arrow
from spectradb.training.export import training_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    import numpy.typing as npt

    from spectradb.arrays.annotated_spectra import TrainingData
    from spectradb.embedders.analogue.embedder import AnalogueEmbedder
    from spectradb.evaluation.analogues import AnalogueTask, Scoring
    from spectradb.workspace.lab_files import LabFiles

#: What is compared unless something else is asked for: the classical scores, the model for open searches, and the method that
#: mixes it with peaks.
METHODS = ("binned", "modified_cosine", "entropy_similarity", OPEN_EMBEDDER, ANALOGUE)
#: Parts of the molecules: all, and the halves by which settings are chosen and judged.
CHOOSING, JUDGING = "choosing", "judging"
HALVES = ("all", CHOOSING, JUDGING)
_SHOWN = ("first_morgan", "first_rdkit", "best_morgan", "best_rdkit", "share_half", "share_six")
_GAINS = ("first_morgan_gain", "first_rdkit_gain")
_DISTANCES = ("first_mces", "best_mces")
_BEST, _RANDOM = "(best possible)", "(random)"


@dataclass(frozen=True, kw_only=True)
class AnalogueSettings:
    """How the protocol asks.

    Parameters
    ----------
    molecules : int
        Molecules to ask for, drawn at random.
    spectra_per_molecule : int
        Queries of each and ion mode, at most.
    half : {"all", "choosing", "judging"}
        Which molecules may be asked for: a fixed half is for choosing settings, the other for judging them.
    distances : int
        Queries whose answers get their MCES distance to the truth; drawn at random.

    Raises
    ------
    BadParameter
        A number is out of range, or there is no such half.
    """

    molecules: int = 600
    spectra_per_molecule: int = 3
    half: str = "all"
    distances: int = 0

    def __post_init__(self) -> None:
        """Refuse what means nothing."""
        if self.molecules < 1 or self.spectra_per_molecule < 1 or self.distances < 0:
            raise BadParameter(
                f"molecules {self.molecules} and spectra per molecule {self.spectra_per_molecule} must be 1 or more, queries "
                f"with MCES distances {self.distances} 0 or more"
            )
        if self.half not in HALVES:
            raise BadParameter(f"there is no half {self.half!r} of the molecules; there are: {known_names(self.half, HALVES)}")


def judge_analogues(
    files: LabFiles,
    con: duckdb.DuckDBPyConnection,
    settings: AnalogueSettings,
    *,
    library: str,
    contributors: Sequence[str],
    methods: Sequence[str],
    fragment_tolerance_da: float,
    resamples: int,
    seed: int,
) -> Findings:
    """Take molecules out of a library, search the rest for analogues by every method, and compare structures.

    Parameters
    ----------
    files : LabFiles
        The lab, whose models are compared; nothing is recorded.
    con : duckdb.DuckDBPyConnection
        The published lab.
    settings : AnalogueSettings
        How to ask.
    library : str
        Name of the library.
    contributors : sequence of str
        Ask only spectra of these, of those that others measured; all, of all, when empty.
    methods : sequence of str
        Models and scores of peaks.
    fragment_tolerance_da : float
        Tolerance of scores of peaks, in Da.
    resamples, seed : int
        Samples of molecules for confidence intervals, and the seed of all that is drawn.

    Returns
    -------
    Findings
        By method and ion mode, means over molecules with paired differences from the best score without training.

    Raises
    ------
    BadParameter
        There is no such method.
    NoCollection, NoSpectra
        There is no such library, or nothing to ask for or to find in it.
    """
    models = sorted({OPEN_EMBEDDER if name == ANALOGUE else name for name in methods if name not in PEAK_SCORES})
    unknown = sorted(set(models) - set(files.embedders.names()))
    if unknown:
        known = known_names(unknown[0], [*files.embedders.names(), *PEAK_SCORES, ANALOGUE])
        raise BadParameter(f"there is no method {unknown[0]!r} to compare; there are: {known}")
    data = training_data(training_table(files.published, libraries=[library]))
    asked, searched, seen = _sides(files, data, models, contributors, settings.half)
    task = analogue_task(
        data,
        asked,
        library=searched,
        n_molecules=settings.molecules,
        spectra_per_molecule=settings.spectra_per_molecule,
        seed=seed,
    )
    found, results = [], []
    for method in methods:
        begun = time.process_time()
        found.append(answers(task, method, _scoring(files, task, method, fragment_tolerance_da)))
        results.append(Result(method, "all", "cpu_seconds", time.process_time() - begun, len(task.queries)))
    rows = with_distances(pa.concat_tables(found), task, n_queries=settings.distances, seed=seed)
    con.register("analogue_answers", rows)
    con.register("analogues_possible", possible(task))
    try:
        terms = to_arrow(con, schemas.read("queries/analogues/terms"), {"baselines": _baselines(methods)})
        limits = to_arrow(con, schemas.read("queries/analogues/limits"), {})
    finally:
        con.unregister("analogue_answers")
        con.unregister("analogues_possible")
    modes = sorted(set(terms["subset"].to_pylist()), reverse=True)
    for mode in modes:
        for table in (terms, limits):
            part = table.filter(pc.equal(table["subset"], mode))
            own = sorted(set(part["analyte_id"].to_pylist()))
            weights = draw_weights(len(own), resamples=resamples, seed=seed)
            results += ratios(part, "analyte_id", own, weights, subset=mode)
    return Findings(
        results,
        _tables(results, methods, modes, distances=settings.distances > 0),
        _notes(task, settings, contributors, seen, terms, resamples),
        {**settings.__dict__, "protocol_methods": list(methods), "seed": seed},
    )


def answers_to(
    files: LabFiles, settings: AnalogueSettings, library: str, method: str, fragment_tolerance_da: float, *, seed: int = 0
) -> pa.Table:
    """Take molecules out of a library that the model has not seen, and search the rest of it by one method.

    Parameters
    ----------
    files : LabFiles
        The lab.
    settings : AnalogueSettings
        How to ask.
    library : str
        Name of the library.
    method : str
        A model, a score of peaks, or ``analogue``.
    fragment_tolerance_da : float
        Tolerance of scores of peaks, in Da.
    seed : int
        Seed of what is drawn.

    Returns
    -------
    pyarrow.Table
        As :func:`spectradb.evaluation.analogues.answers` gives it.
    """
    data = training_data(training_table(files.published, libraries=[library]))
    asked, searched, _ = _sides(files, data, [OPEN_EMBEDDER if method == ANALOGUE else method], (), settings.half)
    task = analogue_task(
        data,
        asked,
        library=searched,
        n_molecules=settings.molecules,
        spectra_per_molecule=settings.spectra_per_molecule,
        seed=seed,
    )
    return answers(task, method, _scoring(files, task, method, fragment_tolerance_da))


def _sides(
    files: LabFiles, data: TrainingData, models: Sequence[str], contributors: Sequence[str], half: str
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_] | None, list[str]]:
    """Tell which spectra may be asked and which searched, and which models say what they were trained on."""
    marks = {name: marks_on_card(getattr(files.embedders.embedder(name), "card", {})) for name in models}
    told = {name: seen for name, seen in marks.items() if seen is not None}
    free = [
        all(analyte_mark(analyte) not in seen for seen in told.values())
        and (half == "all" or is_for_choosing(analyte) == (half == CHOOSING))
        for analyte in data.analytes
    ]
    asked = np.array(free, dtype=np.bool_)[data.analyte]
    if not contributors:
        return asked, None, list(told)
    unknown = sorted(set(contributors) - set(data.contributors))
    if unknown:
        there = known_names(unknown[0], data.contributors)
        raise BadParameter(f"the library has no spectra of contributor {unknown[0]!r}; it has those of: {there}")
    theirs = data.from_contributors(contributors)
    return asked & theirs, ~theirs, list(told)


def _scoring(files: LabFiles, task: AnalogueTask, method: str, tolerance_da: float) -> Scoring:
    if method in PEAK_SCORES:
        given = {} if method == "weighted_cosine" else {"tolerance_da": tolerance_da}
        return by_peaks(task, peak_score(method, given), least_matches=4 if method.startswith("modified") else 0)
    if method == ANALOGUE:
        vectors = by_vectors(task, files.embedders.embedder(OPEN_EMBEDDER))
        mixed = analogue_method({}, fragment_tolerance_da=tolerance_da)
        model = cast("AnalogueEmbedder", files.embedders.embedder(OPEN_EMBEDDER))
        places = model.embed_structures(task.molecules.bits)
        return by_shortlist(task, vectors, mixed.of_peaks, mixture=mixed.mixture, places=places, n_listed=K * SHORTLIST)
    return by_vectors(task, files.embedders.embedder(method))


def _baselines(methods: Sequence[str]) -> list[str]:
    return [name for name in methods if name in PEAK_SCORES or name == "binned"]


def _tables(results: list[Result], methods: Sequence[str], modes: Sequence[str], *, distances: bool) -> list[PrintedTable]:
    shown = [*_SHOWN, *(_DISTANCES if distances else ())]
    tables = []
    for mode in modes:
        n = next(r.n for r in results if r.subset == mode and r.metric == "first_morgan" and r.method in methods)
        rows = pivot(results, [*methods, _BEST, _RANDOM], [*shown, *_GAINS], subset=mode)
        tables.append(PrintedTable(f"{mode} mode, means over {n:,} molecules", ["method", *shown, *_GAINS], rows))
    speed = [[method, next(r.value for r in results if r.method == method and r.metric == "cpu_seconds")] for method in methods]
    tables.append(PrintedTable("embedding and searching, both modes", ["method", "cpu_seconds"], speed))
    return tables


def _notes(
    task: AnalogueTask,
    settings: AnalogueSettings,
    contributors: Sequence[str],
    seen: Sequence[str],
    terms: pa.Table,
    resamples: int,
) -> list[str]:
    n_molecules = len(np.unique(task.molecule[task.queries]))
    searched = len(np.unique(task.molecule[task.library]))
    whose = (
        f"spectra of {', '.join(contributors)} against those of all others" if contributors else "spectra of all contributors"
    )
    gains = terms.filter(pc.is_valid(terms["baseline"])).group_by(["subset", "metric", "baseline"]).aggregate([])
    best = [f"{row['subset']} {row['metric']} from {row['baseline']}" for row in gains.to_pylist() if row["metric"] in _GAINS]
    inside = f"{len(task.library):,} spectra of {searched:,} other molecules searched, in the query's ion mode"
    notes = [
        f"{len(task.queries):,} queries of {n_molecules:,} molecules, {whose}; half of the molecules: {settings.half}",
        f"{inside}, whatever the precursor",
        "first, best: Tanimoto similarity of the first molecule and of the best of ten (Morgan of radius 2 and RDKit paths)",
        "share_half, share_six: first molecules with a similarity of 0.5 and 0.6 or more, by Morgan",
        f"intervals: {resamples:,} samples of molecules, 95 %; gains are paired, from the best score without training: "
        + ", ".join(sorted(best)),
        "modified cosines rank what has four matched peaks before what has fewer",
    ]
    if seen:
        notes.append(f"no molecule asked for was trained on by {', '.join(seen)}")
    if settings.distances:
        notes.append(f"MCES: mean over up to {settings.distances:,} queries; above 15 it counts as 15")
    return notes
