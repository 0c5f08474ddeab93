"""Placement of new points on a map by their nearest neighbours, and the error of doing so."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

N_NEIGHBORS = 10
"""Points of the map whose positions are averaged, and that are compared."""

BLOCK = 500
"""Queries whose distances are in memory at once."""


@dataclass(frozen=True)
class PlacementError:
    """How far points land from their own positions if the others place them (leave-one-out).

    Attributes:
        distance: the median distance, as a share of the map's width.
        same_class: the share of points that land where most of the nearest points of the map have
            their class.
        n: number of points.
    """

    distance: float
    same_class: float
    n: int


def nearest(
    queries: np.ndarray, features: np.ndarray, count: int = N_NEIGHBORS, *, own: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Find the nearest points of each query, the nearest first.

    Args:
        queries: (m, d) float32.
        features: (n, d) float32.
        count: how many; all are taken if there are no more.
        own: the queries are the points themselves, of which none is its own neighbour.

    Returns:
        (m, count) Euclidean distances float32, and (m, count) positions in `features`.
    """
    squares = np.einsum("ij,ij->i", features, features)
    count = min(count, len(features) - own)
    distances, positions = [], []
    for start in range(0, len(queries), BLOCK):
        part = queries[start : start + BLOCK]
        gaps = squares - 2 * part @ features.T + np.einsum("ij,ij->i", part, part)[:, None]
        if own:
            gaps[np.arange(len(part)), start + np.arange(len(part))] = np.inf
        found = np.argpartition(gaps, count - 1, axis=1)[:, :count]
        found_gaps = np.take_along_axis(gaps, found, axis=1)
        order = np.argsort(found_gaps, axis=1, kind="stable")
        positions.append(np.take_along_axis(found, order, axis=1))
        distances.append(np.sqrt(np.take_along_axis(found_gaps, order, axis=1).clip(0)))
    return np.concatenate(distances), np.concatenate(positions)


def place(distances: np.ndarray, positions: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Place queries at the weighted mean of their neighbours on the map: (m, 2) float32.

    The weight of a neighbour is the inverse of its squared distance, so that a query that equals a
    point lands on it.

    Args:
        distances, positions: (m, k), of `nearest`.
        points: (n, 2), the map.

    Example:
        >>> points = np.array([[0.0, 0.0], [1.0, 0.0]])
        >>> place(np.array([[1.0, 1.0]]), np.array([[0, 1]]), points).tolist()
        [[0.5, 0.0]]
    """
    scale = distances.mean(axis=1, keepdims=True) + 1e-12
    weights = 1 / ((distances / scale) ** 2 + 1e-9)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.einsum("ij,ijk->ik", weights, points[positions]).astype(np.float32)


def placement_error(
    distances: np.ndarray, positions: np.ndarray, points: np.ndarray, labels: np.ndarray
) -> PlacementError:
    """Measure the error of `place` on the points of the map, each left out in turn.

    Args:
        distances, positions: (n, k), of `nearest` with `own`.
        points: (n, 2), the map.
        labels: (n,) int64.
    """
    landed = place(distances, positions, points)
    width = float(np.ptp(points, axis=0).max()) or 1.0
    apart = np.sqrt(((landed - points) ** 2).sum(axis=1))
    return PlacementError(
        distance=float(np.median(apart)) / width,
        same_class=float((majority(landed, points, labels, own=True) == labels).mean()),
        n=len(points),
    )


def majority(
    landed: np.ndarray, points: np.ndarray, labels: np.ndarray, *, own: bool = False
) -> np.ndarray:
    """Find the class that is most frequent among the points nearest on the map: (m,) int64.

    Of equally frequent classes the first one wins. `own` is as for `nearest`.
    """
    _, around = nearest(landed, points, own=own)
    votes = np.zeros((len(landed), int(labels.max()) + 1), np.int64)
    np.add.at(votes, (np.arange(len(landed))[:, None], labels[around]), 1)
    return votes.argmax(axis=1)
