"""Search for analogues as it is evaluated: molecules that are not in the library, and how alike what is found is to them.

Queries and library are of one ion mode, whatever the precursors. A molecule counts by its best spectrum; of equal scores the
one whose key comes first wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spectradb.arrays.half_precision import narrowed, widened
from spectradb.errors import NoSpectra
from spectradb.similarity.molecules import Molecules, molecules_of
from spectradb.similarity.structures import MORGAN, PATHS, tanimoto

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spectradb.arrays.annotated_spectra import TrainingData
    from spectradb.embedders.embedder import Embedder
    from spectradb.similarity.pairs import PeakScore

Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]

#: Molecules kept per query.
K = 10
#: Pairs of peaks that a score of peaks needs: what has fewer ranks behind what has as many.
LEAST_MATCHES = 4
_MODES = {1: "positive", -1: "negative"}
_PAIRS_AT_ONCE = 2**22

#: Columns of :func:`answers`.
ANSWER_SCHEMA = pa.schema(
    [
        ("method", pa.string()),
        ("query_id", pa.int64()),
        ("query_analyte_id", pa.string()),
        ("ion_mode", pa.string()),
        ("rank", pa.int32()),
        ("analyte_id", pa.string()),
        ("score", pa.float64()),
        ("tanimoto_morgan", pa.float64()),
        ("tanimoto_rdkit", pa.float64()),
        ("mces", pa.float64()),
    ]
)
#: Columns of :func:`possible`.
POSSIBLE_SCHEMA = pa.schema(
    [
        ("query_id", pa.int64()),
        ("query_analyte_id", pa.string()),
        ("ion_mode", pa.string()),
        ("n_library_analytes", pa.int64()),
        *((f"{kind}_{name}", pa.float64()) for kind in ("highest", "mean") for name in ("morgan", "rdkit")),
    ]
)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class AnalogueTask:
    """What is asked of what.

    Parameters
    ----------
    data : TrainingData
        All spectra.
    molecules : Molecules
        Theirs.
    queries, library : numpy.ndarray of int64
        Rows of the data; no molecule is on both sides.
    molecule : numpy.ndarray of shape (n,), int64
        Molecule of each row of the data; -1 where it has none.
    """

    data: TrainingData
    molecules: Molecules
    queries: Rows
    library: Rows
    molecule: Rows


class Scoring(Protocol):
    """Scores queries against library spectra."""

    def __call__(self, queries: Rows, library: Rows) -> Singles:
        """Score all pairs.

        Parameters
        ----------
        queries, library : numpy.ndarray of int64
            q and l rows of the data.

        Returns
        -------
        numpy.ndarray of shape (q, l), float32
            The higher the more alike.
        """
        ...


def analogue_task(
    data: TrainingData,
    eligible: Bools,
    *,
    library: Bools | None = None,
    n_molecules: int | None = None,
    spectra_per_molecule: int = 3,
    seed: int = 0,
) -> AnalogueTask:
    """Choose molecules to ask for, and take them out of the library.

    Parameters
    ----------
    data : TrainingData
        All spectra.
    eligible : numpy.ndarray of shape (n,), bool
        Spectra that may be queries.
    library : numpy.ndarray of shape (n,), bool, optional
        Spectra that may be in the library; None: all. Those of molecules that are asked for are not.
    n_molecules : int, optional
        Molecules to ask for, drawn at random; None: all that are eligible.
    spectra_per_molecule : int
        Queries of a molecule in an ion mode, at most; drawn at random.
    seed : int
        Source of chance.

    Returns
    -------
    AnalogueTask
        Queries and library.

    Raises
    ------
    NoSpectra
        There is nothing to ask, or nothing to find.
    """
    found = molecules_of(data, np.flatnonzero(data.peaks.ion_mode != 0))
    molecule = np.full(len(data), -1, dtype=np.int64)
    molecule[found.rows] = found.molecule
    chance = np.random.default_rng(seed)
    can = np.flatnonzero(eligible & (molecule >= 0))
    asked = chance.permutation(np.unique(molecule[can]))[:n_molecules]
    can = chance.permutation(can[np.isin(molecule[can], asked)])
    group = 2 * molecule[can] + (data.peaks.ion_mode[can] > 0)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], group[order], side="left")
    queries = np.sort(can[order[np.arange(len(order)) - starts < spectra_per_molecule]])
    inside = (molecule >= 0) & ~np.isin(molecule, asked)
    kept = np.flatnonzero(inside if library is None else inside & library)
    for what, rows in (("no molecule is left to ask for", queries), ("nothing is left in the library", kept)):
        if not len(rows):
            raise NoSpectra(f"{what}: analogues are looked for of molecules that the library lacks. Name other spectra")
    return AnalogueTask(data=data, molecules=found, queries=queries, library=kept, molecule=molecule)


def by_vectors(task: AnalogueTask, embedder: Embedder, *, device: str = "cpu") -> Scoring:
    """Score by the dot product of vectors as they are stored.

    Parameters
    ----------
    task : AnalogueTask
        Whose spectra to embed.
    embedder : Embedder
        By which.
    device : str
        Where to embed.

    Returns
    -------
    Scoring
        Scores pairs.
    """
    rows = np.union1d(task.queries, task.library)
    vectors = widened(narrowed(embedder.embed(task.data.take(rows).peaks, device=device)))

    def score(queries: Rows, library: Rows) -> Singles:
        return vectors[np.searchsorted(rows, queries)] @ vectors[np.searchsorted(rows, library)].T

    return score


def by_peaks(task: AnalogueTask, kind: PeakScore, *, least_matches: int = LEAST_MATCHES) -> Scoring:
    """Score by peaks; what has at least some matched peaks ranks before what has fewer, whatever their scores.

    Parameters
    ----------
    task : AnalogueTask
        Whose spectra to compare.
    kind : PeakScore
        The score; from 0 to 1.
    least_matches : int
        Matched peaks that 1 is added for; 0: none.

    Returns
    -------
    Scoring
        Scores pairs.
    """
    peaks = task.data.peaks
    scorer = kind.prepare(peaks, peaks)

    def score(queries: Rows, library: Rows) -> Singles:
        found = scorer.scores(np.repeat(queries, len(library)), np.tile(library, len(queries)))
        enough = found.matches >= least_matches if least_matches else 0.0
        return (found.score + enough).astype(np.float32).reshape(len(queries), len(library))

    return score


def answers(task: AnalogueTask, method: str, score: Scoring) -> pa.Table:
    """Search for analogues.

    Parameters
    ----------
    task : AnalogueTask
        What to ask of what.
    method : str
        Name of the method, for its column.
    score : Scoring
        The method.

    Returns
    -------
    pyarrow.Table
        :data:`ANSWER_SCHEMA`: the first ten molecules of each query, with their similarity to the query's; ``mces`` is NULL.
    """
    parts = [pa.table({name: [] for name in ANSWER_SCHEMA.names}, schema=ANSWER_SCHEMA)]
    for mode, queries, library in _by_mode(task):
        of_library = task.molecule[library]
        codes, starts = np.unique(of_library, return_index=True)
        step = max(1, _PAIRS_AT_ONCE // len(library))
        for first in range(0, len(queries), step):
            block = queries[first : first + step]
            best = np.maximum.reduceat(score(block, library), starts, axis=1)
            order = np.argsort(-best, axis=1, kind="stable")[:, :K]
            parts.append(_answer_rows(task, method, mode, block, codes[order], np.take_along_axis(best, order, axis=1)))
    return pa.concat_tables(parts)


def possible(task: AnalogueTask) -> pa.Table:
    """Say what could be found: the most alike molecule of the library, and what one at random is like.

    Parameters
    ----------
    task : AnalogueTask
        What is asked of what.

    Returns
    -------
    pyarrow.Table
        :data:`POSSIBLE_SCHEMA`: for each query the highest and the mean similarity of its molecule to those of the library.
    """
    parts = []
    for mode, queries, library in _by_mode(task):
        inside = np.unique(task.molecule[library])
        own, number = np.unique(task.molecule[queries], return_inverse=True)
        columns: dict[str, object] = {
            "query_id": queries,
            "query_analyte_id": [task.molecules.keys[code] for code in own[number]],
            "ion_mode": [mode] * len(queries),
            "n_library_analytes": [len(inside)] * len(queries),
        }
        for name, part in (("morgan", MORGAN), ("rdkit", PATHS)):
            alike = tanimoto(task.molecules.bits[own][:, part], task.molecules.bits[inside][:, part])
            columns[f"highest_{name}"] = alike.max(axis=1)[number].astype(np.float64)
            columns[f"mean_{name}"] = alike.mean(axis=1)[number].astype(np.float64)
        parts.append(pa.table({name: columns[name] for name in POSSIBLE_SCHEMA.names}, schema=POSSIBLE_SCHEMA))
    return pa.concat_tables(parts)


def _by_mode(task: AnalogueTask) -> Iterator[tuple[str, Rows, Rows]]:
    """Part queries and library by ion mode; the library in the order of molecules."""
    modes = task.data.peaks.ion_mode
    for sign, name in _MODES.items():
        queries, library = task.queries[modes[task.queries] == sign], task.library[modes[task.library] == sign]
        if len(queries) and len(library):
            yield name, queries, library[np.argsort(task.molecule[library], kind="stable")]


def _answer_rows(task: AnalogueTask, method: str, mode: str, queries: Rows, found: Rows, scores: Singles) -> pa.Table:
    n, k = found.shape
    own = task.molecule[queries]
    bits, keys = task.molecules.bits, task.molecules.keys
    alike = {}
    for name, part in (("morgan", MORGAN), ("rdkit", PATHS)):
        mine, theirs = bits[own][:, None, part].astype(bool), bits[found][:, :, part].astype(bool)
        alike[name] = (mine & theirs).sum(axis=2) / np.maximum((mine | theirs).sum(axis=2), 1)
    columns = {
        "method": [method] * (n * k),
        "query_id": np.repeat(queries, k),
        "query_analyte_id": [keys[code] for code in np.repeat(own, k)],
        "ion_mode": [mode] * (n * k),
        "rank": np.tile(np.arange(1, k + 1, dtype=np.int32), n),
        "analyte_id": [keys[code] for code in found.ravel()],
        "score": scores.ravel().astype(np.float64),
        "tanimoto_morgan": alike["morgan"].ravel(),
        "tanimoto_rdkit": alike["rdkit"].ravel(),
        "mces": [None] * (n * k),
    }
    return pa.table(columns, schema=ANSWER_SCHEMA)
