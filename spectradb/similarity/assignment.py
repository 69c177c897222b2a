"""The matches of two spectra with the greatest sum of products: an assignment problem, for the few pairs that need one.

Where several choices give the same sum, the one taken depends on the order of rows and columns; they are laid out as matchms
0.33 does, so that the numbers of matches agree as well.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from spectradb.similarity.matching import Side, matches_of_pair


def best_plain_matches(a: Side, i: int, b: Side, j: int) -> tuple[float, int]:
    """Choose among the unshifted matches of two spectra.

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
    chosen = linear_sum_assignment(cost)
    return float(product_at[chosen].sum()), int(np.count_nonzero(product_at[chosen]))


def best_modified_matches(a: Side, i: int, b: Side, j: int, shift: float) -> tuple[float, int]:
    """Choose among the unshifted and shifted matches of two spectra.

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
    chosen = linear_sum_assignment(product_at.max() - product_at)
    return float(product_at[chosen].sum()), int(np.count_nonzero(product_at[chosen]))
