"""Library search over vectors, as it is evaluated: by the macros that search and rank in a lab, over arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from spectradb import schemas
from spectradb.late_modules import load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from spectradb.arrays.annotated_spectra import TrainingData

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
PAIRS_AT_ONCE = 2**17
_MACROS = (
    "similarity/precursor_pairs",
    "identification/candidate_pairs",
    "similarity/rank_pairs",
    "similarity/merged_pairs",
)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CandidatePairs:
    """Every library spectrum within the precursor window of every answerable query.

    Parameters
    ----------
    query, reference : numpy.ndarray of shape (p,), int64
        Rows of the data; sorted by query, and the analyte of the reference.
    n_candidates : numpy.ndarray of shape (q,), int64
        Candidate analytes of each query.
    queries : numpy.ndarray of shape (q,), int64
        The queries in ascending order.
    """

    query: Rows
    reference: Rows
    n_candidates: Rows
    queries: Rows

    def among(self, chosen: Rows) -> CandidatePairs:
        """Pick the pairs of some queries.

        Parameters
        ----------
        chosen : numpy.ndarray of shape (m,), int64
            Places of pairs in ascending order: for each query all of its pairs or none.

        Returns
        -------
        CandidatePairs
            m pairs.
        """
        query = self.query[chosen]
        kept = np.isin(self.queries, query)
        return CandidatePairs(
            query=query,
            reference=self.reference[chosen],
            queries=self.queries[kept],
            n_candidates=self.n_candidates[kept],
        )


def candidate_pairs(
    data: TrainingData, *, queries: Rows, library: Rows, ppm: float = 10.0, left_out: str = "copies"
) -> CandidatePairs:
    """Find the candidates of queries that the library can answer, by the SQL macro ``candidate_pairs``.

    Parameters
    ----------
    data : TrainingData
        Spectra.
    queries, library : numpy.ndarray of int64
        Rows; a query finds neither itself nor copies of itself.
    ppm : float
        Half width of the window, in ppm of the query's precursor.
    left_out : str
        ``contributor``: a query finds no spectrum of its own contributor either; ``copies``: it does.

    Returns
    -------
    CandidatePairs
        Pairs of queries whose analyte is among their candidates.
    """
    relations = {"asked": _spectra(data, queries), "library": _spectra(data, library)}
    found = _answer("answerable_pairs", relations, ppm=ppm, left_out=left_out)
    answerable, starts = np.unique(found["query_id"], return_index=True)
    return CandidatePairs(
        query=found["query_id"],
        reference=found["library_id"],
        n_candidates=found["n_candidates"][starts],
        queries=answerable,
    )


def _spectra(data: TrainingData, rows: Rows) -> pa.Table:
    """Describe spectra as ``candidate_pairs`` reads them; an m/z that is no number is NULL."""
    return pa.table(
        {
            "id": rows,
            "precursor_mz": pa.array(data.peaks.precursor_mz[rows], from_pandas=True),
            "ion_mode": data.peaks.ion_mode[rows],
            "analyte_id": data.analyte[rows],
            "contributor": data.contributor[rows],
            "peaks_hash": data.peaks_hash[rows],
        }
    )


def _scored(data: TrainingData, pairs: CandidatePairs, scores: Floats) -> pa.Table:
    return pa.table(
        {
            "place": np.arange(len(scores)),
            "query_id": pairs.query,
            "library_id": pairs.reference,
            "analyte_id": data.analyte[pairs.reference],
            "score": scores,
            "ppm_error": pa.nulls(len(scores), pa.float64()),  # which the macros pass on
        }
    )


def _answer(name: str, relations: Mapping[str, pa.Table], **values: float | str) -> dict[str, Any]:
    """Run a statement of evaluation over relations; return its columns as arrays."""
    # When it is used: encoders are trained where no database is installed.
    with load("duckdb").connect() as con:
        con.execute(schemas.read("queries/lab/hide_progress"))
        for macro in _MACROS:
            con.execute(schemas.read(f"macros/{macro}"))
        for relation, table in relations.items():
            con.register(relation, table)
        answer: dict[str, Any] = con.execute(schemas.read(f"queries/evaluation/{name}"), values).fetchnumpy()
    return answer


def pair_scores(vectors: npt.NDArray[np.floating], pairs: CandidatePairs, *, places: Rows | None = None) -> Floats:
    """Multiply vectors pair by pair.

    Parameters
    ----------
    vectors : numpy.ndarray of shape (m, dimension)
        Vectors.
    pairs : CandidatePairs
        p pairs.
    places : numpy.ndarray of shape (n,), int64, optional
        Where the vector of each row of the data stands; None: at the row itself.

    Returns
    -------
    numpy.ndarray of shape (p,), float64
        Dot products.
    """
    scores = np.empty(len(pairs.query))
    for start in range(0, len(scores), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        query, reference = pairs.query[part], pairs.reference[part]
        if places is not None:
            query, reference = places[query], places[reference]
        left, right = vectors[query].astype(np.float32), vectors[reference].astype(np.float32)
        scores[part] = np.einsum("ij,ij->i", left, right)
    return scores


def merged_scores(
    data: TrainingData,
    pairs: CandidatePairs,
    scores: Floats,
    vectors: npt.NDArray[np.floating],
    *,
    places: Rows | None = None,
    spectra: int = 8,
) -> Floats:
    """Score each analyte by its best spectra merged, by the SQL macro ``merged_pairs``.

    Parameters
    ----------
    data : TrainingData
        Spectra.
    pairs : CandidatePairs
        p pairs of q queries.
    scores : numpy.ndarray of shape (p,), float64
        Score of each pair: the product of its vectors.
    vectors : numpy.ndarray of shape (m, dimension)
        Unit vectors.
    places : numpy.ndarray of shape (n,), int64, optional
        Where the vector of each row of the data stands; None: at the row itself.
    spectra : int
        Most spectra of an analyte that are merged.

    Returns
    -------
    numpy.ndarray of shape (p,), float64
        At the pair of an analyte's best spectrum, the best score of its first m spectra merged, over m up to ``spectra``; the
        other pairs keep theirs.
    """
    rows = np.unique(pairs.reference)
    compared = np.ascontiguousarray(vectors[rows if places is None else places[rows]], dtype=np.float32)
    embeddings = pa.FixedSizeListArray.from_arrays(pa.array(compared.ravel()), compared.shape[1])
    relations = {
        "scored_pairs": _scored(data, pairs, scores),
        "library_vectors": pa.table({"id": rows, "embedding": embeddings}),
    }
    return np.asarray(_answer("merged_scores", relations, spectra=spectra)["score"], dtype=np.float64)


def ranks_of_truth(data: TrainingData, pairs: CandidatePairs, scores: Floats) -> Rows:
    """Rank the analytes of each query by their best spectrum and find the right one, by the SQL macro ``rank_pairs``.

    Parameters
    ----------
    data : TrainingData
        Spectra.
    pairs : CandidatePairs
        p pairs of q queries.
    scores : numpy.ndarray of shape (p,), float64
        Score of each pair.

    Returns
    -------
    numpy.ndarray of shape (q,), int64
        1 for a query whose analyte came first. Of equal scores the smaller analyte identifier comes first.
    """
    truth = pa.table({"query_id": pairs.queries, "analyte_id": data.analyte[pairs.queries]})
    found = _answer("ranks_of_truth", {"scored_pairs": _scored(data, pairs, scores), "truth": truth})
    return np.asarray(found["rank"], dtype=np.int64)
