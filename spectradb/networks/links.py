"""Links between spectra: pairs that are alike, the peaks that they share, and which of them stay in a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from spectradb.arrays.compiled import compiled
from spectradb.similarity.pairs import share_among_threads

if TYPE_CHECKING:
    from spectradb.arrays.peak_batch import PeakBatch

# So many links are held before those that cannot stay are let go of.
_MOST_HELD = 8_000_000
# m/z are compared exactly; this only says where looking on is of no use.
_SLACK = 1e-6


class Links(NamedTuple):
    """p pairs of spectra, by their places; the first is the lighter.

    Parameters
    ----------
    first, second : numpy.ndarray of int64, shape (p,)
        Places of the spectra.
    score : numpy.ndarray of float32, shape (p,)
        How alike they are, at most 1.
    matched_peaks : numpy.ndarray of int32, shape (p,)
        Peaks that they share.
    """

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    score: npt.NDArray[np.float32]
    matched_peaks: npt.NDArray[np.int32]

    def where(self, kept: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Links:
        """Take some of the links.

        Parameters
        ----------
        kept : numpy.ndarray of bool, shape (p,), or of int64
            Which; or their places, in the order in which they are to be.

        Returns
        -------
        Links
            Those.
        """
        return Links(self.first[kept], self.second[kept], self.score[kept], self.matched_peaks[kept])


class LinkCollector:
    """Gathers links, and keeps those that are among the best of both their spectra.

    Parameters
    ----------
    ids : numpy.ndarray of int64, shape (n,)
        Ids of the spectra, for ties.
    top_k : int
        Most neighbours of a spectrum.
    min_matched_peaks : int
        Fewest peaks that the spectra of a link share.
    """

    def __init__(self, ids: npt.NDArray[np.int64], top_k: int, min_matched_peaks: int) -> None:
        self.ids, self.top_k, self.min_matched_peaks = ids, top_k, min_matched_peaks
        self._parts: list[Links] = []
        self._held = 0

    def add(self, links: Links) -> None:
        """Take in links; those that share too few peaks are passed over.

        Parameters
        ----------
        links : Links
            Some that were not taken in before.
        """
        enough = links.where(links.matched_peaks >= self.min_matched_peaks)
        self._parts.append(enough)
        self._held += len(enough.first)
        if self._held > _MOST_HELD:
            # What is not among the best of these, of neither spectrum, neither stays nor ranks before what stays.
            links, of_first, of_second = self._ranked()
            self._parts = [links.where(of_first | of_second)]
            self._held = len(self._parts[0].first)

    def kept(self) -> Links:
        """Return the links that are among the ``top_k`` of both their spectra.

        Returns
        -------
        Links
            By falling score; ties in the order of the places.
        """
        links, of_first, of_second = self._ranked()
        stay = links.where(of_first & of_second)
        return stay.where(np.lexsort((stay.second, stay.first, -stay.score)))

    def _ranked(self) -> tuple[Links, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Return all links, and whether each is among the ``top_k`` of its first and of its second spectrum."""
        links = _joined(self._parts)
        node, other = np.concatenate([links.first, links.second]), np.concatenate([links.second, links.first])
        score = np.concatenate([links.score, links.score])
        order = np.lexsort((self.ids[other], -score, node))
        begins = np.flatnonzero(np.diff(node[order], prepend=-1))
        place = np.arange(len(order)) - np.repeat(begins, np.diff(begins, append=len(order)))
        good = np.empty(len(order), dtype=bool)
        good[order] = place < self.top_k
        return links, good[: len(links.first)], good[len(links.first) :]


def _joined(parts: list[Links]) -> Links:
    return Links(
        np.concatenate([np.empty(0, np.int64), *(part.first for part in parts)]),
        np.concatenate([np.empty(0, np.int64), *(part.second for part in parts)]),
        np.concatenate([np.empty(0, np.float32), *(part.score for part in parts)]),
        np.concatenate([np.empty(0, np.int32), *(part.matched_peaks for part in parts)]),
    )


def shared_peaks(
    spectra: PeakBatch, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], *, tolerance_da: float
) -> npt.NDArray[np.int32]:
    """Count the peaks that spectra share, where a peak may be shifted by the difference of the precursors.

    Parameters
    ----------
    spectra : PeakBatch
        The spectra.
    first, second : numpy.ndarray of int64, shape (p,)
        The pairs.
    tolerance_da : float
        In Da.

    Returns
    -------
    numpy.ndarray of int32, shape (p,)
        Peaks of either spectrum that have a match in the other; of the two counts the smaller.
    """
    counts = np.zeros(len(first), np.int32)

    def work(part: slice) -> None:
        of_spectra = (spectra.offsets, spectra.mz, spectra.precursor_mz)
        _count_shared(*of_spectra, first[part], second[part], tolerance_da, counts[part])

    share_among_threads(work, len(first))
    return counts


@compiled()
def _count_shared(offsets, mz, precursor, first, second, tolerance, counts) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Count for each pair; a peak counts once, however many it matches."""
    longest = 0
    for places in (first, second):
        for place in places:
            longest = max(longest, offsets[place + 1] - offsets[place])
    seen, seen_other = np.zeros(longest, np.uint8), np.zeros(longest, np.uint8)
    for p in range(len(first)):
        a, b = mz[offsets[first[p]] : offsets[first[p] + 1]], mz[offsets[second[p]] : offsets[second[p] + 1]]
        seen[: len(a)], seen_other[: len(b)] = 0, 0
        _see(a, b, 0.0, tolerance, seen, seen_other)
        _see(a, b, precursor[second[p]] - precursor[first[p]], tolerance, seen, seen_other)
        counts[p] = min(seen[: len(a)].sum(), seen_other[: len(b)].sum())


@compiled()
def _see(a, b, shift, tolerance, seen, seen_other) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Mark the peaks of two spectra that match when the second is shifted down."""
    low = 0
    for i in range(len(a)):
        while low < len(b) and a[i] - (b[low] - shift) > tolerance + _SLACK:
            low += 1
        for j in range(low, len(b)):
            if (b[j] - shift) - a[i] > tolerance + _SLACK:
                break
            if abs(a[i] - (b[j] - shift)) <= tolerance:
                seen[i] = 1
                seen_other[j] = 1
