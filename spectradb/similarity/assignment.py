"""The matches of two spectra with the greatest sum of products: an assignment problem, for the few pairs that need one.

Matches that share a peak, directly or not, form a group, and each group is solved by itself. Its choices are tried,
since nearly all groups have two peaks on either side. What is left goes to the general solver: groups with many choices, and
those where choices of different numbers of matches give the same sum. Which of them is taken there depends on the order of rows
and columns; they are laid out as matchms 0.33 does, so that the numbers agree as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from spectradb.arrays.compiled import compiled
from spectradb.late_modules import late
from spectradb.similarity.matching import Side, matches_of_pair

if TYPE_CHECKING:
    import numpy.typing as npt

    from spectradb.similarity.matching import Doubles, Index, Indices

optimize = late("scipy.optimize")

# Choices of a group that are tried one by one; beyond them the general solver is quicker.
_MOST_CHOICES = 4096
# Sums closer than this share of 1 and the products are taken for equal: the general solver rounds by far less.
_EQUAL = 1e-12


@compiled()
def solve_groups(
    a: Side,
    b: Side,
    a_index: Index,
    b_index: Index,
    shifts: Doubles,
    score: Doubles,
    n_matched: Indices,
    tangled: npt.NDArray[np.bool_],
) -> None:
    """Choose the matches with the greatest sum for pairs that a greedy choice may have failed.

    Parameters
    ----------
    a, b : Side
        The two sides.
    a_index, b_index : numpy.ndarray of int64, shape (p,)
        The spectra of each pair.
    shifts : numpy.ndarray of float64, shape (p,) or (0,)
        Shift in m/z under which the peaks of ``b`` match too; 0 or an empty array: none.
    score : numpy.ndarray of float64, shape (p,)
        Of the pairs that are solved, is filled with the sum of the products over the product of the norms.
    n_matched : numpy.ndarray of int32, shape (p,)
        Of the pairs that are solved, is filled with the number of chosen matches.
    tangled : numpy.ndarray of bool, shape (p,)
        Which pairs to solve; stays true where the general solver has to decide.
    """
    for p in range(len(a_index)):
        if not tangled[p]:
            continue
        i, j = a_index[p], b_index[p]
        first, second = matches_of_pair(a, i, b, j, shifts[p] if len(shifts) else 0.0)
        product = np.empty(len(first))
        for m in range(len(first)):
            product[m] = a.weight[a.offsets[i] + first[m]] * b.weight[b.offsets[j] + second[m]]
        total, n, is_clear = _best_of_groups(first, second, product)
        if is_clear:
            score[p] = total / (a.norm[i] * b.norm[j])
            n_matched[p] = n
            tangled[p] = False


@compiled()
def _best_of_groups(first: Indices, second: Indices, product: Doubles) -> tuple[float, int, bool]:
    """Solve the groups of one pair's matches; return the sum, the number of matches, and whether that number is certain."""
    total, n, size = 0.0, 0, 0
    conflicts = np.empty(len(first), np.int32)
    for m in range(len(first)):
        if _is_alone(first, second, m):
            total += product[m]
            n += product[m] > 0
        else:
            conflicts[size] = m
            size += 1
    conflicts = conflicts[:size]
    first, second, product = first[conflicts], second[conflicts], product[conflicts]
    group = _groups(first, second)
    for root in range(size):
        if group[root] != root:
            continue
        own = np.flatnonzero(group == root)
        best, used, is_clear = _best_choice(first[own], second[own], product[own])
        if not is_clear:
            return 0.0, 0, False
        total += best
        n += used
    return total, n, True


@compiled()
def _is_alone(first: Indices, second: Indices, m: int) -> bool:
    shared = 0
    for other in range(len(first)):
        shared += first[other] == first[m] or second[other] == second[m]
    return shared == 1


@compiled()
def _groups(first: Indices, second: Indices) -> Indices:
    """Give each match the first one of its group."""
    group = np.arange(len(first)).astype(np.int32)
    has_changed = True
    while has_changed:
        has_changed = False
        for m in range(len(first)):
            for other in range(m):
                if (first[m] == first[other] or second[m] == second[other]) and group[m] != group[other]:
                    group[m] = group[other] = min(group[m], group[other])
                    has_changed = True
    return group


@compiled()
def _best_choice(first: Indices, second: Indices, product: Doubles) -> tuple[float, int, bool]:
    """Solve one group: the sum, the number of matches, and whether all choices of that sum have the same number."""
    by_first, by_second = _n_choices(first), _n_choices(second)
    if by_second < by_first:
        first, second, by_first = second, first, by_second
    if by_first > _MOST_CHOICES:
        return 0.0, 0, False
    order = np.argsort(first, kind="mergesort")
    product, second = product[order], second[order]
    starts = _starts(first[order])
    depth, deepest = 0, len(starts) - 1
    following, taken = starts[:-1].copy(), np.full(deepest, -1, np.int32)
    totals, used = np.zeros(deepest + 1), np.zeros(deepest + 1, np.int32)
    best, n, is_clear, margin = -1.0, 0, True, _EQUAL * (1 + product.sum())
    rest = _most_from(starts, product)
    # Each peak in turn takes one of its matches or, at last, none.
    while depth >= 0:
        if depth == deepest:
            if totals[depth] > best + margin:
                best, n, is_clear = totals[depth], used[depth], True
            elif totals[depth] >= best - margin:
                is_clear &= used[depth] == n
                best = max(best, totals[depth])
            depth -= 1
            continue
        taken[depth] = -1
        m = following[depth]
        following[depth] += 1
        if m > starts[depth + 1] or totals[depth] + rest[depth] < best - margin:
            following[depth] = starts[depth]
            depth -= 1
            continue
        totals[depth + 1], used[depth + 1] = totals[depth], used[depth]
        if m < starts[depth + 1]:
            if _is_taken(second, taken[:depth], second[m]):
                continue
            taken[depth] = m
            totals[depth + 1] += product[m]
            used[depth + 1] += product[m] > 0
        depth += 1
    return best, n, is_clear


@compiled()
def _most_from(starts: Indices, product: Doubles) -> Doubles:
    """Bound what the peaks from each one on could add to a sum."""
    rest = np.zeros(len(starts))
    for k in range(len(starts) - 2, -1, -1):
        rest[k] = rest[k + 1] + product[starts[k] : starts[k + 1]].max()
    return rest


@compiled()
def _is_taken(second: Indices, taken: Indices, peak: int) -> bool:
    uses = 0
    for m in taken:
        uses += m >= 0 and second[m] == peak
    return uses > 0


@compiled()
def _starts(ascending: Indices) -> Indices:
    """List where each number of an ascending array begins, and the array's length."""
    starts = np.empty(len(ascending) + 1, np.int32)
    n = 0
    for m in range(len(ascending)):
        if m == 0 or ascending[m] != ascending[m - 1]:
            starts[n] = m
            n += 1
    starts[n] = len(ascending)
    return starts[: n + 1]


@compiled()
def _n_choices(peaks: Indices) -> float:
    """Count the choices of a group, conflicts aside: each peak takes one of its matches or none."""
    choices, starts = 1.0, _starts(np.sort(peaks))
    for k in range(len(starts) - 1):
        choices *= starts[k + 1] - starts[k] + 1
    return choices


def best_plain_matches(a: Side, i: int, b: Side, j: int) -> tuple[float, int]:
    """Choose among the unshifted matches of two spectra by the general solver.

    Parameters
    ----------
    a, b : Side
        The two sides.
    i, j : int
        The spectrum of each; they have at least one match.

    Returns
    -------
    total : float
        Sum of the products of the chosen matches' weights.
    n_matches : int
        Number of chosen matches.
    """
    first, second = matches_of_pair(a, i, b, j, 0.0)
    products = a.weight[a.offsets[i] + first] * b.weight[b.offsets[j] + second]
    order = np.argsort(products, kind="stable")[::-1]
    rows = {peak: row for row, peak in enumerate(set(first[order].tolist()))}
    columns = {peak: column for column, peak in enumerate(set(second[order].tolist()))}
    cost = np.ones((len(rows), len(columns)))
    row, column = [rows[peak] for peak in first.tolist()], [columns[peak] for peak in second.tolist()]
    cost[row, column] = 1 - products
    product_at = np.zeros_like(cost)
    product_at[row, column] = products
    chosen = optimize.linear_sum_assignment(cost)
    return float(product_at[chosen].sum()), int(np.count_nonzero(product_at[chosen]))


def best_modified_matches(a: Side, i: int, b: Side, j: int, shift: float) -> tuple[float, int]:
    """Choose among the unshifted and shifted matches of two spectra by the general solver.

    Parameters
    ----------
    a, b : Side
        The two sides.
    i, j : int
        The spectrum of each; they have at least one match.
    shift : float
        Precursor of the left spectrum minus that of the right, in m/z; not 0.

    Returns
    -------
    total : float
        Sum of the products of the chosen matches' weights.
    n_matches : int
        Number of chosen matches.
    """
    first, second = matches_of_pair(a, i, b, j, shift)
    products = a.weight[a.offsets[i] + first] * b.weight[b.offsets[j] + second]
    peaks_a, row = np.unique(first, return_inverse=True)
    peaks_b, column = np.unique(second, return_inverse=True)
    size = max(len(peaks_a), len(peaks_b))
    product_at = np.zeros((size, size))
    product_at[row, column] = products
    chosen = optimize.linear_sum_assignment(product_at.max() - product_at)
    return float(product_at[chosen].sum()), int(np.count_nonzero(product_at[chosen]))
