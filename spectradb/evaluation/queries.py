"""Which spectra an evaluation asks for, in which library, and the parts into which its queries fall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spectradb.arrays.annotated_spectra import is_unseen
from spectradb.errors import BadParameter, NoSpectra
from spectradb.evaluation.window_search import candidate_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spectradb.arrays.annotated_spectra import SplitConfig, TrainingData
    from spectradb.evaluation.window_search import CandidatePairs

Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


def search_pairs(
    data: TrainingData,
    contributors: Sequence[str],
    *,
    queries: Bools | None = None,
    library: Bools | None = None,
    one_by_one: bool = False,
    ppm: float = 10.0,
) -> CandidatePairs:
    """Ask for the spectra of some laboratories in those of all others.

    Parameters
    ----------
    data : TrainingData
        n spectra.
    contributors : sequence of str
        Whose spectra are the queries.
    queries, library : numpy.ndarray of shape (n,), bool, optional
        Which spectra may be queries, and which in the library; None: all.
    one_by_one : bool
        False: the library leaves out all these laboratories. True: it leaves out that of the query alone.
    ppm : float
        Half width of the precursor window.

    Returns
    -------
    CandidatePairs
        Queries whose analyte is among their candidates.

    Raises
    ------
    BadParameter
        A laboratory has no spectrum in the data.
    NoSpectra
        No query can be answered.
    """
    unknown = sorted(set(contributors) - set(data.contributors))
    if unknown:
        known = ", ".join(data.contributors)
        raise BadParameter(f"no spectrum is from {', '.join(unknown)}. Name contributors among: {known}.")
    everything = np.ones(len(data), dtype=np.bool_)
    asked = everything if queries is None else queries
    present = everything if library is None else library
    own = data.from_contributors(list(contributors))
    pairs = candidate_pairs(
        data,
        queries=np.flatnonzero(asked & own),
        library=np.flatnonzero(present if one_by_one else present & ~own),
        ppm=ppm,
        left_out="contributor" if one_by_one else "copies",
    )
    if not len(pairs.queries):
        raise NoSpectra("no query has its analyte in the library. Name other contributors, or a wider window.")
    return pairs


def trained_analytes(data: TrainingData, split: SplitConfig) -> set[str]:
    """List the analytes that training saw.

    Parameters
    ----------
    data : TrainingData
        The spectra of the training's file.
    split : SplitConfig
        What was left out.

    Returns
    -------
    set of str
        Identifiers.
    """
    return {data.analytes[code] for code in np.unique(data.analyte[data.training_rows(split)])}


def query_subsets(
    data: TrainingData,
    pairs: CandidatePairs,
    *,
    seen: set[str] | None = None,
    unseen_share: float = 0.0,
    trained: Bools | None = None,
) -> dict[str, Bools]:
    """Divide the queries by what may make them easy or hard.

    Parameters
    ----------
    data : TrainingData
        Spectra.
    pairs : CandidatePairs
        Pairs of q queries.
    seen : set of str, optional
        Analytes that training saw; None: unknown, or there was none.
    unseen_share : float
        Share of analytes that every training leaves out by hash; see :func:`spectradb.arrays.annotated_spectra.is_unseen`.
    trained : numpy.ndarray of shape (n,), bool, optional
        Spectra that training saw; None: unknown, or there was none.

    Returns
    -------
    dict of str to numpy.ndarray of shape (q,), bool
        Parts that hold queries: ``all``; ``seen spectra``, ``seen molecules`` and ``unseen molecules``; ``left out by hash``;
        ``positive`` and ``negative``; ``high resolution`` and ``low resolution``; and each contributor as
        ``contributor <name>``.
    """
    rows = pairs.queries
    codes = data.analyte[rows]
    parts: dict[str, Bools] = {"all": np.ones(len(rows), dtype=np.bool_)}
    if trained is not None:
        parts["seen spectra"] = trained[rows]
    if seen is not None:
        blocks = {name[:14] for name in seen}  # labelled and otherwise protonated forms teach the same
        was_seen = np.array([name[:14] in blocks for name in data.analytes], dtype=np.bool_)[codes]
        parts |= {"seen molecules": was_seen, "unseen molecules": ~was_seen}
    if unseen_share:
        parts["left out by hash"] = np.array([is_unseen(name, unseen_share) for name in data.analytes], dtype=np.bool_)[codes]
    mode = data.peaks.ion_mode[rows]
    high = data.high_resolution()[rows]
    parts |= {"positive": mode > 0, "negative": mode < 0, "high resolution": high, "low resolution": ~high}
    for code in np.unique(data.contributor[rows]):
        parts[f"contributor {data.contributors[code]}"] = data.contributor[rows] == code
    return {name: chosen for name, chosen in parts.items() if chosen.any()}


def isomer_groups(data: TrainingData, pairs: CandidatePairs, *, ppm: float = 10.0) -> Rows:
    """Put queries that have to be told apart into groups.

    Parameters
    ----------
    data : TrainingData
        Spectra.
    pairs : CandidatePairs
        Pairs of q queries.
    ppm : float
        Queries of one ion mode whose precursors are linked by steps of at most this are in one group.

    Returns
    -------
    numpy.ndarray of shape (q,), int64
        Number of each query's group, in the order of ion mode and precursor; -1 for a query with one candidate, and where a
        group would hold one analyte.
    """
    group = np.full(len(pairs.queries), -1, dtype=np.int64)
    contested = np.flatnonzero(pairs.n_candidates > 1)
    rows = pairs.queries[contested]
    precursor_mz, mode = data.peaks.precursor_mz[rows], data.peaks.ion_mode[rows]
    order = np.lexsort((precursor_mz, mode))
    mass = precursor_mz[order]
    begins = np.zeros(len(order), dtype=np.bool_)
    begins[1:] = (np.diff(mode[order]) != 0) | (np.diff(mass) > ppm * 1e-6 * mass[:-1])
    linked = np.cumsum(begins)
    members = np.unique(np.stack([linked, data.analyte[rows[order]]], axis=1), axis=0)
    several = np.bincount(members[:, 0], minlength=linked.max(initial=-1) + 1) > 1
    number = np.cumsum(several) - 1
    group[contested[order]] = np.where(several[linked], number[linked], -1) if len(order) else -1
    return group
