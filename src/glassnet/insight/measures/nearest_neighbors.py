"""Exact nearest_neighbors neighbours in large pools, with bounded memory."""

from __future__ import annotations

import numpy as np

from glassnet import progress

LARGEST = 1 << 24
"""Distances, and values of candidates, that are held at once."""


def nearest_neighbors(queries: np.ndarray, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every query the nearest_neighbors point of a pool, by Euclidean distance.

    The pool is read in parts, so that the memory it takes has a bound.

    Args:
        queries: (n, ...) of any number type.
        pool: (m, ...) of the same shape behind the first axis.

    Returns:
        (n,) float64 distances, exact for the neighbours found in float32; and (n,) int64, where in
        the pool they are.

    Example:
        >>> nearest_neighbors(np.array([[0.0], [9.0]]), np.array([[1.0], [7.0], [8.0]]))
        (array([1., 1.]), array([0, 2]))
    """
    points = queries.reshape(len(queries), -1).astype(np.float32)
    best, where = np.full(len(points), np.inf, np.float32), np.zeros(len(points), np.int64)
    size = max(1, LARGEST // max(points.shape))
    with progress.stage("nearest neighbours", len(pool), "candidates") as advance:
        for start in range(0, len(pool), size):
            part = pool[start : start + size].reshape(-1, points.shape[1]).astype(np.float32)
            # |q - p|^2 without |q|^2, which is the same for every candidate
            gaps = np.einsum("ij,ij->i", part, part) - 2 * points @ part.T
            closest = gaps.argmin(axis=1)
            gap = gaps[np.arange(len(points)), closest]
            better = gap < best
            best[better], where[better] = gap[better], start + closest[better]
            advance(len(part))
    exact = points.astype(np.float64) - pool[where].reshape(points.shape)
    return np.sqrt((exact**2).sum(axis=1)), where
