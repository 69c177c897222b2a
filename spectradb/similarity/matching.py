"""Compiled kernels that match the peaks of pairs of spectra one to one and sum the products of their weights.

A peak of one spectrum may match each peak of the other that lies in its window. Matches whose two peaks match nothing else
count as they are; the others (usually none) are taken in an order of preference, each peak at most once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from spectradb.arrays.compiled import compiled

if TYPE_CHECKING:
    from spectradb.similarity.pairs import Spectra

Doubles = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]


class Side(NamedTuple):
    """One side of the pairs as the kernels take it: n spectra, ``total`` peaks.

    Parameters
    ----------
    offsets : numpy.ndarray of int64, shape (n + 1,)
        Bounds of the spectra.
    mz : numpy.ndarray of float64, shape (total,)
        m/z of each peak.
    weight : numpy.ndarray of float64, shape (total,)
        Its entry in the vector whose cosine is taken.
    norm : numpy.ndarray of float64, shape (n,)
        Length of that vector.
    rank : numpy.ndarray of int32, shape (total,)
        Place of the peak in its spectrum by falling intensity; of equal ones the lower m/z first. Empty where not needed.
    tolerance_da, tolerance_ppm : float
        A peak meets peaks of the other side within the larger of the two, in Da and in ppm of its m/z.
    """

    offsets: Index
    mz: Doubles
    weight: Doubles
    norm: Doubles
    rank: Indices
    tolerance_da: float
    tolerance_ppm: float


def side(
    spectra: Spectra,
    *,
    tolerance_da: float,
    tolerance_ppm: float = 0.0,
    mz_power: float,
    intensity_power: float,
    ranked: bool = False,
) -> Side:
    """Make one side ready.

    Parameters
    ----------
    spectra : Spectra
        n spectra.
    tolerance_da, tolerance_ppm : float
        How far a peak's matches may lie, in Da and in ppm of its m/z: the larger counts.
    mz_power, intensity_power : float
        The weight of a peak is ``mz ** mz_power * intensity ** intensity_power``.
    ranked : bool
        Whether the ranks are needed.

    Returns
    -------
    Side
        What the kernels take.
    """
    offsets, mz = np.ascontiguousarray(spectra.offsets), np.ascontiguousarray(spectra.mz)
    weight = peak_weights(mz, np.asarray(spectra.intensity, dtype=np.float64), float(mz_power), float(intensity_power))
    rank = intensity_ranks(offsets, spectra.intensity) if ranked else np.empty(0, np.int32)
    return Side(offsets, mz, weight, norms(offsets, weight), rank, float(tolerance_da), float(tolerance_ppm))


@compiled()
def peak_weights(mz: Doubles, intensity: Doubles, mz_power: float, intensity_power: float) -> Doubles:
    """Weigh each peak: ``mz ** mz_power * intensity ** intensity_power``.

    Compiled like the package that the scores are compared with, so that products tie in the same places.

    Parameters
    ----------
    mz, intensity : numpy.ndarray of float64, shape (total,)
        Peaks.
    mz_power, intensity_power : float
        Exponents.

    Returns
    -------
    numpy.ndarray of float64, shape (total,)
        Weights.
    """
    weight = np.empty(len(mz))
    for i in range(len(mz)):
        weight[i] = (mz[i] ** mz_power) * (intensity[i] ** intensity_power)
    return weight


@compiled()
def norms(offsets: Index, weight: Doubles) -> Doubles:
    """Measure the vectors of n spectra.

    Parameters
    ----------
    offsets : numpy.ndarray of int64, shape (n + 1,)
        Bounds of the spectra.
    weight : numpy.ndarray of float64, shape (total,)
        Weights of the peaks.

    Returns
    -------
    numpy.ndarray of float64, shape (n,)
        Euclidean lengths; 0 for a spectrum without peaks.
    """
    length = np.zeros(len(offsets) - 1)
    for i in range(len(length)):
        for peak in range(offsets[i], offsets[i + 1]):
            length[i] += weight[peak] ** 2
        length[i] = np.sqrt(length[i])
    return length


def intensity_ranks(offsets: Index, intensity: npt.NDArray[np.float32]) -> Indices:
    """Rank the peaks of n spectra by falling intensity.

    Parameters
    ----------
    offsets : numpy.ndarray of int64, shape (n + 1,)
        Bounds of the spectra.
    intensity : numpy.ndarray of float32, shape (total,)
        Intensities.

    Returns
    -------
    numpy.ndarray of int32, shape (total,)
        0 for the most intense peak of a spectrum; equal ones keep their order.
    """
    spectrum = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    order = np.lexsort((-intensity, spectrum))
    rank = np.empty(len(intensity), np.int32)
    rank[order] = np.arange(len(intensity)) - np.repeat(offsets[:-1], np.diff(offsets))
    return rank


@compiled()
def _match(
    a: Side,
    a_start: int,
    a_stop: int,
    b: Side,
    b_start: int,
    b_stop: int,
    shift: float,
    first: Indices,
    second: Indices,
    n: int,
) -> int:
    """Append the matches of two spectra from place n on and return the new number; what does not fit is counted only."""
    lowest = b_start
    for i in range(a_start, a_stop):
        tolerance = max(a.tolerance_da, a.tolerance_ppm * 1e-6 * a.mz[i])
        low, high = a.mz[i] - tolerance, a.mz[i] + tolerance
        for j in range(lowest, b_stop):
            mz = b.mz[j] + shift
            if mz > high:
                break
            if mz < low:
                lowest = j + 1
            else:
                if n < len(first):
                    first[n] = i - a_start
                    second[n] = j - b_start
                n += 1
    return n


@compiled()
def matches_of_pair(a: Side, i: int, b: Side, j: int, shift: float) -> tuple[Indices, Indices]:
    """List the possible matches of one pair.

    Parameters
    ----------
    a, b : Side
        The two sides.
    i, j : int
        The spectrum of each.
    shift : float
        In m/z; unless 0, peaks of ``b`` that are shifted by it match too, and are listed after the others.

    Returns
    -------
    first, second : numpy.ndarray of int32
        Positions of the matching peaks within their spectra, in ascending order.
    """
    capacity = 64
    while True:
        first, second = np.empty(capacity, np.int32), np.empty(capacity, np.int32)
        n = _match(a, a.offsets[i], a.offsets[i + 1], b, b.offsets[j], b.offsets[j + 1], 0.0, first, second, 0)
        if shift != 0.0:
            n = _match(a, a.offsets[i], a.offsets[i + 1], b, b.offsets[j], b.offsets[j + 1], shift, first, second, n)
        if n <= capacity:
            return first[:n], second[:n]
        capacity = n


@compiled()
def greedy(
    a: Side,
    b: Side,
    a_index: Index,
    b_index: Index,
    shifts: Doubles,
    by_rank: bool,  # noqa: FBT001 - a compiled function takes its arguments by position
    score: Doubles,
    n_matched: Indices,
    tangled: npt.NDArray[np.bool_],
) -> None:
    """Score p pairs, taking conflicting matches greedily.

    Parameters
    ----------
    a, b : Side
        The two sides.
    a_index, b_index : numpy.ndarray of int64, shape (p,)
        The spectra of each pair.
    shifts : numpy.ndarray of float64, shape (p,) or (0,)
        Shift in m/z under which the peaks of ``b`` match too; 0 or an empty array: none.
    by_rank : bool
        Which of conflicting matches go first. True: those of the most intense peak of ``a``, with the most intense peak of
        ``b`` that is free. False: those of the largest product of weights, of equal ones the last in order of m/z of ``a``,
        then ``b``, then shifted ones.
    score : numpy.ndarray of float64, shape (p,)
        Is filled with the sum of the products of matched peaks' weights over the product of the norms.
    n_matched : numpy.ndarray of int32, shape (p,)
        Is filled with the number of matched pairs of peaks.
    tangled : numpy.ndarray of bool, shape (p,)
        Is filled with whether another choice of matches could give more.
    """
    uses_a, uses_b = np.zeros(_widest(a, a_index), np.int32), np.zeros(_widest(b, b_index), np.int32)
    capacity = max(64, len(uses_a) + len(uses_b))
    first, second, rest = np.empty(capacity, np.int32), np.empty(capacity, np.int32), np.empty(capacity, np.int32)
    for p in range(len(a_index)):
        a_start, a_stop = a.offsets[a_index[p]], a.offsets[a_index[p] + 1]
        b_start, b_stop = b.offsets[b_index[p]], b.offsets[b_index[p] + 1]
        shift = shifts[p] if len(shifts) else 0.0
        while True:
            n = _match(a, a_start, a_stop, b, b_start, b_stop, 0.0, first, second, 0)
            if shift != 0.0:
                n = _match(a, a_start, a_stop, b, b_start, b_stop, shift, first, second, n)
            if n <= capacity:
                break
            capacity = 2 * n
            first, second, rest = np.empty(capacity, np.int32), np.empty(capacity, np.int32), np.empty(capacity, np.int32)
        total, used, n_rest, tangled[p] = _sum_free(a, a_start, b, b_start, first, second, n, uses_a, uses_b, rest)
        if n_rest:
            more = _take_rest(a, a_start, b, b_start, first, second, rest[:n_rest], uses_a, uses_b, by_rank)
            total += more[0]
            used += more[1]
        for m in range(n):
            uses_a[first[m]] = 0
            uses_b[second[m]] = 0
        score[p] = total / (a.norm[a_index[p]] * b.norm[b_index[p]]) if n else 0.0
        n_matched[p] = used


@compiled()
def _widest(s: Side, index: Index) -> int:
    """Return the largest number of peaks among some spectra."""
    widest = 0
    for i in index:
        widest = max(widest, s.offsets[i + 1] - s.offsets[i])
    return widest


@compiled()
def _sum_free(
    a: Side,
    a_start: int,
    b: Side,
    b_start: int,
    first: Indices,
    second: Indices,
    n: int,
    uses_a: Indices,
    uses_b: Indices,
    rest: Indices,
) -> tuple[float, int, int, bool]:
    """Count in how many matches each peak is, sum the products of those without a conflict and list the others in ``rest``."""
    for m in range(n):
        uses_a[first[m]] += 1
        uses_b[second[m]] += 1
    total, used, n_rest, tangled = 0.0, 0, 0, False
    for m in range(n):
        in_a, in_b = uses_a[first[m]], uses_b[second[m]]
        if in_a == 1 and in_b == 1:
            total += a.weight[a_start + first[m]] * b.weight[b_start + second[m]]
            used += 1
        else:
            rest[n_rest] = m
            n_rest += 1
            # Where every conflict is about one peak only, the greatest product is the best choice.
            tangled |= in_a > 1 and in_b > 1
    return total, used, n_rest, tangled


@compiled()
def _take_rest(
    a: Side,
    a_start: int,
    b: Side,
    b_start: int,
    first: Indices,
    second: Indices,
    rest: Indices,
    uses_a: Indices,
    uses_b: Indices,
    by_rank: bool,  # noqa: FBT001 - a compiled function takes its arguments by position
) -> tuple[float, int]:
    """Take conflicting matches in order of preference; peaks that are taken have no uses left."""
    preference = np.empty(len(rest))
    for r in range(len(rest)):
        i, j = a_start + first[rest[r]], b_start + second[rest[r]]
        preference[r] = -(a.rank[i] * float(len(uses_b)) + b.rank[j]) if by_rank else a.weight[i] * b.weight[j]
    total, used = 0.0, 0
    order = np.argsort(preference, kind="mergesort")
    for r in range(len(rest) - 1, -1, -1):
        m = rest[order[r]]
        if uses_a[first[m]] > 0 and uses_b[second[m]] > 0:
            total += a.weight[a_start + first[m]] * b.weight[b_start + second[m]]
            used += 1
            uses_a[first[m]] = 0
            uses_b[second[m]] = 0
    return total, used
