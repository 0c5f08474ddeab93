"""Precision and recall of generated points by nearest-neighbour balls."""

import numpy as np

MEMORY = 64
"""MiB of distances that are in memory at once."""


def precision_recall(real: np.ndarray, generated: np.ndarray, k: int = 3) -> tuple[float, float]:
    """Return the share of generated points among the real ones, and the share of the reverse.

    A point lies among others if it is inside a ball around one of them whose radius is the distance
    to that one's k-th nearest neighbour in its own set.

    Source: Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative
    models".

    Args:
        real: (n, features) with more than k points.
        generated: (m, features) with more than k points.
        k: which neighbour sets a ball's radius.
    """
    center = real.mean(axis=0, dtype=np.float64)
    real, generated = real - center, generated - center
    return _share_among(generated, real, k), _share_among(real, generated, k)


def _share_among(points: np.ndarray, others: np.ndarray, k: int) -> float:
    """The share of points inside the ball of at least one of the others."""
    from sklearn.metrics import pairwise_distances_chunked

    kth_distances = pairwise_distances_chunked(
        others,
        reduce_func=lambda distances, _: np.partition(distances, k, axis=1)[:, k],  # 0 is itself
        working_memory=MEMORY,
    )
    radius = np.concatenate([*kth_distances])
    inside = pairwise_distances_chunked(
        points,
        others,
        reduce_func=lambda distances, _: np.any(distances <= radius, axis=1),
        working_memory=MEMORY,
    )
    return float(np.concatenate([*inside]).mean())
