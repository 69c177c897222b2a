"""Spherical k-means: the codewords of a codebook, on arrays alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

MAX_ITERATIONS = 15
_ROWS_AT_ONCE = 4096


def spherical_kmeans(vectors: Floats, n_codewords: int, *, seed: int = 0, max_iterations: int = MAX_ITERATIONS) -> Floats:
    """Cluster unit vectors by cosine.

    Lloyd's iterations on the sphere (Dhillon and Modha, Machine Learning 42, 2001): each vector goes to the centroid with the
    largest inner product, each centroid becomes the mean direction of its vectors. Seeded; a centroid that loses all its
    vectors is put where the vector is that its own centroid represents worst.

    Parameters
    ----------
    vectors : numpy.ndarray of float32, shape (n, d)
        Vectors of unit length.
    n_codewords : int
        Number of clusters; fewer come back where there are fewer distinct vectors.
    seed : int
        Seed of the first centroids, which are drawn from the distinct vectors.
    max_iterations : int
        Iterations at most; they end when no vector changes its cluster.

    Returns
    -------
    numpy.ndarray of float32, shape (n_codewords, d)
        Centroids of unit length.
    """
    distinct = np.unique(vectors, axis=0)
    n_codewords = min(n_codewords, len(distinct))
    chosen = np.random.default_rng(seed).choice(len(distinct), n_codewords, replace=False)
    centroids = distinct[np.sort(chosen)].copy()
    nearest = np.full(len(vectors), -1)
    for _ in range(max_iterations):
        before = nearest
        nearest, similarity = assign(vectors, centroids)
        if np.array_equal(nearest, before):
            break
        centroids = _mean_directions(vectors, nearest, similarity, n_codewords)
    return centroids


def assign(vectors: Floats, centroids: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
    """Find the centroid with the largest inner product, the first of equal ones.

    Parameters
    ----------
    vectors : numpy.ndarray of float32, shape (n, d)
        Vectors.
    centroids : numpy.ndarray of float32, shape (k, d)
        Centroids.

    Returns
    -------
    (numpy.ndarray of int, shape (n,), numpy.ndarray of float32, shape (n,))
        Index of each vector's centroid, and the inner product with it.
    """
    nearest = np.empty(len(vectors), dtype=np.intp)
    similarity = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        products = vectors[part] @ centroids.T
        nearest[part] = products.argmax(axis=1)
        similarity[part] = products.max(axis=1)
    return nearest, similarity


def _mean_directions(vectors: Floats, nearest: npt.NDArray[np.intp], similarity: Floats, n_codewords: int) -> Floats:
    order = np.argsort(nearest, kind="stable")
    filled, starts = np.unique(nearest[order], return_index=True)
    sums = np.zeros((n_codewords, vectors.shape[1]), dtype=np.float32)
    sums[filled] = np.add.reduceat(vectors[order], starts, axis=0)
    empty = np.setdiff1d(np.arange(n_codewords), filled)
    if empty.size:
        sums[empty] = vectors[np.argsort(similarity, kind="stable")[: empty.size]]
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    directions: Floats = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
    return directions
