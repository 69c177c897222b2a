"""Groups of spectra by complete linkage: every two of a group are a pair.

Connected components would chain: a is like b, b like c, and c is of another precursor. Here each member is near and alike to
each other one, whatever else is measured between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.clusters.alike import Pairs

# Spectra whose distances are held at once: 8,192 take 270 MB. More that hang together are parted at their precursors first.
_MOST_AT_ONCE = 8192
# Farther than any pair: of spectra that are none.
_APART = 2.0


def complete_groups(pairs: Pairs, n: int, *, min_score: float, places: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Join the spectra of pairs to groups.

    Parameters
    ----------
    pairs : Pairs
        Which spectra are near and alike.
    n : int
        How many spectra there are.
    min_score : float
        Least score of two in a group: that of the pairs, or more.
    places : numpy.ndarray of float64, shape (n,)
        Precursors, m/z. Where too many spectra hang together they are parted at the widest gaps of these.

    Returns
    -------
    numpy.ndarray of int64, shape (n,)
        The group of each: the place of its first member.
    """
    group = np.arange(n)
    if not len(pairs.first):
        return group
    graph = coo_array((np.ones(len(pairs.first), np.int8), (pairs.first, pairs.second)), shape=(n, n))
    part = _parted(connected_components(graph, directed=False)[1].astype(np.int64), places)
    inside = part[pairs.first] == part[pairs.second]
    first, second, score = (column[inside] for column in pairs)
    members = np.argsort(part, kind="stable")
    starts = np.flatnonzero(np.diff(part[members], prepend=-1))
    sizes = np.diff(starts, append=n)
    within = np.empty(n, np.int64)
    within[members] = np.arange(n) - np.repeat(starts, sizes)
    order = np.argsort(part[first], kind="stable")
    first, second, score = first[order], second[order], score[order]
    bounds = (
        np.searchsorted(part[first], part[members[starts]], side="left"),
        np.searchsorted(part[first], part[members[starts]], side="right"),
    )
    for start, size, low, high in zip(starts, sizes, *bounds, strict=True):
        if size == 1:
            continue
        distances = np.full((size, size), _APART)
        i, j = within[first[low:high]], within[second[low:high]]
        distances[i, j] = distances[j, i] = 1 - score[low:high].astype(np.float64)
        condensed = distances[np.triu_indices(size, 1)]
        labels = fcluster(linkage(condensed, "complete"), 1 - min_score + 1e-6, "distance")
        mine = members[start : start + size]
        smallest = np.full(labels.max() + 1, n)
        np.minimum.at(smallest, labels, mine)
        group[mine] = smallest[labels]
    return group


def _parted(part: npt.NDArray[np.int64], places: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Part what is too large at the widest gaps of its precursors."""
    waiting = [int(p) for p in np.flatnonzero(np.bincount(part) > _MOST_AT_ONCE)]
    following = int(part.max()) + 1
    while waiting:
        number = waiting.pop()
        mine = np.flatnonzero(part == number)
        mine = mine[np.argsort(places[mine], kind="stable")]
        # Not at the ends, where a gap would part off a spectrum at a time.
        margin = len(mine) // 4
        gaps = np.diff(places[mine])[margin : len(mine) - margin]
        cut = margin + int(np.argmax(gaps)) + 1
        part[mine[cut:]] = following
        waiting += [p for p, size in ((number, cut), (following, len(mine) - cut)) if size > _MOST_AT_ONCE]
        following += 1
    return part
