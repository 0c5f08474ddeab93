"""Precision and recall of a generative model by nearest-neighbour balls."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

BLOCK = 500
"""Points whose distances to all others are held at once."""


def precision_recall(real: np.ndarray, made: np.ndarray, k: int = 3) -> tuple[float, float]:
    """The shares of made points among the real ones, and of real points among the made ones.

    A point lies among others if it is in the ball around one of them that reaches to that one's
    k-th nearest neighbour in its own set.

    Source: Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative
    models".

    Args:
        real, made: (n, features) and (m, features) with more than k points each.
    """
    centre = real.mean(axis=0, dtype=np.float64)
    real, made = real - centre, made - centre
    return _among(made, real, k), _among(real, made, k)


def _among(points: np.ndarray, others: np.ndarray, k: int) -> float:
    """The share of points that lie in the ball of at least one of the others."""
    reach = np.concatenate(
        [np.partition(_squared(block, others), k, axis=1)[:, k] for block in _blocks(others)]
    )  # place 0 is the point itself
    inside = [(_squared(block, others) <= reach).any(axis=1) for block in _blocks(points)]
    return float(np.concatenate(inside).mean())


def _blocks(points: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(points), BLOCK):
        yield points[start : start + BLOCK]


def _squared(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(n, m) squared Euclidean distances."""
    squares = (points**2).sum(axis=1)[:, None] + (others**2).sum(axis=1)
    return (squares - 2 * points @ others.T).clip(0)
