"""Scores by refined library vectors, for evaluations on arrays alone; see :mod:`spectradb.similarity.refined_vectors`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spectradb.arrays.half_precision import narrowed, widened
from spectradb.evaluation.window_search import merged_scores
from spectradb.similarity.refined_vectors import Refinement, RefinementConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.arrays.annotated_spectra import TrainingData
    from spectradb.embedders.embedder import Embedder
    from spectradb.evaluation.window_search import CandidatePairs

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class _Taken:
    """Vectors of the rows of a library."""

    vectors: npt.NDArray[np.float32]
    places: npt.NDArray[np.int64]

    def __call__(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return self.vectors[self.places[rows]]


def refined_scores(
    data: TrainingData,
    pairs: CandidatePairs,
    embedder: Embedder,
    *,
    library: npt.NDArray[np.bool_],
    left_out: Sequence[Sequence[str]],
    ppm: float = 10.0,
    config: RefinementConfig | None = None,
    device: str = "cpu",
) -> dict[str, Floats]:
    """Score pairs by the vectors of queries and the refined vectors of the library.

    Parameters
    ----------
    data : TrainingData
        n spectra.
    pairs : CandidatePairs
        p pairs, such as :func:`spectradb.evaluation.queries.search_pairs` gives.
    embedder : Embedder
        Makes the vectors.
    library : numpy.ndarray of shape (n,), bool
        Which spectra may be in the library.
    left_out : sequence of sequences of str
        Groups of contributors: the queries of a group see a library, and vectors refined by it, without the group's spectra.
    ppm : float
        Half width of the precursor window.
    config : RefinementConfig, optional
        How much to refine; None: as by default.
    device : str
        Where to embed: ``cpu``, ``cuda`` or ``cuda:<number>``.

    Returns
    -------
    dict of str to numpy.ndarray of shape (p,), float64
        By the names ``<embedder> refined`` and ``<embedder> refined merged``, the latter of an analyte's best spectra merged.
    """
    rows = np.flatnonzero(library | np.isin(np.arange(len(data)), pairs.queries))
    places = np.full(len(data), -1, dtype=np.int64)
    places[rows] = np.arange(len(rows))
    vectors = widened(narrowed(embedder.embed(data.take(rows).peaks, device=device))).astype(np.float32)
    alone, merged = np.empty(len(pairs.query)), np.empty(len(pairs.query))
    for contributors in left_out:
        own = data.from_contributors(contributors)
        chosen = np.flatnonzero(own[pairs.query])
        if not len(chosen):
            continue
        there = np.flatnonzero(library & ~own)
        refinement = Refinement(
            _Taken(vectors, places[there]),
            analyte=data.analyte[there],
            precursor_mz=data.peaks.precursor_mz[there],
            ion_mode=data.peaks.ion_mode[there],
            ppm=ppm,
            config=config or RefinementConfig(),
        )
        needed = np.unique(pairs.reference[chosen])
        refined = refinement.refined(np.searchsorted(there, needed))
        of_group = pairs.among(chosen)
        place = np.searchsorted(needed, of_group.reference)
        scores = np.einsum("ij,ij->i", vectors[places[of_group.query]], refined[place]).astype(np.float64)
        alone[chosen] = scores
        of_reference = np.full(len(data), -1, dtype=np.int64)
        of_reference[needed] = np.arange(len(needed))
        merged[chosen] = merged_scores(data, of_group, scores, refined, places=of_reference)
    return {f"{embedder.name} refined": alone, f"{embedder.name} refined merged": merged}
