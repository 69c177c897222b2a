"""How a finished training run did on what it left out for that purpose; never on the laboratories of the final test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spectradb.embedders.binned import BinnedEmbedder
from spectradb.errors import NoSpectra
from spectradb.evaluation.evaluate import evaluate, method_scores
from spectradb.evaluation.queries import query_subsets, search_pairs, trained_analytes
from spectradb.evaluation.report import as_values

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from spectradb.arrays.annotated_spectra import SplitConfig, TrainingData
    from spectradb.embedders.embedder import Embedder
    from spectradb.evaluation.window_search import CandidatePairs

_DESCRIPTIONS = {
    "dev_contributors": ("queries: spectra of the dev contributors; library: all other contributors but the test contributors"),
    "left_out_molecules": (
        "queries: spectra of molecules left out of training, by contributors that were trained on; library: all other "
        "contributors but the test and dev contributors"
    ),
}


def held_out_metrics(
    data: TrainingData, split: SplitConfig, embedder: Embedder, *, device: str = "cpu", ppm: float = 10.0
) -> dict[str, Any]:
    """Evaluate an encoder on dev contributors and on left-out molecules.

    Parameters
    ----------
    data : TrainingData
        All spectra.
    split : SplitConfig
        What training left out.
    embedder : Embedder
        The encoder.
    device : str
        Where to embed.
    ppm : float
        Half width of the precursor window.

    Returns
    -------
    dict
        For a model card: ``dev_contributors`` and ``left_out_molecules``, as far as the split and the data give queries, each
        with ``protocol``, ``ppm`` and ``rows``, which are those of :class:`spectradb.evaluation.evaluate.Evaluation` with
        ``binned`` as the baseline.
    """
    seen = trained_analytes(data, split)
    found = {}
    for name, pairs in _protocols(data, split, ppm).items():
        methods = method_scores(data, pairs, BinnedEmbedder()) | method_scores(data, pairs, embedder, device=device)
        subsets = query_subsets(data, pairs, seen=seen, unseen_share=split.unseen_share)
        if name == "left_out_molecules":  # by dozens of contributors: their few queries each would fill the card
            subsets = {part: chosen for part, chosen in subsets.items() if not part.startswith("contributor ")}
        rows = evaluate(data, pairs, methods, subsets=subsets, ppm=ppm).rows
        found[name] = {"protocol": _DESCRIPTIONS[name], "ppm": ppm, "rows": as_values(rows)}
    return found


def _protocols(data: TrainingData, split: SplitConfig, ppm: float) -> dict[str, CandidatePairs]:
    out = data.left_out(split)
    not_test = ~out["test_contributors"]
    trained = not_test & ~out["dev_contributors"]
    found = {}
    for name, asked, library, one_by_one in (
        ("dev_contributors", out["dev_contributors"] & not_test, not_test, False),
        ("left_out_molecules", out["unseen_analytes"] & trained, trained, True),
    ):
        contributors = _names(data, asked)
        try:
            if contributors:
                found[name] = search_pairs(data, contributors, queries=asked, library=library, one_by_one=one_by_one, ppm=ppm)
        except NoSpectra:
            continue
    return found


def _names(data: TrainingData, chosen: npt.NDArray[np.bool_]) -> list[str]:
    return [data.contributors[code] for code in sorted(set(data.contributor[chosen].tolist()))]
